"""A circuit breaker: a source that fails again and again is left alone for a while."""

from __future__ import annotations

FAILURES = 5
"""Failures in a row that open the circuit."""

OPEN_S = 30.0
"""How long nothing is asked; then one request tries."""


class Breaker:
    """Counts a source's failures in a row. Times are of one monotonic clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until = 0.0

    def is_open(self, now: float) -> bool:
        """Whether nothing is to be asked; after a pause one caller is let through, and decides."""
        if self._failures < FAILURES:
            return False
        if now < self._open_until:
            return True
        self._open_until = now + OPEN_S
        return False

    def succeeded(self) -> None:
        """The source answered."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """The source did not answer, or with an error of its own."""
        self._failures += 1
        self._open_until = now + OPEN_S

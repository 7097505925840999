"""Workflows that are under way: a random identifier, a type, a beginning. Nothing else, and in memory only."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, MutableMapping

from medlit.errors import UsageError
from medlit.metrics.grid import Metrics
from medlit.metrics.labels import ADMINISTRATIVE, RunOutcome, Workflow

MOST_RUNNING = 1_000
FORGOTTEN_AFTER_S = 12 * 3_600.0


Running = MutableMapping[str, tuple[int, float]]
"""By identifier the code of a type, and when it began."""


class Tracker:
    """The tracked workflows of one server.

    With ``one_client``, as on standard input and output, calls count for the type of
    workflow that runs, while there is only one type. A server with several clients
    cannot tell whose workflow a call belongs to: the protocol has no sessions.

    ``running`` is where they are kept: in this process, or in memory that several share.
    """

    def __init__(
        self,
        metrics: Metrics,
        *,
        one_client: bool,
        clock: Callable[[], float] = time.monotonic,
        running: Running | None = None,
    ) -> None:
        self._metrics = metrics
        self._one_client = one_client
        self._clock = clock
        self._running: Running = {} if running is None else running
        self._types = Counter[int]()

    def start(self, workflow: str) -> str:
        """Begin a workflow; returns the identifier to finish it with.

        Raises:
            UsageError: there is no such type, or too many are under way.
        """
        code = self._metrics.workflows.code(workflow)
        self._forget_old()
        if len(self._running) >= MOST_RUNNING:
            raise UsageError(f"{MOST_RUNNING} workflows are under way already. Finish some first.")
        identifier = secrets.token_urlsafe(12)
        self._running[identifier] = code, self._clock()
        self._types[code] += 1
        return identifier

    def finish(self, identifier: str, outcome: RunOutcome, rating: int | None) -> float:
        """End a workflow; returns how long it took, in seconds.

        Raises:
            UsageError: no workflow of this identifier is under way.
        """
        self._forget_old()
        ended = self._end(identifier)
        if ended is None:
            raise UsageError(
                "No workflow of this workflow_id is under way: it was finished, it began more than 12 hours ago, or "
                "the server was started anew. Begin one with event start."
            )
        code, started = ended
        seconds = self._clock() - started
        self._metrics.run_finished(code, outcome, rating, seconds)
        return seconds

    def code_for(self, workflow: Workflow) -> int:
        """What a call counts for whose tool serves ``workflow``."""
        if self._one_client and self._running and workflow not in ADMINISTRATIVE:
            self._forget_old()
            if len(self._types) == 1:
                return next(iter(self._types))
        return self._metrics.workflows.code(workflow)

    def _forget_old(self) -> None:
        """The running ones stand in the order they began."""
        oldest = self._clock() - FORGOTTEN_AFTER_S
        while self._running and next(iter(self._running.values()))[1] < oldest:
            self._end(next(iter(self._running)))

    def _end(self, identifier: str) -> tuple[int, float] | None:
        """In one step: of several who end one, also in several processes, only the first gets it."""
        ended = self._running.pop(identifier, None)
        if ended:
            # Where processes share, it may have begun in another; then nobody reads this.
            self._types -= Counter([ended[0]])
        return ended

"""Numbers and Markdown tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Percentiles(NamedTuple):
    """The usual three, in the unit of the values."""

    p50: float
    p95: float
    p99: float


def percentiles(values: Sequence[float]) -> Percentiles:
    """Nearest-rank percentiles: each is a value that was measured."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Percentiles(at(0.50), at(0.95), at(0.99))


def median_percentiles(rounds: Sequence[Sequence[float]]) -> Percentiles:
    """Each percentile's median over the rounds."""
    each = [percentiles(values) for values in rounds]
    return Percentiles(*(statistics.median(column) for column in zip(*each, strict=True)))


def at_least(value: float, target: float, unit: str) -> str:
    """A target that is met from below."""
    return f"≥ {target:,g} {unit}: {_verdict(value >= target)}"


def at_most(value: float, target: float, unit: str) -> str:
    """A target that is met from above."""
    return f"≤ {target:,g} {unit}: {_verdict(value <= target)}"


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def number(value: float) -> str:
    """A number with three significant digits or, from a hundred on, none after the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def times(better: float, worse: float) -> str:
    """How many times one figure is another."""
    return f"{number(better / worse)}×" if worse else "–"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is set to the right."""
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    lines += [_line(row) for row in rows]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

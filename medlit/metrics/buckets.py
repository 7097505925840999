"""Fixed buckets for durations, log-linear as in an HDR histogram.

A duration is counted in units. Below 16 units every unit is a bucket; above, every
power of two is cut in 16 buckets of equal width. A bucket is reported as its middle,
so the error is at most half a bucket: 1/32 of the value from 16 units on, half a unit
below.

Reference: HdrHistogram, "Recording values" (G. Tene), with 16 sub-buckets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

_SUB_BITS = 4
_SUB = 1 << _SUB_BITS


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets from 0 to ``longest`` seconds; what is longer falls into the last."""

    unit_s: float
    longest_s: float

    @property
    def size(self) -> int:
        """How many there are."""
        return _place(int(self.longest_s / self.unit_s)) + 1

    def place(self, seconds: float) -> int:
        """The bucket of a duration; negative ones and what is no number fall into the first."""
        if not seconds > 0:
            return 0
        return _place(int(min(seconds, self.longest_s) / self.unit_s))

    def start_s(self, place: int) -> float:
        """Where a bucket begins."""
        return _start(place) * self.unit_s

    def middle_s(self, place: int) -> float:
        """What a bucket is reported as."""
        return (_start(place) + _start(place + 1)) / 2 * self.unit_s


def _place(units: int) -> int:
    shift = max(units.bit_length() - _SUB_BITS - 1, 0)
    return (shift << _SUB_BITS) + (units >> shift)


def _start(place: int) -> int:
    shift = max((place >> _SUB_BITS) - 1, 0)
    return (place - (shift << _SUB_BITS)) << shift


CALLS = Buckets(unit_s=0.5 / (1 << 16), longest_s=60.0)
"""For calls, 0.1 ms to 60 s within 4 %. 500 ms and 2 s are edges of buckets, so what lies below them is exact."""

RUNS = Buckets(unit_s=1 / _SUB, longest_s=86_400.0)
"""For workflows, 1 s to a day within 4 %."""


def percentile(counts: Mapping[int, int], share: float, buckets: Buckets) -> float | None:
    """The duration in seconds that ``share`` of all durations do not exceed (nearest rank); ``None`` without any."""
    rank = ceil(share * sum(counts.values()))
    for place in sorted(counts):
        rank -= counts[place]
        if counts[place] and rank <= 0:
            return buckets.middle_s(place)
    return None

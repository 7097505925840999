"""Buckets and percentiles: how far a figure may be from the truth."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.metrics.buckets import CALLS, RUNS, Buckets, percentile

call_times = st.floats(0.000_1, 60.0)


@given(call_times)
def test_a_call_is_reported_within_4_percent(seconds: float) -> None:
    assert CALLS.middle_s(CALLS.place(seconds)) == pytest.approx(seconds, rel=0.04)


@given(st.floats(1.0, 86_400.0))
def test_a_workflow_is_reported_within_4_percent(seconds: float) -> None:
    assert RUNS.middle_s(RUNS.place(seconds)) == pytest.approx(seconds, rel=0.04)


@given(st.floats(0.0, 1e6))
def test_a_bucket_holds_what_lies_between_its_edges(seconds: float) -> None:
    place = CALLS.place(seconds)
    assert CALLS.start_s(place) <= seconds
    assert seconds < CALLS.start_s(place + 1) or place == CALLS.size - 1


@pytest.mark.parametrize("target", [0.5, 2.0])
def test_the_targets_are_edges_so_that_shares_within_them_are_exact(target: float) -> None:
    assert CALLS.start_s(CALLS.place(target)) == target
    assert CALLS.start_s(CALLS.place(math.nextafter(target, 0))) < target


@pytest.mark.parametrize("odd", [-1.0, 0.0, math.nan, -math.inf])
def test_what_is_no_duration_falls_into_the_first_bucket(odd: float) -> None:
    assert CALLS.place(odd) == 0


@pytest.mark.parametrize("buckets", [CALLS, RUNS])
def test_what_is_longer_than_the_longest_falls_into_the_last_bucket(buckets: Buckets) -> None:
    assert buckets.place(math.inf) == buckets.place(buckets.longest_s) == buckets.size - 1


@given(st.lists(call_times, min_size=1), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_that_of_the_sorted_times(times: list[float], share: float) -> None:
    true = sorted(times)[math.ceil(share * len(times)) - 1]
    found = percentile(Counter(map(CALLS.place, times)), share, CALLS)
    assert found == pytest.approx(true, rel=0.04)


def test_without_times_there_is_no_percentile() -> None:
    assert percentile({}, 0.5, CALLS) is None

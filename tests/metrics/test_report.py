"""What is shown of the counts, and what cannot be learned from it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.metrics.grid import Metrics
from medlit.metrics.keeper import Totals
from medlit.metrics.labels import Count, Lane, Outcome, RunOutcome, Source
from medlit.metrics.report import Report, report, small, total
from medlit.privacy.categories import Category

LEAVES = st.dictionaries(st.integers(0, 29), st.integers(0, 40))
"""How many of what: a few call outcomes by workflow and lane, run outcomes, ratings, refusals."""

OTHER_SMALL = st.lists(st.integers(1, 10), min_size=30, max_size=30)


def totals(metrics: Metrics) -> Totals:
    return Totals(metrics.workflows.names, {name: table.cells() for name, table in metrics.tables.items()})


def counted(leaves: dict[int, int]) -> Report:
    """A report of a process in which every third call was late and ratings went round."""
    metrics = Metrics()
    for leaf, count in leaves.items():
        what, which = divmod(leaf, 10)
        for turn in range(count):
            if what == 0 or which >= 8:
                outcome = (Outcome.OK, Outcome.FAILED, Outcome.SHED)[which % 3]
                metrics.called(leaf % 2, tuple(Lane)[which // 5], outcome, Source.LOCAL, 0.01 if turn % 3 else 3.0)
            elif what == 1:
                metrics.run_finished(which % 2, tuple(RunOutcome)[which // 2], turn % 5 + 1, 5.0)
            else:
                metrics.phi_refused([tuple(Category)[which]])
    return report(totals(metrics))


def counts_shown(figures: Report) -> dict[str, Any]:
    """Every count that a caller sees."""
    return {
        "calls": [(row.workflow, row.lane, row.answered, row.errors, row.sheds) for row in figures.calls],
        "shares": [row.within_target for row in figures.calls],
        "answered": figures.answered,
        "runs": [(row.workflow, row.outcomes) for row in figures.runs],
        "refusals": figures.phi_refusals,
    }


@given(LEAVES, OTHER_SMALL)
def test_hidden_cells_may_have_been_anything_from_1_to_10(leaves: dict[int, int], others: list[int]) -> None:
    """No sum, difference or share of shown counts gives a hidden one: other hidden ones show the same."""
    cells = distinct(leaves)
    otherwise = {leaf: others[leaf] if 1 <= count <= 10 else count for leaf, count in cells.items()}
    assert counts_shown(counted(cells)) == counts_shown(counted(otherwise))


def distinct(leaves: dict[int, int]) -> dict[int, int]:
    """Leaves that do not fall into one cell, so that each is a cell as shown."""
    chosen: dict[Any, int] = {}
    for leaf in sorted(leaves):
        what, which = divmod(leaf, 10)
        call = what == 0 or which >= 8
        cell = (leaf % 2, which // 5, which % 3) if call else (what, which)
        chosen.setdefault(cell, leaf)
    return {leaf: leaves[leaf] for leaf in chosen.values()}


def test_a_small_cell_is_hidden_and_a_total_with_it_is_a_lower_bound() -> None:
    assert [small(count) for count in (0, 1, 10, 11)] == [0, "<11", "<11", 11]
    assert total([0, 20, 11]) == 31
    assert total(["<11", 20, "<11"]) == ">=22"
    figures = counted({0: 20, 3: 4})
    assert [row.answered for row in figures.calls] == [20, "<11"]
    assert figures.answered == ">=21"


def test_without_calls_nothing_is_claimed() -> None:
    figures = report(totals(Metrics()))
    assert figures.routine == figures.emergency == (None, None, None)
    assert figures.patient_safety_score is None
    assert (figures.phi_exposure_risk, figures.outbound) == (0.0, 0)
    assert (figures.answered, figures.calls, figures.runs) == (0, [], [])


@pytest.mark.parametrize(
    ("bad", "score"),
    [
        ([], 100.0),
        ([(Lane.EMERGENCY, Outcome.OK, 0.6)], 50.0),  # late: one of two emergencies
        ([(Lane.EMERGENCY, Outcome.TIMED_OUT, 0.5)], 50.0),
        ([(Lane.EMERGENCY, Outcome.SHED, 0.0)], 50.0),
        ([(Lane.ROUTINE, Outcome.FAILED, 0.01)], 66.6),  # two of three without failure
        ([(Lane.ROUTINE, Outcome.OK, 1.0)], 100.0),
        ([(Lane.EMERGENCY, Outcome.REFUSED, 0.001)], 100.0),  # the caller's mistake
        ([(Lane.EMERGENCY, Outcome.CANCELLED, 9.0)], 100.0),
    ],
)
def test_the_safety_score_is_the_least_of_its_shares(bad: list[tuple[Lane, Outcome, float]], score: float) -> None:
    metrics = Metrics()
    good = [(Lane.EMERGENCY, Outcome.OK, 0.1), (Lane.ROUTINE, Outcome.OK, 0.1)]
    for lane, outcome, seconds in good + bad:
        metrics.called(0, lane, outcome, Source.LOCAL, seconds)
    assert report(totals(metrics)).patient_safety_score == score


def test_the_safety_score_falls_with_records_of_unknown_status() -> None:
    metrics = Metrics()
    metrics.called(0, Lane.ROUTINE, Outcome.OK, Source.LOCAL, 0.1)
    metrics.shown([True, False, None, False])
    assert report(totals(metrics)).patient_safety_score == 75.0


def test_the_exposure_risk_is_the_share_of_unscreened_requests() -> None:
    metrics = Metrics()
    for screened in (True, True, True, False):
        if screened:
            metrics.screened()
        metrics.sent()
    figures = report(totals(metrics))
    assert (figures.phi_exposure_risk, figures.outbound, figures.unscreened) == (0.25, 4, 1)


def test_a_workflow_is_reported_with_its_length_outcomes_and_rating() -> None:
    metrics = Metrics()
    code = metrics.workflows.code("drug_safety")
    for rating in (4, 5, None) * 6:
        metrics.run_finished(code, RunOutcome.ANSWERED, rating, 60.0)
    [row] = report(totals(metrics)).runs
    assert (row.workflow, row.mean_rating) == ("drug_safety", 4.5)
    assert row.outcomes == {"answered": 18, "partly": 0, "unanswered": 0, "abandoned": 0}
    assert row.times.p50 == pytest.approx(60.0, rel=0.04)


def test_the_rate_of_loading_is_records_over_the_time_it_took() -> None:
    metrics = Metrics()
    metrics.count(Count.INGEST_RECORDS, 9_000)
    metrics.count(Count.INGEST_MS, 2_000)
    assert report(totals(metrics)).ingest_records_per_second == 4_500


def test_what_is_no_label_cannot_be_counted() -> None:
    metrics = Metrics()
    with pytest.raises(KeyError):
        metrics.called(0, Lane.ROUTINE, Outcome.OK, "somewhere", 0.1)  # pyright: ignore[reportArgumentType]  # on purpose
    assert metrics.calls.cells() == {}

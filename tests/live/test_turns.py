"""The arithmetic of turns, on a clock of its own: many callers, of whom some go away without a word."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.live.turns import LOOK_AGAIN_S, MAX_COOL_S, RESERVED, SLOTS, Book, Waiting, ask, cool_down, leave

GAP = 0.4


class Start(NamedTuple):
    """A request that started."""

    at: float
    emergency: bool
    since: float


class Caller(NamedTuple):
    """A request to come: when, how urgent, whether its process dies in the queue, and how late it wakes up."""

    since: float
    emergency: bool
    dies: bool
    lag: float


callers = st.lists(
    st.builds(
        Caller,
        st.floats(0, 3, allow_nan=False),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
        st.floats(0, 0.05, allow_nan=False),
    ),
    min_size=5,
    max_size=30,
)


def played(wanted: list[Caller], book: Book | None = None) -> list[Start]:
    """Let everybody ask when they are told to; the requests that started, in order."""
    book = book or Book()
    asking = [(caller.since, place) for place, caller in enumerate(wanted)]
    starts: list[Start] = []
    for _ in range(20_000):
        if not asking:
            return starts
        now, place = min(asking)
        asking.remove((now, place))
        caller = wanted[place]
        book, again = ask(book, Waiting(str(place), caller.emergency, caller.since), now, GAP)
        book = msgspec.json.decode(msgspec.json.encode(book), type=Book)  # as between processes
        if again is None:
            starts.append(Start(now, caller.emergency, caller.since))
        elif not caller.dies:
            asking.append((again + caller.lag, place))
    pytest.fail("somebody never had a turn")


@given(callers)
def test_two_requests_never_start_within_a_gap(wanted: list[Caller]) -> None:
    starts = played(wanted)
    assert all(later.at - earlier.at >= GAP - 1e-9 for earlier, later in itertools.pairwise(starts))


@given(callers)
def test_a_share_of_the_turns_is_kept_free_of_routine_work(wanted: list[Caller]) -> None:
    routine = [start.at for start in played(wanted) if not start.emergency]
    for first, beyond in zip(routine, routine[SLOTS - RESERVED :], strict=False):
        assert beyond - first >= SLOTS * GAP - 1e-9


@given(callers)
def test_everybody_who_stays_has_a_turn(wanted: list[Caller]) -> None:
    assert len(played(wanted)) >= sum(not caller.dies for caller in wanted)


@given(callers)
def test_routine_work_is_not_starved_by_emergencies(wanted: list[Caller]) -> None:
    starts = played([caller._replace(dies=False) for caller in wanted])
    for before, group in itertools.groupby(enumerate(starts), key=lambda each: each[1].emergency):
        run = [start for _, start in group]
        # Those that waited all the while: one that came meanwhile may have to wait for its first look.
        waited = [start for start in starts if not start.emergency and start.since <= run[0].at < start.at]
        if before and waited:
            assert len(run) <= SLOTS - RESERVED + 1


def test_the_fifth_turn_is_not_for_routine_work_and_a_routine_request_follows_four_emergencies() -> None:
    routine = [Caller(place / 100, emergency=False, dies=False, lag=0.0) for place in range(6)]
    starts = [start.at for start in played(routine)]
    assert starts == pytest.approx([0.0, 0.4, 0.8, 1.2, 2.0, 2.4])
    urgent = [Caller(place / 100, emergency=True, dies=False, lag=0.0) for place in range(8)]
    late = Caller(0.05, emergency=False, dies=False, lag=0.0)
    assert [start.emergency for start in played([*urgent, late])] == [*[True] * 4, False, *[True] * 4]


def test_an_emergency_waits_for_one_gap_whatever_queue_there_is() -> None:
    wanted = [Caller(0.0, emergency=False, dies=False, lag=0.0) for _ in range(30)]
    [urgent] = [start for start in played([*wanted, Caller(3.0, True, False, 0.0)]) if start.emergency]
    assert urgent.at - urgent.since <= GAP


def test_routine_requests_start_in_the_order_of_coming() -> None:
    wanted = [Caller(place / 100, emergency=False, dies=False, lag=0.01) for place in range(10)]
    starts = played(wanted)
    assert [start.since for start in starts] == sorted(start.since for start in starts)


def test_who_leaves_holds_nobody_up() -> None:
    book, _ = ask(Book(last=10.0), Waiting("a", emergency=False, since=10.1), 10.1, GAP)
    book, again = ask(book, Waiting("b", emergency=False, since=10.2), 10.2, GAP)
    assert again is not None
    assert ask(book, Waiting("b", emergency=False, since=10.2), 10.4, GAP)[1] is not None
    assert ask(leave(book, "a"), Waiting("b", emergency=False, since=10.2), 10.4, GAP)[1] is None


def test_nobody_starts_during_a_cool_down_and_a_shorter_wish_does_not_end_it() -> None:
    book = cool_down(cool_down(Book(), 100.0, 5.0), 101.0, 1.0)
    assert ask(book, Waiting("a", emergency=True, since=104.9), 104.9, GAP)[1] == pytest.approx(105.0)
    assert ask(book, Waiting("a", emergency=True, since=105.0), 105.0, GAP)[1] is None
    assert ask(book, Waiting("a", emergency=False, since=101.0), 101.0, GAP)[1] == 101.0 + LOOK_AGAIN_S
    assert cool_down(Book(), 0.0, 1e9).cool == MAX_COOL_S


def test_the_times_of_another_start_of_the_machine_are_forgotten() -> None:
    old = Book(last=1e6, routine=(1e6,) * 4, cool=1e6)
    assert ask(old, Waiting("a", emergency=False, since=5.0), 5.0, GAP)[1] is None

"""Lanes: no slot is lost or doubled, the reserve is for emergencies, nobody starves."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp_types import CallToolResult, TextContent

from medlit.errors import Overloaded
from medlit.metrics.grid import Metrics
from medlit.metrics.labels import Gauge, Lane
from medlit.settings import Settings
from medlit.slots import FirstCome, Slots, held
from server.app import services
from server.dispatch import Dispatch
from server.http.urgency import lane_of
from server.lanes.lanes import CALLS, MOST_WAITING, Lanes, LaneSlots, in_lane
from server.lanes.loop import MOST_IN_A_ROW, UrgentLoop
from server.lanes.room import AGE_S, Room, State, Ticket, for_routine, reserved
from tests.pubmed import article, medlit_json, write
from tools.catalog import TOOLS
from tools.search import SNIPPETS_UNDER_STRESS
from tools.tool import Arguments, Result, Scope, Services, Tool

EMERGENCY, ROUTINE = Lane.EMERGENCY, Lane.ROUTINE


@pytest.mark.parametrize(
    ("capacity", "kept"), [(1, 0), (2, 1), (3, 1), (4, 1), (5, 1), (6, 2), (8, 2), (10, 2), (11, 3), (100, 20)]
)
def test_a_fifth_is_kept_for_emergencies_rounded_up(capacity: int, kept: int) -> None:
    assert reserved(capacity) == kept
    assert for_routine(capacity) + kept == capacity


class RoomMachine(RuleBasedStateMachine):
    """Random arrivals, ends and departures, with a model that only counts."""

    tickets = Bundle("tickets")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.room = Room(1, 1)
        self.holding: set[Ticket] = set()
        self.waiting: list[Ticket] = []

    @precondition(lambda self: not self.holding and not self.waiting)
    @rule(capacity=st.integers(1, 12), most_waiting=st.integers(0, 5))
    def resize(self, capacity: int, most_waiting: int) -> None:
        mean_hold = self.room.mean_hold
        self.room = Room(capacity, most_waiting)
        self.room.mean_hold = mean_hold

    @rule(seconds=st.floats(0.001, 1.0))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(target=tickets, lane=st.sampled_from(Lane), within=st.floats(0.0, 3.0))
    def arrive(self, lane: Lane, within: float) -> Ticket:
        ticket = self.room.ask(lane, self.now, self.now + within)
        if ticket.state is State.GRANTED:
            self.holding.add(ticket)
        elif ticket.state is State.WAITING:
            self.waiting.append(ticket)
        else:
            assert lane is ROUTINE, "an emergency is never turned away when it comes"
        return ticket

    @rule(ticket=consumes(tickets))
    def end_or_give_up(self, ticket: Ticket) -> None:
        """However it ends: done, cancelled while waiting or while holding, crashed."""
        self.holding.discard(ticket)
        if ticket in self.waiting:
            self.waiting.remove(ticket)
        self.settle(self.room.leave(ticket, self.now))

    @rule(ticket=tickets)
    def leave_and_leave_again(self, ticket: Ticket) -> None:
        self.end_or_give_up(ticket)
        assert self.room.leave(ticket, self.now) == []

    def settle(self, decided: list[Ticket]) -> None:
        for ticket in decided:
            self.waiting.remove(ticket)
            if ticket.state is State.SHED:
                assert ticket.latest < self.now
                continue
            assert ticket.state is State.GRANTED
            self.holding.add(ticket)
            for other in self.waiting:
                self.check_order(first=ticket, second=other, decided=decided)

    def check_order(self, first: Ticket, second: Ticket, decided: list[Ticket]) -> None:
        if second in decided:
            return
        if first.lane is second.lane:
            assert first.arrived <= second.arrived, "within a lane, first come is first served"
        elif first.lane is ROUTINE:
            assert first.arrived + AGE_S < second.arrived, "an emergency overtakes whatever is not an age older"
        elif self.room.taken[ROUTINE] < for_routine(self.room.capacity):
            assert first.arrived <= second.arrived + AGE_S, "no emergency overtakes the old"

    @invariant()
    def every_slot_is_held_once_or_free(self) -> None:
        held_by = {lane: sum(ticket.lane is lane for ticket in self.holding) for lane in Lane}
        assert self.room.taken == held_by
        assert self.room.free == self.room.capacity - len(self.holding) >= 0
        assert {lane: self.room.waiting(lane) for lane in Lane} == {
            lane: sum(ticket.lane is lane for ticket in self.waiting) for lane in Lane
        }

    @invariant()
    def the_reserve_is_never_taken_by_routine_work(self) -> None:
        assert self.room.taken[ROUTINE] <= for_routine(self.room.capacity)

    @invariant()
    def nobody_waits_for_a_slot_that_is_open(self) -> None:
        if self.room.free:
            assert not self.room.waiting(EMERGENCY)
        if self.room.free and self.room.taken[ROUTINE] < for_routine(self.room.capacity):
            assert not self.room.waiting(ROUTINE)

    @invariant()
    def the_queue_is_bounded(self) -> None:
        assert self.room.waiting(ROUTINE) <= self.room.most_waiting


RoomMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestRoom = RoomMachine.TestCase


@given(capacity=st.integers(1, 10), hold=st.floats(0.01, 0.5), older=st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_the_oldest_routine_call_advances_under_an_endless_stream_of_emergencies(
    capacity: int, hold: float, older: int
) -> None:
    """Whenever one ends, another emergency is there already. The routine call comes behind those that came first."""
    room, now = Room(capacity, 5), 0.0
    holding = [room.ask(EMERGENCY, now) for _ in range(capacity)]
    queue = [room.ask(EMERGENCY, now) for _ in range(older)]
    oldest = room.ask(ROUTINE, now)
    ends = 0
    while oldest.state is State.WAITING:
        now += hold / capacity
        queue.append(room.ask(EMERGENCY, now))
        holding += [ticket for ticket in room.leave(holding.pop(0), now) if ticket is not oldest]
        ends += 1
        assert ends <= older + AGE_S / (hold / capacity) + 2
    assert oldest.state is State.GRANTED


def test_routine_work_that_would_wait_in_vain_is_turned_away_at_once_and_told_when_to_come_again() -> None:
    room = Room(2, 100)
    room.leave(room.ask(ROUTINE, 0.0), 16.0)
    assert room.mean_hold == 1.0
    room.ask(ROUTINE, 20.0)
    assert room.ask(ROUTINE, 20.0, deadline=22.5).state is State.WAITING
    assert room.ask(ROUTINE, 20.0, deadline=22.5).state is State.SHED, "it would begin at 22 and take a second"
    assert room.ask(EMERGENCY, 20.0, deadline=20.5).state is State.GRANTED
    assert room.ask(EMERGENCY, 20.0, deadline=20.5).state is State.WAITING
    assert room.retry_after() == 2


pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seed", range(8))
async def test_slots_survive_cancellation_and_crashes_at_any_moment(seed: int) -> None:
    chance, metrics = random.Random(seed), Metrics()  # noqa: S311  # no secret
    slots = LaneSlots(5, Gauge.CALL_SLOTS, metrics)
    most_routine = most = 0

    async def work(lane: Lane, steps: int, end: str) -> None:
        with in_lane(lane):
            async with held(slots):
                nonlocal most, most_routine
                most_routine = max(most_routine, slots.room.taken[ROUTINE])
                most = max(most, sum(slots.room.taken.values()))
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                if end == "crash":
                    raise ZeroDivisionError

    async def one() -> None:
        lane, end = chance.choice(list(Lane)), chance.choice(["done", "crash", "cancel"])
        steps, patience = chance.randrange(6), chance.randrange(12)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(work, lane, steps, end)
                if end == "cancel":
                    for _ in range(patience):
                        await anyio.lowlevel.checkpoint()
                    tasks.cancel_scope.cancel()
        except* (ZeroDivisionError, Overloaded):
            pass

    async with anyio.create_task_group() as tasks:
        for _ in range(300):
            tasks.start_soon(one)
            for _ in range(chance.randrange(3)):
                await anyio.lowlevel.checkpoint()
    assert slots.room.taken == {ROUTINE: 0, EMERGENCY: 0}
    assert slots.room.free == 5
    assert [slots.room.waiting(lane) for lane in Lane] == [0, 0]
    assert (most_routine, most) == (4, 5), "the reserve was used, and by emergencies only"
    assert set(metrics.gauges().values()) == {0}


async def test_waiting_ends_when_it_has_become_vain_and_counts_in_the_deadline() -> None:
    slots = LaneSlots(2, Gauge.CALL_SLOTS, Metrics())
    async with held(slots):
        with anyio.fail_after(30), pytest.raises(Overloaded, match="Try again in 1 s"):
            with anyio.fail_after(0.05):
                await slots.take()
        with in_lane(EMERGENCY):
            async with held(slots):
                assert slots.room.free == 0
    assert slots.room.free == 2


@pytest.mark.parametrize("make", [lambda: FirstCome(1), lambda: LaneSlots(1, Gauge.CALL_SLOTS, Metrics())])
async def test_giving_a_slot_back_twice_does_not_double_it(make: Callable[[], Slots]) -> None:
    slots = make()
    release = await slots.take()
    release()
    release()
    await slots.take()
    with anyio.move_on_after(0.01) as waited:
        try:
            await slots.take()
        except Overloaded:
            return
    assert waited.cancelled_caught


class Nothing(Result):
    """No result."""


def waiting_tool(gate: Callable[[], Awaitable[None]]) -> Dispatch:
    """All tools, and one that waits at a gate."""

    async def call(_: Services, __: Arguments) -> Nothing:
        await gate()
        return Nothing()

    return Dispatch([*TOOLS, Tool("odd", "Odd", "Odd.", Arguments, Nothing, call)])


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not condition():
            await anyio.lowlevel.checkpoint()


async def test_an_emergency_is_answered_at_once_and_in_short_while_routine_work_fills_the_server(
    tmp_path: Path,
) -> None:
    papers = [article(n, f"Sepsis {n}", abstract=f"Fluids in sepsis, trial number {n}.") for n in range(1, 21)]
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", *papers))
    async with services(Settings(library=tmp_path / "lib", workers=1)) as working:
        gate = anyio.Event()
        dispatch = waiting_tool(gate.wait)
        busy: list[CallToolResult] = []

        async def call_odd() -> None:
            busy.append(await dispatch.call(working, "odd", {}))

        question = {"query": "fluids sepsis trial", "limit": 10, "priority": "emergency"}
        calm = stressed = batch = await dispatch.call(
            working, "search_literature", question | {"priority": "emergency"}
        )
        async with anyio.create_task_group() as tasks:
            for _ in range(for_routine(CALLS)):
                tasks.start_soon(call_odd)
            await until(lambda: working.metrics.gauges().get("call_slots") == for_routine(CALLS))
            tasks.start_soon(call_odd)
            await until(lambda: working.metrics.gauges()["queued_routine"] == 1)
            stressed = await dispatch.call(working, "search_literature", question)
            many = {"queries": ["fluids sepsis"], "limit": 10, "priority": "emergency"}
            batch = await dispatch.call(working, "search_literature_batch", many)
            assert not busy, "the emergency did not wait for them"
            gate.set()
    assert [result.is_error for result in busy] == [False] * (for_routine(CALLS) + 1)
    assert calm.structured_content
    assert stressed.structured_content
    assert batch.structured_content
    assert "degraded" not in calm.structured_content
    assert (calm.structured_content["ranking"], stressed.structured_content["ranking"]) == ("rm3", "bm25")
    for told, hits in (
        (stressed.structured_content["degraded"], stressed.structured_content["hits"]),
        (batch.structured_content["degraded"], batch.structured_content["answers"][0]["hits"]),
    ):
        assert told.startswith("The machine is under stress")
        assert ["snippet" in hit for hit in hits] == [place < SNIPPETS_UNDER_STRESS for place in range(10)]
    assert all("snippet" in hit for hit in calm.structured_content["hits"])
    assert "under stress" in text_of(stressed)


async def test_routine_calls_beyond_what_can_wait_are_shed_and_counted(tmp_path: Path) -> None:
    async with services(Settings(library=tmp_path, workers=1)) as working:
        gate = anyio.Event()
        dispatch = waiting_tool(gate.wait)
        results: list[CallToolResult] = []
        taken_in = for_routine(CALLS) + MOST_WAITING

        async def call_odd() -> None:
            results.append(await dispatch.call(working, "odd", {}))

        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(call_odd)
            await until(lambda: len(results) == 100 - taken_in)
            gate.set()
        shed = [text_of(result) for result in results if result.is_error]
        assert set(shed) == {"There is no room for this call now: the machine is busy with others. Try again in 1 s."}
        assert len(shed) == 100 - taken_in
        figures = await dispatch.call(working, "get_metrics", {})
    assert figures.structured_content
    [odd] = [row for row in figures.structured_content["calls"] if row["workflow"] == "other"]
    assert (odd["answered"], odd["errors"], odd["sheds"]) == (taken_in, 0, 100 - taken_in)
    now = figures.structured_content["now"]
    assert (now["queued_routine"], now["call_slots"], now["calls_running"]) == (0, 1, 1)


class Outside(Arguments):
    """Of a tool that asks another machine."""

    @property
    def waits_outside(self) -> bool:
        return True


async def test_calls_that_wait_for_other_machines_hold_no_place_among_those_that_work_here(tmp_path: Path) -> None:
    gate, under_way = anyio.Event(), 0

    async def ask(_: Services, __: Outside) -> Nothing:
        nonlocal under_way
        under_way += 1
        await gate.wait()
        return Nothing()

    dispatch = Dispatch([*TOOLS, Tool("ask", "Ask", "Asks.", Outside, Nothing, ask)])
    async with services(Settings(library=tmp_path, workers=1)) as working, anyio.create_task_group() as tasks:
        for _ in range(2 * CALLS):
            tasks.start_soon(dispatch.call, working, "ask", dict[str, str]())
        await until(lambda: under_way == 2 * CALLS)
        assert working.metrics.gauges()["call_slots"] == 0
        assert not (await dispatch.call(working, "get_articles", {"ids": [1]})).is_error
        gate.set()


async def test_a_search_that_was_given_up_keeps_its_slot_until_its_thread_is_free(tmp_path: Path) -> None:
    go_on = threading.Event()
    async with services(Settings(library=tmp_path, workers=1)) as working:
        slow = working.library.index
        slow.names = lambda *_: [str(go_on.wait(30))]  # type: ignore[method-assign]
        with anyio.move_on_after(0.05):
            await working.library.names("journal", "a", 1)
        assert working.metrics.gauges()["search_slots"] == 1
        go_on.set()
        await until(lambda: working.metrics.gauges()["search_slots"] == 0)


def test_steps_of_an_emergency_go_before_all_that_is_ready_but_leave_others_a_turn() -> None:
    order: list[str] = []

    async def steps(lane: Lane, name: str, many: int) -> None:
        with in_lane(lane):
            for _ in range(many):
                await asyncio.sleep(0)
                order.append(name)

    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            for number in range(5):
                tasks.create_task(steps(ROUTINE, f"routine {number}", 3))
            tasks.create_task(steps(EMERGENCY, "emergency", 3 * MOST_IN_A_ROW))

    with asyncio.Runner(loop_factory=UrgentLoop) as runner:
        runner.run(both())
    first = order.index("emergency")
    assert order[first : first + MOST_IN_A_ROW - 1] == ["emergency"] * (MOST_IN_A_ROW - 1)
    last = len(order) - 1 - order[::-1].index("emergency")
    assert any(name != "emergency" for name in order[first:last]), "routine work advances all the same"
    assert len(order) == 5 * 3 + 3 * MOST_IN_A_ROW


def test_an_emergency_that_asks_again_and_again_does_not_keep_the_loop_from_what_it_waits_for() -> None:
    """As a scope does that is cancelled while a thread works: it asks until the thread's end has been noticed."""
    loop, asked, noticed = UrgentLoop(), 0, False

    def ask() -> None:
        nonlocal asked
        asked += 1
        if not noticed and asked < 1_000:
            loop.call_soon(ask)
        else:
            loop.stop()

    def notice() -> None:
        nonlocal noticed
        noticed = True

    with in_lane(EMERGENCY):
        loop.call_soon(ask)
    loop.call_soon_threadsafe(notice)
    loop.run_forever()
    loop.close()
    assert asked < 100


def request(*scopes: Scope) -> dict[str, Any]:
    user = AuthenticatedUser(AccessToken(token="", client_id="", scopes=[scope.value for scope in scopes]))
    return {"type": "http", "user": user}


@pytest.mark.parametrize(
    ("body", "scopes", "lane"),
    [
        (b'{"params":{"arguments":{"priority":"emergency"}}}', [Scope.READ, Scope.EMERGENCY], EMERGENCY),
        (b'{"params":{"arguments":{"priority":"emergency"}}}', [Scope.READ], ROUTINE),
        (b'{"params":{"arguments":{"priority":"routine"}}}', list(Scope), ROUTINE),
        (b'{"params":{"arguments":{"query":"emergency"}}}', list(Scope), ROUTINE),
        (b'{"params":{"arguments":{"priority":["emergency"]}}}', list(Scope), ROUTINE),
        (b'{"method":"tools/list"}', list(Scope), ROUTINE),
        (b"[]", list(Scope), ROUTINE),
        (b"\xff", list(Scope), ROUTINE),
    ],
)
def test_a_request_is_an_emergency_when_it_says_so_and_its_token_allows_it(
    body: bytes, scopes: list[Scope], lane: Lane
) -> None:
    assert lane_of(body, request(*scopes)) is lane


async def test_every_scarce_resource_has_lanes(tmp_path: Path) -> None:
    lanes = Lanes(Metrics())
    for slots in (lanes.calls, lanes.searches, lanes.readers, lanes.outbound):
        room = slots.room
        assert for_routine(room.capacity) == room.capacity - -(-room.capacity // 5)
    async with services(Settings(library=tmp_path, workers=5, ingest_roots=(tmp_path,))) as working:
        write(tmp_path / "a.xml", article(1))
        await working.jobs.start(["a.xml"])
        assert working.metrics.gauges()["parsers"] == 4
        await working.jobs.close()

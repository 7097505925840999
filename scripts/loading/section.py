"""What was measured, as a section of the page of figures."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.benchmarks.tables import Percentiles, at_least, at_most, number, percentiles, table
from scripts.loading.locusts import Outcome
from scripts.loading.phases import TIMES, Figures, Phase

EMERGENCY_MS, EMERGENCY_AIM_MS, ROUTINE_MS = 500, 100, 2_000
KEPT_SHARE = 30

WORKED_ON = ("ok", "failed", "timed out")

INTRO = """\
## Load

Users of three kinds (`tests/load/`), made by locust, who call one process of `medlit serve --http` with tokens of their
own: clinicians at bedsides, whose calls are emergencies; agents at desks; careless people, of whom a third of the calls
carry made-up identifiers. They call at random moments, and what is late is made up for. "Outside" are calls that ask
PubMed too, which here is a server on this machine that keeps what it is asked.

**The callers work on the same cores as the server**, the ingest too; they send lean JSON-RPC requests, no MCP client's.
A call's time is the caller's, from sending it to having read the answer, of all that were answered, failed or timed
out; then the server's own, from the arrival of the call to its result, where calls that ask PubMed count as routine.
The library has {articles:,} articles; the ingest loads two NLM files of {records:,} others into it, with
one parser, as a server on two cores does.

What the machine carries is what {carrying} get answered who ask again at once: **{carries} routine calls a
second**. The last rows are offered {times} times that, counted with all its calls, until the ingest has ended."""

HEAD = (
    "scenario", "users", "lane", "calls/s", "answered", "shed", "refused", "failed", "timed out", "p50 ms", "p95 ms",
    "p99 ms", "server p50", "p95", "p99",
)  # fmt: skip


def section(figures: Figures) -> str:
    """The section."""
    last = figures.phases[-1]
    rows = [row for phase in figures.phases for row in _rows(phase)]
    carrying = next(phase for phase in figures.phases if phase.name == "what it carries")
    intro = INTRO.format(
        articles=figures.articles,
        records=figures.alone.records,
        carrying=f"{carrying.outcomes[0].swarm.users} agents",
        carries=number(figures.carries),
        times=TIMES,
    )
    return "\n\n".join(
        (intro, table(HEAD, rows), _offered(figures, last), _ingest(figures, last), _leaks(figures), _targets(figures))
    )


def _rows(phase: Phase) -> Iterator[list[str]]:
    for outcome in phase.outcomes:
        for lane in dict.fromkeys(calls.lane for calls in outcome.measured.calls):
            own = outcome.swarm.scenario in phase.name
            name = phase.name if own else f"{phase.name}: {outcome.swarm.scenario}"
            yield _row(name, phase, outcome, lane)


def _row(name: str, phase: Phase, outcome: Outcome, lane: str) -> list[str]:
    counts = [_count(outcome, lane, ended) for ended in ("ok", "shed", "refused")]
    failed = sum(_count(outcome, lane, ended) for ended in _endings(outcome) - {"ok", "shed", "refused", "timed out"})
    made = sum(_count(outcome, lane, ended) for ended in _endings(outcome))
    times = _times(outcome, lane)
    return [
        name,
        str(outcome.swarm.users),
        lane,
        number(made / outcome.measured.seconds),
        *(f"{count:,}" for count in (*counts, failed, _count(outcome, lane, "timed out"))),
        *(number(value) for value in times or ()),
        *[""] * (0 if times else 3),
        *_server_times(phase, lane),
    ]


def _endings(outcome: Outcome) -> set[str]:
    return {calls.outcome for calls in outcome.measured.calls}


def _count(outcome: Outcome, lane: str, ended: str) -> int:
    return sum(len(calls.ms) for calls in outcome.measured.calls if calls.lane == lane and calls.outcome == ended)


def _times(outcome: Outcome, lane: str) -> Percentiles | None:
    worked_on = [
        ms
        for calls in outcome.measured.calls
        if calls.lane == lane and calls.outcome not in ("shed", "refused")
        for ms in calls.ms
    ]
    return percentiles(worked_on) if worked_on else None


def _server_times(phase: Phase, lane: str) -> list[str]:
    """The server counts by lane, whoever called."""
    name = {"emergency": "emergency_response_time_ms", "routine": "response_time_ms"}.get(lane)
    if name is None:
        return ["", "", ""]
    told = phase.seen["metrics"][name]
    return ["" if told[share] is None else number(told[share]) for share in ("p50", "p95", "p99")]


def _offered(figures: Figures, last: Phase) -> str:
    worked = [phase for phase in figures.phases if phase.calls("ok")]
    cpu = ", ".join(
        f"{number(1_000 * phase.cpu_s / (phase.rate * phase.seconds))} ms ({phase.name})" for phase in worked
    )
    memory = max(phase.memory_mb for phase in figures.phases)
    return (
        f"Offered in the last rows: {number(last.offered)} calls a second, {number(last.offered / figures.carries)} "
        f"times what the machine carries; answered: {number(last.rate)} a second. The server's CPU time for each "
        f"answered call, what it turned away included: {cpu}. Its own memory at the end: at most {number(memory)} MB."
    )


def _ingest(figures: Figures, last: Phase) -> str:
    if last.load is None or not figures.alone.rate:
        return ""
    beside = last.load if last.load.finished else None
    unfinished = "" if beside else f" (stopped after {last.load.seconds:.0f} s)"
    return table(
        ("ingest that a server runs", "articles", "s", "articles/s", "of its speed alone"),
        [
            ["alone", f"{figures.alone.records:,}", f"{figures.alone.seconds:.1f}", number(figures.alone.rate), ""],
            [
                f"beside {number(last.offered)} calls a second{unfinished}",
                f"{last.load.records:,}",
                f"{last.load.seconds:.1f}",
                number(last.load.rate),
                f"{100 * last.load.rate / figures.alone.rate:.0f} %",
            ],
        ],
    )


def _leaks(figures: Figures) -> str:
    found = f": {'; '.join(sorted(figures.leaks))}" if figures.leaks else ""
    return (
        f"Identifiers: about {figures.identified:,} calls carried one. They were looked for in the log at `debug`, in "
        f"`/status` and `/metrics`, in errors, in every file of the libraries, and in the {figures.outbound:,} "
        f"requests that the sources received. **Leaks: {len(figures.leaks)}**{found}."
    )


def _targets(figures: Figures) -> str:
    last = figures.phases[-1]
    emergencies = next(
        each for each in last.outcomes if any(calls.lane == "emergency" for calls in each.measured.calls)
    )
    full = next(phase for phase in figures.phases if phase.name.endswith("full load"))
    emergency, routine = _times(emergencies, "emergency"), _times(full.outcomes[0], "routine")
    if emergency is None or routine is None or last.load is None or not figures.alone.rate:
        return "Targets: **not measured**."
    shed = _count(emergencies, "emergency", "shed")
    kept = 100 * last.load.rate / figures.alone.rate
    targets = (
        f"emergencies at twice the load beside the ingest, p99 {at_most(emergency.p99, EMERGENCY_MS, 'ms')}",
        f"aim {at_most(emergency.p99, EMERGENCY_AIM_MS, 'ms')}",
        f"emergencies shed {at_most(shed, 0, '')}",
        f"routine at full load, p99 {at_most(routine.p99, ROUTINE_MS, 'ms')}",
        f"leaks {at_most(len(figures.leaks), 0, '')}",
        f"ingest beside it {at_least(kept, KEPT_SHARE, '% of its speed alone')}",
    )
    return f"Targets: {'; '.join(targets)}.".replace("0 :", "0:")

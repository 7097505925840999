"""Each scenario runs against a server that is its own, and does what it is for; ``scripts/load-test`` measures them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.loading.locusts import Outcome, Swarm, swarm
from scripts.loading.phases import CARELESS, DESKS, EMERGENCIES
from scripts.loading.target import literature, target
from tests.load.identifiers import MARKS, marks_in, marks_in_all, questions
from tests.pubmed import article, medlit_json, write

SECONDS = 2.0
TITLES = ("Septic shock and fluid resuscitation", "Asthma treatment in children", "Hypertension, diet and mortality")

LATE = {(lane, outcome) for lane in ("emergency", "routine", "outside") for outcome in ("shed", "timed out")}
"""What a machine that is busy with other tests may do."""


def endings(outcome: Outcome) -> set[tuple[str, str]]:
    return {(calls.lane, calls.outcome) for calls in outcome.measured.calls}


@pytest.mark.skipif(os.name != "posix", reason="the server under load is stopped by signals")
def test_every_scenario_is_answered_as_it_should_be_and_no_identifier_is_left(tmp_path: Path) -> None:
    papers = [article(n, TITLES[n % 3], abstract=f"Trial {n}.", mesh="Asthma") for n in range(100, 130)]
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", *papers))
    swarms = [Swarm(EMERGENCIES, 2, 10, 5), Swarm(DESKS, 2, 10, 10), Swarm(CARELESS, 3, 10, 25)]
    with literature() as asked, target(tmp_path / "lib", tmp_path, tmp_path / "throttle", asked) as server:
        emergencies, desks, careless = swarm(server.server.url, server.tokens, swarms, SECONDS, tmp_path)
        told = [repr(server.status()).encode(), server.exposition()]
        server.leave()
        told += [line.encode() for line in server.server.said]
        told += [repr(each).encode() for each in asked.asked]
    assert endings(emergencies) - LATE == {("emergency", "ok")}
    assert endings(desks) - LATE == {("routine", "ok")}
    assert {("routine", "ok"), ("outside", "refused")} <= endings(careless)
    assert endings(careless) - LATE <= {("routine", "ok"), ("outside", "ok"), ("outside", "refused")}
    assert not any(each.measured.repeated for each in (emergencies, desks, careless))
    told += [file.read_bytes() for file in (tmp_path / "lib").rglob("*") if file.is_file()]
    assert not marks_in_all(told)


def test_every_question_that_identifies_somebody_has_a_mark_that_is_found_across_blocks() -> None:
    for question in questions():
        content = question.text.encode()
        assert marks_in(content)
        assert marks_in_all([b"x" * 100 + content[:20], content[20:]]) == marks_in(content)
    found = {mark for question in questions() for mark in marks_in(question.text.encode())}
    assert found <= {mark.decode() for mark in MARKS}
    assert marks_in(b"term=11%2f02%2F1938")
    assert not marks_in(b"Asthma in 1951, 555-01 and 03/17")

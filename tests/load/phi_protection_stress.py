"""Fifty users of whom a third paste patients' data into their questions, often into such as ask other machines.

``locust -f tests/load/phi_protection_stress.py --headless -t 60s``; see :mod:`tests.load.caller` for settings.
The server should ask a source that keeps what it is asked, as ``scripts/load-test`` has it: never NCBI.
"""

from __future__ import annotations

from locust import task

from tests.load import subjects
from tests.load.caller import Caller, pace, scenario
from tests.load.identifiers import questions

scenario(users=50, spawn_rate=5)


class CarelessUser(Caller):
    """Asks well twice, carelessly once."""

    wait_time = pace(0.4)

    @task(19)
    def ask(self) -> None:
        """Nothing to hide."""
        self.call("search_literature", must_be=("ok", "shed"), query=subjects.routine(self.chance), limit=5)

    @task(1)
    def ask_outside(self) -> None:
        """Nothing to hide from PubMed either, which has few turns to give."""
        self.call(
            "search_literature", must_be=("ok", "shed"), query=subjects.routine(self.chance), source="both", limit=5
        )

    @task(10)
    def ask_with_identifiers(self) -> None:
        """A patient's data, of the library or of PubMed; screening is asked for too."""
        question = self.chance.choice(questions())
        way = self.chance.choice(("local", "check") if question.bare else ("local", "live", "both", "check"))
        if way == "check":
            self.call("check_phi", must_be=("ok", "shed"), text=question.text)
        else:
            self.call(
                "search_literature",
                must_be=("refused", "shed") if way == "live" else ("ok", "shed"),
                query=question.text,
                source=way,
                limit=5,
            )

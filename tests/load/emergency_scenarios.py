"""Ten clinicians at bedsides: short questions, asked as emergencies, about one a second each.

``locust -f tests/load/emergency_scenarios.py --headless -t 60s``; see :mod:`tests.load.caller` for settings.
"""

from __future__ import annotations

from locust import task

from tests.load import subjects
from tests.load.caller import Caller, pace, scenario

scenario(users=10, spawn_rate=5)


class Clinician(Caller):
    """Asks, and reads what looks best."""

    wait_time = pace(1.0)

    @task(6)
    def ask(self) -> None:
        """What is known?"""
        self.call("search_literature", query=subjects.emergency(self.chance), limit=5, priority="emergency")

    @task(2)
    def ask_for_reviews(self) -> None:
        """What do reviews say?"""
        self.call(
            "search_literature",
            query=subjects.emergency(self.chance),
            publication_type="Review",
            limit=5,
            priority="emergency",
        )

    @task(2)
    def read(self) -> None:
        """What do those say, in full?"""
        self.call("get_articles", ids=self.some_pmids(3), priority="emergency")

    @task(1)
    def look_up(self) -> None:
        """What is it called?"""
        self.call("lookup_mesh", term=self.chance.choice(subjects.EMERGENCIES), priority="emergency")

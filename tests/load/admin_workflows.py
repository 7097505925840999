"""A hundred agents at desks: searches, batches, whole records, citations, figures; all of it routine work.

``locust -f tests/load/admin_workflows.py --headless -t 60s``; see :mod:`tests.load.caller` for settings.
"""

from __future__ import annotations

from locust import task

from tests.load import subjects
from tests.load.caller import Caller, pace, scenario

scenario(users=100, spawn_rate=10)

SHED_TOO = ("ok", "shed")
"""Routine work is turned away when there is too much of it, and told when to come again."""


class Agent(Caller):
    """Works through a list."""

    wait_time = pace(0.3)

    @task(8)
    def search(self) -> None:
        """The usual."""
        self.call("search_literature", must_be=SHED_TOO, query=subjects.routine(self.chance))

    @task(3)
    def search_with_filters(self) -> None:
        """Within some years, of some kind."""
        year = self.chance.randrange(1976, 2020)
        self.call(
            "search_literature",
            must_be=SHED_TOO,
            query=subjects.routine(self.chance),
            year_from=year,
            year_to=year + 5,
            publication_type=self.chance.choice(subjects.PUBLICATION_TYPES),
        )

    @task(2)
    def what_is_new(self) -> None:
        """The newest of a heading, with abstracts."""
        heading = self.chance.choice(subjects.HEADINGS)
        self.call("search_literature", must_be=SHED_TOO, mesh=heading, sort="newest", detail="detailed")

    @task(1)
    def batch(self) -> None:
        """Some questions at once."""
        queries = [subjects.routine(self.chance) for _ in range(4)]
        self.call("search_literature_batch", must_be=SHED_TOO, queries=queries)

    @task(4)
    def read(self) -> None:
        """Whole records."""
        self.call("get_articles", must_be=SHED_TOO, ids=self.some_pmids(10))

    @task(1)
    def related(self) -> None:
        """What else is like it?"""
        if self.pmids:
            self.call("find_related", must_be=SHED_TOO, pmid=self.some_pmids(1)[0], relation="similar")
        else:
            self.search()

    @task(2)
    def cite(self) -> None:
        """A list of references."""
        self.call("format_citations", must_be=SHED_TOO, ids=self.some_pmids(10))

    @task(2)
    def look_up(self) -> None:
        """What is it called?"""
        self.call("lookup_mesh", must_be=SHED_TOO, term=self.chance.choice(subjects.CONDITIONS))

    @task(1)
    def figures(self) -> None:
        """How well does it work?"""
        self.call("get_metrics", must_be=SHED_TOO, window=self.chance.choice(("session", "today")))

"""The texts the gate is measured on, and the measure."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medlit.privacy.gate import screen_text
from tests.privacy.generated import HELD, HELD_TOPICS, Query, queries

HELD_SEED, HELD_EACH = 90_210, 16

NAMES = {"A_name/ctx": "name with context", "A_name/lower": "name with context", "A_name/bare": "bare name"}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group were refused."""

    refused: int
    of: int

    @property
    def percent(self) -> float:
        """The share refused."""
        return 100 * self.refused / self.of


def development(file: Path) -> tuple[list[Query], list[str]]:
    """Positives by class, and literature queries, of the shared development set."""
    positives: list[Query] = []
    literature: list[str] = []
    for line in file.read_text().splitlines():
        row = json.loads(line)
        if row["label"] == 1:
            positives.append(Query(f"{row['cls']}/{row['tier']}", row["text"], tuple(row["needles"])))
        else:
            literature.append(row["text"])
    return positives, literature


@functools.cache
def held() -> tuple[Query, ...]:
    """The generated set that judges; made once, since Faker takes its time."""
    return tuple(queries(HELD, HELD_TOPICS, HELD_SEED, HELD_EACH))


def literature() -> list[str]:
    """Literature queries written for these tests."""
    lines = Path(__file__).with_name("literature_queries.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def measured(positives: Iterable[Query]) -> dict[str, Share]:
    """The share refused in each group."""
    counted: dict[str, list[int]] = {}
    for query in positives:
        group = counted.setdefault(query.group, [0, 0])
        group[0] += screen_text(query.text).blocked
        group[1] += 1
    return {group: Share(*both) for group, both in sorted(counted.items())}


def together(shares: Iterable[Share]) -> Share:
    """Several groups as one."""
    each = list(shares)
    return Share(sum(share.refused for share in each), sum(share.of for share in each))


def refused(texts: Iterable[str]) -> Share:
    """The share refused of texts that should not be."""
    verdicts = [screen_text(text).blocked for text in texts]
    return Share(sum(verdicts), len(verdicts))

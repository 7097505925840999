"""Questions that carry identifiers of nobody, and the marks by which they are known wherever they turn up.

First names are Faker's. All else is such as no real record has by chance: surnames
from syllables, numbers of the ranges that are kept free for fiction, a few birthdays.
So a dozen short marks find every identifier, whole or in part, in any amount of data.
The same in every run and in every process.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from faker import Faker

from tests.load import subjects

SEED = 70_421
HOW_MANY = 1_000

SYLLABLES = ("fenth", "brax", "olmow", "yttek", "vandru", "kroth", "iwelp", "munxa", "pfald", "dorquin")
BIRTHDAYS = ("03/17/1951", "11/02/1938", "07/29/1984", "12/31/1966", "05/05/1947", "09/21/2003")

PLAIN_MARKS = ("zquill", "qzxmr-", "987-65-43", "(907) 555-01", *BIRTHDAYS)
MARKS = tuple(dict.fromkeys(spelling.lower().encode() for mark in PLAIN_MARKS for spelling in (mark, quote(mark, ""))))
"""In small letters, also as in an address."""

IDENTIFIED = (
    "SSN {ssn} {topic}",
    "{topic} in someone whose social security number is {ssn}",
    "MRN {number} {topic}",
    "{topic} (medical record no. {number})",
    "call {phone} about {topic}",
    "{topic}, results to {email}",
    "DOB {date} {topic}",
    "{topic} date of birth: {date}",
    "patient {name} with {topic}",
    "{topic} for my patient {name}",
    "Patient name: {name}. {topic}",
    "Mrs. {last} asks about {topic}",
    "{topic} member id {number}",
)
"""What the privacy gate refuses with certainty: structured identifiers, and names that are said to be a patient's."""

BARE = ("{name} {topic}", "what helps {name} against {topic}")
"""What it may miss (docs/privacy.md): asked of the library alone, where nothing goes out."""


class Question(NamedTuple):
    """A text that identifies somebody."""

    text: str
    bare: bool
    """Whether it may be asked of the library only."""


@functools.cache
def questions() -> tuple[Question, ...]:
    """All of them."""
    faker = Faker("en_US")
    faker.seed_instance(SEED)
    chance = random.Random(SEED)  # noqa: S311  # nothing secret is drawn
    return tuple(_question(faker, chance) for _ in range(HOW_MANY))


def _question(faker: Faker, chance: random.Random) -> Question:
    template = chance.choice(IDENTIFIED + BARE)
    last = "Zquill" + chance.choice(SYLLABLES)
    values = {
        "ssn": faker.numerify("987-65-43##"),
        "number": faker.numerify("QZXMR-######"),
        "phone": faker.numerify("(907) 555-01##"),
        "email": f"{last.lower()}.{faker.numerify('###')}@{faker.safe_domain_name()}",
        "date": chance.choice(BIRTHDAYS),
        "name": f"{faker.first_name()} {last}",
        "last": last,
    }
    return Question(template.format(**values, topic=subjects.routine(chance)), template in BARE)


def marks_in(content: bytes) -> set[str]:
    """The marks that stand in some bytes; the letters' case does not matter."""
    small = content.lower()
    return {mark.decode() for mark in MARKS if mark in small}


def marks_in_all(contents: Iterable[bytes]) -> set[str]:
    """The same of a stream of bytes, also where a mark stands across two blocks of it."""
    found: set[str] = set()
    before = b""
    for content in contents:
        found |= marks_in(before + content)
        before = content[-64:]
    return found

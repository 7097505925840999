"""The gate: whether typed fields may leave this machine, and if not, for which reasons.

Best effort on free text, exact on typed fields. It says yes or no with categories of a
closed list; it never says what it saw or where, and it has no override.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from medlit.privacy.categories import Category
from medlit.privacy.literature import mask
from medlit.privacy.names import has_name
from medlit.privacy.normalise import normalise
from medlit.privacy.patterns import Pattern
from medlit.privacy.rules import DIGIT, RULES

MAX_CHARACTERS = 2_000
"""Longest topic that is screened; a longer one is refused unread."""

MAX_IDENTIFIERS = 500
"""Most identifiers in one field: as many as NCBI takes in one request."""


class Kind(StrEnum):
    """What a field is. Only a topic is free text; the others have a shape and nothing else."""

    TOPIC = "topic"
    AUTHOR = "author"
    IDENTIFIER = "identifier"
    DATE = "date"
    NUMBER = "number"
    CONSTANT = "constant"
    """A word of the source's own interface, written in medlit's code."""
    TOKEN = "token"  # noqa: S105  # no secret
    """What the source handed out in an earlier answer to go on from: a history, a cursor. Never a caller's."""
    OPERATOR = "operator"
    """The operator's own: an API key or contact address from the settings. Not screened."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value that is to go out, under the name the source gives it."""

    kind: Kind
    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the gate is shut, and why: categories only, never the text."""

    categories: frozenset[Category] = frozenset()

    @property
    def blocked(self) -> bool:
        """Whether nothing may go out."""
        return bool(self.categories)


def screen(fields: Iterable[Field]) -> Verdict:
    """Screen each field as what it is; one refused field refuses all."""
    return Verdict(frozenset(reason for each in fields for reason in _reasons(each)))


def screen_text(text: str) -> Verdict:
    """Screen free text as a topic."""
    return Verdict(frozenset(_topic(text)))


def _reasons(each: Field) -> set[Category]:
    match each.kind:
        case Kind.TOPIC:
            return _topic(each.value)
        case Kind.AUTHOR:
            return _author(each.value)
        case Kind.OPERATOR:
            return set()
        case _:
            shape = _SHAPES[each.kind]
            return set() if shape.fullmatch(each.value) else {Category.MALFORMED}


def _topic(text: str) -> set[Category]:
    if len(text) > MAX_CHARACTERS:
        return {Category.TOO_LONG}
    text = normalise(text)
    if len(text) > 2 * MAX_CHARACTERS:  # one sign can stand for many: ligatures, HTML references
        return {Category.TOO_LONG}
    has_digits = DIGIT.search(text) is not None
    text = mask(text, has_digits=has_digits)
    found = {rule.category for rule in RULES if (has_digits or not rule.digits) and rule.pattern.search(text)}
    if has_name(text):
        found.add(Category.NAME)
    return found


_AUTHOR_SHAPE = Pattern(r"[^\W\d_][^\W\d_'.-]{0,40}(?:[ .,'-]{1,2}[^\W\d_]{1,40}){0,6}\.?")
_NOT_AN_AUTHOR = Pattern(
    r"\b(?:patients?|pts?|mr|mrs|ms|miss|dob|mrn|born|aged?|years?|old|admitted|named|with|has|for)\b", re.IGNORECASE
)


def _author(name: str) -> set[Category]:
    """An author's name is public; what is not a bare name is no author."""
    name = normalise(name) if len(name) <= 100 else ""
    if not _AUTHOR_SHAPE.fullmatch(name):
        return {Category.MALFORMED}
    return {Category.NAME} if _NOT_AN_AUTHOR.search(name) else set()


_YEAR = r"(?:1[89]\d\d|20\d\d|2100|3000)"
_ONE_DATE = rf"{_YEAR}(?:[/-](?:0?[1-9]|1[0-2])(?:[/-](?:0?[1-9]|[12]\d|3[01]))?)?"
_ONE_IDENTIFIER = (
    r"(?:\d{1,8}(?:\.\d{1,2})?|PMC\d{1,8}|10\.\d{4,9}/(?!\S{0,90}\d{3}-\d{2}-\d{4}(?!\d))[\w.;()/:<>+-]{1,120}"
    r"|(?:MED|PMC|PPR|AGR|CBA|CTX|ETH|HIR|PAT)[:/]\w{1,12}|[DCQM]\d{6,9}|NCT\d{8}|ISRCTN\d{8}|PPR\d{1,8}|NBK\d{1,7}"
    r"|0000-000\d-\d{4}-\d{3}[\dX]|\d{4}-\d{3}[\dX])"
)

_SHAPES: dict[Kind, Pattern] = {
    Kind.IDENTIFIER: Pattern(rf"{_ONE_IDENTIFIER}(?:,{_ONE_IDENTIFIER}){{0,{MAX_IDENTIFIERS - 1}}}", re.ASCII),
    Kind.DATE: Pattern(rf"{_ONE_DATE}(?:[:,]{_ONE_DATE})?", re.ASCII),
    Kind.NUMBER: Pattern(r"\d{1,7}", re.ASCII),
    Kind.TOKEN: Pattern(r"(?!\d{3}-\d{2}-\d{4})[A-Za-z0-9_|.+/=*-]{1,500}", re.ASCII),
    Kind.CONSTANT: Pattern(r"[A-Za-z][A-Za-z_.,+ -]{0,59}[0-9]{0,2}", re.ASCII),
}

"""Whether the journal somebody wrote is a record's: title, abbreviation, acronym or ISSN."""

from __future__ import annotations

import re

from medlit.record import Journal
from medlit.verification.words import words

_ISSN = re.compile(r"(?:issn:?\s*)?(\d{4})-?(\d{3}[\dx])", re.IGNORECASE)
_QUALIFIER = re.compile(r"\([^)]*\)|\s[:=]\s.*")
_SMALL = frozenset("a and de der des di et for fur in la of on the und".split())
SHORTEST_ACRONYM = 3


def is_same(given: str, journal: Journal) -> bool:
    """Whether the text names this journal."""
    if match := _ISSN.fullmatch(given.strip()):
        issn = "-".join(match.groups()).upper()
        return issn in (journal.issn_print, journal.issn_electronic, journal.issn_linking)
    names = [name for name in (journal.title, journal.iso_abbrev, journal.medline_ta) if name]
    wanted = {tuple(_key(given)), tuple(_key(_QUALIFIER.sub(" ", given)))} - {()}
    known = {tuple(_key(form)) for name in names for form in (name, _QUALIFIER.sub(" ", name))} - {()}
    return any(
        one == other or _abbreviates(one, other) or _abbreviates(other, one) or _is_acronym(one, other)
        for one in wanted
        for other in known
    )


def is_named(journal: Journal) -> bool:
    """Whether the record names its journal at all."""
    return bool(journal.title or journal.iso_abbrev or journal.medline_ta)


def _key(name: str) -> list[str]:
    return [word for word in words(name) if word not in _SMALL]


def _abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """``n engl j med`` for ``new england journal medicine``: word for word the same beginning."""
    return len(short) == len(long) and all(
        whole.startswith(part) or _contracts(part, whole) for part, whole in zip(short, long, strict=True)
    )


def _contracts(part: str, whole: str) -> bool:
    """``natl`` for ``national``: first letter and the others in order."""
    letters = iter(whole)
    return len(part) > 1 and part[0] == whole[0] and all(letter in letters for letter in part)


def _is_acronym(given: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """``nejm`` for ``new england journal medicine``; the end may be left out, as in PNAS."""
    initials = "".join(word[0] for word in name)
    return (
        len(given) == 1
        and len(given[0]) >= SHORTEST_ACRONYM
        and len(name) > 2
        and (initials == given[0] or (len(given[0]) > SHORTEST_ACRONYM and initials.startswith(given[0])))
    )

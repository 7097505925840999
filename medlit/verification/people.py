"""Whether the authors somebody wrote are the authors of a record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from medlit.verification.words import SMALL, folded, slip, words


class Person(msgspec.Struct):
    """What is compared of an author; fields as in the record."""

    last: str | None = None
    fore: str | None = None
    initials: str | None = None
    collective: str | None = None

    @property
    def name(self) -> str:
        """The name as NLM cites it, or the group's."""
        return self.collective or " ".join(filter(None, (self.last, self.initials or self.fore)))


_OTHERS = re.compile(
    r"[,;\s]*(?:\bet\.? al\b|\band (?:others|colleagues|coworkers)\b|…|\.\.\.|\. \. \.)", re.IGNORECASE
)
_AND = re.compile(r"\s*(?:,\s*)?(?:&|\band\b)\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"[,\s]+(?:jr|sr|2nd|3rd|4th|ii|iii|iv|ph\.?d|m\.?d)\.?(?=$|[,;&]|\s+and\b)", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_a-z](?:[a-z]?\.)?[\s\-‐]*){1,5}")
_PARTICLES = frozenset("al ap da das de del della den der di dos du el la le los ten ter van von zu".split())
_TRANSCRIBED = re.compile(r"(?<=[aou])e")
_WORD = re.compile(r"[^\W_]+")
_NOBODY = frozenset({"anonymous", "anon", "no authors listed", "no author listed", "no authors"})

OF_A_GROUP = 0.8
"""Share of a group's words that must be in a name of it that has other words too."""


class Agreement(NamedTuple):
    """How names agree with a record's authors."""

    agree: bool
    in_order: bool
    """Whether the first name is the first author's, and the others follow in the record's order."""


def compare(text: str, authors: Sequence[Person], *, complete: bool = True) -> Agreement:
    """Whether every name in a text is an author's. Names left out do no harm: citations shorten.

    ``complete`` is false for a list that the record itself cuts short: then one name that is there is enough.
    """
    best = Agreement(agree=False, in_order=False)
    ways = readings(text)
    for names in ways:
        places = [next((at for at, author in enumerate(authors) if is_same(name, author)), None) for name in names]
        found = [place for place in places if place is not None]
        agree = bool(found) and (len(found) == len(places) or not complete)
        in_order = agree and found[0] == 0 and found == sorted(found)
        if len(ways) == 1 or in_order or names is ways[-1]:  # "Wang, Chen" is not two of many co-authors
            best = max(best, Agreement(agree, in_order))
    return best


def is_nobody(text: str) -> bool:
    """Whether a text says that no author is named."""
    return " ".join(_WORD.findall(folded(text))) in _NOBODY


def readings(text: str) -> list[list[str]]:
    """The names in a text, in every way its commas can be read.

    ``Smith J, Jones KB`` · ``Smith, J., & Jones, K. B.`` · ``John Smith and Kay Jones`` ·
    ``Smith, John`` (which may also be two last names).
    """
    text = _SUFFIX.sub("", _OTHERS.split(text)[0])
    parts = [
        [piece for piece in map(str.strip, part.split(",")) if words(piece)]
        for half in text.split(";")
        for part in _AND.split(half)
    ]
    parts = [pieces for pieces in parts if pieces]
    separate = [name for pieces in parts for name in _attached(pieces)]
    can_be_paired = all(len(pieces) == 1 or len(pieces) % 2 == 0 for pieces in parts)
    # Initials after a last name make it whole: there is nothing to pair.
    if can_be_paired and not any(_has_initials(name) for pieces in parts for name in pieces[::2]):
        paired = [", ".join(pieces[at : at + 2]) for pieces in parts for at in range(0, len(pieces), 2)]
        if paired != separate:
            return [separate, paired]
    return [separate]


def _attached(pieces: Sequence[str]) -> list[str]:
    """Names between commas, initials put to the last name before them."""
    names: list[str] = []
    for piece in pieces:
        if names and "," not in names[-1] and _INITIALS.fullmatch(piece) and not _has_initials(names[-1]):
            names[-1] += f", {piece}"
        else:
            names.append(piece)
    return names


def _has_initials(name: str) -> bool:
    return " " in name and bool(_INITIALS.fullmatch(name.split()[-1]))


def is_same(name: str, author: Person) -> bool:
    """Whether a name, in any usual order and abbreviation, can be this author's."""
    if author.collective:
        return _is_group(name, author.collective)
    last = _key(author.last or "")
    before, comma, after = name.partition(",")
    if comma:
        return _is_last(_key(before), last) and _is_fore(after, author)
    given = name.split()
    ways = [(given[:cut], given[cut:]) for cut in range(1, len(given) + 1)]
    ways += [(given[cut:], given[:cut]) for cut in range(1, len(given))]
    return any(
        _is_last(_key(" ".join(last_given)), last) and _is_fore(" ".join(fore), author) for last_given, fore in ways
    )


def _is_group(name: str, collective: str) -> bool:
    given, group = set(words(name)) - SMALL, set(words(collective)) - SMALL
    shared = len(given & group)
    # A group's name may have an "and" or a comma in it, and come in pieces.
    return shared > 0 and (shared == len(given) or (shared > 1 and shared >= OF_A_GROUP * len(group)))


def _is_last(given: Sequence[str], last: Sequence[str]) -> bool:
    if not given or not last:
        return False
    one, other = "".join(given), "".join(last)
    if one == other or (len(given) == len(last) and slip(one, other)):
        return True
    bare, bare_last = _bare(given), _bare(last)  # particles come and go
    return bare == bare_last or (len(bare) == 1 and len(bare[0]) > 2 and bare[0] == bare_last[0])  # half a double name


def _is_fore(given: str, author: Person) -> bool:
    """Whether fore names or initials go together: those of one may be the beginning of the other's."""
    initials = _initials(author.initials), "".join(name[0] for name in _key(author.fore or ""))
    letters = _initials(given) if _INITIALS.fullmatch(given.strip()) else "".join(name[0] for name in _key(given))
    known = [letters_known for letters_known in initials if letters_known]
    return not known or any(letters.startswith(one) or one.startswith(letters) for one in known)


def _initials(text: str | None) -> str:
    """The capitals: of ``IuA`` and of ``I. A.``, ``ia``."""
    return "".join(folded(letter).strip()[:1] for letter in text or "" if letter.isupper())


def _key(text: str) -> list[str]:
    """A name's words; ``Müller`` and ``Mueller`` are one."""
    return [_TRANSCRIBED.sub("", word) for word in _WORD.findall(folded(text))]


def _bare(name: Sequence[str]) -> list[str]:
    return [word for word in name if word not in _PARTICLES] or list(name)

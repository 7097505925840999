"""Whether two titles are one: every word that carries meaning must be there, spelling and typography aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from medlit.verification.words import SMALL, american, plain_words, slip, words

NEAR = 0.6
"""Score from which two titles may be of one work, one of them badly remembered."""

SLIPS_IN = 6
"""Words for every one that may be misspelt, and one more."""

_NOT_TITLE = re.compile(
    r"^\W*(?:retracted(?: article| publication)?|withdrawn|removed)\s*:|\[(?:retracted|withdrawn)[^\]]*\]"
    r"|\(author'?s transl\)|\[(?:article|article in|in) [a-z, ]+\]\W*$",
    re.IGNORECASE,
)
"""What databases and publishers add to a title."""

_SUBTITLE = re.compile(r"[:.;?!–—]\s|\s-{1,2}\s")
_CUT = re.compile(r"(?:\.\.\.|…)\W*$")


class Title(NamedTuple):
    """A title, ready to compare."""

    words: tuple[str, ...]
    plain: tuple[str, ...]
    """The same words as they are spelt: a slip of the pen is looked for in both spellings."""
    breaks: tuple[int, ...]
    """Before how many words a subtitle may begin."""
    cut: bool
    """Whether it ends in an ellipsis."""


class Likeness(NamedTuple):
    """How alike two titles are, the same in both directions."""

    score: float
    """From 0 to 1: the share of words with meaning that the other has."""
    only_one: tuple[str, ...]
    only_other: tuple[str, ...]
    slips: int


def read_title(text: str) -> Title:
    """A title without markup, brackets and what others added to it."""
    text = _NOT_TITLE.sub(" ", text).strip()
    breaks = tuple(len(words(text[: match.start()])) for match in _SUBTITLE.finditer(text))
    plain = plain_words(text)
    return Title(tuple(map(american, plain)), tuple(plain), breaks, bool(_CUT.search(text)))


def beginning(title: Title, end: int) -> Title:
    """The first words of a title."""
    return title._replace(words=title.words[:end], plain=title.plain[:end])


def likeness(one: Title, other: Title) -> Likeness:
    """Compare word by word, in order."""
    if one.words == other.words:
        return Likeness(1.0 if one.words else 0.0, (), (), 0)
    if other.words < one.words:  # the matcher is not symmetric by itself
        turned = likeness(other, one)
        return turned._replace(only_one=turned.only_other, only_other=turned.only_one)
    only_one: list[str] = []
    only_other: list[str] = []
    slips = 0
    for tag, a, b, c, d in SequenceMatcher(None, one.words, other.words, autojunk=False).get_opcodes():
        left, right = one.words[a:b], other.words[c:d]
        if tag == "equal" or "".join(left) == "".join(right):  # health care, healthcare
            continue
        if len(left) == len(right) and (_slipped(left, right) or _slipped(one.plain[a:b], other.plain[c:d])):
            slips += len(left)
        elif slip("".join(left), "".join(right)):
            slips += 1
        else:
            only_one += [word for word in left if word not in SMALL]
            only_other += [word for word in right if word not in SMALL]
    # A word that only moved is on both sides.
    for word in [word for word in only_one if word in only_other]:
        if word in only_other:
            only_one.remove(word)
            only_other.remove(word)
            slips += 1
    size = sum(word not in SMALL for word in (*one.words, *other.words)) or 1
    missing = len(only_one) + len(only_other) + slips / 2
    return Likeness(max(0.0, 1 - missing / size), tuple(only_one), tuple(only_other), slips)


def _slipped(left: Sequence[str], right: Sequence[str]) -> bool:
    return all(one == other or slip(one, other) for one, other in zip(left, right, strict=True))


def nearness(given: Title, found: Title) -> float:
    """How alike the title given is to the title found or, where that is more, to it without its subtitle."""
    mains = [beginning(found, end) for end in found.breaks if end > 1]
    return max(likeness(given, title).score for title in (found, *mains))


def same(given: Title, found: Title) -> bool:
    """Whether the title given is the title found, or all of it but a subtitle, or its beginning before an ellipsis."""
    alike = likeness(given, found)
    if not given.words or not found.words or alike.only_one:
        return False
    if alike.slips > 1 + len(found.words) // SLIPS_IN:
        return False
    return not alike.only_other or _is_beginning(given, found)


def _is_beginning(given: Title, found: Title) -> bool:
    ends = list(found.breaks) + ([len(given.words)] if given.cut and len(given.words) > 4 else [])
    for end in ends:
        alike = likeness(given, beginning(found, end))
        if end > 1 and not alike.only_one and not alike.only_other and alike.slips <= 1 + end // SLIPS_IN:
            return True
    return False

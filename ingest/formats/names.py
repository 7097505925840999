"""Personal names as bibliographies print them."""

from __future__ import annotations

import re

from medlit.record import Author

SUFFIXES = frozenset({"Jr", "Sr", "2nd", "3rd", "4th", "5th", "II", "III", "IV"})
MAX_INITIALS = 5

_GROUP = re.compile(
    r"\b(?:alliance|association|board|centers?|centres?|club|collaborat\w*|committee|consorti\w*|council|department"
    r"|foundation|group|initiative|institutes?|investigators|members|network|organi[sz]ation|panel|program(?:me)?"
    r"|project|registry|society|study|team|trial\w*|unit|university|workgroup|workshop)\b",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"[\s.\-]+")


def person(text: str) -> Author:
    """``Last IN``, ``Last IN Jr``, ``Last, Fore`` or the name of a group.

    A name that is none of these is kept whole as a last name: which part of it is
    the family's cannot be told.
    """
    last, comma, fore = text.partition(",")
    if comma and last.strip() and fore.strip() and not (_GROUP.search(text) and len(text.split()) > 3):
        return _inverted(last.strip(), fore.strip())
    words = text.rstrip(".").split()
    suffix = words.pop().rstrip(".") if len(words) > 2 and words[-1].rstrip(".") in SUFFIXES else None
    if len(words) > 1 and _are_initials(words[-1]):
        return Author(last=" ".join(words[:-1]), initials=words[-1].replace(".", ""), suffix=suffix)
    name = " ".join(text.split())
    return Author(collective=name) if _GROUP.search(name) else Author(last=name)


def initials_of(fore: str) -> str | None:
    """The initials of fore names: ``Anna-Maria K.`` has AMK."""
    return "".join(name[0] for name in _BETWEEN_NAMES.split(fore) if name[:1].isupper()) or None


def _inverted(last: str, fore: str) -> Author:
    fore, _, suffix = (part.strip() for part in fore.partition(","))
    letters = fore.replace(".", "").replace(" ", "")
    if _are_initials(letters):
        return Author(last=last, initials=letters.replace("-", ""), suffix=suffix or None)
    return Author(last=last, fore=fore or None, initials=initials_of(fore), suffix=suffix or None)


def _are_initials(word: str) -> bool:
    letters = word.replace(".", "").replace("-", "")
    return letters.isalpha() and letters.isupper() and len(letters) <= MAX_INITIALS

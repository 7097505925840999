"""JSON values of other people's making, looked at with care.

What a foreign answer does not have, has as ``null``, or has in another type than it
should, is absent: such answers change, and a record is worth more than one field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from ingest.formats.markup import tidy
from ingest.formats.medline_fields import COMMENTS_CORRECTIONS, publication_date
from ingest.formats.pubmed_parts import page_range
from medlit.identifiers import read_identifier
from medlit.record import Pages, PartialDate

MAX_PMID = 1_000_000_000

_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ].*)?)?)?", re.DOTALL)
_REF_TYPES = {name.casefold(): name for name in (*COMMENTS_CORRECTIONS.values(), "AssociatedDataset", "Cites")}


class Unusable(Exception):
    """A record that cannot be read, for the reason in the message, which never repeats what the record says."""

    def __init__(self, reason: str, pmid: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pmid = pmid


def an_object(value: object) -> Mapping[str, object] | None:
    """The value if it is a JSON object."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None


def a_list(value: object) -> list[object] | None:
    """The value if it is a JSON array."""
    return cast("list[object]", value) if isinstance(value, list) else None


def whole_number(value: object) -> int | None:
    """A number that is whole, as JSON has it or in digits. Tables with gaps are exported with ``2019.0``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        value = value.strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    return value if isinstance(value, int) else None


def plausible_pmid(value: object) -> int | None:
    """A number that can be a PMID."""
    number = whole_number(value)
    return number if number and 0 < number <= MAX_PMID else None


def plausible_year(value: object) -> int | None:
    """A number that can be a year."""
    number = whole_number(value)
    return number if number and 0 < number <= 9999 else None


def numeric_date(text: str) -> PartialDate | None:
    """``2015-04-22``, ``2015-04``, ``2015``, also with slashes or a time of day; ``None`` for anything else."""
    match = _DATE.fullmatch(text.strip())
    year, month, day = (int(part) if part else None for part in match.groups()) if match else (None, None, None)
    if not year or (month or 0) > 12 or (day or 0) > 31:
        return None
    return PartialDate(year=year, month=month or None, day=(day or None) if month else None)


def any_date(text: str) -> PartialDate | None:
    """A date as numbers or as NLM prints it; ``None`` when there is no year in it."""
    date = numeric_date(text) or publication_date(text.strip())
    return date if date.year else None


def printed_pages(raw: str | None) -> Pages | None:
    """Pagination as printed, with what can be read from it."""
    if not raw:
        return None
    start, end = page_range(raw)
    return Pages(raw=raw, start=start, end=end)


def ref_type(text: str) -> str:
    """``Retraction in`` under the name that PubMed XML has for it."""
    joined = "".join(text.split())
    return _REF_TYPES.get(joined.casefold(), joined)


def identifiers(*, pmid: int, doi: str | None, pmcid: str | None) -> dict[str, str]:
    """An article's identifiers; what is no DOI or PMCID is left out."""
    ids = {"pubmed": str(pmid)}
    for kind, value in (("doi", doi), ("pmcid", pmcid)):
        found = read_identifier(value) if value else None
        if found and found.kind == kind:
            ids[kind] = found.value
    return ids


class Fields:
    """The members of a JSON object."""

    def __init__(self, members: Mapping[str, object]) -> None:
        self.members = members

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def value(self, name: str) -> object:
        """A member, whatever its type; ``None`` when it is absent."""
        return self.members.get(name)

    def text(self, *names: str) -> str | None:
        """The first of these members that has a text, white space collapsed; a number is its digits."""
        for name in names:
            value = self.members.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return str(value)
            if isinstance(value, str) and (text := tidy(value)):
                return text
        return None

    def date(self, name: str) -> PartialDate | None:
        """A date in numbers."""
        text = self.text(name)
        return numeric_date(text) if text else None

    def within(self, *names: str) -> Fields:
        """The object under a path of names; one without members where there is none."""
        found: Fields = self
        for name in names:
            found = Fields(an_object(found.members.get(name)) or {})
        return found

    def items(self, name: str) -> list[object]:
        """The items of an array; a single value stands for an array of one."""
        value = self.members.get(name)
        items = a_list(value)
        return items if items is not None else [] if value is None else [value]

    def objects(self, name: str) -> list[Fields]:
        """The objects in an array."""
        return [Fields(members) for item in self.items(name) if (members := an_object(item)) is not None]

    def texts(self, name: str) -> list[str]:
        """The texts in an array, without the empty ones."""
        return [text for item in self.items(name) if isinstance(item, str) and (text := tidy(item))]

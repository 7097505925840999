"""medlit's own JSON: the records that ``medlit get --json`` prints, short ones, and public dumps.

Only ``pmid`` is required. Every field may have the form it has in a full record;
many have a short form too: a name for an author, a text for an abstract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

import msgspec

from ingest.formats.json_short import SHORT_FORMS, languages, sections
from ingest.formats.json_values import (
    MAX_PMID,
    Fields,
    Unusable,
    a_list,
    an_object,
    plausible_pmid,
    plausible_year,
)
from medlit.identifiers import read_identifier
from medlit.record import Article, Term
from medlit.status import status_of

ID_NAMES = ("pmid", "PMID", "uid", "id", "_id")
ABSTRACT_NAMES = ("abstract", "abstractText", "text", "contents", "abstract_plain")
MAX_VERSION = 1_000_000

EXPECTED = {
    "abstract": "text or a list of sections",
    "authors": "a list of names or objects",
    "date_completed": "a date",
    "date_revised": "a date",
    "journal": "a name or an object",
    "keywords": "a list of words or objects",
    "languages": "a language or a list of them",
    "mesh": "a list of headings",
    "pages": "text or an object",
    "pub_date": "a date",
    "publication_types": "a list of names or objects",
}
_TYPES = {"str": "text", "int": "a whole number", "bool": "true or false", "array": "a list", "object": "an object"}

_KNOWN = (frozenset(Article.__struct_fields__) | {*ABSTRACT_NAMES, "doi", "pmcid", "year", "language"}) - {"pmid"}
_MESSAGE = re.compile(r"(.*) - at `\$\.(.*)`")
_EXPECTED_TYPE = re.compile(r"Expected `(\w+)")


def members(fields: Fields) -> list[object] | None:
    """The records in this shape of object, or ``None`` when it is not the shape."""
    if (articles := a_list(fields.value("articles"))) is not None:
        return articles
    return [fields.members] if _is_record(fields) else None


def _is_record(fields: Fields) -> bool:
    """Whether a PMID is called by its name, or there is a field beside it: an ``id`` alone may be anything's."""
    if any(name in fields for name in ("pmid", "PMID")):
        return True
    return any(name in fields for name in ID_NAMES) and not _KNOWN.isdisjoint(fields.members)


def article(fields: Fields) -> Article:
    """The record.

    Raises:
        Unusable: it has no PMID, or a field is of a wrong type.
    """
    if not _is_record(fields):
        raise Unusable("it has no PMID")
    given = {name: value for name, value in fields.members.items() if value is not None and value != ""}
    pmid = _pmid(given)
    try:
        values = {name: _read(name, given[name]) for name in Article.__struct_fields__ if name in given}
        _fill_in(values, given)
        values["pmid"] = pmid
        record = msgspec.convert(values, Article)
        _check(record)
    except msgspec.ValidationError as error:
        raise Unusable(_told(str(error)), pmid) from None
    except Unusable as error:
        raise Unusable(error.reason, pmid) from None
    # medlit may know it from a notice, which need not be in the library that this goes to.
    if given.get("retracted") is True and not status_of(record).retracted:
        record.publication_types.append(Term(name="Retracted Publication"))
    return record


def _pmid(given: Mapping[str, object]) -> int:
    name = next((name for name in ID_NAMES if name in given), None)
    if name is None:
        raise Unusable("it has no PMID")
    if pmid := plausible_pmid(given[name]):
        return pmid
    raise Unusable(f"its {name} is not a PMID")


def _read(name: str, value: object) -> object:
    """A field's value as the record has it, if that can be told; else as it came, for the conversion to refuse."""
    short = SHORT_FORMS.get(name)
    return _without_nulls(short(value) if short else value)


def _without_nulls(value: object) -> object:
    if (members := an_object(value)) is not None:
        return {name: _without_nulls(item) for name, item in members.items() if item is not None}
    if (items := a_list(value)) is not None:
        return [_without_nulls(item) for item in items]
    return value


def _fill_in(values: dict[str, object], given: Mapping[str, object]) -> None:
    """What stands under another name, where nothing stands under its own."""
    if not values.get("abstract"):
        named = next((name for name in ABSTRACT_NAMES if given.get(name)), None)
        values["abstract"] = sections(given[named]) if named else []
    if "pub_date" not in values and "year" in given:
        year = plausible_year(given["year"])
        if not year:
            raise Unusable("its year is not a year")
        values["pub_date"] = {"year": year}
    if "languages" not in values and "language" in given:
        values["languages"] = languages(given["language"])
    if isinstance(ids := values.get("ids", {}), dict):
        ids = cast("dict[str, object]", ids)
        for kind in ("doi", "pmcid"):
            if kind not in ids and kind in given and (value := _identifier(kind, given[kind])):
                ids[kind] = value
        values["ids"] = ids


def _identifier(kind: str, value: object) -> str | None:
    """A DOI or PMCID in its usual form; ``None`` when the text is none, such as ``n/a``."""
    if not isinstance(value, str):
        raise Unusable(f"its {kind} is not text")
    found = read_identifier(value)
    return found.value if found and found.kind == kind else None


def _check(record: Article) -> None:
    """What the library counts and sorts by must be in range."""
    for name in ("pub_date", "date_revised", "date_completed"):
        date = getattr(record, name)
        if date and not (0 <= (date.year or 0) <= 9999 and 0 <= (date.month or 0) < 100 and 0 <= (date.day or 0) < 100):
            raise Unusable(f"its {name} is not a date")
    if not 0 < record.pmid_version <= MAX_VERSION:
        raise Unusable("its pmid_version is not a version")
    if any(link.pmid is not None and not 0 < link.pmid <= MAX_PMID for link in record.comments_corrections):
        raise Unusable("its comments_corrections.pmid is not a PMID")


def _told(message: str) -> str:
    """What was wrong where, out of the message of a conversion. Names in it are the record's own."""
    match = _MESSAGE.fullmatch(message)
    path = re.sub(r"\[[^\]]*\]", "", match[2]) if match else "content"
    if "missing required field" in message:
        return f"its {path} lacks a part that it must have"
    if path in EXPECTED:
        return f"its {path} is not {EXPECTED[path]}"
    kind = _EXPECTED_TYPE.match(message)
    return f"its {path} is not {_TYPES.get(kind[1], 'what it should be') if kind else 'one of the values it can have'}"

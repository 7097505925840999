"""medlit's own JSON: the records that ``medlit get --json`` prints, short ones, and public dumps.

Only ``pmid`` is required. Every field may have the form it has in a full record;
many have a short form too: a name for an author, a text for an abstract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import cast

import msgspec

from ingest.formats.json_values import (
    MAX_PMID,
    Fields,
    Unusable,
    a_list,
    an_object,
    any_date,
    numeric_date,
    plausible_pmid,
    plausible_year,
    printed_pages,
)
from ingest.formats.markup import tidy
from ingest.formats.names import person
from medlit.identifiers import read_identifier
from medlit.record import AbstractSection, Article, Author, Journal, Keyword, MeshHeading, Qualifier, Term

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
    """The records in this shape of object, or ``None`` when it is not the shape.

    An ``id`` alone makes no record: anything may have one.
    """
    if (articles := a_list(fields.value("articles"))) is not None:
        return articles
    named = any(name in fields for name in ID_NAMES[:2])
    if named or (any(name in fields for name in ID_NAMES) and not _KNOWN.isdisjoint(fields.members)):
        return [fields.members]
    return None


def article(fields: Fields) -> Article:
    """The record.

    Raises:
        Unusable: it has no PMID, or a field is of a wrong type.
    """
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
    if given.get("retracted") is True and not record.retracted:
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
    short = _SHORT.get(name)
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
        values["abstract"] = next((_sections(given[name]) for name in ABSTRACT_NAMES if given.get(name)), [])
    if "pub_date" not in values and "year" in given:
        year = plausible_year(given["year"])
        if not year:
            raise Unusable("its year is not a year")
        values["pub_date"] = {"year": year}
    if "languages" not in values and "language" in given:
        values["languages"] = _languages(given["language"])
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
    if (name := path.split(".")[0]) == path and name in EXPECTED:
        return f"its {name} is not {EXPECTED[name]}"
    if "missing required field" in message:
        return f"its {path} lacks a part that it must have"
    kind = _EXPECTED_TYPE.match(message)
    return f"its {path} is not {_TYPES.get(kind[1], 'what it should be') if kind else 'one of the values it can have'}"


# The short forms


def _each(read: Callable[[str], object]) -> Callable[[object], object]:
    def texts(value: object) -> object:
        items = a_list(value)
        if items is None:
            return value
        return [read(item) if isinstance(item, str) else item for item in items if item not in ("", None)]

    return texts


def _text(value: object) -> object:
    return tidy(value) if isinstance(value, str) else value


def _digits(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _sections(value: object) -> object:
    items = [value] if isinstance(value, str) else a_list(value)
    if items is None:
        return value
    sections: list[object] = []
    for item in items:
        members = an_object(item)
        text = members.get("text", "") if members is not None else item
        if not isinstance(text, str):
            sections.append(item)
        elif shown := tidy(text):
            sections.append(AbstractSection(text=shown) if members is None else {**members, "text": shown})
    return sections


def _people(value: object) -> object:
    return _each(person)([_person(item) for item in items] if (items := a_list(value)) is not None else value)


def _person(value: object) -> object:
    """An author's object, with its short forms: ``name``, and affiliations as texts."""
    members = an_object(value)
    if members is None:
        return value
    if isinstance(name := members.get("name"), str) and not (members.get("last") or members.get("collective")):
        members = {**msgspec.structs.asdict(person(name)), **members}
    affiliations = members.get("affiliations", members.get("affiliation"))
    if affiliations is None:
        return members
    items = [affiliations] if isinstance(affiliations, str) else a_list(affiliations)
    if items is None:
        return {**members, "affiliations": affiliations}
    return {**members, "affiliations": [{"text": item} if isinstance(item, str) else item for item in items]}


def _journal(value: object) -> object:
    return Journal(title=tidy(value)) if isinstance(value, str) else value


def _languages(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _pages(value: object) -> object:
    value = _digits(value)
    return printed_pages(tidy(value)) if isinstance(value, str) else value


def _printed_date(value: object) -> object:
    return any_date(text) or value if isinstance(text := _digits(value), str) else value


def _exact_date(value: object) -> object:
    return numeric_date(value) or value if isinstance(value, str) else value


def _ids(value: object) -> object:
    members = an_object(value)
    return value if members is None else {kind: _digits(item) for kind, item in members.items()}


def _mesh(value: object) -> object:
    items = a_list(value)
    if items is None:
        return value
    headings: list[object] = []
    found: dict[str, MeshHeading] = {}
    for item in items:
        if not isinstance(item, str):
            headings.append(item)
        elif text := tidy(item):
            heading = _heading(text)
            known = found.setdefault(heading.name, heading)
            if known is heading:
                headings.append(heading)
            else:  # printed once for each of its qualifiers
                known.major = known.major or heading.major
                known.qualifiers.extend(heading.qualifiers)
    return headings


def _heading(text: str) -> MeshHeading:
    """``Heading/qualifier``, with ``*`` before or after what is a major topic."""
    name, *qualifiers = (part.strip() for part in text.split("/"))
    return MeshHeading(
        name=name.strip("*"),
        major="*" in (name[:1], name[-1:]),
        qualifiers=[Qualifier(name=part.strip("*"), major="*" in (part[:1], part[-1:])) for part in qualifiers if part],
    )


def _starred(text: str) -> Keyword:
    return Keyword(term=text.strip("*"), major="*" in (text[:1], text[-1:]))


_SHORT: dict[str, Callable[[object], object]] = {
    "abstract": _sections,
    "authors": _people,
    "investigators": _people,
    "personal_name_subjects": _people,
    "journal": _journal,
    "mesh": _mesh,
    "keywords": _each(lambda text: Keyword(term=text)),
    "languages": _languages,
    "pages": _pages,
    "ids": _ids,
    "pub_date": _printed_date,
    "date_revised": _exact_date,
    "date_completed": _exact_date,
    **dict.fromkeys(("title", "vernacular_title"), _text),
    **dict.fromkeys(("volume", "issue"), _digits),
    **dict.fromkeys(("publication_types", "supplemental_mesh", "chemicals"), _each(lambda text: {"name": text})),
}

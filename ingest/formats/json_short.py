"""The short forms of a record's fields: a name for an author, a text for an abstract.

A short form becomes the field's full form. A value that is neither stays as it is:
the conversion to a record refuses it and tells where it stands.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ingest.formats.json_values import a_list, an_object, any_date, numeric_date, printed_pages
from ingest.formats.markup import tidy
from ingest.formats.names import person
from medlit.record import AbstractSection, Author, Journal, Keyword, MeshHeading, Qualifier

_AUTHOR = frozenset(Author.__struct_fields__) | {"name"}


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


def sections(value: object) -> object:
    """An abstract as a text, or a list of texts and sections; empty ones are left out."""
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
    people = _each(person)(value)
    return people if (items := a_list(people)) is None else [_person(item) for item in items]


def _person(value: object) -> object:
    """An author's object, with its short forms: ``name``, and affiliations as texts."""
    members = an_object(value)
    if members is None:
        return value
    if _AUTHOR.isdisjoint(members):
        return None  # for the conversion to refuse: an author without a name would be lost without a word
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


def languages(value: object) -> object:
    """One language as a list of one."""
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
        elif text := (tidy(item) or "").strip("/"):
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


SHORT_FORMS: dict[str, Callable[[object], object]] = {
    "abstract": sections,
    "authors": _people,
    "investigators": _people,
    "personal_name_subjects": _people,
    "journal": _journal,
    "mesh": _mesh,
    "keywords": _each(lambda text: Keyword(term=text)),
    "languages": languages,
    "pages": _pages,
    "ids": _ids,
    "pub_date": _printed_date,
    "date_revised": _exact_date,
    "date_completed": _exact_date,
    **dict.fromkeys(("title", "vernacular_title"), _text),
    **dict.fromkeys(("volume", "issue"), _digits),
    **dict.fromkeys(("publication_types", "supplemental_mesh", "chemicals"), _each(lambda text: {"name": text})),
}
"""Fields that have a short form, and what reads it."""

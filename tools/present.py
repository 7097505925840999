"""Stored records as results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from medlit.citation.parts import NO_TITLE
from medlit.library.codec import read_pointers, unpack
from medlit.library.library import Hit as LibraryHit
from medlit.library.snippet import Question, matched, snippet
from medlit.library.store import StoredArticle
from medlit.record import (
    AbstractSection,
    Article,
    CommentCorrection,
    Journal,
    MeshHeading,
    OtherAbstract,
    PartialDate,
    Term,
)
from medlit.status import Status, status_of
from tools import results

AUTHORS_IN_A_HIT = 3
ABSTRACT_IN_A_HIT = 1_500
"""Characters of an abstract that a detailed hit shows; the whole is in ``get_articles``."""


class _Name(msgspec.Struct):
    last: str | None = None
    fore: str | None = None
    initials: str | None = None
    suffix: str | None = None
    collective: str | None = None


class _Heading(msgspec.Struct):
    name: str = ""


class _HitView(msgspec.Struct):
    """What a hit shows of a record."""

    pmid: int
    status: str | None = None
    title: str | None = None
    vernacular_title: str | None = None
    authors: list[_Name] = []
    journal: Journal | None = None
    pub_date: PartialDate | None = None
    publication_types: list[Term] = []
    ids: dict[str, str] = {}
    comments_corrections: list[CommentCorrection] = []
    abstract: list[AbstractSection] = []
    other_abstracts: list[OtherAbstract] = []
    mesh: list[_Heading] = []

    year = Article.year
    abstract_plain = Article.abstract_plain


def hit(found: LibraryHit, question: Question | None, *, detailed: bool) -> results.Hit:
    """A search hit: what it is, why it was found, and the passage that answers, or with ``detailed`` the abstract."""
    view = unpack(found.article.body, _HitView)
    abstract = view.abstract_plain if detailed else ""
    sections = view.abstract or [section for other in view.other_abstracts[:1] for section in other.sections]
    status = status_of(view, read_pointers(found.article.inbound))
    # The passage first: it reads the sections sentence by sentence, and the question remembers what they have.
    passage = snippet(sections, question) if question and not abstract else None
    return results.Hit(
        pmid=view.pmid,
        title=shown_title(view.title, view.vernacular_title),
        authors=short_authors([citation_name(name) for name in view.authors]),
        journal=view.journal.name if view.journal else None,
        year=view.year,
        publication_types=[term.name for term in view.publication_types],
        doi=view.ids.get("doi"),
        pmcid=view.ids.get("pmcid"),
        retracted=status.retracted,
        warnings=warnings(status),
        score=round(found.score, 4),
        matched=question and matched(view.title or "", sections, [heading.name for heading in view.mesh], question),
        snippet=passage,
        abstract=shortened(abstract, ABSTRACT_IN_A_HIT) or None,
    )


def shown_title(title: str | None, vernacular: str | None) -> str | None:
    """The title; the vernacular one where NLM has only a placeholder, or none."""
    return vernacular or title if not title or title in NO_TITLE else title


def citation_name(name: _Name) -> str:
    """A name as NLM cites it: ``Last IN Suffix``, or the group's."""
    if name.collective:
        return str(name.collective)
    return " ".join(part for part in (name.last, name.initials or name.fore, name.suffix) if part)


def short_authors(names: Sequence[str]) -> str | None:
    """The first authors, and ``et al.`` for the others."""
    if not names:
        return None
    shown = ", ".join(names[:AUTHORS_IN_A_HIT])
    return f"{shown}, et al." if len(names) > AUTHORS_IN_A_HIT else shown


def shortened(text: str, length: int) -> str:
    """The beginning of a text, cut between words, with ``…`` where something is missing."""
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0] + " …"


def article(stored: StoredArticle, *, detailed: bool) -> results.ArticleResult:
    """An article, to read and cite; ``detailed`` adds the whole record."""
    record = unpack(stored.body, Article)
    inbound = read_pointers(stored.inbound)
    status = status_of(record, inbound)
    return results.ArticleResult(
        pmid=record.pmid,
        record_type=record.record_type,
        title=record.title,
        vernacular_title=record.vernacular_title,
        abstract=[results.AbstractSection(label=section.label, text=section.text) for section in record.abstract],
        authors=[author.name for author in record.authors if author.valid],
        journal=record.journal.name if record.journal else None,
        year=record.year,
        publication_date=str(record.pub_date) if record.pub_date else None,
        volume=record.volume,
        issue=record.issue,
        pages=(record.pages.raw or record.pages.start) if record.pages else None,
        doi=record.ids.get("doi"),
        pmcid=record.ids.get("pmcid"),
        languages=record.languages,
        publication_types=[term.name for term in record.publication_types],
        mesh=[term for heading in record.mesh for term in mesh_terms(heading)],
        keywords=[keyword.term for keyword in record.keywords],
        accessions=[accession for bank in record.databanks for accession in bank.accessions],
        retracted=status.retracted,
        warnings=warnings(status),
        links=[
            results.Link(ref_type=link.ref_type, pmid=link.pmid, source=link.source)
            for link in record.comments_corrections
            if link.ref_type != "Cites"
        ],
        notices=[results.Notice(ref_type=kind, pmid=pmid) for kind, pmid in inbound],
        source_file=stored.file,
        record=whole(record, stored) if detailed else None,
    )


def warnings(status: Status) -> list[str]:
    """What a reader must know before relying on the article, retraction apart."""
    said = {
        "partially retracted": status.partially_retracted,
        "expression of concern": status.expression_of_concern,
        "corrected": status.corrected,
        "republished": status.republished,
        "updated": status.updated,
    }
    notices = ["retraction notice"] if status.retraction_notice_of else []
    return notices + [warning for warning, is_so in said.items() if is_so]


def mesh_terms(heading: MeshHeading) -> list[str]:
    """A heading as PubMed prints it: ``Heading/qualifier``, ``*`` at what is a major topic."""
    if not heading.qualifiers:
        return [heading.name + ("*" if heading.major else "")]
    head = heading.name + ("*" if heading.major else "")
    return [f"{head}/{qualifier.name}{'*' if qualifier.major else ''}" for qualifier in heading.qualifiers]


def whole(record: Article, stored: StoredArticle) -> dict[str, Any]:
    """The record as stored, with what is derived from it and where it came from."""
    fields: dict[str, Any] = msgspec.to_builtins(record)
    if record.pub_date:
        fields["pub_date"] = _dated(record.pub_date)
    return fields | _derived(record, stored)


def complete(record: Article, stored: StoredArticle) -> dict[str, Any]:
    """The same with every field present, absent ones as null or empty: for scripts."""
    fields = _all_fields(record)
    if record.pub_date:
        fields["pub_date"] |= _dated(record.pub_date)
    fields["abstract_plain"] = record.abstract_plain or None
    return fields | _derived(record, stored)


def _derived(record: Article, stored: StoredArticle) -> dict[str, Any]:
    inbound = read_pointers(stored.inbound)
    status = status_of(record, inbound)
    return {
        "year": record.year,
        "retracted": status.retracted,
        "fate": msgspec.to_builtins(status),
        "notices": [{"ref_type": kind, "pmid": pmid} for kind, pmid in inbound],
        "provenance": {"source_file": stored.file, "loaded_at": stored.loaded_at},
    }


def _dated(date: PartialDate) -> dict[str, Any]:
    return {**msgspec.to_builtins(date), "text": str(date), "precision": date.precision, "sort_key": date.sort_key}


def _all_fields(value: Any) -> Any:  # noqa: ANN401  # JSON is of any type
    if isinstance(value, msgspec.Struct):
        return {name: _all_fields(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list):
        return [_all_fields(item) for item in cast("list[Any]", value)]
    return value

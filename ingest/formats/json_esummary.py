"""E-utilities ESummary answers in JSON: ``result.uids`` and an entry for each.

A summary has no abstract and no MeSH. Its ``recordstatus`` is not the record's
``Status``: a summary without a sign of retraction cannot tell that there is none.
"""

from __future__ import annotations

import re

from ingest.formats import html_text
from ingest.formats.json_values import (
    Fields,
    Unusable,
    a_list,
    any_date,
    identifiers,
    plausible_pmid,
    printed_pages,
    ref_type,
)
from ingest.formats.medline_fields import slashed_date
from ingest.formats.names import person
from medlit.record import (
    Article,
    ArticleDate,
    Author,
    Book,
    CommentCorrection,
    ElocationId,
    HistoryDate,
    Journal,
    Term,
)

PUBLICATION_STATUS = {"3": "epublish", "4": "ppublish", "10": "aheadofprint"}
"""The statuses a citation ends with, by the numbers that NCBI's data model has for them."""

NO_SUMMARY = "cannot get document summary"

_INTERNAL_IDS = frozenset({"pubmed", "pmid", "pmc", "pmcid", "rid", "eid", "doi"})
_PMCID = re.compile(r"PMC\d{1,9}")
_ELOCATION = re.compile(r"\b(doi|pii):\s*(\S+?)\.?(?=\s|$)", re.IGNORECASE)


def members(fields: Fields) -> list[object] | None:
    """The records in this shape of object, or ``None`` when it is not the shape."""
    if "uid" in fields and ("articleids" in fields or "error" in fields):
        return [fields.members]
    result = fields if "uids" in fields else fields.within("result")
    uids = a_list(result.value("uids"))
    return None if uids is None else [result.value(uid) for uid in uids if isinstance(uid, str)]


def article(fields: Fields) -> Article:
    """The record of one entry.

    Raises:
        Unusable: NCBI has no summary, or it is of another database.
    """
    if "error" in fields:
        told = f": {NO_SUMMARY}" if fields.value("error") == NO_SUMMARY else ""
        raise Unusable(f"NCBI gave an error instead of a summary{told}", plausible_pmid(fields.value("uid")))
    ids = _article_ids(fields)
    # The uid itself is a PMID in one database only; summaries from PMC name the PMID among the identifiers.
    pmid = plausible_pmid(ids.get("pubmed")) or plausible_pmid(ids.get("pmid"))
    if not pmid:
        raise Unusable("it has no PMID")
    record = Article(
        pmid=pmid,
        title=html_text.shown(fields.value("title")),
        vernacular_title=fields.text("vernaculartitle"),
        languages=fields.texts("lang"),
        authors=_people(fields, editors=False),
        journal=_journal(fields),
        volume=fields.text("volume"),
        issue=fields.text("issue"),
        pages=printed_pages(fields.text("pages")),
        elocation_ids=[
            ElocationId(type=kind.lower(), value=value)
            for kind, value in _ELOCATION.findall(fields.text("elocationid") or "")
        ],
        pub_date=any_date(fields.text("pubdate") or ""),
        article_dates=[
            ArticleDate(date_type="Electronic", date=date) for date in [any_date(fields.text("epubdate") or "")] if date
        ],
        history=_history(fields),
        publication_status=_publication_status(fields),
        ids=_own_ids(pmid, ids),
        publication_types=[Term(name=name) for name in fields.texts("pubtype")],
        comments_corrections=_links(fields),
    )
    _read_book(fields, record)
    return record


def _article_ids(fields: Fields) -> dict[str, str]:
    ids: dict[str, str] = {}
    for item in fields.objects("articleids"):
        kind, value = item.text("idtype"), item.text("value")
        if kind and value:
            ids.setdefault(kind, value)
    return ids


def _own_ids(pmid: int, ids: dict[str, str]) -> dict[str, str]:
    # "pmc" is the number itself, "pmcid" may be a sentence about it.
    pmcid = _PMCID.search(ids.get("pmc") or ids.get("pmcid") or "")
    own = identifiers(pmid=pmid, doi=ids.get("doi"), pmcid=pmcid[0] if pmcid else None)
    return own | {kind: value for kind, value in ids.items() if kind not in _INTERNAL_IDS}


def _people(fields: Fields, *, editors: bool) -> list[Author]:
    """The editors, or everybody else."""
    people: list[Author] = []
    for item in fields.objects("authors"):
        kind = (item.text("authtype") or "").casefold()
        if (name := item.text("name")) and ("editor" in kind) is editors:
            people.append(Author(collective=name) if kind == "collectivename" else person(name))
    return people


def _journal(fields: Fields) -> Journal | None:
    journal = Journal(
        title=fields.text("fulljournalname"),
        medline_ta=fields.text("source"),
        nlm_id=fields.text("nlmuniqueid"),
        issn_print=fields.text("issn"),
        issn_electronic=fields.text("essn"),
    )
    return journal if journal != Journal() else None


def _history(fields: Fields) -> list[HistoryDate]:
    return [
        HistoryDate(status=status, date=slashed_date(date))
        for item in fields.objects("history")
        if (status := item.text("pubstatus")) and (date := item.text("date"))
    ]


def _publication_status(fields: Fields) -> str | None:
    status = fields.text("pubstatus") or ""
    return PUBLICATION_STATUS.get(status) if status.isdigit() else status or None


def _links(fields: Fields) -> list[CommentCorrection]:
    return [
        CommentCorrection(
            ref_type=ref_type(kind),
            source=item.text("refsource"),
            pmid=plausible_pmid(item.value("pmid")),
            note=item.text("note"),
        )
        for item in fields.objects("references")
        if (kind := item.text("reftype"))
    ]


def _read_book(fields: Fields, record: Article) -> None:
    kind = fields.text("doctype")
    if kind not in ("book", "chapter"):
        return
    record.record_type = kind
    record.book = Book(
        title=fields.text("booktitle"),
        publisher=fields.text("publishername"),
        place=fields.text("publisherlocation"),
        edition=fields.text("edition"),
        medium=fields.text("medium"),
        report_numbers=[number] if (number := fields.text("reportnumber")) else [],
        editors=_people(fields, editors=True),
        location_label=fields.text("locationlabel"),
    )
    record.title = record.title or record.book.title

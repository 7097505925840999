"""The fields of one MEDLINE text record, as a record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from ingest.formats.pubmed_dates import MONTHS
from ingest.formats.pubmed_parts import page_range
from medlit.record import (
    AbstractSection,
    Affiliation,
    Article,
    ArticleDate,
    Author,
    Book,
    Chemical,
    CommentCorrection,
    DataBank,
    ElocationId,
    Grant,
    HistoryDate,
    Identifier,
    Journal,
    Keyword,
    MeshHeading,
    Note,
    OtherAbstract,
    Pages,
    PartialDate,
    Qualifier,
    Term,
)

COMMENTS_CORRECTIONS = {
    "CIN": "CommentIn", "CON": "CommentOn", "CRF": "CorrectedandRepublishedFrom", "CRI": "CorrectedandRepublishedIn",
    "DDIN": "DatasetIn", "DRIN": "DatasetDescribedIn", "ECF": "ExpressionOfConcernFor", "ECI": "ExpressionOfConcernIn",
    "EFR": "ErratumFor", "EIN": "ErratumIn", "ORI": "OriginalReportIn", "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf", "RIN": "RetractionIn", "ROF": "RetractionOf", "RPF": "RepublishedFrom",
    "RPI": "RepublishedIn", "RRF": "RetractedandRepublishedFrom", "RRI": "RetractedandRepublishedIn",
    "SPIN": "SummaryForPatientsIn", "UIN": "UpdateIn", "UOF": "UpdateOf",
}  # fmt: skip
"""The tags of links to other citations, and what PubMed XML calls them."""

HISTORY = {"CRDT": "entrez", "EDAT": "pubmed", "MHDA": "medline"}
SEASONS = frozenset({"Spring", "Summer", "Autumn", "Fall", "Winter"})

_DATE = re.compile(r"(\d{4})(?: ([A-Z][a-z]{2})(?: (\d{1,2}))?)?")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_BRACKETED = re.compile(r"(.*\S)\s+\[([\w-]+)\]")
_REGISTRY = re.compile(r"(\S+(?: \S+)*?) \((.+)\)")
_PMID = re.compile(r"\.?\s*PMID:\s*(\d+)\s*$")
_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])\W*$")

Field = tuple[str, str]
"""A tag and its value."""


class Values(defaultdict[str, list[str]]):
    """The values of every tag, in order."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__(list)
        for tag, value in fields:
            if value:
                self[tag].append(value)

    def first(self, tag: str) -> str | None:
        """The first value of a tag, or ``None``."""
        return self[tag][0] if tag in self else None

    def date(self, tag: str) -> PartialDate | None:
        """A date written as ``20150422``, or ``None``."""
        value = self.first(tag)
        return packed_date(value) if value else None

    def number(self, tag: str) -> int | None:
        """A whole number, or ``None``."""
        value = self.first(tag)
        return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


def article(fields: Sequence[Field]) -> Article | None:
    """The record that the fields make up, or ``None`` when there is no usable PMID.

    Tags that are not known are passed over: NLM adds some from time to time.
    """
    values = Values(fields)
    pmid = values.number("PMID")
    if not pmid:
        return None
    people = _people(fields)
    record = Article(
        pmid=pmid,
        status=values.first("STAT"),
        owner=values.first("OWN"),
        date_completed=values.date("DCOM"),
        date_revised=values.date("LR"),
        pub_model=values.first("PUBM"),
        title=values.first("TI"),
        vernacular_title=values.first("TT"),
        languages=values["LA"],
        abstract=[AbstractSection(text=text) for text in values["AB"]],
        abstract_copyright=values.first("CI"),
        other_abstracts=_other_abstracts(fields),
        authors=people.authors,
        investigators=people.investigators,
        personal_name_subjects=people.subjects,
        journal=_journal(values),
        volume=values.first("VI"),
        issue=values.first("IP"),
        pages=_pages(values.first("PG")),
        elocation_ids=[ElocationId(type=kind, value=value) for value, kind in map(_bracketed, values["LID"]) if kind],
        pub_date=publication_date(values["DP"][0]) if values["DP"] else None,
        article_dates=[ArticleDate(date_type="Electronic", date=packed_date(value)) for value in values["DEP"]],
        history=_history(values),
        publication_status=values.first("PST"),
        ids=_ids(values, pmid),
        other_ids=[Identifier(source=source, value=value) for source, value in map(_sourced, values["OID"])],
        publication_types=[Term(name=name) for name in values["PT"]],
        mesh=[_mesh(value) for value in values["MH"]],
        chemicals=[_substance(value) for value in (*values["RN"], *values["NM"])],
        keywords=_keywords(fields),
        gene_symbols=values["GS"],
        citation_subsets=values["SB"],
        databanks=_databanks(values["SI"]),
        grants=[_grant(value) for value in values["GR"]],
        comments_corrections=[
            _link(COMMENTS_CORRECTIONS[tag], value) for tag, value in fields if value and tag in COMMENTS_CORRECTIONS
        ],
        number_of_references=values.number("RF"),
        coi_statement=values.first("COIS"),
        general_notes=[Note(text=text) for text in values["GN"]],
        space_flight=values["SFM"],
    )
    if book := _book(values, people.editors):
        record.book = book
        record.record_type = "chapter" if record.title else "book"
        record.title = record.title or book.title
    return record


class _People(NamedTuple):
    authors: list[Author]
    investigators: list[Author]
    subjects: list[Author]
    editors: list[Author]


_FULL_NAMES = {"FAU": 0, "FIR": 1, "FPS": 2, "FED": 3}
_SHORT_NAMES = {"AU": 0, "IR": 1, "PS": 2, "ED": 3}


def _people(fields: Sequence[Field]) -> _People:
    """Everybody named. What is said of a person follows the person's name."""
    people = _People([], [], [], [])
    person: Author | None = None
    homeless: list[Affiliation] = []
    for tag, value in fields:
        if not value:
            continue
        if tag in _FULL_NAMES:
            last, _, fore = value.partition(", ")
            person = Author(last=last, fore=fore or None)
            people[_FULL_NAMES[tag]].append(person)
        elif tag in _SHORT_NAMES:
            if person and person.last and not person.initials and value.startswith(person.last):
                _complete(person, value)
            else:
                last, _, initials = value.rpartition(" ") if " " in value else (value, "", "")
                person = Author(last=last, initials=initials or None)
                people[_SHORT_NAMES[tag]].append(person)
        elif tag == "CN":
            person = Author(collective=value)
            people.authors.append(person)
        elif tag in ("AD", "IRAD"):
            (person.affiliations if person else homeless).append(Affiliation(text=value))
        elif tag == "AUID" and person:
            _identify(person, value)
    if homeless and people.authors:  # until 2014 there was one affiliation, before the authors: the first one's
        people.authors[0].affiliations[:0] = homeless
    return people


def _complete(person: Author, short: str) -> None:
    """Initials and suffix, from ``Last IN Suffix``."""
    initials, _, suffix = short[len(person.last or "") :].strip().partition(" ")
    person.initials = initials or None
    if suffix:
        person.suffix = suffix
        person.fore = (person.fore or "").removesuffix(suffix).strip(", ") or None


def _identify(person: Author, value: str) -> None:
    source, number = _sourced(value)
    if source == "ORCID" and not person.orcid and (match := _ORCID.search(number)):
        person.orcid = "-".join(match.groups()).upper()
    else:
        person.other_ids.append(Identifier(source=source, value=number))


def _journal(values: Values) -> Journal | None:
    journal = Journal(
        title=values.first("JT"),
        medline_ta=values.first("TA"),
        nlm_id=values.first("JID"),
        country=values.first("PL") if "JT" in values or "TA" in values else None,
    )
    for value in values["IS"]:
        number, _, kind = value.partition(" ")
        if kind == "(Electronic)":
            journal.issn_electronic = number
        elif kind == "(Linking)":
            journal.issn_linking = number
        else:
            journal.issn_print = number
    return journal if journal != Journal() else None


def _book(values: Values, editors: list[Author]) -> Book | None:
    if not ("BTI" in values or "CTI" in values or "ISBN" in values):
        return None
    return Book(
        title=values.first("BTI"),
        publisher=values.first("PB"),
        place=values.first("PL"),
        edition=values.first("EN"),
        series=values.first("CTI"),
        isbn=values["ISBN"],
        editors=editors,
    )


def _pages(raw: str | None) -> Pages | None:
    if not raw:
        return None
    start, end = page_range(raw)
    return Pages(raw=raw, start=start, end=end)


def _history(values: Values) -> list[HistoryDate]:
    history = [
        HistoryDate(status=kind, date=slashed_date(value)) for value, kind in map(_bracketed, values["PHST"]) if kind
    ]
    told = {step.status for step in history}
    for tag, status in HISTORY.items():
        if status not in told and tag in values:
            history.append(HistoryDate(status=status, date=slashed_date(values[tag][0])))
    return history


def _ids(values: Values, pmid: int) -> dict[str, str]:
    ids = {"pubmed": str(pmid)}
    if pmcid := values.first("PMC"):
        ids["pmcid"] = pmcid
    if manuscript := values.first("MID"):
        ids["mid"] = manuscript
    for value, kind in map(_bracketed, (*values["AID"], *values["LID"])):
        if kind:
            ids.setdefault(kind, value)
    return ids


def _mesh(value: str) -> MeshHeading:
    head, *qualifiers = value.split("/")
    return MeshHeading(
        name=head.removeprefix("*"),
        major=head.startswith("*"),
        qualifiers=[Qualifier(name=name.removeprefix("*"), major=name.startswith("*")) for name in qualifiers],
    )


def _substance(value: str) -> Chemical:
    match = _REGISTRY.fullmatch(value)
    return Chemical(registry=match[1], name=match[2]) if match else Chemical(name=value)


def _keywords(fields: Sequence[Field]) -> list[Keyword]:
    keywords: list[Keyword] = []
    owner: str | None = None
    for tag, value in fields:
        if tag == "OTO":
            owner = value or None
        elif tag == "OT" and value:
            keywords.append(Keyword(owner=owner, term=value.removeprefix("*"), major=value.startswith("*")))
    return keywords


def _databanks(values: Sequence[str]) -> list[DataBank]:
    banks: dict[str, DataBank] = {}
    for value in values:
        name, _, accession = value.partition("/")
        bank = banks.setdefault(name, DataBank(name=name))
        if accession:
            bank.accessions.append(accession)
    return list(banks.values())


def _grant(value: str) -> Grant:
    """``id/acronym/agency/country``; what is not there is left out, and an id may have slashes."""
    parts = value.rsplit("/", 3)
    if len(parts) == 1:
        return Grant(agency=value)
    *first, agency, country = parts
    grant = Grant(agency=agency or None, country=country or None)
    if len(first) == 2:
        grant.id, grant.acronym = first[0] or None, first[1] or None
    elif first and any(character.isdigit() for character in first[0]):
        grant.id = first[0]
    elif first:
        grant.acronym = first[0] or None
    return grant


def _other_abstracts(fields: Sequence[Field]) -> list[OtherAbstract]:
    abstracts: list[OtherAbstract] = []
    for tag, value in fields:
        if tag == "OAB" and value:
            abstracts.append(OtherAbstract(sections=[AbstractSection(text=value)]))
        elif tag == "OABL" and abstracts:
            abstracts[-1].language = value or None
    return abstracts


def _bracketed(value: str) -> tuple[str, str | None]:
    """``10.1002/cncr.29409 [doi]`` as value and kind."""
    match = _BRACKETED.fullmatch(value)
    return (match[1], match[2]) if match else (value, None)


def _sourced(value: str) -> tuple[str | None, str]:
    """``ORCID: 0000-…`` as source and value."""
    source, colon, rest = value.partition(": ")
    return (source, rest) if colon else (None, value)


def _link(ref_type: str, value: str) -> CommentCorrection:
    match = _PMID.search(value)
    source = value[: match.start()] if match else value
    return CommentCorrection(ref_type=ref_type, source=source or None, pmid=int(match[1]) if match else None)


def publication_date(value: str) -> PartialDate:
    """A ``DP``: a plain date, a season, or what XML has as ``MedlineDate``."""
    if match := _DATE.fullmatch(value):
        year, month, day = match.groups()
        if not month or month in MONTHS:
            return PartialDate(year=int(year), month=MONTHS.get(month or ""), day=int(day) if day else None)
    year, _, season = value.partition(" ")
    if season in SEASONS and year.isdigit():
        return PartialDate(year=int(year), season=season)
    found = _YEAR.search(value)
    return PartialDate(year=int(found[0]) if found else None, medline_date=value)


def slashed_date(value: str) -> PartialDate:
    """``2015/04/24 06:00`` or ``2015/04/24``."""
    return _parts(value.split(" ")[0].split("/"))


def packed_date(value: str) -> PartialDate:
    """``20150422``."""
    return _parts([value[:4], value[4:6], value[6:8]])


def _parts(parts: list[str]) -> PartialDate:
    numbers = [int(part) if part.isascii() and part.isdigit() else None for part in parts] + [None, None, None]
    return PartialDate(year=numbers[0], month=numbers[1] or None, day=numbers[2] or None)

"""Europe PMC search answers, lite and core: ``resultList.result[]``.

Reference: Europe PMC, "Articles RESTful API". Titles and abstracts carry HTML.
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
    plausible_year,
    printed_pages,
    ref_type,
    whole_number,
)
from ingest.formats.names import person
from medlit.record import (
    Affiliation,
    Article,
    ArticleDate,
    Author,
    Chemical,
    CommentCorrection,
    Grant,
    Identifier,
    Journal,
    Keyword,
    MeshHeading,
    PartialDate,
    Qualifier,
    Term,
)

OWN_FIELDS = frozenset({"authorString", "authorList", "journalTitle", "journalInfo", "pubYear", "pubTypeList"})

# Europe PMC writes some in lower case, but a retraction is found by its name.
PUBLICATION_TYPES = {
    name.casefold(): name
    for name in (
        "Address|Adaptive Clinical Trial|Biography|Case Reports|Classical Article|Clinical Conference|Clinical Study"
        "|Clinical Trial|Clinical Trial Protocol|Clinical Trial, Phase I|Clinical Trial, Phase II"
        "|Clinical Trial, Phase III|Clinical Trial, Phase IV|Clinical Trial, Veterinary|Comment|Comparative Study"
        "|Congress|Consensus Development Conference|Controlled Clinical Trial|Corrected and Republished Article"
        "|Dataset|Duplicate Publication|Editorial|English Abstract|Equivalence Trial|Evaluation Study"
        "|Expression of Concern|Guideline|Historical Article|Interview|Introductory Journal Article|Journal Article"
        "|Lecture|Letter|Meta-Analysis|Multicenter Study|News|Observational Study|Overall|Patient Education Handout"
        "|Personal Narrative|Portrait|Practice Guideline|Pragmatic Clinical Trial|Preprint|Published Erratum"
        "|Randomized Controlled Trial|Research Support, N.I.H., Extramural|Research Support, N.I.H., Intramural"
        "|Research Support, Non-U.S. Gov't|Research Support, U.S. Gov't, Non-P.H.S."
        "|Research Support, U.S. Gov't, P.H.S.|Retracted Publication|Retraction of Publication|Review|Scoping Review"
        "|Systematic Review|Technical Report|Twin Study|Validation Study|Video-Audio Media"
    ).split("|")
}
"""NLM's publication types by their name in lower case."""

_NAME = "descriptorName"
_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])\W*$")


def members(fields: Fields) -> list[object] | None:
    """The records in this shape of object, or ``None`` when it is not the shape."""
    if "resultList" in fields:
        return fields.within("resultList").items("result")
    if "source" in fields and not OWN_FIELDS.isdisjoint(fields.members):
        return [fields.members]
    result = fields.within("result")
    return [result.members] if "source" in result and a_list(result.value("uids")) is None else None


def article(fields: Fields) -> Article:
    """The record of one result.

    Raises:
        Unusable: it has no PMID, as preprints and patents have none.
    """
    pmid = plausible_pmid(fields.value("pmid"))
    if not pmid and fields.text("source") == "MED":
        pmid = plausible_pmid(fields.value("id"))
    if not pmid:
        raise Unusable("it has no PMID")
    info = fields.within("journalInfo")
    electronic = fields.date("electronicPublicationDate")
    return Article(
        pmid=pmid,
        date_completed=fields.date("dateOfCompletion"),
        date_revised=fields.date("dateOfRevision"),
        pub_model=fields.text("pubModel"),
        title=html_text.shown(fields.value("title")),
        languages=[language] if (language := fields.text("language")) else [],
        abstract=html_text.sections(fields.value("abstractText")),
        authors=_authors(fields),
        investigators=[_person(item) for item in fields.within("investigatorList").objects("investigator")],
        journal=_journal(fields, info.within("journal")),
        volume=info.text("volume") or fields.text("journalVolume"),
        issue=info.text("issue") or fields.text("issue"),
        pages=printed_pages(fields.text("pageInfo")),
        pub_date=_publication_date(fields, info),
        article_dates=[ArticleDate(date_type="Electronic", date=electronic)] if electronic else [],
        publication_status=fields.text("publicationStatus"),
        ids=identifiers(pmid=pmid, doi=fields.text("doi"), pmcid=fields.text("pmcid")),
        publication_types=_publication_types(fields),
        mesh=[_mesh(item) for item in fields.within("meshHeadingList").objects("meshHeading") if item.text(_NAME)],
        chemicals=_chemicals(fields),
        keywords=[Keyword(term=term) for term in fields.within("keywordList").texts("keyword")],
        citation_subsets=_subsets(fields),
        grants=[_grant(item) for item in fields.within("grantsList").objects("grant")],
        comments_corrections=_links(fields),
    )


def _authors(fields: Fields) -> list[Author]:
    people = fields.within("authorList").objects("author")
    if people:
        return [author for author in map(_person, people) if author != Author()]
    names = (fields.text("authorString") or "").removesuffix(".")
    return [person(name) for name in names.split(", ") if name]


def _person(fields: Fields) -> Author:
    name = fields.text("fullName") or ""
    if group := fields.text("collectiveName"):
        author = Author(collective=group)
    elif last := fields.text("lastName"):
        author = Author(last=last, fore=fields.text("firstName"), initials=fields.text("initials"))
    else:
        author = person(name) if name else Author()
    author.suffix = author.suffix or fields.text("suffix")
    identifier = fields.within("authorId")
    if value := identifier.text("value"):
        if identifier.text("type") == "ORCID" and (match := _ORCID.search(value)):
            author.orcid = "-".join(match.groups()).upper()
        else:
            author.other_ids.append(Identifier(source=identifier.text("type"), value=value))
    details = fields.within("authorAffiliationDetailsList").objects("authorAffiliation")
    texts = [text for item in details if (text := item.text("affiliation"))]
    author.affiliations = [Affiliation(text=text) for text in texts or fields.texts("affiliation")]
    return author


def _journal(fields: Fields, journal: Fields) -> Journal | None:
    found = Journal(
        title=journal.text("title"),
        iso_abbrev=journal.text("ISOAbbreviation", "isoabbreviation"),
        medline_ta=journal.text("medlineAbbreviation") or fields.text("journalTitle"),
        nlm_id=journal.text("NLMid", "nlmid"),
        issn_print=journal.text("ISSN", "issn"),
        issn_electronic=journal.text("ESSN", "essn"),
    )
    numbers = (fields.text("journalIssn") or "").replace(";", " ").split()
    if len(numbers) == 2 and not (found.issn_print or found.issn_electronic):
        found.issn_print, found.issn_electronic = numbers  # one alone could be either
    return found if found != Journal() else None


def _publication_date(fields: Fields, info: Fields) -> PartialDate | None:
    printed = info.text("dateOfPublication")
    if printed and (date := any_date(printed)):
        return date
    year = plausible_year(info.value("yearOfPublication")) or plausible_year(fields.value("pubYear"))
    month = whole_number(info.value("monthOfPublication")) or 0
    return PartialDate(year=year, month=month if 0 < month <= 12 else None) if year else None


def _publication_types(fields: Fields) -> list[Term]:
    names = fields.within("pubTypeList").texts("pubType")
    if not names:
        names = [name.strip() for name in (fields.text("pubType") or "").split(";")]
    return [Term(name=PUBLICATION_TYPES.get(name.casefold(), name)) for name in names if name]


def _mesh(fields: Fields) -> MeshHeading:
    return MeshHeading(
        name=fields.text(_NAME) or "",
        major=fields.text("majorTopic_YN") == "Y",
        qualifiers=[
            Qualifier(name=name, major=item.text("majorTopic_YN") == "Y")
            for item in fields.within("meshQualifierList").objects("meshQualifier")
            if (name := item.text("qualifierName"))
        ],
    )


def _chemicals(fields: Fields) -> list[Chemical]:
    return [
        Chemical(registry=item.text("registryNumber"), name=name)
        for item in fields.within("chemicalList").objects("chemical")
        if (name := item.text("name"))
    ]


def _subsets(fields: Fields) -> list[str]:
    return [code for item in fields.within("subsetList").objects("subset") if (code := item.text("code"))]


def _grant(fields: Fields) -> Grant:
    return Grant(id=fields.text("grantId"), acronym=fields.text("acronym"), agency=fields.text("agency"))


def _links(fields: Fields) -> list[CommentCorrection]:
    return [
        CommentCorrection(
            ref_type=ref_type(kind),
            source=item.text("reference"),
            pmid=plausible_pmid(item.value("id")) if item.text("source") == "MED" else None,
            note=item.text("note"),
        )
        for item in fields.within("commentCorrectionList").objects("commentCorrection")
        if (kind := item.text("type"))
    ]

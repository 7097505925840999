"""People in PubMed XML: authors, investigators, editors, personal name subjects."""

from __future__ import annotations

import re

from ingest.formats.element import Element
from ingest.formats.markup import text_of
from medlit.record import (
    Affiliation,
    Author,
    Identifier,
)

PEOPLE = frozenset({"Author", "Investigator", "PersonalNameSubject"})

_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])\W*$")


def people(element: Element) -> list[Author]:
    """An ``AuthorList``, ``InvestigatorList`` or ``PersonalNameSubjectList``."""
    people: list[Author] = []
    author = Author()
    affiliation: Affiliation | None = None
    for item in element.iter():
        tag = item.tag
        if tag == "LastName":
            author.last = text_of(item)
        elif tag == "ForeName":
            author.fore = text_of(item)
        elif tag == "Initials":
            author.initials = text_of(item)
        elif tag in PEOPLE:
            author = Author(valid=item.get("ValidYN") != "N", equal_contrib=item.get("EqualContrib") == "Y")
            people.append(author)
            affiliation = None
        elif tag == "AffiliationInfo":
            affiliation = Affiliation(text="")  # the author's as soon as there is something in it
        elif tag == "Affiliation":
            if text := text_of(item):
                if affiliation is None:  # DTDs up to 2014 have it right under the author
                    author.affiliations.append(Affiliation(text=text))
                else:
                    affiliation.text = text
                    author.affiliations.append(affiliation)
        elif tag == "Identifier":
            parent = item.getparent()
            if affiliation is not None and parent is not None and parent.tag == "AffiliationInfo":
                if value := text_of(item):
                    if not affiliation.text and not affiliation.ids:  # an institution without a name
                        author.affiliations.append(affiliation)
                    affiliation.ids.append(Identifier(source=item.get("Source"), value=value))
            else:
                _author_identifier(item, author)
        elif tag == "CollectiveName":
            author.collective = text_of(item)
        elif tag == "Suffix":
            author.suffix = text_of(item)
        elif tag in ("FirstName", "MiddleName"):  # DTDs up to 2007
            author.fore = " ".join(filter(None, (author.fore, text_of(item))))
    return people


def _author_identifier(element: Element, author: Author) -> None:
    value = text_of(element)
    if not value:
        return
    source = element.get("Source")
    if source == "ORCID" and not author.orcid and (match := _ORCID.search(value)):
        author.orcid = "-".join(match.groups()).upper()
    else:
        author.other_ids.append(Identifier(source=source, value=value))

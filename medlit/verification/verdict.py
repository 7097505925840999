"""The verdict on a citation, given the records it may mean.

A pure rule: where the candidates come from (the library, another source) is the
caller's affair. Every field that is given must agree; none may be made up for by the
others, because a made-up citation is mostly true.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from medlit.verification import journals, people, titles
from medlit.verification.titles import Title, read_title
from medlit.verification.words import words
from medlit.verification.work import Citation, Work

Field = Literal["pmid", "doi", "title", "author", "year", "journal"]
Kind = Literal["match", "mismatch", "ambiguous", "not_found"]

MOST_CANDIDATES = 3


class Difference(NamedTuple):
    """A field in which a citation is not its record, and what the record has there."""

    field: Field
    found: str


class Comparison(NamedTuple):
    """A citation held against one record."""

    work: Work
    differs: list[Difference]
    unchecked: list[Field]
    """Given, but the record says nothing to compare with."""
    notes: list[str]
    title: float = 1.0
    """How alike the titles are; 1 when no title is given."""
    nearness: float = 1.0
    """The same, subtitles apart."""

    @property
    def agrees(self) -> bool:
        """Whether no field differs."""
        return not self.differs

    @property
    def same_title(self) -> bool:
        """Whether the titles are of one work."""
        return "title" not in self.unchecked and not any(difference.field == "title" for difference in self.differs)


class Verdict(NamedTuple):
    """What a citation turned out to be.

    ``work`` is the record that matches, or the one that the citation comes nearest to;
    ``candidates`` are others it may mean.
    """

    kind: Kind
    work: Work | None = None
    differs: Sequence[Difference] = ()
    unchecked: Sequence[Field] = ()
    notes: Sequence[str] = ()
    candidates: Sequence[Work] = ()


def judge(citation: Citation, candidates: Sequence[Work]) -> Verdict:
    """Hold a citation against the records it may mean; each record counts once."""
    unique = {work.pmid: work for work in candidates}
    wanted = read_title(citation.title) if citation.title else None
    compared = [
        compare(citation, work, wanted)
        for work in unique.values()
        if wanted is None or _is_named(citation, work) or _nearness(wanted, work) >= titles.NEAR
    ]
    compared.sort(key=lambda found: (len(found.differs), -found.title, len(found.unchecked), found.work.pmid))
    if named := _named(citation, compared):
        others = [found for found in compared if found is not named and citation.title and found.same_title]
        return _of(named, [] if named.same_title and citation.title else others)
    agreeing = [found for found in compared if found.agrees and (found.same_title or not citation.title)]
    if len(agreeing) > 1 and citation.title:
        # A title that is there word for word beats one that is the beginning of a longer one.
        agreeing = [found for found in agreeing if found.title == agreeing[0].title]
    if len(agreeing) == 1:
        return _of(agreeing[0], [])
    if agreeing:
        return Verdict("ambiguous", candidates=[found.work for found in agreeing[:MOST_CANDIDATES]])
    if not citation.title:
        return Verdict("not_found")
    if titled := [found for found in compared if found.same_title]:
        return _of(titled[0], titled[1:])
    near = sorted((found for found in compared if found.nearness >= titles.NEAR), key=lambda found: -found.nearness)
    if near and (same := [found for found in near if _all_but_title(citation, found)]):
        return _of(same[0], [found for found in near if found is not same[0]])
    return Verdict("not_found", candidates=[found.work for found in near[:MOST_CANDIDATES]])


def _named(citation: Citation, compared: Sequence[Comparison]) -> Comparison | None:
    """The record that the citation's identifier names; the PMID before the DOI."""
    named = [found for found in compared if _is_named(citation, found.work)]
    return next((found for found in named if found.work.pmid == citation.pmid), named[0] if named else None)


def _is_named(citation: Citation, work: Work) -> bool:
    return work.pmid == citation.pmid or (citation.doi is not None and citation.doi.lower() in work.dois)


def _all_but_title(citation: Citation, found: Comparison) -> bool:
    """Whether author, year and journal, or two of them, say that it is this record after all."""
    checked = {"author", "year", "journal"} - set(found.unchecked)
    given = [field for field in checked if getattr(citation, field)]
    return len(found.differs) == 1 and len(given) > 1


def _of(found: Comparison, others: Sequence[Comparison]) -> Verdict:
    kind: Kind = "match" if found.agrees else "mismatch"
    candidates = [] if found.agrees else [other.work for other in others[:MOST_CANDIDATES]]
    return Verdict(kind, found.work, found.differs, found.unchecked, found.notes, candidates)


def compare(citation: Citation, work: Work, wanted: Title | None) -> Comparison:
    """Hold a citation against one record, field by field; ``wanted`` is its title, read."""
    held = Comparison(work, [], [], [])
    if citation.pmid and citation.pmid != work.pmid:
        held.differs.append(Difference("pmid", str(work.pmid)))
    if citation.doi:
        _doi(citation.doi, held)
    if wanted:
        held = _title(wanted, held)
    if citation.author:
        _author(citation.author, held)
    if citation.year:
        _year(citation.year, held)
    if citation.journal:
        _journal(citation.journal, held)
    return held


def _doi(given: str, held: Comparison) -> None:
    known = held.work.dois
    if not known:
        held.unchecked.append("doi")
    elif given.lower() not in known:
        held.differs.append(Difference("doi", held.work.ids.get("doi") or min(known)))


def _titles(work: Work) -> list[str]:
    """The titles a work goes by: its own, the vernacular one, and both together."""
    forms = [text for text in (work.title, work.vernacular_title) if text]
    if not forms and work.book and work.book.title:
        return [work.book.title]
    return [*forms, f"{forms[1]} {forms[0]}"] if len(forms) == 2 else forms


def _nearness(wanted: Title, work: Work) -> float:
    return max((titles.nearness(wanted, read_title(text)) for text in _titles(work)), default=0.0)


def _title(wanted: Title, held: Comparison) -> Comparison:
    """Compare titles; the comparison with how alike they are."""
    forms = _titles(held.work)
    if not forms:
        held.unchecked.append("title")
        return held._replace(title=0.0, nearness=0.0)
    known = [read_title(text) for text in forms]
    alike = max(titles.likeness(wanted, title).score for title in known)
    if not any(titles.same(wanted, title) for title in known):
        held.differs.append(Difference("title", forms[0]))
    elif alike < 1:
        held.notes.append("title: spelled or shortened differently in the record")
    return held._replace(title=alike, nearness=_nearness(wanted, held.work))


def _author(given: str, held: Comparison) -> None:
    work = held.work
    if not work.people:
        if work.status is None:  # not NLM's, which would name the authors
            held.unchecked.append("author")
        elif not people.is_nobody(given):
            held.differs.append(Difference("author", "no authors listed"))
        return
    agreement = people.compare(given, work.people, complete=work.author_list_complete is not False)
    if not agreement.agree:
        held.differs.append(Difference("author", _first_authors(work)))
    elif not agreement.in_order:
        held.notes.append("author: not in the record's order, or not the first author")


def _first_authors(work: Work) -> str:
    return ", ".join(person.name for person in work.people[:3]) + (", et al." if len(work.people) > 3 else "")


def _year(given: int, held: Comparison) -> None:
    work = held.work
    if not work.years:
        held.unchecked.append("year")
    elif given in work.other_years:
        held.notes.append(f"year: of another version; the issue is of {work.year}")
    elif given not in work.years:
        held.differs.append(Difference("year", str(work.year or min(work.years))))


def _journal(given: str, held: Comparison) -> None:
    work = held.work
    if work.book:
        names = {tuple(words(name)) for name in (work.book.title, work.book.series, work.book.publisher) if name}
        if tuple(words(given)) not in names:
            held.unchecked.append("journal")
    elif not work.journal or not journals.is_named(work.journal):
        held.unchecked.append("journal")
    elif not journals.is_same(given, work.journal):
        held.differs.append(Difference("journal", work.journal.name or ""))

"""The query for articles like one: the words and headings that say most about its subject.

The idea is that of Lin and Wilbur, "PubMed related articles: a probabilistic topic-based
model for content similarity", BMC Bioinformatics 8:423 (2007), PMC2212667: two articles
are as alike as the sum, over the terms they share, of how much each is about the term
times how rare it is. Here how much the one asked about is, is told by ``1 + ln(count)``
(Salton and Buckley 1988); the other's part and the rarity are the index's own BM25.
Only the terms that weigh most are asked for, which takes milliseconds in any library.

Tried on the articles of an NLM file that have two references in common: the Poisson model
of the paper in place of the logarithm found a tenth fewer of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import tantivy
from tantivy import Occur, Query

from medlit.library.analysis import EXACT, STEMS, WORDS, folded
from medlit.library.lexicon import FORM_FIELDS, Lexicon
from medlit.library.paging import Wanted
from medlit.library.ranking import as_one, inverse_document_frequency
from medlit.record import CommentCorrection, Reference

MOST_WORDS = 25
MOST_HEADINGS = 12

HEADING_WEIGHT = 0.5
MAJOR_WEIGHT = 1.0

TITLE_COUNTS = 2
"""Occurrences that one in the title stands for."""


class _Name(msgspec.Struct):
    name: str = ""


class _Qualifier(msgspec.Struct):
    major: bool = False


class _Heading(msgspec.Struct):
    name: str = ""
    major: bool = False
    qualifiers: list[_Qualifier] = []


class _Section(msgspec.Struct):
    text: str = ""


class _Keyword(msgspec.Struct):
    term: str = ""


class Subject(msgspec.Struct):
    """The part of a record that tells what it is about."""

    pmid: int
    title: str | None = None
    abstract: list[_Section] = []
    keywords: list[_Keyword] = []
    mesh: list[_Heading] = []
    supplemental_mesh: list[_Name] = []


class Identified(msgspec.Struct):
    """The part of a record that others may cite it by."""

    ids: dict[str, str] = {}


class Citing(msgspec.Struct):
    """The part of a record that tells what it cites."""

    references: list[Reference] = []
    comments_corrections: list[CommentCorrection] = []


class Topic(NamedTuple):
    """A subject by the terms that stand for it, and how much an article is about it."""

    terms: tuple[str, ...]
    """The forms of a word, or one heading."""
    weight: float


def word_topics(
    subject: Subject,
    stems: Callable[[str], list[str]],
    words: Callable[[str], list[str]],
    frequency: Callable[[tuple[str, ...]], int],
    documents: int,
) -> list[Topic]:
    """The words of an article's text that say most about its subject, the best first, in the forms that it uses.

    ``frequency`` tells how many of the ``documents`` have one of the forms of a word. A word that no other
    document has leads nowhere; numbers and single letters mean something else elsewhere.
    """
    texts = [subject.title or ""] * TITLE_COUNTS
    texts += [section.text for section in subject.abstract] + [keyword.term for keyword in subject.keywords]
    counts: Counter[str] = Counter()
    forms: dict[str, dict[str, None]] = {}
    for text in texts:
        for stem, word in zip(stems(text), words(text), strict=True):
            counts[stem] += 1
            forms.setdefault(stem, {})[word] = None
    topics = [
        Topic(tuple(forms[stem]), 1.0 + math.log(count))
        for stem, count in counts.items()
        if len(stem) > 1 and not stem.isdigit()
    ]
    return _best(topics, frequency, documents, MOST_WORDS)


def heading_topics(subject: Subject, frequency: Callable[[tuple[str, ...]], int], documents: int) -> list[Topic]:
    """The MeSH headings and supplementary concepts that say most, the best first."""
    weights = {concept.name: HEADING_WEIGHT for concept in subject.supplemental_mesh}
    for heading in subject.mesh:
        major = heading.major or any(qualifier.major for qualifier in heading.qualifiers)
        weights[heading.name] = MAJOR_WEIGHT if major else HEADING_WEIGHT
    return _best([Topic((name,), weight) for name, weight in weights.items()], frequency, documents, MOST_HEADINGS)


def _best(
    topics: Sequence[Topic], frequency: Callable[[tuple[str, ...]], int], documents: int, most: int
) -> list[Topic]:
    weighed = [
        (topic.weight * inverse_document_frequency(having, documents), topic)
        for topic in topics
        if (having := frequency(topic.terms)) > 1
    ]
    return [topic for _, topic in sorted(weighed, reverse=True)[:most]]


def cited_works(record: Citing) -> list[Reference]:
    """The reference list of a record, in its order, and what it cites by a link alone."""
    listed = {reference.ids.get("pubmed") for reference in record.references}
    linked = [
        Reference(citation=link.source, ids={"pubmed": str(link.pmid)})
        for link in record.comments_corrections
        if link.ref_type == "Cites" and link.pmid and str(link.pmid) not in listed
    ]
    return record.references + linked


class Relations:
    """Queries for the records that are related to one, with one index's schema and analyzers."""

    def __init__(self, schema: tantivy.Schema, analyzers: dict[str, tantivy.TextAnalyzer]) -> None:
        self._schema = schema
        self._stems = analyzers[STEMS].analyze
        self._words = analyzers[WORDS].analyze
        self._exact = analyzers[EXACT].analyze

    def similar(self, subject: Subject, lexicon: Lexicon) -> Wanted:
        """Articles about the same, not the article itself. Their number says nothing and is not told."""

        def with_word(forms: tuple[str, ...]) -> int:
            return lexicon.frequency(forms).documents

        def with_heading(names: tuple[str, ...]) -> int:
            return lexicon.documents("mesh", self._exact(names[0])[0])

        words = word_topics(subject, self._stems, self._words, with_word, lexicon.total)
        clauses = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, field, form, "freq"), boost))
            for topic in words
            for place in FORM_FIELDS
            for field, form, boost in as_one(place, topic.terms, topic.weight, lexicon.documents, lexicon.total)
        ] + [
            (Occur.Should, Query.boost_query(self._whole("mesh", topic.terms[0]), topic.weight))
            for topic in heading_topics(subject, with_heading, lexicon.total)
        ]
        if not clauses:
            return Wanted(Query.empty_query(), by_date=False, at_least=0)
        itself = Query.term_query(self._schema, "pmid", subject.pmid)
        query = Query.boolean_query([(Occur.Must, Query.boolean_query(clauses)), (Occur.MustNot, itself)])
        return Wanted(query, by_date=False, at_least=0)

    def citing(self, ids: Sequence[str]) -> Wanted:
        """The records with one of these PMIDs, DOIs or PMCIDs in their reference lists, the newest first."""
        query = Query.boolean_query([(Occur.Should, self._whole("cites", value)) for value in ids])
        return Wanted(query, by_date=True)

    def having(self, field: str, values: Sequence[str]) -> Query:
        """The records with one of these values in a field of whole values."""
        return Query.term_set_query(self._schema, field, [folded(value) for value in values])

    def _whole(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, self._exact(value)[0], "basic")

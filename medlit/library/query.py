"""What a search asks for, and its translation into an index query."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec
import tantivy
from tantivy import FieldType, Occur, Query

from medlit.errors import UsageError
from medlit.library.analysis import EXACT, NAME, RETRACTION, TEXT
from medlit.library.ranking import Frequency, fielded

Sort = Literal["relevance", "newest"]

MAX_TERMS = 64
"""Distinct words of a query that count; a pasted page is searched by its first ones."""

STOP_WORDS = frozenset(
    """
    a about after all also an and any are as at be because been before being between both but by can could did do does
    during each for from had has have how if in into is it its may more most no nor not of on or other our out over s
    should so some such t than that the their them then there these they this those through to under up upon use used
    using very was we were what when where which while who why will with within without would you your
    """.split()
)
"""Words of a question that say nothing about its subject: function words, and ``use`` as PubMed has it."""


class Filters(msgspec.Struct, kw_only=True, frozen=True):
    """What every hit must pass."""

    author: str | None = None
    journal: str | None = None
    mesh: str | None = None
    publication_type: str | None = None
    language: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    include_retracted: bool = True


class Search(msgspec.Struct, kw_only=True, frozen=True):
    """A search: plain words, ranked, and filters. ``limit`` and ``offset`` cut a page of the hits."""

    query: str = ""
    filters: Filters = Filters()
    limit: int = 10
    offset: int = 0
    sort: Sort = "relevance"
    feedback: bool = True
    """Whether the words of the best records may help to rank; they never do for the newest first."""


class Translated(msgspec.Struct, frozen=True):
    """A search as the index runs it."""

    query: Query
    ranked: bool
    """Whether there are words to rank by; without them the newest come first."""
    filtered: bool
    widest_term: int
    """The largest number of documents any one word matches; a lower bound of the total for a union."""
    postings: int
    """The sum over all words: an upper bound of the total, and the cost of counting exactly."""


class Translator:
    """Turns searches into index queries, with one index's schema and analyzers."""

    def __init__(self, schema: tantivy.Schema, analyzers: dict[str, tantivy.TextAnalyzer]) -> None:
        self._schema = schema
        self._text = analyzers[TEXT].analyze
        self._name = analyzers[NAME].analyze
        self._exact = analyzers[EXACT].analyze
        self.stop_stems = {stem for word in STOP_WORDS for stem in self._text(word)}

    def translate(
        self,
        search: Search,
        frequency: Callable[[str], Frequency],
        weights: Mapping[str, float] | None = None,
    ) -> Translated:
        """The index query for a search; ``weights`` are the words of a second pass with their weights.

        Raises:
            UsageError: there is nothing to search for.
        """
        terms = self.terms(search.query)
        filters = list(self.filters(search.filters))
        if not terms and (search.query.strip() or not filters):
            raise UsageError(
                "There is nothing to search for: give at least one word of letters or digits, or a filter."
            )
        ranked = weights or dict.fromkeys(terms, 1.0)
        frequencies = [frequency(term) for term in ranked]
        clauses: list[tuple[Occur, Query]] = [(Occur.Must, Query.const_score_query(query, 0.0)) for query in filters]
        if terms:
            clauses.insert(0, (Occur.Must, self._ranked(ranked, terms)))
        query = clauses[0][1] if len(clauses) == 1 else Query.boolean_query(clauses)
        return Translated(
            query,
            bool(terms),
            bool(filters),
            max((found.documents for found in frequencies), default=0),
            sum(found.postings for found in frequencies),
        )

    def for_feedback(self, terms: Sequence[str], within: Sequence[Query], occur: Occur) -> Query:
        """The records, within what the filters let pass, whose abstracts hold all (``Must``) or any of the terms."""
        words = [(occur, Query.term_query(self._schema, "abstract", term, "freq")) for term in terms]
        filters = [(Occur.Must, Query.const_score_query(query, 0.0)) for query in within]
        return Query.boolean_query([(Occur.Must, Query.boolean_query(words)), *filters] if filters else words)

    def terms(self, text: str) -> list[str]:
        """The distinct terms of plain words, stop words left out unless there is nothing else."""
        return list(self.words(text))

    def words(self, text: str) -> dict[str, str]:
        """The same terms, each with the word it comes from as it was written."""
        words: dict[str, str] = {}
        for piece in text.split():
            terms = self._text(piece)
            written = piece.strip(string.punctuation) if len(terms) == 1 else ""
            for term in terms:
                words.setdefault(term, written or term)
        telling = {term: word for term, word in words.items() if term not in self.stop_stems}
        return dict(itertools.islice((telling or words).items(), MAX_TERMS))

    def identifier(self, field: str, value: str) -> Query:
        """The records with exactly this identifier; ``field`` is ``doi`` or ``pmcid``."""
        return Query.term_query(self._schema, field, self._exact(value)[0])

    def _ranked(self, weights: Mapping[str, float], asked: Sequence[str]) -> Query:
        """One flat union: the form in which the index can skip documents that cannot reach the top."""
        return Query.boolean_query(
            [
                (Occur.Should, Query.boost_query(Query.term_query(self._schema, field, term, "freq"), boost))
                for field, term, boost in fielded(weights, asked)
            ]
        )

    def filters(self, wanted: Filters) -> Iterator[Query]:
        """What every hit must match, a query for each filter."""
        if wanted.author:
            yield self._author(wanted.author)
        for field, value in (
            ("journal", wanted.journal),
            ("mesh", wanted.mesh),
            ("publication_type", wanted.publication_type),
            ("language", wanted.language),
        ):
            if value:
                yield Query.term_query(self._schema, field, self._exact(value.strip().removesuffix("."))[0])
        if wanted.year_from is not None or wanted.year_to is not None:
            yield Query.range_query(
                self._schema,
                "date",
                FieldType.Unsigned,
                (wanted.year_from or 0) * 10_000,
                (wanted.year_to if wanted.year_to is not None else 9999) * 10_000 + 9999,
            )
        if not wanted.include_retracted:
            yield Query.boolean_query(
                [
                    (Occur.Must, Query.all_query()),
                    (Occur.MustNot, Query.term_query(self._schema, "retraction", RETRACTION[True])),
                    (Occur.MustNot, Query.term_query(self._schema, "kind", "mark")),
                ]
            )

    def _author(self, author: str) -> Query:
        words = self._name(author)
        if not words:
            raise UsageError("The author filter has no letters in it. Write it as in PubMed: last name, then initials.")
        if len(words) == 1:
            return Query.term_query(self._schema, "author", words[0])
        return Query.phrase_query(self._schema, "author", list(words))

"""What a search asks for, and its translation into an index query."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec
import tantivy
from tantivy import Occur, Query

from medlit.errors import UsageError
from medlit.library.analysis import EXACT, STEMS, WORDS, normalized
from medlit.library.document import RETRACTION
from medlit.library.lexicon import Lexicon
from medlit.library.pubmed_fields import (
    AUTHOR,
    BY_NAME,
    JOURNAL,
    LANGUAGE,
    MESH,
    PUBLICATION_TYPE,
    PUBLISHED,
)
from medlit.library.pubmed_index import Compiler, IndexReader
from medlit.library.pubmed_query import Group, Node, Span, Term, parse, render
from medlit.library.ranking import ADDED_BOOSTS, FIELD_BOOSTS, Model, fielded, upper_bound
from medlit.library.term_mapping import (
    NO_MEANINGS,
    STOP_WORDS,
    Concept,
    Meanings,
    concepts,
    look_up,
    terms_of,
    understood_words,
    widen,
)
from medlit.library.vocabulary import Vocabulary

Sort = Literal["relevance", "newest"]

HEADING_BOOST = 1.0
"""Of a heading that words of the query lead to."""

MAX_HEADINGS = 16
"""Headings that one concept is ranked by: itself, then the first below it. A filter takes all of them."""

EVERY_WORD_IN = ("title", "abstract")
"""Where a record must have every word of a query to come first."""

MOST_WORDS_TOGETHER = 8
"""Words of a query, up to which the records with all of them come first: a sentence is found by some of its words."""

MAX_TERMS = 64
"""Distinct words of a query that count; a pasted page is searched by its first ones."""


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
    """A search: plain words, ranked, or PubMed's query language; and filters.

    ``limit`` is a page's; ``cursor`` is from the page before.
    """

    query: str = ""
    filters: Filters = Filters()
    limit: int = 10
    cursor: str | None = None
    sort: Sort = "relevance"
    term_mapping: bool = True
    """Whether words without a tag are looked up in MeSH, and among journals and authors."""
    feedback: bool = True
    """Whether the words of the best records may help to rank; they never do for the newest first."""

    def meanings(self, vocabulary: Vocabulary) -> Meanings:
        """What the vocabulary knows of the terms of the query and the filters. Blocks, reading the store.

        Raises:
            UsageError: the query cannot be read.
        """
        tree = parse(self.query)
        wanted = [*([tree] if tree else []), *filter_terms(self.filters)]
        plain = self.query if tree is None and self.term_mapping else ""
        return look_up(vocabulary, wanted, plain, term_mapping=self.term_mapping)


class Asked(NamedTuple):
    """A word of a query."""

    written: str
    forms: list[str]
    """As the index would have it: one word, or several with one stem."""


class Reading(msgspec.Struct, frozen=True):
    """A search as it is understood, before anything is known of the records that match."""

    words: dict[str, str]
    """The stems that it is ranked by, each with the word as it was written."""
    forms: dict[str, tuple[str, ...]]
    """The words that each stem stands for: as it was written, and its most frequent other forms."""
    within: list[Query]
    """What every hit must match: the filters, and a query with operators."""
    has_operators: bool
    """Such a query decides alone what is found; plain words are found where any of them is."""
    concepts: list[Concept]
    """What runs of a plain query's words mean; ``start`` and ``end`` count its normalised words."""
    understood: str
    """The whole search in PubMed's notation."""
    every: Query | None = None
    """The records that hold all that plain words ask for; ``None`` for a single word, a sentence or operators."""


class Translated(msgspec.Struct, frozen=True):
    """A search as the index runs it."""

    query: Query
    tiers: tuple[Query, Query] | None
    """The same in two parts: what holds every word comes first, and scores higher, than all other records."""
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
        self._stems = analyzers[STEMS].analyze
        self._words = analyzers[WORDS].analyze
        self._exact = analyzers[EXACT].analyze
        self.stop_stems = {stem for word in STOP_WORDS for stem in self._stems(word)}
        self._compiler = Compiler(schema, analyzers)

    def read(
        self, search: Search, searcher: tantivy.Searcher, lexicon: Lexicon, meanings: Meanings = NO_MEANINGS
    ) -> Reading:
        """What a search means.

        Raises:
            UsageError: there is nothing to search for, or the query cannot be read.
        """
        reader = IndexReader(searcher, lexicon, self._compiler)
        mapped = search.term_mapping
        asked = parse(search.query)
        wanted = [widen(term, meanings, reader, term_mapping=mapped) for term in filter_terms(search.filters)]
        found: list[Concept] = []
        if asked:
            tree = widen(asked, meanings, reader, term_mapping=mapped)
            terms = self.words(_positive_text(tree))
            wanted.insert(0, tree)
            shown = list(wanted)
        else:
            terms = self.words(search.query)
            words = normalized(search.query).split()
            found = concepts(words, meanings, reader) if mapped else []
            # Two words that are a journal's name are more often a subject: breast cancer, heart rhythm.
            found = [each for each in found if each.kind != "journal" or each.end - each.start != 2]
            kept = [word for word in dict.fromkeys(words) if word not in STOP_WORDS] or words
            shown = [understood_words(words, found, kept[:MAX_TERMS]), *wanted] if terms else wanted
        must = [self._compiler.compile(tree, meanings) for tree in wanted]
        if not search.filters.include_retracted:
            retracted = Query.term_query(self._schema, "retraction", RETRACTION[True])
            must.append(self._compiler.everything_but(retracted))
        if not terms and (not must or (not asked and search.query.strip())):
            raise UsageError(
                "There is nothing to search for: give at least one word of letters or digits, or a filter."
            )
        understood = _all_of(shown)
        return Reading(
            words={stem: word.written for stem, word in terms.items()},
            forms={stem: _forms(word, lexicon) for stem, word in terms.items()},
            within=must,
            has_operators=asked is not None,
            concepts=found,
            understood=render(understood) if understood else "",
            every=None if asked else self._every(terms, lexicon, normalized(search.query).split(), found),
        )

    def translate(
        self,
        reading: Reading,
        lexicon: Lexicon,
        model: Model | None = None,
    ) -> Translated:
        """The index query of a search; ``model`` has the words of a second pass."""
        model = model or Model(dict.fromkeys(reading.words, 1.0), reading.forms)
        evidence = list(self._evidence(reading.concepts))
        ranking = [
            *fielded(model, reading.words, lexicon.documents, lexicon.total),
            *((field, term, HEADING_BOOST) for field, term in evidence),
        ]
        words = [
            lexicon.frequency(model.forms[stem], FIELD_BOOSTS if stem in reading.words else ADDED_BOOSTS)
            for stem in model.weights
        ]
        others = [lexicon.documents(field, term) for field, term in evidence]
        authors = [
            self._compiler.words("author", each.name.split()) for each in reading.concepts if each.kind == "author"
        ]
        clauses = _within(reading)
        ranked = bool(reading.words or evidence)
        tiers = None
        if ranked:
            union = self._union(ranking, authors)
            if reading.every:
                most = upper_bound(ranking, lexicon.documents, lexicon.total)
                every = Query.const_score_query(reading.every, most)
                tiers = (
                    Query.boolean_query([(Occur.Must, every), (Occur.Should, union), *clauses]),
                    Query.boolean_query([(Occur.Must, union), (Occur.MustNot, every), *clauses]),
                )
            clauses.insert(0, (Occur.Should if reading.has_operators else Occur.Must, union))
        return Translated(
            query=clauses[0][1] if len(clauses) == 1 else Query.boolean_query(clauses),
            tiers=tiers,
            ranked=ranked,
            filtered=bool(reading.within),
            widest_term=max([*(found.documents for found in words), *others], default=0),
            postings=sum(found.postings for found in words) + sum(others),
        )

    def for_feedback(self, reading: Reading, occur: Occur) -> Query:
        """The records, within what must match, whose abstracts hold all (``Must``) or any of the words."""
        words = [
            (occur, self._any_of(Query.term_query(self._schema, "abstract", form, "freq") for form in forms))
            for forms in reading.forms.values()
        ]
        within = _within(reading)
        return Query.boolean_query([(Occur.Must, Query.boolean_query(words)), *within] if within else words)

    def _every(
        self, terms: Mapping[str, Asked], lexicon: Lexicon, words: Sequence[str], found: Sequence[Concept]
    ) -> Query | None:
        """The records that hold every word, or have a heading in place of the words that lead to it."""
        if not 1 < len(terms) <= MOST_WORDS_TOGETHER:
            return None
        left = {
            stem: self._any_of(
                Query.term_query(self._schema, field, form, "freq")
                for form in _forms(word, lexicon)
                for field in EVERY_WORD_IN
            )
            for stem, word in terms.items()
        }
        parts: list[Query] = []
        for concept in found:
            stems = {stem for word in words[concept.start : concept.end] for stem in self._stems(word)}
            said = [left.pop(stem) for stem in stems & left.keys()]
            if concept.headings and said:
                names = dict.fromkeys(self._exact(name)[0] for name in concept.headings[:MAX_HEADINGS])
                headings = [Query.term_query(self._schema, "mesh", name, "freq") for name in names]
                parts.append(self._any_of([*headings, _all(said)]))
            else:
                parts += said
        return _all([*parts, *left.values()])

    def words(self, text: str) -> dict[str, Asked]:
        """The distinct stems of plain words.

        Stop words are left out unless there is nothing else.
        """
        words: dict[str, Asked] = {}
        for piece in text.split():
            stems = self._stems(piece)
            written = piece.strip(string.punctuation) if len(stems) == 1 else ""
            for stem, word in zip(stems, self._words(piece), strict=True):
                words.setdefault(stem, Asked(written or word, [])).forms.append(word)
        telling = {term: word for term, word in words.items() if term not in self.stop_stems}
        return dict(itertools.islice((telling or words).items(), MAX_TERMS))

    def identifier(self, field: str, value: str) -> Query:
        """The records with exactly this identifier; ``field`` is ``doi`` or ``pmcid``."""
        return Query.term_query(self._schema, field, self._exact(value)[0])

    def _evidence(self, found: Sequence[Concept]) -> Iterator[tuple[str, str]]:
        """What plain words mean, to rank by beside them: field and term."""
        headings = [name for concept in found for name in concept.headings[:MAX_HEADINGS]]
        for name in dict.fromkeys(headings):
            yield "mesh", self._exact(name)[0]
        for concept in found:
            if concept.kind == "journal":
                yield "journal", self._exact(concept.name)[0]

    def _union(self, ranking: Sequence[tuple[str, str, float]], more: Sequence[Query]) -> Query:
        """One flat union: one walk over the postings, without a nested scorer for every word."""
        clauses = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, field, term, "freq"), boost))
            for field, term, boost in ranking
        ]
        clauses += [(Occur.Should, query) for query in more]
        return Query.boolean_query(clauses) if clauses else Query.empty_query()

    def _any_of(self, queries: Iterable[Query]) -> Query:
        alternatives = [(Occur.Should, query) for query in queries]
        return alternatives[0][1] if len(alternatives) == 1 else Query.boolean_query(alternatives)


def _forms(word: Asked, lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*word.forms, *lexicon.forms(word.forms[0])]))


def _all(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])


def _within(reading: Reading) -> list[tuple[Occur, Query]]:
    return [(Occur.Must, Query.const_score_query(query, 0.0)) for query in reading.within]


def _positive_text(tree: Node) -> str:
    """What a tree asks for in texts and headings: what its hits are ranked by."""
    return " ".join(
        term.text
        for term in terms_of(tree, positive=True)
        if term.field and BY_NAME[term.field].kind in {"words", "mesh"} and term.field != PUBLICATION_TYPE
    )


def filter_terms(wanted: Filters) -> list[Node]:
    """The filters in PubMed's language, retraction apart.

    Raises:
        UsageError: the author filter has no letters.
    """
    if wanted.author and not normalized(wanted.author):
        raise UsageError("The author filter has no letters in it. Write it as in PubMed: last name, then initials.")
    terms: list[Node] = [
        Term(value.strip(), field, quoted=True)
        for field, value in (
            (AUTHOR, wanted.author),
            (JOURNAL, wanted.journal),
            (MESH, wanted.mesh),
            (PUBLICATION_TYPE, wanted.publication_type),
            (LANGUAGE, wanted.language),
        )
        if value and value.strip()
    ]
    if wanted.year_from is not None or wanted.year_to is not None:
        last = wanted.year_to if wanted.year_to is not None else 3000
        terms.append(Span(f"{wanted.year_from or 0:04}", f"{last:04}", PUBLISHED))
    return terms


def _all_of(nodes: Sequence[Node]) -> Node | None:
    return None if not nodes else nodes[0] if len(nodes) == 1 else Group("AND", tuple(nodes))

"""A tree of PubMed's query language as a query of the index."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterable, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from medlit.errors import UsageError
from medlit.library.analysis import EXACT, NAMES, TEXTS, WORDS, normalized
from medlit.library.lexicon import Lexicon
from medlit.library.pubmed_dates import LATEST, Recent, earliest, latest, since
from medlit.library.pubmed_fields import BY_NAME, LANGUAGE, LANGUAGES, PUBLICATION_TYPE, SYSTEMATIC, Field
from medlit.library.pubmed_query import MAX_ARRANGEMENTS, Group, Node, Span, Term, arrangements
from medlit.library.term_mapping import EXPLODED, Meanings

POSITIONAL = frozenset({*TEXTS, *NAMES})
"""Index fields that know the places of words."""

_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$#&~\-]")
_AS_JOURNALS_BEGIN = ("", "the ")

SYSTEMATIC_REVIEWS = Group(
    "OR", (Term("systematic review", PUBLICATION_TYPE, quoted=True), Term("systematic review", "Title", quoted=True))
)
"""What ``systematic[sb]`` stands for here: NLM's type, or the words in the title of what has no type yet."""


class IndexReader:
    """What the index can say of terms (:class:`~medlit.library.term_mapping.IndexTerms`), at one of its commits."""

    def __init__(self, searcher: tantivy.Searcher, lexicon: Lexicon, compiler: Compiler) -> None:
        self._searcher = searcher
        self._lexicon = lexicon
        self._compiler = compiler
        self.forms = lexicon.forms

    def is_journal(self, words: str) -> bool:
        """Whether some record's journal is called so; titles with punctuation are not found this way."""
        return any(self._lexicon.documents("journal", beginning + words) for beginning in _AS_JOURNALS_BEGIN)

    def is_author(self, words: Sequence[str]) -> bool:
        """Whether some record has an author of this name."""
        return self._has(self._compiler.words("author", words))

    def has_phrase(self, term: Term) -> bool:
        """Whether some record has these words one after the other, in the term's field."""
        return " " not in normalized(term.text) or self._has(self._compiler.compile(term))

    def _has(self, query: Query) -> bool:
        return bool(self._searcher.search(query, 1, count=False).hits)


class Compiler:
    """Turns trees into index queries, with one index's schema and analyzers. Scores say nothing."""

    def __init__(self, schema: tantivy.Schema, analyzers: dict[str, tantivy.TextAnalyzer]) -> None:
        self._schema = schema
        self._words = analyzers[WORDS].analyze
        self._exact = analyzers[EXACT].analyze

    def compile(self, node: Node, meanings: Meanings | None = None) -> Query:
        """The index query of a tree in which every term has a field.

        Raises:
            UsageError: a truncated phrase has more endings than the index can follow.
        """
        match node:
            case Group():
                return self._group(node, [self.compile(part, meanings) for part in node.parts])
            case Span(low, high, field) if BY_NAME[field].kind == "pmid":
                return self._between("pmid", int(low), int(high))
            case Span(low, high, field):
                return self._between(BY_NAME[field].indexes[0], earliest(low), latest(high))
            case Recent(field=field):
                day = since(node, datetime.datetime.now(datetime.UTC).date())
                return self._between(BY_NAME[field].indexes[0], earliest(day), LATEST)
            case Term():
                return self._term(node, BY_NAME[node.field or ""], meanings or Meanings())

    def words(self, index: str, words: Sequence[str], *, slop: int = 0) -> Query:
        """The records with these words one after the other in a field that knows their places."""
        if len(words) == 1:
            return Query.term_query(self._schema, index, words[0])
        return Query.phrase_query(self._schema, index, list(words), slop)

    def everything_but(self, *queries: Query) -> Query:
        """All records but these."""
        mark = Query.term_query(self._schema, "kind", "mark")
        return Query.boolean_query(
            [(Occur.Must, Query.all_query()), *((Occur.MustNot, query) for query in (*queries, mark))]
        )

    def _group(self, node: Group, queries: list[Query]) -> Query:
        if node.operator == "NOT" and len(queries) == 1:
            return self.everything_but(*queries)
        if node.operator == "OR":
            return _any(queries)
        others = Occur.Must if node.operator == "AND" else Occur.MustNot
        return Query.boolean_query([(Occur.Must, queries[0]), *((others, query) for query in queries[1:])])

    def _between(self, index: str, low: int, high: int) -> Query:
        if low > high:
            return Query.empty_query()
        return Query.range_query(self._schema, index, FieldType.Unsigned, low, high)

    def _term(self, term: Term, field: Field, meanings: Meanings) -> Query:
        if field.kind == "filter":
            if term.text == SYSTEMATIC:
                return self.compile(SYSTEMATIC_REVIEWS)
            return self._values("subset", [term.text])
        if field.kind == "mesh" and not term.truncated:
            return self._values(field.indexes[0], _headings(term, field, meanings))
        if field.name == LANGUAGE:
            name = " ".join(term.text.lower().split())
            return self._values("language", [LANGUAGES.get(name, name)])
        ways = [self._in_index(index, term) for index in field.indexes]
        return _any([way for way in ways if way is not None])

    def _in_index(self, index: str, term: Term) -> Query | None:
        if index not in POSITIONAL:
            return self._whole(index, term)
        words = self._words(term.text)
        if not words:
            return None
        if term.truncated:
            return self._beginning(index, words)
        if term.near is not None:
            return self._near(index, words, term.near)
        return self.words(index, words)

    def _near(self, index: str, words: Sequence[str], near: int) -> Query | None:
        """All the words, in any order, with at most so many others between them.

        For two words the index's slop is right, asked for both orders: it counts a word
        before its turn as two steps more. For three it misses some and adds some, so
        every arrangement is asked for by its places.
        """
        orders = list(itertools.permutations(words))
        if len(words) <= 2:
            return _any([self.words(index, order, slop=near) for order in orders])
        if arrangements(len(words), near) > MAX_ARRANGEMENTS:
            return None
        return _any(
            [
                Query.phrase_query(self._schema, index, list(zip(places, order, strict=True)))
                for order in orders
                for places in _places(len(words), near)
            ]
        )

    def _beginning(self, index: str, words: Sequence[str]) -> Query | None:
        """Words of which the last may go on. The index follows all its endings, however many."""
        if not words:
            return None
        *first, last = words
        if not first:
            return Query.regex_query(self._schema, index, f"{last}.*")
        return Query.regex_phrase_query(self._schema, index, [*first, f"{last}.*"])

    def _whole(self, index: str, term: Term) -> Query | None:
        [value] = self._exact(_value(index, term.text)) or [""]
        if not value:
            return None
        if term.truncated:
            return Query.regex_query(self._schema, index, f"{_SPECIAL.sub(_escaped, value)}.*")
        return Query.term_query(self._schema, index, value)

    def _values(self, index: str, values: Iterable[str]) -> Query:
        terms = [term for value in values for term in self._exact(value)]
        if len(terms) == 1:
            return Query.term_query(self._schema, index, terms[0])
        return Query.term_set_query(self._schema, index, terms)


def explained(error: ValueError) -> UsageError:
    """The index's own refusal, as one of ours."""
    if "expansion" in str(error).lower():
        return UsageError("A truncated phrase has too many endings. Give more letters before the *.")
    return UsageError("The index cannot run this query. Make it shorter or simpler.")


def _headings(term: Term, field: Field, meanings: Meanings) -> list[str]:
    """The heading, with a qualifier if the term has one, and what is below it where the field explodes."""
    heading, qualifier = meanings.headings.get(normalized(term.text)), ""
    if not heading and "/" in term.text:
        above, _, below = term.text.rpartition("/")
        heading, qualifier = meanings.headings.get(normalized(above)), f"/{below.strip()}"
    if not heading:
        return [term.text.strip()]
    names = meanings.exploded(heading) if field.name in EXPLODED else [heading.name]
    return [name + qualifier for name in names]


def _value(index: str, text: str) -> str:
    """A value as the index has it."""
    text = " ".join(text.split()).removesuffix(".")
    if index == "pmcid" and text.isdecimal():
        return f"PMC{text}"
    return re.sub(r"^(doi:\s*|https?://(dx\.)?doi\.org/)", "", text, flags=re.IGNORECASE) if index == "doi" else text


def _any(queries: Sequence[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _places(words: int, near: int) -> list[tuple[int, ...]]:
    """The places that so many words may have, from the first one's, with at most ``near`` others between."""
    others = itertools.combinations(range(1, words + near), words - 1)
    return [(0, *places) for places in others]


def _escaped(match: re.Match[str]) -> str:
    return "\\" + match[0]

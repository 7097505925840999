"""What the index says of words, as of one of its commits: their grammatical forms, and how many records have them.

The index has words as they stand, so that phrases and tags find just what they say. A search
in plain words means every form of a word: ``tumour`` also ``tumours``. Forms of one another are
the words of the library that have one stem (Porter 2, "Snowball": http://snowballstem.org).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable

import tantivy

from medlit.library.ranking import FIELD_BOOSTS, Frequency

FORMS = 3
"""Grammatical forms that stand beside a word: the most frequent ones."""

LEAST_SHARE = 0.2
"""How frequent a form must be, against the most frequent. Rarer ones rank no better, and each has its price."""

FORMS_LOOKED_AT = 60
"""Words that begin like a stem, of each field, the most frequent ones: its forms are among them."""

FORM_FIELDS = ("title", "abstract")

SHORTEST_STEM = 3

MOST_KEPT = 200_000
"""Numbers that are remembered; then all are forgotten and remembering begins anew."""


class Lexicon:
    """The words of the index, each looked up once."""

    def __init__(self, searcher: tantivy.Searcher, stems: Callable[[str], list[str]]) -> None:
        self.total = searcher.num_docs
        """Records in the index."""
        self._searcher = searcher
        self._stems = stems
        self._forms: dict[str, tuple[str, ...]] = {}
        self._documents: dict[tuple[str, str], int] = {}

    def documents(self, field: str, term: str) -> int:
        """How many records have a term in a field."""
        found = self._documents.get((field, term))
        if found is None:
            if len(self._documents) > MOST_KEPT:
                self._documents.clear()
            found = self._documents[field, term] = self._searcher.doc_freq(field, term)
        return found

    def frequency(self, forms: Collection[str], fields: Iterable[str] = FIELD_BOOSTS) -> Frequency:
        """How often a word, in any of these forms, occurs in these fields."""
        by_field = [min(self.total, sum(self.documents(field, form) for form in forms)) for field in fields]
        return Frequency(max(by_field), sum(by_field))

    def forms(self, word: str) -> tuple[str, ...]:
        """The word, and the most frequent of its other grammatical forms that titles and abstracts have."""
        found = self._forms.get(word)
        if found is None:
            if len(self._forms) > MOST_KEPT:
                self._forms.clear()
            found = self._forms[word] = (word, *self._others(word))
        return found

    def family(self, words: Iterable[str]) -> tuple[str, ...]:
        """Words that are forms of one another, and what stands beside them, the most frequent first."""
        ranked = sorted(words, key=lambda word: (-self.documents("abstract", word), word))
        return self.forms(ranked[0])

    def _others(self, word: str) -> list[str]:
        stem = "".join(self._stems(word))
        alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(word, stem, strict=False))
        beginning = "".join(letter for letter, _ in alike)
        if len(beginning) < SHORTEST_STEM or not word.isalpha():
            return []
        counts: dict[str, int] = {}
        for field in FORM_FIELDS:
            for form, count in self._searcher.terms_with_prefix(field, beginning, limit=FORMS_LOOKED_AT):
                counts[form] = counts.get(form, 0) + count
        alike = {form: count for form, count in counts.items() if form == word or self._stems(form) == [stem]}
        least = LEAST_SHARE * max(alike.values(), default=0)
        others = [form for form, count in alike.items() if form != word and count >= least]
        return sorted(others, key=lambda form: (-alike[form], form))[:FORMS]

    def forget(self) -> None:
        """Let go of all that was looked up."""
        self._forms.clear()
        self._documents.clear()

"""What the index says of words, as of one of its commits: their grammatical forms, and how many records have them.

The index has words as they stand, so that phrases and tags find just what they say. A search
in plain words means every form of a word: ``tumour`` also ``tumours``. Forms of one another are
the words of the library that have one stem (Porter 2, "Snowball": http://snowballstem.org).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import tantivy

from medlit.library.ranking import FIELD_BOOSTS, Frequency

FORMS = 3
"""Grammatical forms that stand beside a word: the most frequent ones."""

LEAST_SHARE = 0.2
"""How frequent a form must be, against the most frequent. Rarer ones rank no better, and each has its price."""

FORMS_LOOKED_AT = 60
"""Words that begin like a stem, the most frequent ones: its forms are among them."""

FORM_FIELDS = ("abstract", "title")
"""Where forms are looked for: in titles only if no abstract has the word."""

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
        """The word, and the most frequent of its other grammatical forms that abstracts (or else titles) have."""
        found = self._forms.get(word)
        if found is None:
            if len(self._forms) > MOST_KEPT:
                self._forms.clear()
            found = self._forms[word] = (word, *self._others(word))
        return found

    def family(self, words: Iterable[str]) -> tuple[str, ...]:
        """The most frequent of words that are forms of one another, the most frequent first."""
        counts = sorted(((self.documents("abstract", word), word) for word in words), reverse=True)
        return tuple(word for count, word in counts if count >= LEAST_SHARE * counts[0][0])

    def _others(self, word: str) -> list[str]:
        stem = "".join(self._stems(word))
        kept = next((place for place, (one, other) in enumerate(zip(word, stem, strict=False)) if one != other), None)
        beginning = word[:kept] if kept is not None else min(word, stem, key=len)
        if len(beginning) < SHORTEST_STEM or not word.isalpha():
            return []
        alike: dict[str, int] = {}
        for field in FORM_FIELDS:
            found = self._searcher.terms_with_prefix(field, beginning, limit=FORMS_LOOKED_AT)
            alike = {form: count for form, count in found if form == word or self._stems(form) == [stem]}
            if alike:
                break
        least = LEAST_SHARE * max(alike.values(), default=0)
        others = [form for form, count in alike.items() if form != word and count >= least]
        return sorted(others, key=lambda form: (-alike[form], form))[:FORMS]

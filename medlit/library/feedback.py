"""What feedback reads: the words of stored records, and how often the index has them."""

from __future__ import annotations

import contextlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping

import msgspec
import tantivy

from medlit.library.codec import unpack
from medlit.library.ranking import FIELD_BOOSTS, Frequency

MOST_KEPT = 200_000
"""Pieces of text, or terms, that are remembered; then all are forgotten and remembering begins anew."""

WORDS_READ = 80
"""Words of a record that count: what it is about stands at the beginning, and all of them rank no better."""

SEARCHES_KEPT = 256
"""Searches whose weights are remembered: about a kilobyte each."""


class _Text(msgspec.Struct):
    text: str = ""


class _Name(msgspec.Struct):
    name: str = ""


class _Keyword(msgspec.Struct):
    term: str = ""


class _View(msgspec.Struct):
    """The part of a record whose words count."""

    title: str | None = None
    abstract: list[_Text] = []
    mesh: list[_Name] = []
    keywords: list[_Keyword] = []


class _Remembered(dict[str, "str | tuple[str, ...]"]):
    """What stands between two spaces, with its terms; a single term, as nearly always, stands for itself."""

    def __init__(self, analyze: Callable[[str], list[str]]) -> None:
        super().__init__()
        self._analyze = analyze

    def __missing__(self, piece: str) -> str | tuple[str, ...]:
        terms = self._analyze(piece)
        found = self[piece] = terms[0] if len(terms) == 1 else tuple(terms)
        return found


class TermCounter:
    """Counts the terms of texts by an analyzer whose answers it remembers.

    The analyzer splits at everything that is no letter or digit, so what stands between two
    spaces has the same terms wherever it stands. Looked up instead of analysed, a record
    takes half the time.
    """

    def __init__(self, analyze: Callable[[str], list[str]]) -> None:
        self._terms = _Remembered(analyze)

    def terms(self, text: str) -> set[str]:
        """The distinct terms of a text."""
        found = set(map(self._terms.__getitem__, text.split()))
        for several in [terms for terms in found if isinstance(terms, tuple)]:
            found.remove(several)
            found.update(several)
        return found  # type: ignore[return-value]  # the tuples are gone

    def of_record(self, body: bytes) -> Counter[str]:
        """The terms of the first words of a stored record: title, MeSH headings, keywords, abstract."""
        view = unpack(body, _View)
        parts = [view.title or ""]
        parts += [heading.name for heading in view.mesh]
        parts += [keyword.term for keyword in view.keywords]
        parts += [section.text for section in view.abstract]
        return self.of_text(" ".join(parts), WORDS_READ)

    def of_text(self, text: str, words: int = -1) -> Counter[str]:
        """The terms of a text's first words (of all, without a number), as the analyzer would give them."""
        if len(self._terms) > MOST_KEPT:
            self._terms.clear()
        # A dictionary's own lookup and a Counter over it: no Python code runs for a word that is remembered.
        counts = Counter(map(self._terms.__getitem__, text.split(None, words)[: words if words >= 0 else None]))
        for terms in [found for found in counts if isinstance(found, tuple)]:
            times = counts.pop(terms)
            for term in terms:
                counts[term] += times
        return counts  # type: ignore[return-value]  # the tuples are gone


class Statistics:
    """The index's statistics as of one commit, each looked up once."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self.total = searcher.num_docs
        self.weights: OrderedDict[Hashable, Mapping[str, float]] = OrderedDict()
        """What feedback made of the latest searches, so that a later page costs one pass, and is of the same order."""
        self._known: dict[str, Frequency] = {}

    def remember(self, search: Hashable, weights: Mapping[str, float]) -> None:
        """Keep a search's weights; those longest unused go."""
        self.weights[search] = weights
        if len(self.weights) > SEARCHES_KEPT:
            self.weights.popitem(last=False)

    def remembered(self, search: Hashable) -> Mapping[str, float] | None:
        """A search's weights, if they are kept."""
        with contextlib.suppress(KeyError):  # another thread may have let it go meanwhile
            self.weights.move_to_end(search)
        return self.weights.get(search)

    def frequency(self, term: str) -> Frequency:
        """How often a term occurs in the ranked fields."""
        found = self._known.get(term)
        if found is None:
            if len(self._known) > MOST_KEPT:
                self._known.clear()
            by_field = [self.searcher.doc_freq(field, term) for field in FIELD_BOOSTS]
            found = self._known[term] = Frequency(max(by_field), sum(by_field))
        return found

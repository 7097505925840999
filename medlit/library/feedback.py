"""What feedback reads, the words of stored records, and what it has learned."""

from __future__ import annotations

import contextlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence

import msgspec

from medlit.library.codec import unpack
from medlit.library.ranking import Model

MOST_KEPT = 200_000
"""Pieces of text that are remembered; then all are forgotten and remembering begins anew."""

WORDS_READ = 80
"""Words of a record that count: what it is about stands at the beginning, and all of them rank no better."""

SEARCHES_KEPT = 256
"""Searches whose models are remembered: about two kilobytes each."""


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
        self.several: set[str | tuple[str, ...]] = set()
        """Those of the values that are no single term."""

    def __missing__(self, piece: str) -> str | tuple[str, ...]:
        terms = self._analyze(piece)
        found = terms[0] if len(terms) == 1 else tuple(terms)
        if isinstance(found, tuple):
            self.several.add(found)
        self[piece] = found
        return found

    def clear(self) -> None:
        super().clear()
        self.several.clear()


class TermCounter:
    """Counts the terms of texts by analyzers whose answers it remembers: stems, and the words they come from.

    The analyzers split at everything that is no letter or digit, so what stands between two
    spaces has the same terms wherever it stands. Looked up instead of analysed, a record
    takes half the time.
    """

    def __init__(self, stems: Callable[[str], list[str]], words: Callable[[str], list[str]]) -> None:
        self._terms = _Remembered(stems)
        self._words = _Remembered(words)

    def terms(self, text: str) -> set[str]:
        """The distinct stems of a text."""
        found = set(map(self._terms.__getitem__, text.split()))
        for several in found & self._terms.several:
            found.remove(several)
            found.update(several)
        return found  # type: ignore[return-value]  # the tuples are gone

    def beginning(self, body: bytes) -> list[str]:
        """The first words of a stored record, as they are written: title, MeSH headings, keywords, abstract."""
        view = unpack(body, _View)
        parts = [view.title or ""]
        parts += [heading.name for heading in view.mesh]
        parts += [keyword.term for keyword in view.keywords]
        parts += [section.text for section in view.abstract]
        return " ".join(parts).split(None, WORDS_READ)[:WORDS_READ]

    def counts(self, written: Sequence[str]) -> Counter[str]:
        """The stems of words as they are written, as the analyzer would give them."""
        if len(self._terms) > MOST_KEPT:
            self._terms.clear()
            self._words.clear()
        # A dictionary's own lookup and a Counter over it: no Python code runs for a word that is remembered.
        counts = Counter(map(self._terms.__getitem__, written))
        for stems in [found for found in counts if isinstance(found, tuple)]:
            times = counts.pop(stems)
            for stem in stems:
                counts[stem] += times
        return counts  # type: ignore[return-value]  # the tuples are gone

    def forms(self, written: Iterable[str]) -> dict[str, set[str]]:
        """By stem, the words that have it, as the index has them."""
        forms: dict[str, set[str]] = {}
        for piece in set(written):
            stem, word = self._terms[piece], self._words[piece]
            if isinstance(stem, str):
                forms.setdefault(stem, set()).add(str(word))
            else:
                for each, form in zip(stem, word, strict=True):
                    forms.setdefault(each, set()).add(form)
        return forms


class Learned:
    """What feedback made of the latest searches of one commit: a later page costs one pass, in the same order."""

    def __init__(self) -> None:
        self._models: OrderedDict[Hashable, Model] = OrderedDict()

    def remember(self, search: Hashable, model: Model) -> None:
        """Keep a search's model; those longest unused go."""
        self._models[search] = model
        if len(self._models) > SEARCHES_KEPT:
            self._models.popitem(last=False)

    def remembered(self, search: Hashable) -> Model | None:
        """A search's model, if it is kept."""
        with contextlib.suppress(KeyError):  # another thread may have let it go meanwhile
            self._models.move_to_end(search)
        return self._models.get(search)

    def forget(self) -> None:
        """Let go of all."""
        self._models.clear()

"""The passage of an abstract that answers, and where the words of the question were found.

A passage is one sentence, or a few that follow each other in one section. Sentences are
weighed by the words they hold, with the weights the search was ranked by, and by their
section: what was found and concluded counts more than why it was asked. That follows the
structure NLM describes for abstracts (NlmCategory: BACKGROUND, OBJECTIVE, METHODS,
RESULTS, CONCLUSIONS); in an abstract without sections, the end counts as a conclusion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from medlit.record import AbstractSection

SNIPPET_LENGTH = 220
"""Characters of a passage, about 60 tokens; its section's label comes on top."""

MOST_WORDS = 6
"""Words that are named of one place."""

LONGEST_NAMED = 40
"""Characters of a word or heading that is named, and of a section's label."""

ELLIPSIS = "…"

SECTION_WEIGHTS = {"CONCLUSIONS": 1.6, "RESULTS": 1.3, "OBJECTIVE": 0.9, "BACKGROUND": 0.8, "METHODS": 0.7}

UNSECTIONED_WEIGHT = 1.6
"""Of the last sentence in an abstract without sections; the first is worth little more than half."""

# How authors call the sections, for records without NLM's categories.
_CATEGORY_BY_LABEL = re.compile(
    r"(?P<CONCLUSIONS>conclusion|interpretation|implication|significance|take.?home|discussion)"
    r"|(?P<RESULTS>result|finding|outcome)"
    r"|(?P<METHODS>method|design|setting|participant|patients|intervention|measure|data|procedure|material)"
    r"|(?P<OBJECTIVE>objective|aim|purpose|goal|hypothes)"
    r"|(?P<BACKGROUND>background|introduction|context|rationale|importance)",
    re.IGNORECASE,
)

_SENTENCE_END = re.compile(r"[.!?…][\"')\]”’»]*\s+(?=[^\s\W]|[\"'(\[“‘«¿¡<>=+±−-])|[。！？]\s*", re.UNICODE)
_NEXT_WORD = re.compile(r"\w+")
_ABBREVIATIONS = frozenset(
    """
    al approx ca cf ch chap co corp dept dr e.g ed eds e.v eq eqs etc ex fig figs i.e i.m i.p i.v inc incl jr lit ltd
    med mr mrs ms nat no nos nr op p.o ph.d pp prof ref refs resp s.c sp spp sr ssp st subsp suppl tab u.k u.s univ
    var viz vol vols vs
    """.split()
)
_BEGINS_SENTENCES = frozenset(
    """
    a after all although an and as at because both but by despite each for from furthermore he her his however if in it
    its moreover most no of on one our overall patients she since six some such ten that the their there therefore these
    they this those three thus to two under we when whereas while with
    """.split()
)
"""Words that show, in capitals after ``vitamin D.``, that a sentence ended; after ``S.`` of a species, none follows."""


class Question:
    """What a search asked, as far as it helps to show why a record was found.

    Args:
        words: the query's terms, each with the word as it was written.
        weights: what the search was ranked by: the same terms, and those that feedback added.
        terms_of: the analyzer: the distinct terms of a text.
        headings: MeSH headings that the query was mapped to, as MeSH writes them.
    """

    def __init__(
        self,
        words: Mapping[str, str],
        weights: Mapping[str, float],
        terms_of: Callable[[str], set[str]],
        headings: Collection[str] = frozenset(),
    ) -> None:
        self.words = words
        self.weights = weights
        self.headings = headings
        self._terms_of = terms_of
        self._wanted = weights.keys() | words.keys()
        self._sections: dict[str, set[str]] = {}
        self._worth: dict[str, float] = {}

    def found(self, text: str) -> set[str]:
        """The terms of a text that were asked for, or added."""
        return self._wanted & self._terms_of(text)

    def found_in(self, section: AbstractSection) -> set[str]:
        """The same of a section, which is asked for its passage and for its words: it is read once."""
        found = self._sections.get(section.text)
        if found is None:
            found = self._sections[section.text] = self.found(section.text)
        return found

    def remember(self, section: AbstractSection, found: Iterable[set[str]]) -> None:
        """What the sentences of a section have, so that it need not be read again for all of it."""
        self._sections[section.text] = set[str]().union(*found)

    def value(self, found: Collection[str]) -> float:
        """What these terms are worth: a little more than nothing if there are none, so that their section decides."""
        return 1e-6 + sum([self.weights.get(term, 0.0) for term in found])

    def worth(self, word: str) -> float:
        """The value of a single word. A long sentence has many, and most come again."""
        value = self._worth.get(word)
        if value is None:
            value = self._worth[word] = self.value(self.found(word))
        return value


class _Sentence(NamedTuple):
    text: str
    value: float


def snippet(sections: Sequence[AbstractSection], question: Question, length: int = SNIPPET_LENGTH) -> str | None:
    """The passage that answers best, after its section's label; ``None`` without an abstract.

    Never longer than ``length`` characters, the label apart; ``…`` stands where a sentence is cut.
    """
    value, label, sentences = 0.0, "", list[_Sentence]()
    for weight, section in sorted(
        ((_weight(section), section) for section in sections), key=itemgetter(0), reverse=True
    ):
        # No sentence of a section is worth more than all of it: most sections need not be taken apart.
        if not value or weight * question.value(question.found_in(section)) > value:
            found = _weighed(section, weight, question)
            most = max((sentence.value for sentence in found), default=0.0)
            if most > value:
                value, label, sentences = most, section.label or "", found
    if not sentences:
        return None
    best = max(range(len(sentences)), key=lambda place: sentences[place].value)
    if len(sentences[best].text) > length:
        passage = _cut(sentences[best].text, question, length)
    else:
        passage = _extended(sentences, best, length)
    return f"{_named(label.strip())}: {passage}" if label.strip() else passage


def matched(title: str, sections: Sequence[AbstractSection], headings: Sequence[str], question: Question) -> str | None:
    """Where the query's words stand in a record, each in the first place of title, MeSH, abstract.

    Where none stands, the added words that the record shares with the best hits, as ``related``.
    """
    left = dict(question.words)
    mapped = {name.casefold() for name in question.headings}
    title_has = question.found(title)
    in_title = _taken(left, title_has)
    in_headings: list[str] = []
    if left or mapped:
        # A heading that the query was mapped to is named even when all words stand in the title.
        having = {name: question.found(name) for name in headings}
        in_headings = [name for name, found in having.items() if left.keys() & found or name.casefold() in mapped]
        for name in in_headings:
            _taken(left, having[name])
    in_abstract = _taken(left, _all_found(sections, question)) if left else []
    named = [
        f"{place}: {_listed(words)}"
        for place, words in (("title", in_title), ("MeSH", in_headings), ("abstract", in_abstract))
        if words
    ]
    if not named:
        shared = sorted(
            (title_has | _all_found(sections, question)) & question.weights.keys(),
            key=lambda term: (-question.weights[term], term),
        )
        return f"related: {_listed(shared[:3])}" if shared else None
    return "; ".join(named)


def _all_found(sections: Sequence[AbstractSection], question: Question) -> set[str]:
    found: set[str] = set()
    return found.union(*map(question.found_in, sections))


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; what ends in an abbreviation, an initial or a number's point goes on."""
    sentences: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if _goes_on(text, start, end):
            continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    rest = text[start:].strip()
    return [*sentences, rest] if rest else sentences


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether a full stop does not end a sentence."""
    if text[end.start()] != "." or not text[end.start() + 1].isspace():
        return False
    following = _NEXT_WORD.match(text, end.end())
    # Texts in lower case throughout end no sentence by this; then a passage is cut out of the whole.
    if following and following[0][0].islower():
        return True
    word = text[max(start, text.rfind(" ", start, end.start()) + 1) : end.start()].lstrip("([\"'“")
    if len(word) == 1 and word.isupper():
        return not (following and following[0].lower() in _BEGINS_SENTENCES)
    return word.lower() in _ABBREVIATIONS


def _weighed(section: AbstractSection, weight: float, question: Question) -> list[_Sentence]:
    texts = split_sentences(section.text)
    found = [question.found(text) for text in texts]
    question.remember(section, found)
    # Without sections, an abstract still moves from the reason to the result.
    positions = [1.0 if section.label else (1 + place / len(texts)) / 2 for place in range(1, len(texts) + 1)]
    return [
        _Sentence(text, question.value(terms) * weight * position)
        for text, terms, position in zip(texts, found, positions, strict=True)
    ]


def _weight(section: AbstractSection) -> float:
    category = _category(section)
    if category:
        return SECTION_WEIGHTS[category]
    return 1.0 if section.label else UNSECTIONED_WEIGHT


def _category(section: AbstractSection) -> str | None:
    if section.nlm_category in SECTION_WEIGHTS:
        return section.nlm_category
    found = _CATEGORY_BY_LABEL.search(section.label) if section.label else None
    return found.lastgroup if found else None


def _extended(sentences: Sequence[_Sentence], best: int, length: int) -> str:
    """The best sentence, with neighbours of its section as long as they fit: the better one first."""
    first = last = best
    size = len(sentences[best].text)
    while True:
        beside = [
            place
            for place in (first - 1, last + 1)
            if 0 <= place < len(sentences) and size + 1 + len(sentences[place].text) <= length
        ]
        if not beside:
            return " ".join(sentence.text for sentence in sentences[first : last + 1])
        chosen = max(beside, key=lambda place: sentences[place].value)
        first, last = min(first, chosen), max(last, chosen)
        size += 1 + len(sentences[chosen].text)


def _cut(text: str, question: Question, length: int) -> str:
    """The words of a long sentence around those that were asked for, as many as fit."""
    words = [word[: length // 2] for word in text.split()]
    values = [question.worth(word) for word in words]
    room = length - 2 * (len(ELLIPSIS) + 1)
    first, last = max(_windows(words, room), key=lambda window: (sum(values[slice(*window)]), -window[0]))
    before = f"{ELLIPSIS} " * (first > 0)
    after = f" {ELLIPSIS}" * (last < len(words))
    return before + " ".join(words[first:last]) + after


def _windows(words: Sequence[str], room: int) -> Iterator[tuple[int, int]]:
    """From every fifth word on, as many as there is room for; the last window reaches the end."""
    lengths = [len(word) + 1 for word in words]
    last = 0
    for first in range(0, len(words), 5):
        last = max(last, first)
        used = sum(lengths[first:last])
        while last < len(words) and used + lengths[last] - 1 <= room:
            used += lengths[last]
            last += 1
        yield first, last
        if last == len(words):
            return


def _taken(left: dict[str, str], here: Collection[str]) -> list[str]:
    """The words whose terms are here, which are then no longer left."""
    return [left.pop(term) for term in list(left) if term in here]


def _listed(words: Sequence[str]) -> str:
    more = f", {ELLIPSIS}" if len(words) > MOST_WORDS else ""
    return ", ".join(map(_named, words[:MOST_WORDS])) + more


def _named(word: str) -> str:
    return word if len(word) <= LONGEST_NAMED else word[: LONGEST_NAMED - 1] + ELLIPSIS

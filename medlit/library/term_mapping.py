"""Automatic term mapping: what words without a tag may mean, as PubMed finds it out.

Of words without a tag, from left to right, the longest run counts that is a MeSH term,
a journal, or an author's name, in this order. A query's tree is widened by what was
found, and what comes out is again a query of PubMed's language: the translation that
is shown.

Reference: NLM, "PubMed User Guide", how PubMed works: automatic term mapping.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, Protocol

import msgspec

from medlit.library.analysis import normalized
from medlit.library.pubmed_fields import (
    ALL_FIELDS,
    AUTHOR,
    BY_NAME,
    JOURNAL,
    MAJOR,
    MESH,
    PUBLICATION_TYPE,
    SUBHEADING,
    SUBHEADINGS,
)
from medlit.library.pubmed_query import Group, Node, Term
from medlit.library.vocabulary import LONGEST_PHRASE, Heading, Vocabulary

LONGEST_INITIALS = 3

MAPPED_WORDS = 100
"""Words of one run that are looked up; of a pasted page, the first ones."""

EXPLODED = {MESH, MAJOR, PUBLICATION_TYPE}

STOP_WORDS = frozenset(
    """
    a about after all also an and any are as at be because been before being between both but by can could did do does
    during each for from had has have how if in into is it its may more most no nor not of on or other our out over s
    should so some such t than that the their them then there these they this those through to under up upon use used
    using very was we were what when where which while who why will with within without would you your
    """.split()
)
"""Words of a question that say nothing about its subject: function words, and ``use`` as PubMed has it."""


class Concept(msgspec.Struct, frozen=True):
    """What the words from ``start`` up to ``end`` were taken for."""

    kind: Literal["mesh", "journal", "author"]
    start: int
    end: int
    name: str
    """The heading's name; a journal's or an author's as it was written."""
    headings: list[str] = []
    """For MeSH: the heading and all below it in the tree."""


class Meanings(msgspec.Struct, frozen=True):
    """What the vocabulary knows of the terms of a query."""

    headings: dict[str, Heading] = {}
    """By normalised term."""
    below: dict[str, list[str]] = {}
    """By identifier: the heading's name and those of all below it."""

    def exploded(self, heading: Heading) -> list[str]:
        """The names of a heading and of all below it."""
        return self.below.get(heading.ui) or [heading.name]


NO_MEANINGS = Meanings()


class IndexTerms(Protocol):
    """What the index can say of terms."""

    def is_journal(self, words: str) -> bool:
        """Whether some record's journal is called so."""
        ...

    def is_author(self, words: Sequence[str]) -> bool:
        """Whether some record has an author of this name."""
        ...

    def has_phrase(self, term: Term) -> bool:
        """Whether some record has these words one after the other."""
        ...

    def forms(self, word: str) -> Sequence[str]:
        """The word and its other grammatical forms that records have."""
        ...


def look_up(vocabulary: Vocabulary, trees: Iterable[Node], plain: str, *, term_mapping: bool) -> Meanings:
    """What the vocabulary knows of the terms of trees and of plain words, in two statements. Blocks."""
    wanted = set(_runs(normalized(plain).split()))
    for term in itertools.chain.from_iterable(map(terms_of, trees)):
        field = BY_NAME[term.field] if term.field else None
        if field and field.kind == "mesh":
            heading, _, _ = term.text.rpartition("/")
            wanted.update(filter(None, (normalized(term.text), normalized(heading))))
        elif field is None and term_mapping and not term.quoted and not term.truncated:
            wanted.update(_runs(normalized(term.text).split()))
    if not wanted:
        return NO_MEANINGS
    found = vocabulary.headings(wanted)
    # A heading is also asked for by its name, once an entry term has led to it.
    headings = {normalized(heading.name): heading for heading in found.values()} | found
    return Meanings(headings, vocabulary.explode(list(set(found.values()))) if found else {})


def terms_of(node: Node, *, positive: bool = False) -> Iterator[Term]:
    """The terms of a tree, in order; with ``positive``, without those that NOT leaves out."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Group):
        parts = node.parts
        if positive and node.operator == "NOT":
            parts = parts[: len(parts) > 1]
        for part in parts:
            yield from terms_of(part, positive=positive)


def concepts(words: Sequence[str], meanings: Meanings, index: IndexTerms) -> list[Concept]:
    """What runs of normalised words mean, from left to right, none overlapping, the longest first."""
    found: list[Concept] = []
    start = 0
    while start < min(len(words), MAPPED_WORDS):
        ends = range(min(start + LONGEST_PHRASE, len(words)), start, -1)
        concept = next(filter(None, (_concept(words, start, end, meanings, index) for end in ends)), None)
        if concept:
            found.append(concept)
        start = concept.end if concept else start + 1
    return found


def widen(node: Node, meanings: Meanings, index: IndexTerms, *, term_mapping: bool) -> Node:
    """The tree as it is understood: terms without a tag have become terms with one."""

    def wider(term: Term) -> Node:
        field = BY_NAME[term.field] if term.field else None
        if field is None and (term.quoted or term.truncated):
            return msgspec.structs.replace(term, field=ALL_FIELDS)
        if field is None:
            words = normalized(term.text).split()
            found = concepts(words, meanings, index) if term_mapping else []
            return _mapped(words, found, index, forms=term_mapping)
        if field.kind == "mesh" and not term.truncated:
            return msgspec.structs.replace(term, text=_heading(term.text, meanings), quoted=True)
        if field.kind == "words" and not (term.quoted or term.truncated) and not index.has_phrase(term):
            words = normalized(term.text).split()
            return _joined("AND", [Term(word, field.name, quoted=True) for word in words] or [term])
        if field.name == SUBHEADING:
            return msgspec.structs.replace(term, text=_subheading(term.text), quoted=True)
        return msgspec.structs.replace(term, quoted=True)

    return _replaced(node, wider)


def understood_words(words: Sequence[str], found: Sequence[Concept], terms: Sequence[str]) -> Node:
    """What a ranked search of plain words finds, as a tree: any of the words, or what they mean."""
    parts: dict[Node, None] = {}
    for concept in found:
        parts[_meaning(concept)] = None
        if concept.end - concept.start > 1:
            parts[_phrase(words[concept.start : concept.end])] = None
    parts.update((_phrase([term]), None) for term in terms)
    return _joined("OR", list(parts))


def _replaced(node: Node, replace: Callable[[Term], Node]) -> Node:
    if isinstance(node, Term):
        return replace(node)
    if isinstance(node, Group):
        return Group(node.operator, tuple(_replaced(part, replace) for part in node.parts))
    return node


def _runs(words: Sequence[str]) -> Iterator[str]:
    words = words[:MAPPED_WORDS]
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST_PHRASE, len(words)) + 1):
            yield " ".join(words[start:end])


def _concept(words: Sequence[str], start: int, end: int, meanings: Meanings, index: IndexTerms) -> Concept | None:
    run = words[start:end]
    if run[0] in STOP_WORDS and len(run) == 1:
        return None
    phrase = " ".join(run)
    if heading := meanings.headings.get(phrase):
        return Concept("mesh", start, end, heading.name, meanings.exploded(heading))
    # A journal's name of one word is more often just that word.
    if (len(run) > 1 or len(words) == 1) and index.is_journal(phrase):
        return Concept("journal", start, end, phrase)
    if _may_be_author(run) and index.is_author(run):
        return Concept("author", start, end, phrase)
    return None


def _may_be_author(run: Sequence[str]) -> bool:
    *last, initials = run
    return (
        len(last) in {1, 2}
        and len(initials) <= LONGEST_INITIALS
        and initials.isalpha()
        and len(last[-1]) > 1
        and not STOP_WORDS.intersection(last)
        and (len(initials) == 1 or initials not in STOP_WORDS)
        and all(map(str.isalpha, last))
    )


def _mapped(words: Sequence[str], found: Sequence[Concept], index: IndexTerms, *, forms: bool) -> Node:
    """Every concept, and every word that belongs to none: all of them."""
    parts: list[Node] = []
    place = 0
    for concept in [*found, None]:
        between = words[place : concept.start if concept else len(words)]
        parts.extend(_word(word, index, forms=forms) for word in between if word not in STOP_WORDS)
        if concept:
            place = concept.end
            run = words[concept.start : concept.end]
            ways: list[Node] = [_meaning(concept)]
            if concept.kind != "author" and len(run) > 1:
                every = [_word(word, index, forms=forms) for word in run if word not in STOP_WORDS]
                ways += [_phrase(run), _joined("AND", every)]
            elif concept.kind != "author":
                ways += _flat(_word(run[0], index, forms=forms))
            parts.append(_joined("OR", ways))
    return _joined("AND", parts or [_phrase(words)])


def _word(word: str, index: IndexTerms, *, forms: bool) -> Node:
    return _joined("OR", [_phrase([form]) for form in (index.forms(word) if forms else [word])])


def _meaning(concept: Concept) -> Node:
    field = {"mesh": MESH, "journal": JOURNAL, "author": AUTHOR}[concept.kind]
    return Term(concept.name.lower(), field, quoted=True)


def _phrase(words: Sequence[str]) -> Term:
    return Term(" ".join(words), ALL_FIELDS, quoted=True)


def _flat(node: Node) -> list[Node]:
    return list(node.parts) if isinstance(node, Group) and node.operator == "OR" else [node]


def _joined(operator: Literal["AND", "OR"], parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Group(operator, tuple(parts))


def _heading(text: str, meanings: Meanings) -> str:
    """The heading's own name for an entry term, with or without a qualifier."""
    if heading := meanings.headings.get(normalized(text)):
        return heading.name.lower()
    above, slash, qualifier = text.rpartition("/")
    if slash and (heading := meanings.headings.get(normalized(above))):
        return f"{heading.name.lower()}/{_subheading(qualifier)}"
    return f"{above.strip()}/{_subheading(qualifier)}" if slash else text


def _subheading(text: str) -> str:
    """A qualifier's name, for its abbreviation too."""
    return SUBHEADINGS.get(text.strip().lower(), text.strip())

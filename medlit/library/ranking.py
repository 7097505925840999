"""What makes a record relevant: the words of the query, and those of the records that hold them.

A search is ranked twice. The first pass finds a few records that surely are about the
subject; what they say in common is taken for the subject's own words (pseudo-relevance
feedback). The second pass searches for both, each word with its weight. The weights are
those of RM3:

    P'(t) = a P(t|Q) + (1 - a) P(t|R)        P(t|R) ~ sum over d of P(t|d) P(d|Q)

with the query's words for P(t|Q), the first pass's scores for P(d|Q), and, for P(t|d),
the weight that BM25 gives a word in a record: its saturated frequency times its inverse
document frequency. Plain frequencies gave less (docs/ranking.md).

In both passes a record's score is the weighted sum of BM25 over its fields.

References: Lavrenko and Croft, "Relevance-Based Language Models", SIGIR 2001 (P(t|R));
Abdul-Jaleel et al., "UMass at TREC 2004: Novelty and HARD", 2004 (RM3, the mixture);
Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009 (BM25).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Literal, NamedTuple

import msgspec

Method = Literal["bm25", "rm3", "date"]
"""How a page of hits is ordered: by the query's words alone, with feedback, or by date."""

FIELD_BOOSTS = {"title": 2.0, "abstract": 1.0, "terms": 1.5}
"""The fields in which the query's words are searched, with their weights."""

OTHER_FORM = 0.5
"""The weight of another form of a word than the one asked for. In full it would count twice what is said in both."""

ADDED_BOOSTS = {"abstract": 1.0}
"""The fields for the words that feedback adds."""

FEEDBACK_FIELDS = ("abstract", "terms")
"""Where it is told how rare a word of the best records is. Headings count: ``Humans`` is in all, in few abstracts."""

K1, B = 1.2, 0.75
"""BM25's saturation and length normalisation, as the index has them built in."""

SHORTEST_TERM = 2
"""A single letter says nothing about a subject."""

CANDIDATES = 60
"""Words of the feedback records whose statistics are looked up: the most frequent in them."""


class Feedback(msgspec.Struct, kw_only=True, frozen=True):
    """The parameters of feedback, tuned on two collections at once (docs/ranking.md)."""

    documents: int = 12
    """Records whose words are read."""
    enough: int = 5
    """So many are enough where they hold every word of the query."""
    terms: int = 15
    """Words kept, those of the query among them."""
    original: float = 0.5
    """``a``: the share of the query's own words."""
    postings: float = 0.05
    """How many records the added words may match together, as a part of all: the price of the second pass."""
    least_postings: int = 50_000
    """So many they may match in any case: reading them takes less than a millisecond."""
    affordable: float = 0.06
    """What the query's words may match together, as a part of all records; above it there is one pass only."""
    least_affordable: int = 60_000
    """So many they may match in any case. With both, a third of all searches at a million records take two passes,
    and the median search keeps below 3 ms (docs/ranking.md)."""

    def can_afford(self, postings: int, total: int) -> bool:
        """Whether a query whose words match so much, in a library of so many records, takes a second pass."""
        return postings <= max(self.least_affordable, self.affordable * total)


FEEDBACK = Feedback()


class Frequency(NamedTuple):
    """How often a word occurs in the index."""

    documents: int
    """Records that hold it in one field or another: a lower bound."""
    postings: int
    """The same, summed over the fields: what a search for it may read."""


class Model(NamedTuple):
    """What to search for: stems with their weights, and the words that stand for each."""

    weights: Mapping[str, float]
    forms: Mapping[str, Sequence[str]]


class Evidence(NamedTuple):
    """A record of the first pass: how often it holds each word, and how well it matched."""

    counts: Mapping[str, int]
    score: float


def inverse_document_frequency(documents: int, total: int) -> float:
    """BM25's weight of a word that ``documents`` of ``total`` records hold (Robertson and Zaragoza 2009, eq. 3.3).

    One is added inside the logarithm, as in Lucene and tantivy, so that it is never negative.
    """
    return math.log(1 + max(0.0, total - documents + 0.5) / (documents + 0.5))


def relevance_model(evidence: Sequence[Evidence]) -> dict[str, float]:
    """P(t|R) before inverse document frequency: each word's saturated frequency, averaged by score."""
    lengths = [sum(found.counts.values()) for found in evidence]
    mean_length = sum(lengths) / len(lengths) if any(lengths) else 1.0
    scores = sum(found.score for found in evidence) or 1.0
    model: dict[str, float] = {}
    for found, length in zip(evidence, lengths, strict=True):
        saturation = K1 * (1 - B + B * length / mean_length)
        share = found.score / scores
        for term, count in found.counts.items():
            model[term] = model.get(term, 0.0) + share * count / (count + saturation)
    return model


def expanded(
    query: Sequence[str],
    evidence: Sequence[Evidence],
    documents: Callable[[str], int],
    total: int,
    *,
    function_words: Container[str],
    parameters: Feedback = FEEDBACK,
) -> dict[str, float]:
    """The words to search for, with their weights: RM3's P'(t), times the number of the query's words.

    So a word of the query weighs about what it weighs in a single pass, which is one, and scores stay comparable.

    Args:
        query: the query's terms, without repetition.
        evidence: the first pass's best records.
        documents: how many records have a term, in any of its forms.
        total: records in the index.
        function_words: terms that say nothing about a subject.
        parameters: the parameters of feedback.
    """
    weights = dict.fromkeys(query, 1.0)
    model = relevance_model(evidence)
    rarity = [inverse_document_frequency(documents(term), total) for term in query]
    known: dict[str, int] = {}
    for term, likelihood in heapq.nlargest(CANDIDATES, model.items(), key=itemgetter(1)):
        if term in weights:
            known[term] = documents(term)
            # The query's words count as equally rare. BM25 weighs each one's rarity in the second
            # pass; twice would let the rarest word decide alone.
            model[term] = likelihood * sum(rarity) / len(rarity)
        elif len(term) >= SHORTEST_TERM and not term.isdigit() and term not in function_words:
            known[term] = documents(term)
            model[term] = likelihood * inverse_document_frequency(known[term], total)
    best = heapq.nlargest(parameters.terms, known, key=model.__getitem__)
    mass = sum(model[term] for term in best)
    if not mass:
        return weights
    for term in query:
        weights[term] *= parameters.original
    left = max(parameters.least_postings, parameters.postings * total)
    for term in best:
        if term not in weights:
            if known[term] > left:
                continue
            left -= known[term]
        weights[term] = weights.get(term, 0.0) + len(query) * (1 - parameters.original) * model[term] / mass
    return weights


Documents = Callable[[str, str], int]
"""How many records have a word in a field: (field, word)."""


def as_one(
    field: str, forms: Sequence[str], weight: float, documents: Documents, total: int
) -> Iterator[tuple[str, str, float]]:
    """The forms of a word as one word, to search for in a field: field, form and boost of each that some record has.

    All of them are as rare as all together, not each by itself, or the rarest form would decide.
    The index weighs each by its own rarity among ``total`` records; the boost puts that right.
    The first form is the one that was asked for, or else the most frequent.
    """
    if len(forms) == 1:  # the index's own weight is the right one
        yield from ((field, form, weight) for form in forms)
        return
    having = [(form, count) for form in forms if (count := documents(field, form))]
    together = inverse_document_frequency(min(total, sum(count for _, count in having)), total)
    for form, count in having:
        part = weight if form == forms[0] else OTHER_FORM * weight
        yield field, form, part * together / inverse_document_frequency(count, total)


def fielded(model: Model, query: Container[str], documents: Documents, total: int) -> Iterator[tuple[str, str, float]]:
    """What to search for: field, word and boost, for the query's own stems and for those that feedback added."""
    for stem, weight in model.weights.items():
        for field, boost in (FIELD_BOOSTS if stem in query else ADDED_BOOSTS).items():
            yield from as_one(field, model.forms[stem], boost * weight, documents, total)


def upper_bound(ranking: Sequence[tuple[str, str, float]], documents: Documents, total: int) -> float:
    """More than any record's score in a union of words (field, word, boost): a frequency saturates at K1 + 1."""
    return sum(
        boost * (K1 + 1) * inverse_document_frequency(documents(field, word), total) for field, word, boost in ranking
    )

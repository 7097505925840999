"""Measures of a ranking, as trec_eval defines them.

``ranking`` is the PMIDs in order, ``judged`` the grade of every judged record; what is not
judged counts as not relevant. Reference: NIST, trec_eval 9.0, ``m_ndcg_cut.c``, ``m_map.c``,
``m_recall.c``; Järvelin and Kekäläinen, "Cumulated gain-based evaluation", 2002.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

PERMUTATIONS = 10_000


class Scores(NamedTuple):
    """The three measures, of one query or averaged over several."""

    ndcg_10: float
    average_precision: float
    recall_100: float


def scores(ranking: Sequence[int], judged: Mapping[int, int]) -> Scores:
    """All measures of one ranking; at least one record must be relevant."""
    return Scores(ndcg(ranking, judged, 10), average_precision(ranking, judged), recall(ranking, judged, 100))


def ndcg(ranking: Sequence[int], judged: Mapping[int, int], depth: int) -> float:
    """Discounted gain of the first ``depth``, against the best possible; the gain of a record is its grade."""
    ideal = sorted(judged.values(), reverse=True)
    return _discounted([judged.get(pmid, 0) for pmid in ranking[:depth]]) / _discounted(ideal[:depth])


def _discounted(gains: Sequence[int]) -> float:
    return sum(max(0, gain) / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def average_precision(ranking: Sequence[int], judged: Mapping[int, int]) -> float:
    """The mean of the precision at every relevant record; 0 for those that are not found."""
    found = [rank for rank, pmid in enumerate(ranking, start=1) if judged.get(pmid, 0) > 0]
    return sum(count / rank for count, rank in enumerate(found, start=1)) / _relevant(judged)


def recall(ranking: Sequence[int], judged: Mapping[int, int], depth: int) -> float:
    """The part of the relevant records that is among the first ``depth``."""
    return sum(judged.get(pmid, 0) > 0 for pmid in ranking[:depth]) / _relevant(judged)


def _relevant(judged: Mapping[int, int]) -> int:
    return sum(grade > 0 for grade in judged.values())


def mean(each: Sequence[Scores]) -> Scores:
    """The measures averaged over queries."""
    return Scores(*(sum(column) / len(each) for column in zip(*each, strict=True)))


class Comparison(NamedTuple):
    """Two ways to rank, query by query."""

    better: int
    worse: int
    chance: float
    """The probability of so large a difference of the means if the two were equal."""


def compared(ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    """Wins and losses, and Fisher's paired randomization test, two-sided.

    Reference: Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for Information
    Retrieval Evaluation", 2007.
    """
    differences = [our - their for our, their in zip(ours, theirs, strict=True)]
    observed = abs(sum(differences))
    draw = random.Random(1)  # noqa: S311  # the same figure in every run
    as_large = sum(
        abs(sum(itertools.compress(differences, signs)) * 2 - sum(differences)) >= observed - 1e-12
        for signs in (draw.choices((True, False), k=len(differences)) for _ in range(PERMUTATIONS))
    )
    return Comparison(
        sum(difference > 0 for difference in differences),
        sum(difference < 0 for difference in differences),
        (as_large + 1) / (PERMUTATIONS + 1),
    )

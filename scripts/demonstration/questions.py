"""What the demo asks: chosen for NLM's file, made from the titles of any other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from tools.results import Hit


class Question(NamedTuple):
    """A search, as the arguments of ``search_literature``."""

    arguments: dict[str, Any]

    @property
    def query(self) -> str:
        """The words."""
        return str(self.arguments["query"])

    @property
    def filters(self) -> str:
        """What narrows it, as a caller writes it."""
        return ", ".join(f"{name}={value}" for name, value in self.arguments.items() if name not in ("query", "limit"))


NLM_QUESTIONS = (
    Question({"query": "lithium prophylaxis in manic-depressive illness", "limit": 3}),
    Question({"query": "cimetidine duodenal ulcer", "journal": "Br Med J", "year_from": 1979, "limit": 2}),
    Question({"query": "immunity to malaria", "publication_type": "Review", "language": "eng", "limit": 2}),
    Question({"query": "heart attacks and magnetic activity", "limit": 1}),
)

NLM_ARTICLE = "409641"
"""One of the few structured abstracts of those years."""

WRONG_ARGUMENTS: dict[str, Any] = {"query": "aspirin", "max_results": 5}

WORDS_IN_A_QUESTION = 4
LONG_WORD = re.compile(r"[A-Za-z][A-Za-z-]{4,}")


def questions_from(hits: Sequence[Hit]) -> tuple[Question, ...]:
    """Three questions that some of these articles answer; fewer when titles are few."""
    worded = [(hit, words) for hit in hits if len(words := _words(hit.title or "")) >= WORDS_IN_A_QUESTION - 1]
    if not worded:
        return ()
    places = sorted({0, len(worded) // 2, len(worded) - 1})
    questions: list[dict[str, Any]] = [{"query": " ".join(worded[place][1]), "limit": 2} for place in places]
    if len(places) > 1 and (journal := worded[places[1]][0].journal):
        questions[1] |= {"journal": journal}
    return tuple(Question(arguments) for arguments in questions)


def _words(title: str) -> list[str]:
    """The longest words of a title, in its order."""
    found = list(dict.fromkeys(LONG_WORD.findall(title)))
    kept = sorted(found, key=len, reverse=True)[:WORDS_IN_A_QUESTION]
    return [word for word in found if word in kept]

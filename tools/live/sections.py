"""Which sections of a full text to show, and how much of them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tools.live.jats import Section

BYTES_A_TOKEN = 3.5
"""Of UTF-8, in the tokenizers of 2026: four letters of English, one of a CJK script; on the safe side."""

ALL = "all"

LEAST_TOKENS = 50
"""A beginning shorter than this is not worth showing."""

_KINDS = {
    "introduction": ("intro", "background"),
    "methods": ("method", "material", "procedure"),
    "results": ("result", "finding"),
    "discussion": ("discussion",),
    "conclusions": ("conclusion",),
}
"""How the words begin by which publishers title the five kinds of section."""

_WORDS = re.compile(r"[^\W_]+")


class Shown(NamedTuple):
    """A section as it is shown."""

    title: str
    text: str
    cut_tokens: int
    """Tokens left out at its end."""


class Choice(NamedTuple):
    """What is shown of a full text."""

    shown: list[Shown]
    others: list[tuple[str, int]]
    """The other sections, titles and tokens: not asked for, or without room."""
    missing: list[str]
    """What was asked for and is not there."""


def tokens(text: str) -> int:
    """About how many tokens a text has, not less."""
    return math.ceil(len(text.encode()) / BYTES_A_TOKEN)


def choose(sections: Sequence[Section], asked: Sequence[str], budget: int) -> Choice:
    """The sections asked for in the article's order, as far as ``budget`` tokens go; ``all`` asks for every one."""
    found = {name: named(sections, name) for name in asked}
    wanted = {id(section) for each in found.values() for section in each}
    shown: list[Shown] = []
    others: list[tuple[str, int]] = []
    for section in _ordered(sections, wanted):
        piece = _cut(section, budget) if id(section) in wanted else None
        if piece:
            shown.append(piece)
            budget -= tokens(piece.text)
        else:
            others.append((section.title, tokens(section.text)))
    return Choice(shown, others, [name for name, each in found.items() if not each])


def _ordered(sections: Sequence[Section], wanted: set[int]) -> list[Section]:
    """The sections of the article, and before the next one those in it that are wanted without it."""
    return [
        each
        for section in sections
        for each in (section, *(_within(section, wanted) if id(section) not in wanted else ()))
    ]


def _within(section: Section, wanted: set[int]) -> list[Section]:
    return [found for each in section.sections for found in ([each] if id(each) in wanted else _within(each, wanted))]


def named(sections: Sequence[Section], name: str) -> list[Section]:
    """The sections that a name means: of this title, else with it in the title, else of this kind.

    Where one fits, those in it are not looked at.
    """
    if name.strip().lower() == ALL:
        return list(sections)
    asked = _words(name)
    if not asked:
        return []
    kinds = _kinds(name)
    ways: tuple[Callable[[Section], bool], ...] = (
        lambda section: _words(section.title) == asked,
        lambda section: f" {asked} " in f" {_words(section.title)} ",
        lambda section: bool(kinds & _kinds(f"{section.title} {section.kind}")),
    )
    for fits in ways:
        level = list(sections)
        while level:
            if found := [section for section in level if fits(section)]:
                return found
            level = [inner for section in level for inner in section.sections]
    return []


def _words(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower())).lstrip("0123456789 ")


def _kinds(text: str) -> set[str]:
    words = _WORDS.findall(text.lower())
    return {kind for kind, stems in _KINDS.items() if any(word.startswith(stems) for word in words)}


def _cut(section: Section, budget: int) -> Shown | None:
    """As much of a section as there is room for, cut between paragraphs or words; ``None`` if that is hardly any."""
    text = section.text
    whole = tokens(text)
    if whole <= budget:
        return Shown(section.title, text, 0)
    if budget < LEAST_TOKENS:
        return None
    room = text.encode()[: int(budget * BYTES_A_TOKEN) - len(" …".encode())].decode(errors="ignore")
    paragraph = room.rpartition("\n\n")[0]
    # A long paragraph is not given up for its end.
    room = paragraph if len(paragraph) > len(room) / 2 else room.rpartition(" ")[0] or room
    return Shown(section.title, f"{room} …", whole - tokens(room))

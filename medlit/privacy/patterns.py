"""Regular expressions that are compiled when they are first used.

The gate has more than a hundred. Compiling them takes a tenth of a second, which a server
that never asks outside, as most do, has no reason to spend before it first answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property


class Pattern:
    """A regular expression, as :func:`re.compile` takes it."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source = source
        self.flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression, compiled."""
        return re.compile(self.source, self.flags)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place that matches."""
        return self.compiled.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The whole text, if it matches."""
        return self.compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All places that match, from left to right, none overlapping."""
        return self.compiled.finditer(text)

    def sub(self, replacement: str, text: str) -> str:
        """The text with every such place replaced."""
        return self.compiled.sub(replacement, text)

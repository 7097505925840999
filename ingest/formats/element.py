"""What the readers use of an lxml element. lxml itself has no types, and its class is private."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, Self, overload


class Element(Protocol):
    """An XML element: a sequence of its child elements, with text before and after."""

    @property
    def tag(self) -> object:
        """The name as ``str``; for a comment or a processing instruction, a function."""
        ...

    @property
    def text(self) -> str | None:
        """The text before the first child."""
        ...

    @property
    def tail(self) -> str | None:
        """The text between this element and its next sibling."""
        ...

    @overload
    def get(self, key: str, /) -> str | None: ...
    @overload
    def get(self, key: str, default: str, /) -> str: ...

    def __len__(self) -> int:
        """The number of children."""
        ...

    def __iter__(self) -> Iterator[Self]:
        """The children, one at a time."""
        ...

    def __getitem__(self, children: slice, /) -> list[Self]:
        """Children as a list: twice as fast as iterating."""
        ...

    def iter(self, *tags: str) -> Iterator[Self]:
        """This element and all below it, in document order."""
        ...

    def getparent(self) -> Self | None:
        """The element this one stands in."""
        ...

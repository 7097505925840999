"""A search index that cannot be read or written any more: noticing it, and starting over.

Whatever of the index is damaged, nothing is lost: an empty one is filled from the store.
A damage that shows when the index is opened is mended there. This is for what shows
only when the damaged place is read, perhaps after weeks: tantivy then raises an error, or
panics, which Python gets as a ``BaseException`` of a class that has no public name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path

import tantivy

from medlit.errors import IndexDamaged, LibraryBusy, LibraryError, MedlitError
from medlit.library.analysis import INDEX_VERSION, schema

HEAP = 15_000_000
"""Bytes; the least that tantivy takes."""


@contextlib.contextmanager
def noticed() -> Generator[None]:
    """The index's errors as ours, with what to do."""
    try:
        yield
    except MedlitError:
        raise
    except Exception as error:
        problem = str(error).lower()
        if isinstance(error, ValueError) and "corrupt" in problem:
            raise IndexDamaged from error
        if isinstance(error, ValueError) and ("no space" in problem or "too large" in problem):
            raise LibraryError("The disk of the search index is full. Make room, and load or start again.") from error
        raise
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise IndexDamaged from None


def start_over(folder: Path) -> None:
    """Empty the library's index, in every process; to catch up with the store then fills it.

    Blocks for a moment; call it in a thread.

    Raises:
        LibraryBusy: another process writes to it.
    """
    with noticed():
        index = tantivy.Index(schema(), path=str(folder / f"index-{INDEX_VERSION}"))
        try:
            writer = index.writer(HEAP, 1)
        except ValueError as error:
            if "lock" not in str(error).lower():
                raise
            raise LibraryBusy("Another process writes to the search index. Try again when it has finished.") from None
        writer.delete_all_documents()
        writer.commit()
        writer.wait_merging_threads()

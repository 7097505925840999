"""Every planned error, as one tree.

::

    MedlitError
    ├── UsageError              the call itself is wrong (exit code 2)
    ├── InputError              a file that cannot be loaded; nothing of it was stored
    │   ├── UnreadableFile      missing, a folder without data files, no permission
    │   ├── UnknownFormat       none of the formats medlit reads
    │   ├── DamagedFile         truncated or corrupt: gzip, XML, encoding
    │   └── ForbiddenContent    entity declarations and other things medlit refuses to process
    ├── LibraryError            the library cannot be opened or used
    │   ├── NoLibrary           nothing has been loaded there yet
    │   ├── LibraryTooNew       written by a newer medlit
    │   ├── LibraryBusy         another process holds what is needed
    │   ├── DiskFull            there is no room for what is to be fetched and loaded
    │   └── IndexDamaged        the search index cannot be read; it is made anew
    ├── NotAllowed              the caller's token does not allow this
    ├── RefusedPath             a path outside the folders an agent may load from
    ├── UnknownArticle          no record with this PMID in the library
    ├── UnknownJob              no such ingest job in this server
    ├── OutboundError           nothing was fetched from outside
    │   ├── PhiRefused          the privacy gate found what may identify a patient
    │   ├── Offline             the operator allows no connections
    │   ├── Spared              this is an emergency while the machine is under stress
    │   ├── SourceUnavailable   a literature source did not answer
    │   ├── NoRoomOutside       too many requests are under way; also Overloaded
    │   └── DownloadFailed      a listing or a file could not be fetched whole
    │       └── NotThere        the server has no such file (any more)
    ├── DeadlineExceeded        no answer in the time allowed
    ├── Overloaded              turned away at once, for lack of room
    └── WorkerCrashed           a process of ours died again and again

A message says what went wrong and what to do about it; it never repeats the text
of a query.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable

from medlit.privacy.categories import ADVICE, Category


class MedlitError(Exception):
    """Base of every error that medlit plans for."""


class UsageError(MedlitError):
    """The call is wrong: unknown argument, value out of range, nothing to do."""


class InputError(MedlitError):
    """A file cannot be loaded. ``file`` is its path as given, ``reason`` says why."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


class UnreadableFile(InputError):
    """The file is missing, is not a file, or may not be read."""


class UnknownFormat(InputError):
    """The content is none of the formats medlit reads."""


class DamagedFile(InputError):
    """The content breaks off or is not well-formed."""


class ForbiddenContent(InputError):
    """The content asks for something medlit never does, such as expanding entities."""


class LibraryError(MedlitError):
    """The library cannot be opened or used."""


class NoLibrary(LibraryError):
    """There is no library at this location yet."""

    def __init__(self, location: str) -> None:
        super().__init__(f"There is no library at {location} yet. Load some files first: medlit ingest FILE…")


class LibraryTooNew(LibraryError):
    """The library was written by a newer medlit."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"This library has schema version {found}, this medlit knows up to {known}. Upgrade medlit to open it."
        )


class LibraryBusy(LibraryError):
    """Another process holds a lock that is needed."""


class DiskFull(LibraryError):
    """There is no room for what is to be fetched and loaded."""


class IndexDamaged(LibraryError):
    """The search index cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            "The search index is damaged. A server makes it anew, beginning now, and so does the next load; no record "
            "is lost. Try again in a while."
        )


class NotAllowed(MedlitError):
    """The caller's token lacks a scope."""

    def __init__(self, scope: str, without: str = "") -> None:
        super().__init__(f"Your token does not allow this: it lacks the scope {scope}. {without or _ASK}")


_ASK = "Whoever runs this server can give you one that has it."


class RefusedPath(MedlitError):
    """A path that lies outside the folders an agent may load from."""


class UnknownArticle(MedlitError):
    """The library has no record with this PMID."""

    def __init__(self) -> None:
        super().__init__("The library does not have this article. Find articles with a search, or load more files.")


class UnknownJob(MedlitError):
    """No ingest job of this name exists in this server."""


class OutboundError(MedlitError):
    """Nothing was fetched from outside."""


class PhiRefused(OutboundError):
    """The privacy gate is shut. The text is constant for each category; it holds nothing of what was screened."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self.categories = frozenset(categories)
        found = "; ".join(ADVICE[category] for category in Category if category in self.categories)
        super().__init__(
            f"Not sent: it may identify a patient ({found}). Leave that out, or search the local library, "
            "where nothing leaves this machine."
        )


class Offline(OutboundError):
    """The operator allows no connections."""

    def __init__(self) -> None:
        super().__init__("Not sent: MEDLIT_OFFLINE is set, so medlit makes no connections. Use the local library.")


class Spared(OutboundError):
    """No other machine is asked, because an emergency is answered while this one is under stress."""

    def __init__(self) -> None:
        super().__init__(
            "The machine is under stress, so this emergency was answered from the local library only. Ask again later "
            "for what other sources have."
        )


class SourceUnavailable(OutboundError):
    """A literature source did not answer, or with more than can be taken.

    ``problem`` says what the source did, ``name`` which it is; ``final`` that asking
    again at once is of no use.
    """

    def __init__(self, problem: str, name: str = "The literature source", *, final: bool = False) -> None:
        super().__init__(f"{name} {problem}. Try again later, or use the local library.")
        self.problem = problem
        self.final = final


class DownloadFailed(OutboundError):
    """A listing or a file could not be fetched whole; nothing of it is in the library."""


class NotThere(DownloadFailed):
    """The server has no such file, or not any more."""


class DeadlineExceeded(MedlitError):
    """A call was not answered within its deadline."""


class Overloaded(MedlitError):
    """There is no room for a call now, nor in time; ``again_s`` is when there may be, in seconds."""

    _text = "There is no room for this call now: the machine is busy with others. Try again in {} s."

    def __init__(self, again_s: int) -> None:
        super().__init__(self._text.format(again_s))
        self.again_s = again_s


class NoRoomOutside(OutboundError, Overloaded):
    """The same of requests to other machines."""

    _text = "Not sent: as many requests as may be are under way. Try again in {} s, or use the local library."


class WorkerCrashed(MedlitError):
    """A process of ours died again: a parser twice on the same records, or one that answers."""


@contextlib.contextmanager
def ungrouped() -> Generator[None]:
    """Raise a planned error as itself, not inside the groups of the tasks it came through."""
    try:
        yield
    except BaseExceptionGroup as group:
        planned = group.subgroup(MedlitError)
        if planned is None:
            raise
        error: BaseException = planned
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None

"""The only way to a log: closed events with numbers, one formatter that knows no others.

A line is a JSON object on standard error, with keys of :data:`KEYS` only. What other
libraries log is kept as the place in their code, never as a message: messages carry
addresses, queries and arguments. Errors that nobody expected are reduced to class,
file and line, wherever they come up: in the program, in a thread, in a destructor, on
the event loop, as a warning. Standard output is the protocol's and never written to.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
import types
import warnings
from enum import StrEnum, unique
from pathlib import PurePath
from typing import TextIO

DEBUG, INFO, WARNING, ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR

LEVELS = {"debug": DEBUG, "info": INFO, "warning": WARNING, "error": ERROR}
"""What ``MEDLIT_LOG_LEVEL`` may say."""

KEYS = ("time", "level", "event", "library", "class", "at", "calls", "seconds")
"""Every key that a line can have, in this order."""

NUMBERS = ("calls", "seconds")
"""The keys that an event may set."""

LIBRARIES = (
    *("aiosqlite", "anyio", "asyncio", "concurrent", "httpcore2", "httpx2", "mcp", "multiprocessing"),
    *("pydantic", "tantivy", "uvicorn"),
)
"""Who else may log here, from WARNING on; everybody else is ``other``."""

FRAMES = 8


@unique
class Event(StrEnum):
    """Everything that medlit logs."""

    SERVER_STARTED = "server_started"
    SERVER_STOPPED = "server_stopped"
    CALL_FAILED = "call_failed"
    """A tool failed in a way that nobody planned."""
    METRICS_NOT_STORED = "metrics_not_stored"
    """Tried again soon."""
    PROCESS_DIED = "process_died"
    """One of several that answer HTTP; it is started anew."""
    RECORDS_NOT_KEPT = "records_not_kept"
    """Fetched records, because the library was in use."""
    INDEX_BEHIND = "index_behind"
    """The search index could not be brought up to the store; tried again soon."""
    CRASHED = "crashed"
    WARNED = "warned"
    LIBRARY_LOGGED = "library_logged"
    """Another library logged something."""


_LOGGER = logging.getLogger("medlit")

_EVENT, _FIELDS = "medlit_event", "medlit_fields"


def event(name: Event, *, level: int = INFO, **numbers: float) -> None:
    """Log an event with some of :data:`NUMBERS`."""
    _log(name, level, {key: numbers[key] for key in NUMBERS if key in numbers})


def failure(name: Event, error: BaseException, *, level: int = ERROR) -> None:
    """Log where an error came from: class, files and lines, one line for every error of a group."""
    for single in _singles(error):
        _log(name, level, {"class": _identifier(type(single).__name__), "at": _places(single.__traceback__)})


def _log(name: Event, level: int, fields: dict[str, object]) -> None:
    if _LOGGER.isEnabledFor(level):
        _LOGGER.log(level, "%s", name.value, extra={_EVENT: name, _FIELDS: fields})


def install(level: str = "warning") -> None:
    """Take over everything that this process would log or print of errors. ``level`` is of :data:`LEVELS`."""
    handler = Handler(sys.stderr)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(WARNING)
    _LOGGER.setLevel(LEVELS[level])
    for library in LIBRARIES:
        tame(library)
    # A handler that fails would print the record, with its arguments.
    logging.raiseExceptions = False
    logging.lastResort = None
    sys.excepthook = _on_crash
    threading.excepthook = _on_thread_crash
    sys.unraisablehook = _on_unraisable
    warnings.showwarning = _on_warning


def tame(library: str) -> None:
    """Let another library log nothing below WARNING, and through the one handler only."""
    logger = logging.getLogger(library)
    logger.setLevel(WARNING)
    logger.handlers.clear()
    logger.propagate = True


class Handler(logging.StreamHandler[TextIO]):
    """Writes records as lines. The filter is here: one on a logger does not see its children's records."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setFormatter(Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Write what may be known of a record."""
        super().emit(_reduced(record))


def _reduced(record: logging.LogRecord) -> logging.LogRecord:
    """A record with nothing in it but what the formatter knows."""
    known = getattr(record, _EVENT, None)
    ours = isinstance(known, Event)
    name = known if isinstance(known, Event) else Event.LIBRARY_LOGGED
    bare = logging.LogRecord("medlit", record.levelno, "", 0, name.value, None, None)
    bare.created = record.created
    setattr(bare, _FIELDS, getattr(record, _FIELDS) if ours else _of_library(record))
    return bare


def _of_library(record: logging.LogRecord) -> dict[str, object]:
    library = record.name.partition(".")[0]
    fields: dict[str, object] = {"library": library if library in LIBRARIES else "other"}
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {**fields, "at": [_place(record.pathname, record.lineno)]}
    return {**fields, "class": _identifier(type(error).__name__), "at": _places(error.__traceback__)}


class Formatter(logging.Formatter):
    """One JSON object a line, with the keys of :data:`KEYS` and no others."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a reduced record."""
        fields: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.msg,
            **getattr(record, _FIELDS, {}),
        }
        return json.dumps({key: fields[key] for key in KEYS if key in fields})


def _singles(error: BaseException) -> list[BaseException]:
    """The error, or those that a group of errors is made of."""
    members: tuple[BaseException, ...] = getattr(error, "exceptions", ()) if _is_group(error) else ()
    return [single for member in members for single in _singles(member)] or [error]


def _is_group(error: BaseException) -> bool:
    return isinstance(error, BaseExceptionGroup)


def _places(trace: types.TracebackType | None) -> list[str]:
    """The innermost frames, outermost first."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]
    return [_place(file, line) for file, line in frames[-FRAMES:]]


def _place(file: str, line: int) -> str:
    return f"{_module(file)}:{int(line)}"


def _module(file: str) -> str:
    """The name of a file of code; what was made at run time has none."""
    path = PurePath(file)
    return path.name if path.suffix == ".py" and path.stem.isidentifier() else "?"


def _identifier(name: str) -> str:
    return name if name.isidentifier() else "?"


def _on_crash(_: type[BaseException], error: BaseException, __: types.TracebackType | None) -> None:
    failure(Event.CRASHED, error)


def _on_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        failure(Event.CRASHED, crash.exc_value)


def _on_unraisable(crash: sys.UnraisableHookArgs) -> None:
    if crash.exc_value is not None:
        failure(Event.CRASHED, crash.exc_value)


def _on_warning(
    _: Warning | str, category: type[Warning], filename: str, lineno: int, *__: object, **___: object
) -> None:
    _log(Event.WARNED, WARNING, {"class": _identifier(category.__name__), "at": [_place(filename, lineno)]})

"""The log: events and numbers, whatever goes wrong wherever, and no other way to write."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from medlit.log import KEYS, LIBRARIES, NUMBERS, Event
from tests.packaging.project import PARTS, ROOT, sources
from tests.pubmed import environment

PATIENT = "Jane Roe"

START = f"""
import asyncio, logging, sys, threading, warnings
from medlit import log
log.install("debug")
patient = {PATIENT!r}
"""


def logged(script: str) -> list[dict[str, Any]]:
    """What a script logs, after checking that it is nothing but events."""
    done = subprocess.run(
        [sys.executable, "-c", START + script],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        timeout=60,
    )
    assert PATIENT not in done.stderr
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    for line in lines:
        assert set(line) <= set(KEYS)
        assert line["event"] in set(Event)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])
        assert line.get("library", "other") in {*LIBRARIES, "other"}
        assert all(re.fullmatch(r"(\w+\.py|\?):\d+", place) for place in line.get("at", []))
        assert all(isinstance(line[key], int | float) for key in NUMBERS if key in line)
    return lines


def test_an_event_is_a_line_with_the_numbers_it_may_have() -> None:
    [line] = logged("log.event(log.Event.SERVER_STOPPED, calls=3, seconds=1.5, patient=patient)")
    assert {key: line[key] for key in line if key != "time"} == {
        "level": "info",
        "event": "server_stopped",
        "calls": 3,
        "seconds": 1.5,
    }


IN_A_CHAIN = """
class Unlucky(Exception): ...
try:
    raise ValueError(patient)
except ValueError as error:
    raise Unlucky(patient) from error
"""
IN_A_THREAD = "thread = threading.Thread(target=lambda: {}[patient], name=patient); thread.start(); thread.join()"
IN_A_DESTRUCTOR = """
class Unlucky:
    def __del__(self): raise OSError(patient)
Unlucky()
"""
ON_THE_LOOP = """
async def main():
    asyncio.get_running_loop().call_soon(lambda: {}[patient])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(main())
"""
IN_A_LOST_TASK = """
async def lost():
    raise ValueError(patient)
async def main():
    task = asyncio.create_task(lost(), name=patient)
    await asyncio.wait([task])
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("script", "event", "kind"),
    [
        ("raise ValueError(patient)", "crashed", "ValueError"),
        (IN_A_CHAIN, "crashed", "Unlucky"),
        (IN_A_THREAD, "crashed", "KeyError"),
        (IN_A_DESTRUCTOR, "crashed", "OSError"),
        (ON_THE_LOOP, "library_logged", "KeyError"),
        (IN_A_LOST_TASK, "library_logged", "ValueError"),
        ("warnings.warn(patient, UserWarning)", "warned", "UserWarning"),
        ("log.failure(log.Event.CALL_FAILED, ValueError(patient))", "call_failed", "ValueError"),
    ],
)
def test_a_crash_is_reduced_to_class_file_and_line(script: str, event: str, kind: str) -> None:
    lines = logged(script)
    assert (lines[0]["event"], lines[0]["class"]) == (event, kind)


def test_a_group_of_errors_is_a_line_each() -> None:
    lines = logged("raise ExceptionGroup(patient, [ValueError(patient), ExceptionGroup(patient, [KeyError(patient)])])")
    assert [line["class"] for line in lines] == ["ValueError", "KeyError"]


def test_other_libraries_log_only_where_and_from_warning_on() -> None:
    lines = logged(
        """
for name in ("mcp.server", "httpx2", "httpcore2.http11", "uvicorn.access", "asyncio", "aiosqlite", patient):
    logger = logging.getLogger(name)
    logger.info("GET %s", patient)
    logger.warning("GET %s", patient, extra={"patient": patient})
    try: raise ValueError(patient)
    except ValueError: logger.exception(patient)
logging.warning("%d", patient)  # cannot be formatted
"""
    )
    libraries = ["mcp", "httpx2", "httpcore2", "uvicorn", "asyncio", "aiosqlite", "other"]
    assert [line["library"] for line in lines] == [name for name in libraries for _ in range(2)] + ["other"]
    assert {line["level"] for line in lines} == {"warning", "error"}


def test_nothing_escapes_at_any_level() -> None:
    lines = logged(
        """
logging.root.setLevel(1)
for name in ("mcp.server", patient):
    logger = logging.getLogger(name)
    logger.setLevel(1)
    logger.debug("%r", {"query": patient}, stack_info=True)
logging.root.handle(logging.LogRecord(patient, 10, patient, 1, patient, None, None, func=patient, sinfo=patient))
"""
    )
    assert [line["level"] for line in lines] == ["debug"] * 3
    assert lines[-1]["at"] == ["?:1"]


LOGS = "medlit/log.py"
WRITES = (LOGS, "medlit/cli.py")
MODULES = {"logging", "traceback", "warnings", "faulthandler", "syslog"}
FUNCTIONS = {"print", "breakpoint"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}


def ways_out(source: str, *, may_log: bool, may_write: bool) -> Iterator[int]:
    """The lines that could write something that is neither a result nor an event."""
    nodes = list(ast.walk(ast.parse(source)))
    only_asked = {id(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "isatty"}
    for node in nodes:
        match node:
            case ast.Import(names=names) if not may_log and {name.name.partition(".")[0] for name in names} & MODULES:
                yield node.lineno
            case ast.ImportFrom(module=str(module)) if not may_log and module.partition(".")[0] in MODULES:
                yield node.lineno
            case ast.Call(func=ast.Name(id=name)) if not may_write and name in FUNCTIONS:
                yield node.lineno
            case ast.Attribute(value=ast.Name(id="sys"), attr=name) if not may_write and name in STREAMS:
                if id(node) not in only_asked:
                    yield node.lineno
            case ast.ImportFrom(module="sys", names=names) if {name.name for name in names} & STREAMS:
                yield node.lineno
            case _:
                pass


@pytest.mark.parametrize("part", PARTS)
def test_only_the_log_logs_and_only_the_command_line_writes(part: str) -> None:
    against = [
        f"{name}:{line}"
        for path in sources(part)
        if (name := path.relative_to(ROOT).as_posix())
        for line in ways_out(path.read_text(), may_log=name == LOGS, may_write=name in WRITES)
    ]
    assert not against


def test_every_way_out_is_seen() -> None:
    source = """
import logging
import os, warnings
from logging.handlers import SysLogHandler
from sys import stderr
print("x")
sys.stdout.write("x")
console(sys.stderr)
sys.stderr.isatty()
console.print("x")
"""
    assert sorted(ways_out(source, may_log=False, may_write=False)) == [2, 3, 4, 5, 6, 7, 8]

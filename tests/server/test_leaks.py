"""Nothing of what callers send is found anywhere afterwards: not in the log, not in a file, not in an error.

A real server on pipes gets every text that identifies a patient through every tool,
in every argument, rightly and wrongly, while all loggers are at DEBUG. Then whatever
it wrote is searched. Only the successful answer to the very call that carried a text
may repeat it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import quote, quote_plus, unquote_plus

import psutil
import pytest

from tests.conftest import DATA
from tests.processes import alive, tree, until
from tests.pubmed import article, environment, medlit_json, write

EXPOSED = Path(__file__).parents[1] / "exposed.py"

AT_ONCE = 16
"""Requests under way: enough to keep the server busy, few enough for every answer to be in time."""

SHORT = 6
"""Shorter needles are looked for in texts only, and as whole words: ``Lee`` stands in ``sleep``, and any three
letters somewhere in a megabyte of packed bytes."""


class Positive(NamedTuple):
    """A text, and what in it must be found nowhere."""

    text: str
    needles: tuple[str, ...]


OWN = (
    Positive("my patient Zebedee Quillfeather, warfarin and bleeding", ("Zebedee", "Quillfeather")),
    Positive("MRN 99183-ZQX sepsis antibiotics", ("99183-ZQX",)),
    Positive("zeb.quill+1@clinic-zq.example asthma", ("zeb.quill+1@clinic-zq.example",)),
    Positive("geboren am 17.03.1951, Müßiggänger, Diabetes", ("17.03.1951", "Müßiggänger")),
    Positive("call (555) 019-8812 %s {0} \\x00\u2028 about metformin", ("(555) 019-8812",)),
)


def positives() -> list[Positive]:
    file = DATA / "phi" / "dev.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    given = [json.loads(line) for line in lines]
    return [*OWN, *(Positive(line["text"], tuple(line["needles"])) for line in given if line["label"] == 1)]


POSITIVES = positives()


class Needles:
    """Everything that must not be found, in the spellings it could have."""

    def __init__(self, needles: Iterable[str]) -> None:
        self._spelled = {
            spelling.casefold().encode(): needle
            for needle in needles
            for spelling in (needle, quote(needle), quote_plus(needle), json.dumps(needle)[1:-1], repr(needle)[1:-1])
        }

    def found_in(self, content: bytes, *, packed: bool = False) -> list[str]:
        """The needles in some bytes, also when these are URL-encoded; the letters' case does not matter."""
        as_text = content.decode("utf-8", "replace")
        hay = b"\0".join(text.casefold().encode() for text in (as_text, unquote_plus(as_text)))
        return sorted(
            {
                needle
                for spelling, needle in self._spelled.items()
                if spelling in hay and (len(spelling) >= SHORT or (not packed and _is_word(spelling, hay)))
            }
        )


def _is_word(spelling: bytes, hay: bytes) -> bool:
    return bool(re.search(rb"(?<![a-z0-9_.])" + re.escape(spelling) + rb"(?![a-z0-9_])", hay))


ALL = Needles(
    needle
    for positive in POSITIVES
    for needle in (positive.text, *positive.needles)
    if len(needle) > (3 if needle.isdigit() else 2)  # ages are like any count, states like any word: OR, IN
)


def test_a_needle_is_found_in_every_spelling() -> None:
    needles = Needles(["Zoë Quillfeather", "Lee"])
    for content in (
        "zoë QUILLFEATHER",
        "q=Zo%C3%AB+Quillfeather",
        "Zo%C3%AB%20Quillfeather",
        '"Zo\\u00eb Quillfeather"',
    ):
        assert needles.found_in(content.encode()) == ["Zoë Quillfeather"], content
    assert needles.found_in(b"asleep, Lee!") == ["Lee"]
    assert needles.found_in(b"asleep") == []


class Server:
    """A server on pipes; keeps all it says that must not repeat what it was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = folder / "lib"
        self.said: list[str] = []
        self.answers: dict[int, dict[str, Any]] = {}
        self._sent = 0
        places = {name: str(folder / "home") for name in ("HOME", "TMPDIR", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        self.inputs = folder / "inputs"
        for inside in ("home", "inputs"):
            (folder / inside).mkdir()
        self.log = folder / "stderr"
        with self.log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, EXPOSED, "serve", "--library", self.library],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=folder / "home",
                env=environment(
                    **places,
                    MEDLIT_INGEST_ROOTS=str(self.inputs),
                    MEDLIT_LOG_LEVEL="debug",
                    PYTHONWARNINGS="always",
                ),
            )
        info = {"name": "test", "version": "1"}
        self.ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=info)
        self.write({"method": "notifications/initialized"})

    def write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def send(self, method: str, **params: Any) -> int:
        self._sent += 1
        self.write({"id": self._sent, "method": method, "params": params})
        return self._sent

    def answer(self, number: int, *, repeats: bool = False) -> dict[str, Any]:
        """Wait for an answer. What does not answer with success is kept, unless nothing was asked with a text."""
        assert self.process.stdout
        while number not in self.answers:
            line = self.process.stdout.readline()
            assert line, "the server has gone"
            message = json.loads(line)
            if "id" in message and message["id"] is not None:
                self.answers[message["id"]] = message
            else:
                self.said.append(line.decode())
        answer = self.answers.pop(number)
        succeeded = "result" in answer and not answer["result"].get("isError")
        if not (repeats and succeeded):
            self.said.append(json.dumps({key: value for key, value in answer.items() if key != "id"}))
        return answer

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask with nothing that identifies anybody."""
        return self.answer(self.send(method, **params))

    def tell(self, calls: Iterable[tuple[str, dict[str, Any]]]) -> int:
        """Call tools with texts, some at once; returns how many calls there were."""
        waiting: list[int] = []
        count = 0
        for name, arguments in calls:
            waiting.append(self.send("tools/call", name=name, arguments=arguments))
            count += 1
            if len(waiting) == AT_ONCE:
                self.answer(waiting.pop(0), repeats=True)
        for number in waiting:
            self.answer(number, repeats=True)
        return count

    def leave(self) -> None:
        """Let the server end as a host does."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.said.append(self.process.stdout.read().decode())
        assert self.process.wait(timeout=30) == 0
        self.process.stdout.close()

    def assert_nothing_is_left(self) -> None:
        """No needle in anything it said, logged or wrote to disk."""
        assert ALL.found_in("\n".join(self.said).encode()) == []
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and self.inputs not in file.parents:
                packed = file != self.log
                assert ALL.found_in(file.name.encode() + file.read_bytes(), packed=packed) == [], file.name


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library."""
    folder = tmp_path_factory.mktemp("prepared")
    articles = [article(n, "Warfarin and bleeding in asthma", author="Example Q") for n in range(1, 20)]
    medlit_json("ingest", "--library", folder / "lib", write(folder / "a.xml", *articles))
    return folder / "lib"


@pytest.fixture
def server(tmp_path: Path, prepared: Path) -> Generator[Server]:
    shutil.copytree(prepared, tmp_path / "lib")
    started = Server(tmp_path)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()


def filled(schema: dict[str, Any], text: str, *, rightly: bool) -> Any:
    """A value of a schema that has the text wherever one can be; ``rightly`` keeps to closed lists and numbers."""
    if "anyOf" in schema:
        return filled(schema["anyOf"][0], text, rightly=rightly)
    match schema.get("type"):
        case "array":
            return [filled(schema.get("items", {}), text, rightly=rightly)]
        case "object":
            return {name: filled(inner, text, rightly=rightly) for name, inner in schema.get("properties", {}).items()}
        case _ if not rightly:
            return text
        case "integer" | "number":
            return schema.get("default", schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return schema["enum"][0] if "enum" in schema else text


def resolved(node: Any, definitions: dict[str, Any]) -> Any:
    """A schema with its references put in place."""
    if isinstance(node, list):
        return [resolved(item, definitions) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    schema = cast("dict[str, Any]", node)
    if "$ref" in schema:
        return resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: resolved(value, definitions) for key, value in schema.items()}


Tools = dict[str, dict[str, Any]]
"""The schemas of tools' arguments, by their names."""


def right_calls(text: str, tools: Tools, *, needed_only: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every tool with a text in every argument that takes one, or in those that it needs."""
    for name, schema in tools.items():
        right = {field: filled(inner, text, rightly=True) for field, inner in schema["properties"].items()}
        needed = schema.get("required", ["query"])
        yield name, {field: value for field, value in right.items() if not needed_only or field in needed}


def wrong_calls(text: str, tools: Tools) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every tool with a text where none belongs; and tools and arguments of that name."""
    for name, schema in tools.items():
        wrong = {field: filled(inner, text, rightly=False) for field, inner in schema["properties"].items()}
        yield name, wrong | {text: text}
    yield text, {text: text}


def together(some: int) -> list[str]:
    """The texts, some at a time: where each has gone alone already, or is refused whatever its length."""
    texts = [positive.text for positive in POSITIVES]
    return ["\n".join(texts[start : start + some]) for start in range(0, len(texts), some)]


def test_every_text_through_every_tool_leaves_no_trace(server: Server) -> None:
    listed = server.ask("tools/list")["result"]["tools"]
    tools = {
        tool["name"]: resolved(tool["inputSchema"], tool["inputSchema"].get("$defs", {}))
        for tool in listed
        if tool["name"] != "go_wrong"
    }
    told = server.tell(call for positive in POSITIVES for call in right_calls(positive.text, tools))
    assert told == len(POSITIVES) * len(tools)
    server.tell(call for text in together(5) for call in right_calls(text, tools, needed_only=True))
    server.tell(call for text in together(10) for call in wrong_calls(text, tools))
    for window in ("session", "all"):
        figures = server.ask("tools/call", name="get_metrics", arguments={"window": window})["result"]
        assert figures["structuredContent"]["response_time_ms"]["p50"] > 0
    server.ask("resources/read", uri="metrics://summary")
    server.leave()
    server.assert_nothing_is_left()


def test_nothing_is_left_by_calls_that_go_wrong(server: Server) -> None:
    for ways in ("raise", "log", "warn", "thread", "task"):
        server.tell(("go_wrong", {"text": positive.text, "how": ways}) for positive in POSITIVES)
    everything = "\n".join(positive.text for positive in POSITIVES)
    hanging = {"how": "hang", "priority": "emergency"}
    server.tell(("go_wrong", {"text": part, **hanging}) for part in (everything[:9_000], everything[9_000:18_000]))
    logged = server.log.read_text()
    for event in ("call_failed", "library_logged", "warned", "crashed"):
        assert f'"event": "{event}"' in logged
    server.leave()
    server.assert_nothing_is_left()


def test_nothing_is_left_by_cancelled_calls_and_broken_messages(server: Server) -> None:
    for positive in POSITIVES[:60]:
        number = server.send("tools/call", name="go_wrong", arguments={"text": positive.text, "how": "hang"})
        reason = {"requestId": number, "reason": positive.text}
        server.write({"method": "notifications/cancelled", "params": reason})
        server.answer(server.send("resources/read", uri=f"article://{positive.text}"))
        server.answer(server.send("tools/call", name=[positive.text], arguments=positive.text))
        assert server.process.stdin
        for line in (json.dumps({"patient": positive.text}), positive.text):
            server.process.stdin.write(line.encode() + b"\n")
    server.ask("tools/list")
    server.leave()
    server.assert_nothing_is_left()


def test_nothing_is_left_by_an_ingest_whose_processes_are_killed(server: Server) -> None:
    write(server.inputs / "big.xml", *[article(n, "Big " * 100) for n in range(100, 30_000)])
    job = server.ask("tools/call", name="ingest", arguments={"paths": ["big.xml"]})["result"]["structuredContent"]
    until(lambda: len(tree(server.process.pid)) >= 4, "the start of the parsers")
    status = {"name": "ingest_status", "arguments": {"job_id": job["job_id"]}}
    server.tell(("search_literature", {"query": positive.text}) for positive in POSITIVES[:50])
    children = tree(server.process.pid)[1:]
    for child in reversed(children):
        if child in alive([child]):
            psutil.Process(child.pid).kill()
    until(lambda: not alive(children), "the end of the ingest")
    state = ""
    while state != "failed":
        state = server.ask("tools/call", **status)["result"]["structuredContent"]["state"]
    server.tell(("ingest_status", {"job_id": positive.text}) for positive in POSITIVES[:50])
    server.leave()
    server.assert_nothing_is_left()

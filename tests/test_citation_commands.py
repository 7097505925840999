"""``medlit cite`` and ``medlit verify``: what goes to files, what to programs, and the exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from medlit.citation.styles import STYLES
from medlit.cli import CITATION_STYLES
from tests.citation.parsers import read_bibtex
from tests.pubmed import article, environment, medlit, medlit_command, medlit_json, write


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("citations")
    file = write(
        folder / "a.xml",
        article(1, "Moss tea for headache", doi="10.9999/moss", year=2001, author="Moor Ida"),
        article(2, "Moss withdrawn", retracted=True),
    )
    medlit_json("ingest", "--library", folder / "lib", file)
    return folder / "lib"


def test_the_command_line_has_every_style() -> None:
    assert tuple(STYLES) == CITATION_STYLES


def test_cite_writes_a_file_that_others_can_read(library: Path) -> None:
    done = medlit("cite", "--library", library, "1", "2", "--style", "bibtex")
    assert done.returncode == 0
    assert [entry.key for entry in read_bibtex(done.stdout)] == ["Moor2001pmid1", "Example2019pmid2"]
    assert done.stderr == "medlit: PMID 2 is retracted\n"


def test_cite_gives_a_json_array_in_csl_json(library: Path) -> None:
    items = json.loads(medlit("cite", "--library", library, "1", "2", "--style", "csl-json").stdout)
    assert [item["id"] for item in items] == ["pmid:1", "pmid:2"]


def test_cite_for_programs_tells_status_and_what_is_missing(library: Path) -> None:
    answer = medlit_json("cite", "--library", library, "2", "10.9999/none", code=1)
    assert [(citation["pmid"], citation["retracted"]) for citation in answer["citations"]] == [(2, True)]
    assert answer["not_found"] == ["10.9999/none"]


@pytest.mark.parametrize(
    ("flags", "verdict", "code"),
    [
        (["--title", "Moss tea for headache", "--author", "Moor I", "--year", "2001"], "match", 0),
        (["--pmid", "1", "--doi", "doi:10.9999/MOSS", "--journal", "J Test"], "match", 0),
        (["--title", "Moss tea for headache", "--year", "1990"], "mismatch", 1),
        (["--pmid", "77"], "not_found", 1),
    ],
)
def test_verify_takes_a_citation_by_flags(library: Path, flags: list[str], verdict: str, code: int) -> None:
    assert medlit_json("verify", "--library", library, *flags, code=code)["verdict"] == verdict


def verified(library: Path, lines: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        medlit_command("verify", "--library", library, *arguments),
        input=lines, capture_output=True, text=True, check=False, timeout=100, env=environment(),
    )  # fmt: skip


def test_verify_takes_json_lines_from_a_pipe_or_a_file(library: Path, tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"pmid": 1 + number % 2}) for number in range(30)) + "\n\n"
    (tmp_path / "citations.jsonl").write_text(lines)
    for done in (verified(library, lines, "-"), verified(library, "", str(tmp_path / "citations.jsonl"))):
        assert done.returncode == 0, done.stderr
        assert [json.loads(line)["record"]["pmid"] for line in done.stdout.splitlines()] == [1, 2] * 15
    assert verified(library, lines + '{"pmid": 9}', "-").returncode == 1


@pytest.mark.parametrize(
    ("lines", "arguments", "code", "complaint"),
    [
        ("", [], 2, "Give one citation by flags"),
        ("", ["-", "--pmid", "1"], 2, "Give one citation by flags"),
        ("", ["-"], 2, "There is no citation in the file"),
        ("secretson", ["-"], 2, "Line 1 is no citation; it must be an object of pmid, doi, title"),
        ('{"pmid": 1}\n{"year": "secretson"}', ["-"], 2, "Line 2 is no citation; year: Input should be"),
        ('{"secretson": 1}', ["-"], 2, "Line 1 is no citation"),
        ('{"pmid": 1}\n' * 26 + '{"author": "Secretson"}', ["-"], 2, "Citation 27 gives too little to check"),
        ("", ["none.jsonl"], 1, "none.jsonl: No such file"),
        ("", ["--author", "Secretson"], 2, "Citation 1 gives too little to check"),
    ],
)
def test_wrong_input_is_told_without_its_words(
    library: Path, lines: str, arguments: list[str], code: int, complaint: str
) -> None:
    done = verified(library, lines, *arguments)
    assert done.returncode == code
    assert complaint in done.stderr
    assert "ecretson" not in done.stderr

"""The demo, run as ``scripts/demo`` runs it once its environment stands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.processes import alive, tree, until
from tests.pubmed import article, environment, write

SCRIPTS = Path(__file__).parents[2] / "scripts"


def start(folder: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    """The demo, in an empty home and from a folder of the user's."""
    home, temporary = folder / "home", folder / "temporary"
    home.mkdir()
    temporary.mkdir()
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "demonstration", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=environment(
            PYTHONPATH=str(SCRIPTS),
            PYTHONIOENCODING="utf-8",
            HOME=str(home),
            XDG_CACHE_HOME=str(home / "cache"),
            TMPDIR=str(temporary),
            COLUMNS="100",
        ),
    )


def finish(demo: subprocess.Popen[str], folder: Path) -> str:
    """Its output, once it has ended and nothing of it is left."""
    output, errors = demo.communicate(timeout=100)
    assert (demo.returncode, errors) == (0, "")
    assert not list((folder / "temporary").iterdir())
    return output


def test_the_demo_asks_questions_of_the_given_files_own_titles(tmp_path: Path) -> None:
    path = write(
        tmp_path / "given.xml",
        article(21, "Nocturnal hypoglycaemia after prolonged exercise", abstract="A plain abstract."),
        article(22, "Hypnotherapy against chronic headache", retracted=True),
    )
    output = finish(start(tmp_path, path.name), tmp_path)
    assert "given.xml" in output
    assert "your file" in output
    assert "2 articles searchable" in output
    assert "❯ Nocturnal hypoglycaemia prolonged exercise" in output
    assert "J Test 2019 · PMID 21" in output
    assert "RETRACTED  Hypnotherapy against chronic headache" in output
    assert "A plain abstract." in output
    assert "unknown argument" in output
    assert '{"mcpServers": {"medlit": {"command": "' in output
    assert f"ingest {path}" in output
    assert "\x1b" not in output


def test_without_a_network_the_demo_invents_records_and_says_so(tmp_path: Path) -> None:
    output = finish(start(tmp_path, "--synthetic"), tmp_path)
    assert "synthetic: invented records, not literature" in output
    assert "3,000 articles searchable" in output
    assert "Synth J" in output
    assert "CONCLUSIONS" in output
    assert "ingest FILE…" in output


def test_the_demo_says_why_a_file_cannot_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear colleague, this is no PubMed file.")
    demo = start(tmp_path, path)
    output, errors = demo.communicate(timeout=100)
    assert demo.returncode == 1
    assert "The file could not be loaded." in output
    assert "letter.txt" in errors
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_stops_on_a_signal_and_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    demo = start(tmp_path, "--synthetic")
    seen: list[psutil.Process] = []

    def loading() -> bool:
        seen[:] = tree(demo.pid)
        return len(seen) > 1

    until(loading, "the ingest")
    os.kill(demo.pid, number)
    output, errors = demo.communicate(timeout=100)
    assert demo.returncode == 130
    assert "The demo was stopped, and its library removed." in output
    assert "Traceback" not in errors
    until(lambda: not alive(seen), "the end of its processes")
    assert not list((tmp_path / "temporary").iterdir())

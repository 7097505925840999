"""Whole files of several formats and releases, in any order, repeated and interrupted: one library."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.libraries import content
from tests.processes import all_gone_after
from tests.pubmed import article, deletions, environment, medlit_command, medlit_json, write

QUERY = "baseline update again text lines answer old notice export"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two years' baselines, updates with versions, deletions and returns, notices, and four other sources."""
    folder = tmp_path_factory.mktemp("files")
    notice = article(50, "Notice of retraction").replace(
        "<MeshHeadingList>",
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionOf"><RefSource>J Test</RefSource>'
        "<PMID>3</PMID></CommentsCorrections></CommentsCorrectionsList><MeshHeadingList>",
    )
    old = article(8, "Old root", revised="2016-01-01")
    old = old[old.index("<MedlineCitation ") : old.index("<PubmedData>")]
    paths = [
        write(folder / "pubmed20n0001.xml.gz", *[article(n, f"Baseline {n}") for n in range(1, 12)]),
        write(folder / "pubmed20n0900.xml", article(2, "Update 2"), article(12, "Update 12"), deletions([5, 6, 12])),
        write(folder / "pubmed20n0901.xml", article(5, "Again 5"), article(7, "Update 7", version=2), article(7)),
        write(folder / "pubmed21n0001.xml.gz", *[article(n, f"Baseline of 21, {n}") for n in (1, 2, 3, 4, 7, 9)]),
        write(folder / "pubmed21n0900.xml", notice, article(3, "Update 3"), deletions([4, 99])),
        write(folder / "export.xml", article(3, "Foreign export", revised="2030-01-01"), article(30, "Update 30")),
    ]
    (folder / "old.xml").write_text(f"<MedlineCitationSet>{old}</MedlineCitationSet>")
    (folder / "text.nbib").write_text(
        "PMID- 20\nTI  - Text twenty\nLR  - 20200101\n\nPMID- 30\nTI  - Text thirty\nLR  - 20210101\n"
    )
    (folder / "lines.jsonl").write_text(
        '{"pmid": 20, "title": "Lines twenty", "year": 2020}\n{"pmid": 40, "title": "Lines forty"}\n{"title": "none"}\n'
    )
    (folder / "answer.json").write_text(
        json.dumps({"resultList": {"result": [{"id": "40", "source": "MED", "pmid": "40", "title": "Answer forty"}]}})
    )
    return [*paths, *(folder / name for name in ("old.xml", "text.nbib", "lines.jsonl", "answer.json"))]


@pytest.fixture(scope="module")
def straight(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the files make when each is loaded once, in order, undisturbed."""
    library = tmp_path_factory.mktemp("straight")
    medlit_json("ingest", "--library", library, *files)
    found = content(library, QUERY)
    assert (3, True) in found[QUERY][1]  # by the notice that points at it
    assert found["behind"] == 0
    return found


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_files_with_repetitions_and_a_crash_ends_in_the_same_library(
    files: list[Path], straight: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # an order, not a secret
    order = chance.sample(files, len(files))
    some = order[: chance.randint(1, len(order))]
    with subprocess.Popen(
        medlit_command("ingest", "--library", tmp_path / "shuffled", *some),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        try:
            process.wait(timeout=chance.uniform(0.3, 1.0))
        except subprocess.TimeoutExpired:
            with all_gone_after(process.pid):
                process.send_signal(signal.SIGKILL)
    medlit_json("ingest", "--library", tmp_path / "shuffled", *order)
    medlit_json("ingest", "--library", tmp_path / "shuffled", *chance.sample(files, 3))
    assert content(tmp_path / "shuffled", QUERY) == straight

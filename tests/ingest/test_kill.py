"""kill -9 at any moment: run the same command again and the library equals an undisturbed one."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.libraries import content
from tests.processes import all_gone_after
from tests.pubmed import article, deletions, environment, medlit_command, medlit_json, write

KILLS = 8
SEED = 20
RECORDS = 2_000
QUERIES = ("baseline", "update", "again", "other")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A baseline file, two updates with deletions, and a file of another source."""
    folder = tmp_path_factory.mktemp("files")
    write(folder / "pubmed21n0001.xml.gz", *[article(n, f"Baseline {n}") for n in range(1, RECORDS)])
    write(folder / "pubmed21n0002.xml", *[article(n, f"Update {n}") for n in range(1, RECORDS, 3)], deletions([5, 6]))
    write(folder / "pubmed21n0003.xml", *[article(n, f"Again {n}") for n in range(6, RECORDS, 7)], deletions([9]))
    write(folder / "other.xml", *[article(n, f"Other {n}", revised="2021-01-01") for n in range(2, RECORDS, 11)])
    return folder


def killed_during(library: Path, files: Path, seconds: float) -> bool:
    """Ingest into the library and kill it after this time; False when it was done before."""
    with subprocess.Popen(
        medlit_command("ingest", "--library", library, files),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            with all_gone_after(process.pid):
                process.send_signal(signal.SIGKILL)
            return True
        return False


@pytest.mark.timeout(400)  # it starts fifteen processes, on a machine that may be busy
def test_a_library_killed_at_random_moments_ends_like_an_undisturbed_one(files: Path, tmp_path: Path) -> None:
    started = time.monotonic()
    report = medlit_json("ingest", "--library", tmp_path / "calm", files)
    whole = time.monotonic() - started
    calm = content(tmp_path / "calm", *QUERIES)
    chance = random.Random(SEED)  # noqa: S311  # moments, not secrets
    libraries = [tmp_path / "killed-0"]
    kills = 0
    # A library that came to its end between two kills gives way to a fresh one, so that every kill meets work.
    while kills < KILLS:
        if killed_during(libraries[-1], files, chance.uniform(0.2, whole)):
            kills += 1
        else:
            libraries.append(tmp_path / f"killed-{len(libraries)}")
    for library in libraries:
        last = medlit_json("ingest", "--library", library, files)
        assert last["files"] + last["files_skipped"] == report["files"] == 4
        assert content(library, *QUERIES) == calm
    assert calm["behind"] == 0

"""``medlit sync`` and the ``ingest`` tool's ``pubmed``, against a file server like NLM's."""

from __future__ import annotations

import gzip
import signal
import subprocess
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp_types import CallToolResult

from ingest.downloads import FOLDER, Order, sync
from ingest.fetch import Fetcher, Patience
from ingest.lock import exclusive
from ingest.pool import Pool
from ingest.progress import Report
from medlit.errors import DiskFull, DownloadFailed, LibraryBusy, UsageError
from medlit.library.library import open_library
from medlit.privacy import outbound
from medlit.privacy.outbound import Outbound
from medlit.settings import Settings, read_settings
from server.app import build
from tests.live.servers import CERTIFICATES
from tests.nlm_server import Server, Trouble, serving
from tests.processes import all_gone_after, until
from tests.pubmed import HEAD, TAIL, article, environment, medlit, medlit_command, medlit_json

BASELINE, UPDATES = "/pubmed/baseline/", "/pubmed/updatefiles/"
FIRST, SECOND, THIRD = (f"pubmed26n000{number}.xml.gz" for number in (1, 2, 3))
QUICK = Patience(tries=3, first_wait_s=0.01)
IMPATIENT = Patience(tries=3, first_wait_s=0.01, window_s=0.05, least_bytes_a_window=1_000_000)
"""For a server that drips; on a busy machine any answer may take so long."""


def packed(*parts: str) -> bytes:
    return gzip.compress((HEAD + "".join(parts) + TAIL).encode(), mtime=0)


@pytest.fixture
def nlm(monkeypatch: pytest.MonkeyPatch) -> Generator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))  # sooner read than the system's
    with serving() as server:
        server.put(BASELINE + FIRST, packed(article(1, "Aspirin", abstract="x" * 3000), article(2, "Lithium")))
        server.put(BASELINE + SECOND, packed(article(3, "Cimetidine")))
        server.put(UPDATES + THIRD, packed(article(1, "Aspirin once more")))
        yield server


def cli(nlm: Server, library: Path, *arguments: str | Path, code: int = 0) -> Any:
    return medlit_json("sync", *arguments, "--library", library, "--mirror", nlm.base + "/pubmed", code=code)


async def run(
    nlm: Server,
    folder: Path,
    *,
    what: Any = "baseline",
    max_files: int | None = None,
    keep: Path | None = None,
    base: str | None = None,
) -> Report:
    """The same in this process, with less patience."""
    order = Order(what, base or nlm.base + "/pubmed", max_files, keep)
    async with open_library(folder, create=True) as library:
        with Pool(1, make=lambda: ThreadPoolExecutor(1)) as pool:  # quicker to start than processes
            async with Outbound() as outbound:
                return await sync(order, folder, library, pool, outbound, patience=QUICK)


async def articles(folder: Path) -> int:
    async with open_library(folder) as library:
        return (await library.status())[0].articles


async def headings(folder: Path) -> int:
    async with open_library(folder) as library:
        return (await library.status())[0].mesh_descriptors


def test_a_library_is_filled_and_kept_up_to_date(nlm: Server, tmp_path: Path) -> None:
    report = cli(nlm, tmp_path, "baseline")
    assert (report["files"], report["records_stored"], report["errors"]) == (2, 3, [])
    assert (report["downloads"]["listed"], report["downloads"]["files"], report["downloads"]["left"]) == (2, 2, 0)
    assert report["downloads"]["bytes"] == len(nlm.files[BASELINE + FIRST]) + len(nlm.files[BASELINE + SECOND])
    assert not list((tmp_path / FOLDER).glob("*.gz")), "a file that is loaded is not kept"
    assert cli(nlm, tmp_path, "updates")["files"] == 1
    assert medlit_json("get", "--library", tmp_path, "1")["articles"][0]["title"] == "Aspirin once more"
    before = len(nlm.asked)
    again = anyio.run(run, nlm, tmp_path)
    assert again.downloads
    assert (again.files, again.downloads.wanted, again.downloads.bytes) == (0, 0, 0)
    assert [path for path, _ in nlm.asked[before:]] == [BASELINE]


def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    done = medlit("sync", "updates", "--library", tmp_path, "--mirror", "ftp://host/pubmed")
    assert done.returncode == 2
    assert "--mirror must be an address" in done.stderr
    for wrong in ("host", "https://host/?x=1", "https://", "https://host/a b", "https://[/"):
        with pytest.raises(UsageError, match="MEDLIT_NLM_URL must be"):
            read_settings({"MEDLIT_NLM_URL": wrong})


def killed_when_held(nlm: Server, library: Path, path: str, number: signal.Signals) -> int:
    """Sync, and send a signal when half of a file has come; the process's exit code."""
    nlm.trouble[path] = Trouble("hold", times=1)
    part = library / FOLDER / (path.rpartition("/")[2] + ".part")
    with subprocess.Popen(
        medlit_command("sync", "baseline", "--library", library, "--mirror", nlm.base),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment(),
    ) as process:  # fmt: skip
        until(lambda: nlm.held.is_set() and part.exists() and part.stat().st_size > 0, "half a file")
        with all_gone_after(process.pid):
            process.send_signal(number)
            process.communicate(timeout=30)
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_download_that_was_stopped_goes_on_where_it_was(nlm: Server, tmp_path: Path, number: signal.Signals) -> None:
    code = killed_when_held(nlm, tmp_path, BASELINE + SECOND, number)
    assert code == (130 if number == signal.SIGINT else -signal.SIGKILL)
    report = cli(nlm, tmp_path, "baseline")
    assert (report["errors"], report["downloads"]["files_resumed"]) == ([], 1)
    assert (BASELINE + SECOND, f"bytes={len(nlm.files[BASELINE + SECOND]) // 2}-") in nlm.asked
    assert anyio.run(articles, tmp_path) == 3
    assert not list((tmp_path / FOLDER).glob("*.part"))


def test_a_load_that_was_killed_is_done_again_without_fetching_it_again(nlm: Server, tmp_path: Path) -> None:
    nlm.put(BASELINE + FIRST, packed(*[article(number, "Many " * 40) for number in range(1, 4_000)]))
    whole = tmp_path / FOLDER / FIRST
    with subprocess.Popen(
        medlit_command("sync", "baseline", "--library", tmp_path, "--mirror", nlm.base, "--max-files", "1"),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
    ) as process:  # fmt: skip
        until(whole.exists, "the file on the disk")
        with all_gone_after(process.pid):
            process.kill()
    assert anyio.run(articles, tmp_path) == 0
    report = cli(nlm, tmp_path, "baseline", "--max-files", "1")
    assert (report["records_stored"], report["downloads"]["bytes"]) == (3_999, 0)
    assert nlm.times(BASELINE + FIRST) == 1
    assert not whole.exists()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("500", 2),
        Trouble("502", 1),
        Trouble("429", 1, retry_after="0"),
        Trouble("429", 1),
        Trouble("503", 1, retry_after="Thu, 29 Jan 2026 14:05:00 GMT"),
        Trouble("page", 1),
        Trouble("half", 1),
        Trouble("drip", 1),
    ],
    ids=lambda trouble: f"{trouble.kind} {trouble.retry_after}",
)
@pytest.mark.parametrize("path", [BASELINE + FIRST, BASELINE + FIRST + ".md5"], ids=["file", "md5"])
async def test_what_another_try_mends_is_mended(nlm: Server, tmp_path: Path, trouble: Trouble, path: str) -> None:
    nlm.trouble[path] = Trouble(trouble.kind, trouble.times, trouble.retry_after)
    async with Outbound() as outbound:
        fetcher = Fetcher(outbound, nlm.base, IMPATIENT if trouble.kind == "drip" else QUICK)
        assert await fetcher.checked(BASELINE + FIRST, tmp_path / FIRST) == "fetched"
    assert fetcher.repeated >= trouble.times
    assert (tmp_path / FIRST).read_bytes() == nlm.files[BASELINE + FIRST]


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["no range", "wrong range"])
async def test_a_server_without_ranges_is_asked_for_the_whole(nlm: Server, tmp_path: Path, kind: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / f"{FIRST}.part").write_bytes(nlm.files[BASELINE + FIRST][:20])
    nlm.trouble[BASELINE + FIRST] = Trouble(kind, 1)
    report = await run(nlm, tmp_path)
    assert (report.files, report.files_failed) == (2, 0)
    assert (BASELINE + FIRST, "bytes=20-") in nlm.asked


@pytest.mark.anyio
@pytest.mark.parametrize("left", [b"something else, and longer" * 100, None], ids=["other bytes", "all of it"])
async def test_what_an_earlier_run_left_is_used_only_if_it_fits(
    nlm: Server, tmp_path: Path, left: bytes | None
) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / f"{FIRST}.part").write_bytes(left or nlm.files[BASELINE + FIRST])
    report = await run(nlm, tmp_path)
    assert (report.files, report.files_failed) == (2, 0)
    assert nlm.times(BASELINE + FIRST) == (2 if left else 1)


@pytest.mark.anyio
async def test_a_wrong_md5_is_tried_once_more_and_nothing_is_loaded(nlm: Server, tmp_path: Path) -> None:
    nlm.put(BASELINE + FIRST, nlm.files[BASELINE + FIRST], md5="0" * 32)
    report = await run(nlm, tmp_path)
    assert (report.files, report.files_failed) == (1, 1)
    assert (report.errors[0].file, nlm.times(BASELINE + FIRST)) == (FIRST, 2)
    assert "its .md5 file says 0000" in report.errors[0].reason
    assert await articles(tmp_path) == 1
    assert not list((tmp_path / FOLDER).glob(f"{FIRST}*"))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "path", "says"),
    [
        ("403", FIRST, "refuses it with HTTP status 403"),
        ("302", FIRST, "another address, which medlit does not follow"),
        ("500", FIRST, "HTTP status 500, 3 times in a row"),
        ("page", FIRST, "a web page instead of the file"),
        ("page", FIRST + ".md5", "something else than a checksum"),
        ("missing", FIRST, "lists it, but does not have it"),
        ("missing", FIRST + ".md5", "no .md5 file beside it"),
    ],
)
async def test_a_file_that_cannot_be_had_does_not_stop_the_next(
    nlm: Server, tmp_path: Path, kind: str, path: str, says: str
) -> None:
    nlm.trouble[BASELINE + path] = Trouble(kind)
    report = await run(nlm, tmp_path)
    assert (report.files, report.files_failed) == (1, 1)
    assert report.errors[0].file == FIRST
    assert says in report.errors[0].reason
    if kind == "403":
        nlm.trouble.clear()
        assert (await run(nlm, tmp_path)).files == 1


@pytest.mark.anyio
async def test_a_server_that_asks_for_a_long_pause_is_left_alone(nlm: Server, tmp_path: Path) -> None:
    nlm.trouble[BASELINE + FIRST] = Trouble("429", retry_after="7200")
    report = await run(nlm, tmp_path)
    assert "come back in 120 minutes" in report.errors[0].reason
    assert nlm.times(BASELINE + FIRST) == 1


@pytest.mark.anyio
async def test_a_server_that_fails_on_every_file_is_given_up(nlm: Server, tmp_path: Path) -> None:
    for number in range(1, 10):
        nlm.put(f"{BASELINE}pubmed26n{number:04}.xml.gz", b"x")
        nlm.trouble[f"{BASELINE}pubmed26n{number:04}.xml.gz"] = Trouble("500")
    report = await run(nlm, tmp_path)
    assert "3 files in a row could not be fetched" in report.errors[-1].reason
    assert nlm.times(f"{BASELINE}pubmed26n0004.xml.gz") == 0
    assert report.downloads
    assert report.downloads.left == 9


@pytest.mark.anyio
async def test_a_listing_that_changes_meanwhile_is_followed(nlm: Server, tmp_path: Path) -> None:
    """The second file is taken down and a third put up while the first is fetched."""
    nlm.trouble[BASELINE + FIRST] = Trouble("hold", 1)
    late = BASELINE + "pubmed26n0009.xml.gz"

    async def change() -> None:
        assert await anyio.to_thread.run_sync(nlm.held.wait, 20)
        del nlm.files[BASELINE + SECOND], nlm.files[BASELINE + SECOND + ".md5"]
        nlm.put(late, packed(article(9, "Late")))
        nlm.release.set()

    report = Report()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(change)
        report = await run(nlm, tmp_path)
    assert (report.files, report.files_failed, report.errors) == (2, 0, [])
    assert report.downloads
    assert (report.downloads.vanished, report.downloads.files, report.downloads.left) == (1, 2, 0)
    assert nlm.times(late) == 1


@pytest.mark.anyio
async def test_a_file_issued_anew_under_its_name_replaces_the_old_one(nlm: Server, tmp_path: Path) -> None:
    nlm.modified = "2999-01-01 00:00"
    assert (await run(nlm, tmp_path)).files == 2
    assert (await run(nlm, tmp_path)).files == 0
    assert nlm.times(BASELINE + FIRST) == 1
    nlm.put(BASELINE + FIRST, packed(article(1), article(2), article(4), article(5)))
    assert (await run(nlm, tmp_path)).files == 1
    assert await articles(tmp_path) == 5


@pytest.mark.anyio
async def test_files_go_in_a_few_at_a_time_and_may_be_kept(nlm: Server, tmp_path: Path) -> None:
    for number in range(1, 8):
        nlm.put(f"{BASELINE}pubmed26n{number:04}.xml.gz", packed(article(number)))
    report = await run(nlm, tmp_path / "lib", max_files=2, keep=tmp_path / "kept")
    assert report.downloads
    assert (report.files, report.downloads.left) == (2, 5)
    assert sorted(path.name for path in (tmp_path / "kept").glob("*.gz")) == [FIRST, SECOND]
    assert (await run(nlm, tmp_path / "lib")).files == 5
    assert sorted(path.name for path in (tmp_path / "kept").glob("*.gz")) == [FIRST, SECOND]
    other = await run(nlm, tmp_path / "other", max_files=2, keep=tmp_path / "kept")
    assert other.downloads
    assert (other.files, other.downloads.bytes) == (2, 0)


@pytest.mark.anyio
async def test_there_must_be_room_before_anything_is_fetched(nlm: Server, tmp_path: Path) -> None:
    nlm.sizes[SECOND] = "9000T"
    with pytest.raises(DiskFull, match="GB free, but about"):
        await run(nlm, tmp_path)
    assert nlm.times(BASELINE + FIRST) == 0


@pytest.mark.anyio
async def test_one_sync_runs_at_a_time(nlm: Server, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    with exclusive(tmp_path / FOLDER), pytest.raises(LibraryBusy, match="Another sync"):
        await run(nlm, tmp_path)
    assert (await run(nlm, tmp_path)).files == 2


@pytest.mark.anyio
@pytest.mark.parametrize("gone", ["no server", "no folder", "no listing", "502", "silent"])
async def test_without_a_listing_there_is_a_planned_error(
    nlm: Server, tmp_path: Path, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = {"no server": "http://127.0.0.1:9", "no folder": nlm.base + "/nowhere"}.get(gone)
    if gone == "no listing":
        nlm.files = {BASELINE + "README.txt": b""}
    if gone in ("502", "silent"):
        nlm.files[BASELINE] = b"0123456789"
        nlm.trouble[BASELINE] = Trouble("hold" if gone == "silent" else gone)
    monkeypatch.setattr(outbound, "TIMEOUT", 0.1)
    with pytest.raises(DownloadFailed, match=r"--mirror|the mirror"):
        await run(nlm, tmp_path, base=base)


DESCRIPTORS = b"""<?xml version="1.0"?><DescriptorRecordSet LanguageCode="eng"><DescriptorRecord DescriptorClass="1">
<DescriptorUI>D000001</DescriptorUI><DescriptorName><String>Testing</String></DescriptorName>
<TreeNumberList><TreeNumber>A01</TreeNumber></TreeNumberList><ConceptList><Concept PreferredConceptYN="Y">
<ConceptUI>M1</ConceptUI><ConceptName><String>Testing</String></ConceptName><TermList>
<Term ConceptPreferredTermYN="Y"><TermUI>T1</TermUI><String>Testing</String></Term></TermList></Concept></ConceptList>
</DescriptorRecord></DescriptorRecordSet>"""


def test_mesh_is_the_newest_years_descriptors(nlm: Server, tmp_path: Path) -> None:
    for name in ("desc2025.xml", "desc2026.xml", "qual2026.xml", "desc2026.zip"):
        nlm.files["/mesh/" + name] = DESCRIPTORS
    nlm.files["/mesh/desc2026.gz"] = gzip.compress(DESCRIPTORS)
    report = medlit_json("sync", "mesh", "--library", tmp_path, "--mirror", nlm.base + "/mesh")
    assert (report["files"], report["errors"]) == (1, [])
    assert anyio.run(partial(run, nlm, tmp_path, what="mesh", base=nlm.base + "/mesh")).files == 0
    assert nlm.asked.count(("/mesh/desc2026.gz", None)) == 1
    assert anyio.run(headings, tmp_path) == 1


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    return result.structured_content if not result.is_error else {"refused": str(result.content)}  # pyright: ignore[reportReturnType]  # results of tools are objects


async def ended(client: Client, job_id: str) -> dict[str, Any]:
    with anyio.fail_after(60):
        while True:
            state = await call(client, "ingest_status", job_id=job_id)
            if state["state"] != "running":
                return state
            await anyio.sleep(0.05)  # the protocol has no way to wait for a job


@pytest.mark.anyio
async def test_an_agent_can_start_a_sync_follow_it_and_stop_it(nlm: Server, tmp_path: Path) -> None:
    nlm.trouble[BASELINE + SECOND] = Trouble("hold", 1)
    async with Client(build(Settings(library=tmp_path, workers=1, nlm_url=nlm.base))) as client:
        for wrong in ({}, {"paths": ["x"], "pubmed": "baseline"}):
            assert "Give either paths or pubmed" in (await call(client, "ingest", **wrong))["refused"]
        job = await call(client, "ingest", pubmed="baseline")
        assert await anyio.to_thread.run_sync(nlm.held.wait, 30)
        assert (await call(client, "ingest_status", job_id=job["job_id"]))["state"] == "running"
        assert (await call(client, "cancel_ingest", job_id=job["job_id"]))["state"] == "cancelled"
        job = await ended(client, (await call(client, "ingest", pubmed="baseline"))["job_id"])
        assert (job["state"], job["report"]["files_failed"]) == ("finished", 0)
        found = await call(client, "search_literature", query="cimetidine")
        assert [hit["pmid"] for hit in found["hits"]] == [3]
        nlm.files = {BASELINE + "README.txt": b""}
        job = await ended(client, (await call(client, "ingest", pubmed="updates"))["job_id"])
        assert job["state"] == "failed"
        assert "MEDLIT_NLM_URL" in job["problem"]


@pytest.mark.anyio
async def test_offline_an_agent_is_told_at_once(nlm: Server, tmp_path: Path) -> None:
    async with Client(build(Settings(library=tmp_path, workers=1, nlm_url=nlm.base, offline=True))) as client:
        assert "MEDLIT_OFFLINE" in (await call(client, "ingest", pubmed="updates"))["refused"]
    assert nlm.asked == []

"""The page in a real browser: what it shows is what ``get_metrics`` says."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from server.lanes.lanes import CALLS
from tests.browser import opened, shown
from tests.pubmed import article, medlit_json, write
from tests.serving import Serving, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Serving]:
    folder = tmp_path_factory.mktemp("dashboard")
    papers = [article(n, f"Sepsis {n}", abstract="Fluids.") for n in range(1, 1_235)]
    medlit_json("ingest", "--library", folder / "lib", write(folder / "a.xml", *papers))
    with serving(folder / "lib", env={"MEDLIT_INGEST_ROOTS": str(folder)}) as running:
        yield running


def test_the_numbers_on_the_page_are_those_of_get_metrics(server: Serving, tmp_path: Path) -> None:
    for number in range(13):
        server.call("search_literature", query=f"sepsis {number}", priority="emergency")
        server.call("get_articles", ids=[number])
    server.call("ingest", paths=["a.xml"])
    page = opened(server.url, tmp_path)
    told = server.call("get_metrics", window="today")["structuredContent"]
    assert page.shown
    compared = 0
    for path, text in page.figures.items():
        part, _, rest = path.partition(".")
        if part == "metrics" and not rest.startswith("now."):
            value: Any = told
            for name in rest.split("."):
                value = value[name]
            assert text == shown(value), path
            compared += 1
    assert compared == 13
    assert page.figures["metrics.emergency_response_time_ms.p99"] not in ("–", "0", "")
    assert page.figures["metrics.ingest_records"] == "1,234"
    for row in told["calls"]:
        [cells] = [cells for cells in page.cells if cells[:2] == [row["workflow"], row["lane"]]]
        assert cells[2:5] == [shown(row["answered"]), shown(row["errors"]), shown(row["sheds"])]
        assert cells[6:] == [shown(row["ms"][name]) for name in ("p50", "p95", "p99")]
    status = medlit_json("status", "--library", server.library)
    for name in ("articles", "files", "files_failed", "set_aside", "index_behind", "newest_file", "last_loaded_at"):
        assert page.figures[f"library.{name}"] == shown(status[name])
    assert page.figures["slots.calls"] == f"0 of {CALLS}"
    assert page.verdicts["emergency"] == "✓ within the target"
    assert page.verdicts["privacy"] == "✓ nothing went out unscreened"


def test_the_page_needs_nothing_from_elsewhere(server: Serving) -> None:
    answer = server.get("/")
    addresses = re.findall(r"(?:src|href|action|url)\s*[=(]\s*[\"']?([^\"')> ]+)", answer.text)
    assert addresses == ["data:,"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(answer.content) < 20_000

"""What parsers hand to the search index before the store has decided never outlives a decision against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from medlit.library.library import open_library
from medlit.library.query import Search
from tests.pubmed import HEAD, TAIL, article, deletions, medlit, write


@pytest.fixture
def found(tmp_path: Path) -> Callable[[str], list[int]]:
    """The PMIDs that a search in the library finds."""

    async def search(query: str) -> list[int]:
        async with open_library(tmp_path / "lib") as library:
            page = await library.search(Search(query=query))
            # A hit that the store does not have is left out; its number would tell.
            assert page.total == len(page.hits)
            return [hit.article.pmid for hit in page.hits]

    return lambda query: anyio.run(search, query)


def _ingest(tmp_path: Path, *files: Path) -> int:
    return medlit("ingest", "--json", "--library", tmp_path / "lib", *files).returncode


def _damaged(path: Path, *parts: str) -> Path:
    """A file whose damage comes after the first chunk of records, which parsers have handed over by then."""
    parts += tuple(article(pmid, "Filler", abstract="filler " * 20_000) for pmid in range(100, 110))
    path.write_text(HEAD + "".join(parts) + "<PubmedArticle><MedlineCitation></PubmedArticle>" + TAIL)
    return path


def test_a_file_that_turns_out_damaged_leaves_nothing_to_find(
    tmp_path: Path, found: Callable[[str], list[int]]
) -> None:
    good = write(tmp_path / "good.xml", article(1, "Gouty arthritis"))
    assert _ingest(tmp_path, _damaged(tmp_path / "bad.xml", article(2, "Gouty tophi")), good) == 1
    assert found("gouty") == [1]


def test_a_record_that_a_damaged_file_would_have_replaced_is_found_as_it_was(
    tmp_path: Path, found: Callable[[str], list[int]]
) -> None:
    first = write(tmp_path / "first.xml", article(1, "Gouty arthritis"))
    assert _ingest(tmp_path, first) == 0
    bad = _damaged(tmp_path / "bad.xml", article(1, "Psoriatic arthritis", revised="2022-01-01"))
    _ingest(tmp_path, bad, write(tmp_path / "good.xml", article(2, "Reactive tophi")))
    assert (found("gouty"), found("psoriatic")) == ([1], [])


def test_a_record_that_loses_against_the_one_there_is_not_found(
    tmp_path: Path, found: Callable[[str], list[int]]
) -> None:
    newer = write(tmp_path / "pubmed26n0002.xml", article(1, "Gouty arthritis"))
    older = write(tmp_path / "pubmed26n0001.xml", article(1, "Psoriatic arthritis"), article(2, "Reactive arthritis"))
    assert _ingest(tmp_path, newer) == 0
    assert _ingest(tmp_path, older) == 0
    assert (found("gouty"), found("psoriatic"), found("reactive")) == ([1], [], [2])


def test_of_a_record_that_comes_twice_in_a_file_one_is_found(tmp_path: Path, found: Callable[[str], list[int]]) -> None:
    twice = [article(1, "Gouty arthritis", version=2), article(1, "Psoriatic arthritis", version=1)]
    assert _ingest(tmp_path, write(tmp_path / "twice.xml", *twice)) == 0
    assert (found("gouty"), found("psoriatic"), found("arthritis")) == ([1], [], [1])


def test_a_record_that_its_own_file_deletes_is_not_found(tmp_path: Path, found: Callable[[str], list[int]]) -> None:
    parts = [article(1, "Gouty arthritis"), article(2, "Reactive arthritis"), deletions([1])]
    assert _ingest(tmp_path, write(tmp_path / "both.xml", *parts)) == 0
    assert found("arthritis") == [2]


def test_of_files_loaded_one_after_the_other_in_one_go_the_newest_record_is_found(
    tmp_path: Path, found: Callable[[str], list[int]]
) -> None:
    files = [
        write(tmp_path / f"pubmed26n{number:04}.xml", article(1, f"Arthritis {word}"), article(10 + number, word))
        for number, word in enumerate(("gouty", "psoriatic", "reactive"), start=1)
    ]
    assert _ingest(tmp_path, *files) == 0
    assert found("arthritis") == [1]
    assert [set(found(word)) for word in ("gouty", "psoriatic", "reactive")] == [{11}, {12}, {1, 13}]

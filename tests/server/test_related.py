"""Pages, batches and related articles, as an agent asks for them."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from medlit.settings import Settings
from server.app import build
from tests.pubmed import article, medlit_json, write
from tests.server.test_tools import call, refusal

pytestmark = pytest.mark.anyio


def own(pmid: int, title: str, *, year: int = 2000, **fields: Any) -> str:
    """A record in medlit's own JSON, as ``get`` gives it."""
    return json.dumps({"pmid": pmid, "title": title, "pub_date": {"year": year}, **fields})


def cites(*references: dict[str, str] | str) -> list[dict[str, Any]]:
    return [{"citation": each} if isinstance(each, str) else {"ids": each} for each in references]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("related")
    file = folder / "a.jsonl"
    file.write_text(
        "\n".join(
            [
                own(
                    1,
                    "Lithium for mania",
                    abstract=[{"text": "Lithium prevents mania in bipolar disorder."}],
                    ids={"doi": "10.1/Lithium", "pmcid": "PMC11"},
                    mesh=[{"name": "Bipolar Disorder", "major": True}],
                    references=cites(
                        {"pubmed": "2"},
                        "A book that nobody has",
                        {"doi": "10.1/WARD"},
                        {"pmcid": "PMC44"},
                        {"pubmed": "777", "doi": "10.9/x"},
                        {"pubmed": "2", "doi": "10.1/again"},
                    ),
                ),
                own(2, "Mania treated with lithium salts", year=1970),
                own(3, "Wards and their mania", year=1999, ids={"doi": "10.1/ward"}),
                own(4, "Bones", ids={"pmcid": "PMC44"}, mesh=[{"name": "Bipolar Disorder"}]),
                own(5, "Review of mania", year=2010, references=cites({"pubmed": "1"})),
                own(6, "Another review", year=2020, references=cites({"doi": "10.1/lithium"}, {"pubmed": "1"})),
                own(7, "A letter", year=2015, comments_corrections=[{"ref_type": "Cites", "pmid": 1}]),
                own(8, "By another name", year=1990, references=cites({"pmcid": "PMC11"})),
                own(9, "Something else entirely", year=2001),
            ]
        )
    )
    medlit_json("ingest", "--library", folder / "lib", file)
    return folder / "lib"


@pytest.fixture
async def client(library: Path, tmp_path: Path) -> AsyncGenerator[Client]:
    shutil.copytree(library, tmp_path / "lib")
    settings = Settings(library=tmp_path / "lib", workers=1)
    async with Client(build(settings), raise_exceptions=True) as connected:
        yield connected


async def pages(client: Client, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    found = [await call(client, tool, **arguments)]
    while cursor := found[-1].get("next_cursor"):
        found.append(await call(client, tool, cursor=cursor, **arguments))
    return found


def pmids(answer: dict[str, Any]) -> list[int]:
    return [hit["pmid"] for hit in answer["hits"]]


@pytest.mark.parametrize("sort", ["relevance", "newest"])
async def test_a_search_is_read_page_by_page(client: Client, sort: str) -> None:
    everything = pmids(await call(client, "search_literature", query="mania review", sort=sort))
    found = await pages(client, "search_literature", query="mania review", sort=sort, limit=2)
    assert [len(page["hits"]) for page in found] == [2, 2, 1]
    assert [pmid for page in found for pmid in pmids(page)] == everything
    assert {page["total"] for page in found} == {5}
    assert all("mania" not in page.get("next_cursor", "") for page in found)


async def test_a_search_goes_on_while_the_library_grows(client: Client, tmp_path: Path) -> None:
    first = await call(client, "search_literature", query="mania", limit=2)
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "b.xml", article(50, "Mania mania")))
    rest = await call(client, "search_literature", query="mania", cursor=first["next_cursor"])
    assert sorted(pmids(first) + pmids(rest)) == [1, 2, 3, 5]
    assert "reordered" not in rest
    assert 50 in pmids(await call(client, "search_literature", query="mania"))


async def test_a_wrong_cursor_is_refused_and_not_repeated(client: Client) -> None:
    first = await call(client, "search_literature", query="mania", limit=1)
    for query, cursor in (("review", first["next_cursor"]), ("mania", "c2VjcmV0"), ("mania", "secret; DROP")):
        answer = await refusal(client, "search_literature", query=query, cursor=cursor)
        assert "cursor" in answer
        assert cursor not in answer
    assert "cursor: string should" in await refusal(client, "search_literature", query="mania", cursor="x" * 200)


async def test_one_query_of_a_batch_fails_alone(client: Client) -> None:
    answer = await call(client, "search_literature_batch", queries=["lithium", "?!", "bones", ""], limit=1)
    found = answer["answers"]
    assert [each.get("total") for each in found] == [2, None, 1, None]
    assert set(pmids(found[0])) < {1, 2}
    assert pmids(found[2]) == [4]
    assert "nothing to search for" in found[1]["error"]
    assert "nothing to search for" in found[3]["error"]
    assert "error" not in found[0]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"queries": []}, "queries: list should have at least 1 item"),
        ({"queries": ["x"] * 21}, "queries: list should have at most 20 items"),
        ({"queries": ["x" * 10_001]}, "queries[0]: string should have at most 10000 characters"),
        ({"queries": ["x"], "limit": 21}, "limit: input should be less than or equal to 20"),
    ],
)
async def test_a_batch_has_bounds(client: Client, arguments: dict[str, Any], complaint: str) -> None:
    assert complaint in await refusal(client, "search_literature_batch", **arguments)


async def test_a_batch_of_long_answers_says_what_it_left_out(client: Client, tmp_path: Path) -> None:
    long = [article(pmid, "Xenon " + "very " * 400) for pmid in range(100, 120)]
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "long.xml", *long))
    answer = await call(client, "search_literature_batch", queries=["xenon"] * 20, limit=20)
    assert len(json.dumps(answer)) < 64_000
    for each in answer["answers"]:
        assert each["total"] == 20
        assert each["hits"]
        assert len(each["hits"]) + each["cut"] == 20


async def test_similar_articles_share_words_and_headings_and_exclude_the_article(client: Client) -> None:
    answer = await call(client, "find_related", pmid=1)
    assert pmids(answer)[0] == 2
    assert set(pmids(answer)) == {2, 3, 4, 5}
    assert "total" not in answer
    found = await pages(client, "find_related", pmid=1, limit=1)
    assert [pmid for page in found for pmid in pmids(page)] == pmids(answer)


async def test_an_article_without_words_is_like_none(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text(own(70, ""))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    assert (await call(client, "find_related", pmid=70))["hits"] == []


async def test_cited_by_counts_references_by_any_identifier_newest_first(client: Client) -> None:
    answer = await call(client, "find_related", pmid=1, relation="cited_by")
    assert pmids(answer) == [6, 7, 5, 8]
    assert answer["total"] == 4
    found = await pages(client, "find_related", pmid=1, relation="cited_by", limit=3)
    assert [pmids(page) for page in found] == [[6, 7, 5], [8]]
    assert [page["total"] for page in found] == [4, 4]


async def test_who_cites_an_article_is_told_even_if_the_library_lacks_it(client: Client) -> None:
    assert pmids(await call(client, "find_related", pmid=777, relation="cited_by")) == [1]


async def test_references_are_hits_where_the_library_has_them_and_citations_where_not(client: Client) -> None:
    answer = await call(client, "find_related", pmid=1, relation="references")
    assert answer["total"] == 6
    assert pmids(answer) == [2, 3, 4]
    assert answer["not_in_library"] == [{"citation": "A book that nobody has"}, {"pmid": "777", "doi": "10.9/x"}]
    found = await pages(client, "find_related", pmid=1, relation="references", limit=4)
    assert [pmids(page) for page in found] == [[2, 3, 4], [2]]


async def test_relations_of_what_the_library_lacks_and_of_other_questions_are_refused(client: Client) -> None:
    for relation in ("similar", "references"):
        answer = await refusal(client, "find_related", pmid=999, relation=relation)
        assert "does not have this article" in answer
        assert "999" not in answer
    first = await call(client, "find_related", pmid=1, limit=1)
    listed = await call(client, "find_related", pmid=1, relation="references", limit=1)
    for wrong in (
        {"pmid": 6, "cursor": first["next_cursor"]},
        {"pmid": 1, "relation": "references", "cursor": first["next_cursor"]},
        {"pmid": 1, "relation": "cited_by", "cursor": listed["next_cursor"]},
        {"pmid": 6, "relation": "references", "cursor": listed["next_cursor"]},
    ):
        assert "does not go with this search" in await refusal(client, "find_related", **wrong)

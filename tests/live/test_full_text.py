"""Sections of open-access full texts, through an MCP client and against a real HTTP server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats import FormatError
from tests.live import servers
from tests.live.servers import FULL_TEXT, HTML_502
from tests.live.test_federation import Connect, call, connect, library, loaded, refusal
from tests.pubmed import article
from tools.live import jats
from tools.live.jats import Section
from tools.live.sections import choose, named, tokens
from tools.live.source import ATTEMPTS

pytestmark = pytest.mark.anyio

__all__ = ["connect", "library", "loaded"]  # fixtures


async def full_text(connect: Connect, ids: list[int], *sections: str, **more: Any) -> list[dict[str, Any]]:
    async with connect() as client:
        answer = await call(client, "get_articles", ids=ids, sections=list(sections), source="both", **more)
        return [each["full_text"] for each in answer["articles"]]


@pytest.fixture(autouse=True)
def articles(server: servers.Sources) -> None:
    server.articles[30] = article(30, "Asked and answered", pmcid="PMC1")
    server.articles[31] = article(31, "Also in PMC")
    server.full_texts["PMC31"] = FULL_TEXT.replace("They answered.", "Nobody answered. " * 400)


async def test_sections_are_shown_as_plain_text_with_the_licence(connect: Connect) -> None:
    [text] = await full_text(connect, [30], "methods", "Results")
    assert (text["pmcid"], text["license"]) == ("PMC1", "CC BY 4.0")
    assert text["sections"] == [
        {
            "title": "Patients and methods",
            "text": "How we asked, with CO₂ and x².\n\nPeople\n\nWhom we asked:\n\nadults\n\nchildren",
        },
        {
            "title": "What came of it",
            "text": "They answered.\n\nTable 1\n\nAnswers.\n\nWho | Said\nadults | yes",
        },
    ]
    assert [other["title"] for other in text["others"]] == ["1 Why", "Acknowledgments"]
    assert "missing" not in text


async def test_a_part_of_a_section_can_be_asked_for_and_what_is_not_there_is_said(connect: Connect) -> None:
    [text] = await full_text(connect, [30], "people", "Cost effectiveness")
    assert [section["title"] for section in text["sections"]] == ["People"]
    assert text["missing"] == ["Cost effectiveness"]
    assert [other["title"] for other in text["others"]] == [
        "1 Why", "Patients and methods", "What came of it", "Acknowledgments",
    ]  # fmt: skip


async def test_what_the_budget_has_no_room_for_is_said(connect: Connect) -> None:
    [short, long] = await full_text(connect, [30, 31], "all", max_tokens=600)
    assert len(short["sections"]) == 4
    cut = long["sections"][2]
    assert cut["title"] == "What came of it"
    assert cut["text"].endswith(" …")
    assert cut["cut_tokens"] > 1_000
    assert [other["title"] for other in long["others"]] == ["Acknowledgments"]
    assert sum(tokens(section["text"]) for text in (short, long) for section in text["sections"]) <= 600
    assert long["pmcid"] == "PMC31", "the record does not tell it, the ID converter does"


async def test_an_article_that_is_not_open_says_so_beside_its_record(connect: Connect, server: servers.Sources) -> None:
    server.articles[32] = article(32, "Closed", pmcid="PMC32")
    server.fail("/PMC1/fullTextXML", *[HTML_502] * ATTEMPTS)
    closed, nowhere, down = await full_text(connect, [32, 2, 30], "all")
    assert closed == {"pmcid": "PMC32", "problem": "Not open access in Europe PMC."}
    assert nowhere == {"problem": "Not in PMC."}
    assert "502" in down["problem"]


async def test_a_text_is_fetched_once_for_all_its_sections(connect: Connect, server: servers.Sources) -> None:
    async with connect() as client:
        for section in ("introduction", "results"):
            await call(client, "get_articles", ids=[30], sections=[section], source="both")
    assert server.paths().count("/PMC1/fullTextXML") == 1


async def test_the_text_of_a_few_articles_is_enough_for_a_call(connect: Connect, server: servers.Sources) -> None:
    for pmid in range(40, 47):
        server.articles[pmid] = article(pmid, "Many", pmcid="PMC1")
    texts = await full_text(connect, list(range(40, 47)), "all")
    assert [text.get("problem") for text in texts] == [None] * 5 + ["Of 5 articles only."] * 2


async def test_the_library_itself_has_no_full_texts_and_says_so(connect: Connect, server: servers.Sources) -> None:
    async with connect() as client:
        assert "With source both" in await refusal(client, "get_articles", ids=[1], sections=["methods"])
    assert server.asked == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b'<!DOCTYPE article [<!ENTITY a SYSTEM "file:///etc/hostname">]><article><body><p>&a;</p></body></article>',
         "declares entities"),
        (b"<article><body><p>half", "broken XML"),
        (b"<article><body><p>" + b"<b>" * 2_000 + b"</b>" * 2_000 + b"</p></body></article>", "nested too deeply"),
        (b"plain text", "not XML"),
    ],
    ids=["entities", "half", "deep", "text"],
)  # fmt: skip
def test_a_text_that_is_dangerous_or_broken_is_refused(body: bytes, complaint: str) -> None:
    with pytest.raises(FormatError, match=complaint):
        jats.read(body)


@pytest.mark.parametrize(
    ("permissions", "license"),
    [
        ("<ali:license_ref xmlns:ali='x'>https://creativecommons.org/licenses/by-nc-nd/4.0/</ali:license_ref>",
         "CC BY-NC-ND 4.0"),
        ("<license><license-p>See <ext-link xmlns:xlink='http://www.w3.org/1999/xlink' "
         "xlink:href='http://creativecommons.org/publicdomain/zero/1.0/'>here</ext-link>.</license-p></license>",
         "CC0 1.0"),
        ("<license><license-p>Read it,  pass it on.</license-p></license>", "Read it, pass it on."),
        ("<copyright-statement>© The Authors</copyright-statement>", "© The Authors"),
        ("", None),
    ],
)  # fmt: skip
def test_the_licence_is_told_as_the_article_states_it(permissions: str, license: str | None) -> None:  # noqa: A002  # the field's own name
    front = f"<front><article-meta><permissions>{permissions}</permissions></article-meta></front>"
    assert jats.read(f"<article>{front}<body/></article>".encode()).license == license


def test_sections_are_found_by_title_before_kind() -> None:
    inner = Section("Statistical methods", "", ("b",))
    sections = [Section("Background", "", ("a",)), Section("Material and methods", "", (), (inner,)),
                Section("Results & discussion", "", ("c",)), Section("Findings", "results", ("d",))]  # fmt: skip
    titles = {
        "statistical methods": ["Statistical methods"],
        "METHODS": ["Material and methods"],
        "introduction": ["Background"],
        "results": ["Results & discussion"],
        "findings": ["Findings"],
        "conclusions": [],
        "": [],
        "all": [section.title for section in sections],
    }
    assert {name: [section.title for section in named(sections, name)] for name in titles} == titles


paragraphs = st.lists(st.integers(1, 400).map(lambda size: ("ab é漢. c" * 50)[:size]), max_size=3).map(tuple)
leaves = st.builds(Section, st.sampled_from(["Methods", "Results", "Other"]), st.just(""), paragraphs)
trees = st.builds(
    Section, st.sampled_from(["Methods", "Results", "Other"]), st.just(""), paragraphs,
    st.lists(leaves, max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=20)
@given(st.lists(trees, max_size=4), st.sampled_from([["all"], ["methods"], ["results", "other"]]), st.integers(0, 600))
def test_never_more_than_the_budget_is_shown_and_every_section_is_accounted_for(
    sections: list[Section], asked: list[str], budget: int
) -> None:
    choice = choose(sections, asked, budget)
    assert sum(tokens(shown.text) for shown in choice.shown) <= budget
    named_here = [each.title for each in choice.shown] + [title for title, _ in choice.others]
    for section in sections:
        assert section.title in named_here
    for shown in choice.shown:
        assert (shown.cut_tokens > 0) == shown.text.endswith(" …")

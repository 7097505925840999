"""Ranking with feedback: its arithmetic, its words, and what it does to the order of a search."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import anyio
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.library.analysis import STEMS, WORDS, analyzers
from medlit.library.codec import pack
from medlit.library.feedback import WORDS_READ, TermCounter
from medlit.library.index import FirstPass, IndexHits
from medlit.library.library import FEEDBACK_RESERVE_S, Library, open_library
from medlit.library.query import Search
from medlit.library.ranking import (
    Evidence,
    Feedback,
    expanded,
    inverse_document_frequency,
    relevance_model,
)
from medlit.library.store import SourceFile, StagedRow
from medlit.mesh import Descriptor
from medlit.record import AbstractSection, Article, MeshHeading, PartialDate
from tests.library.loading import load_mesh

ANALYZE, WORDS_OF = analyzers()[STEMS].analyze, analyzers()[WORDS].analyze
TOTAL = 1_000


def common(term: str) -> int:
    """Statistics in which a term's first letter tells how common it is."""
    return 900 if term.startswith("z") else 10


def weigh(query: list[str], *texts: str, **parameters: float) -> dict[str, float]:
    evidence = [Evidence(Counter(text.split()), 1.0) for text in texts]
    return expanded(
        query,
        evidence,
        common,
        TOTAL,
        function_words={"the"},
        parameters=Feedback(**parameters),  # pyright: ignore[reportArgumentType]  # the names are the test's
    )


def test_a_word_is_worth_less_the_more_records_hold_it() -> None:
    assert inverse_document_frequency(10, 100) == pytest.approx(math.log(1 + 90.5 / 10.5))
    assert inverse_document_frequency(90, 100) < inverse_document_frequency(10, 100)
    assert inverse_document_frequency(100, 100) > 0


def test_the_model_is_the_saturated_frequency_averaged_by_score() -> None:
    model = relevance_model([Evidence({"a": 2, "b": 1}, 3.0), Evidence({"a": 1, "c": 2}, 1.0)])
    # Both records are as long as their mean, so the saturation is k1 = 1.2.
    assert model == pytest.approx({"a": 0.75 * 2 / 3.2 + 0.25 / 2.2, "b": 0.75 / 2.2, "c": 0.25 * 2 / 3.2})


def test_the_words_that_the_best_records_share_join_the_query() -> None:
    weights = weigh(["heart"], "heart infarction troponin", "heart infarction stent", terms=2, original=0.4)
    assert list(weights) == ["heart", "infarction"]
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights["heart"] > weights["infarction"]


def test_words_that_say_nothing_do_not_join() -> None:
    assert set(weigh(["heart"], "heart the 2019 x stent")) == {"heart", "stent"}


def test_what_would_cost_too_much_to_search_for_does_not_join() -> None:
    texts = "heart zebra zebra zebra stent", "heart zebra zebra stent"
    assert "zebra" in weigh(["heart"], *texts)
    assert "zebra" not in weigh(["heart"], *texts, least_postings=100, postings=0.5)
    weights = weigh(["zebra"], *texts, least_postings=100, postings=0.5)
    assert "zebra" in weights, "the query's own words always stay"


def test_records_without_words_leave_the_query_as_it_is() -> None:
    assert weigh(["heart", "attack"], "", "") == {"heart": 1.0, "attack": 1.0}


@given(
    st.lists(st.sampled_from("abcdefghz"), min_size=1, max_size=4, unique=True),
    st.lists(st.lists(st.sampled_from(["aa", "bb", "cc", "zz", "the", "a", "7"]), max_size=20), max_size=5),
)
def test_weights_are_positive_and_in_sum_at_most_one_for_each_word_of_the_query(
    query: list[str], texts: list[list[str]]
) -> None:
    weights = weigh(query, *map(" ".join, texts))
    assert set(query) <= set(weights)
    assert all(weight > 0 for weight in weights.values())
    assert sum(weights.values()) <= len(query) + 1e-9


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_the_terms_of_a_text_are_those_of_the_analyzer(text: str) -> None:
    counter = TermCounter(ANALYZE, WORDS_OF)
    for _ in range(2):  # the second time from memory
        assert counter.counts(text.split()) == Counter(ANALYZE(text))
        forms = counter.forms(text.split())
        assert set(forms) == set(ANALYZE(text))
        assert all(ANALYZE(word) == [stem] for stem, words in forms.items() for word in words)


def test_of_a_record_the_first_words_count() -> None:
    body = pack(Article(pmid=1, title="Beta-blockers", abstract=[AbstractSection(text="one " * 200)]))
    assert TermCounter(ANALYZE, WORDS_OF).beginning(body) == ["Beta-blockers", *["one"] * (WORDS_READ - 1)]


async def load(library: Library, *articles: Article) -> None:
    rows = [StagedRow(place, article.pmid, 1, 20200101, pack(article)) for place, article in enumerate(articles)]
    async with library.store.loading(SourceFile("a", "a", 1, "a", None), "test") as loading:
        await loading.stage(rows, [])
        await loading.finish()
    await library.catch_up()


def about(pmid: int, text: str, heading: str = "Humans") -> Article:
    return Article(
        pmid=pmid,
        title=text.split(".")[0],
        abstract=[AbstractSection(text=text)],
        mesh=[MeshHeading(name=heading)],
        pub_date=PartialDate(year=1990 + pmid % 30),
    )


FILLERS = "knee hip wrist elbow shoulder ankle spine jaw thumb heel".split()


def articles() -> list[Article]:
    """Heart attacks by both names, and a crowd of other things."""
    attacks = [
        about(n, f"Heart attack and troponin. Myocardial infarction number{n} with stents.") for n in range(1, 9)
    ]
    other = [about(100 + n, f"Fracture of the {FILLERS[n % 10]}. Plaster and patience, case{n}.") for n in range(60)]
    return [
        *attacks,
        about(50, "Troponin after myocardial infarction. Stents."),
        about(51, "Bees. The attack of a swarm upon a picnic near the old mill."),
        *other,
    ]


async def order(library: Library, search: Search) -> list[int]:
    return [hit.article.pmid for hit in (await library.search(search)).hits]


@pytest.mark.anyio
async def test_a_record_that_says_it_in_other_words_is_found(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, *articles())
        plain = await library.search(Search(query="heart attack", limit=20, feedback=False))
        assert plain.method == "bm25"
        assert {hit.article.pmid for hit in plain.hits} == {*range(1, 9), 51}
        page = await library.search(Search(query="heart attack", limit=20))
        assert page.method == "rm3"
        found = [hit.article.pmid for hit in page.hits]
        assert set(found[:8]) == set(range(1, 9))
        assert found.index(50) < found.index(51), "it shares the subject, the bees only a word"
        assert page.total_is_exact
        assert page.total == len(found)


@pytest.mark.anyio
async def test_pages_follow_each_other_without_gap_or_repetition(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, *articles())
        whole = await order(library, Search(query="heart attack", limit=100))
        pages: list[int] = []
        cursor: str | None = None
        for _ in range(4):
            page = await library.search(Search(query="heart attack", limit=3, cursor=cursor))
            assert (page.method, page.reordered) == ("rm3", False)
            pages += [hit.article.pmid for hit in page.hits]
            cursor = page.next_cursor
        assert pages == whole[:12]


@pytest.mark.anyio
async def test_with_the_deadline_near_words_alone_rank_and_the_page_says_so(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, *articles())
        wanted = Search(query="heart attack", limit=20)
        with anyio.fail_after(FEEDBACK_RESERVE_S - 0.01):
            hurried = await library.search(wanted)
        assert hurried.method == "bm25"
        with anyio.fail_after(60):
            assert (await library.search(wanted)).method == "rm3"


@pytest.mark.anyio
async def test_words_too_common_to_search_for_twice_rank_alone(tmp_path: Path) -> None:
    assert Feedback().can_afford(60_000, 1_000)
    assert not Feedback().can_afford(60_001, 1_000)
    assert Feedback().can_afford(2_400_000, 40_000_000)
    async with open_library(tmp_path, create=True) as library:
        await load(library, *articles())
        library.index.feedback = Feedback(least_affordable=20)
        assert (await library.search(Search(query="infarction"))).method == "rm3"
        assert (await library.search(Search(query="fracture plaster"))).method == "bm25"


@pytest.mark.anyio
async def test_the_newest_first_are_never_ranked_by_feedback(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, *articles())
        page = await library.search(Search(query="heart attack", sort="newest", limit=20))
        assert page.method == "date"
        assert 50 not in [hit.article.pmid for hit in page.hits]


@pytest.mark.anyio
async def test_what_was_learned_is_forgotten_when_the_library_changes(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, *articles())
        wanted = Search(query="heart attack")
        await library.search(wanted)
        assert isinstance(library.index.search(wanted), IndexHits), "remembered"
        row = StagedRow(0, 9, 1, 20200101, pack(about(9, "Heart attack and defibrillators.")))
        async with library.store.loading(SourceFile("b", "b", 1, "b", None), "test") as loading:
            await loading.stage([row], [])
            await loading.finish()
        await library.catch_up()
        first = library.index.search(wanted)
        assert isinstance(first, FirstPass)
        assert 9 in [pmid for pmid, _ in first.best]


@pytest.mark.anyio
async def test_records_with_every_word_come_before_those_that_only_repeat_a_rare_one(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(
            library,
            about(1, "Metformin. Metformin, metformin and metformin.", "Metformin"),
            about(2, f"Diets. {'Of many things was told at length. ' * 9} Some took metformin, one had cancer."),
            *[about(100 + n, f"Cancer of the {FILLERS[n % 10]}. A case{n}.") for n in range(30)],
        )
        for feedback in (False, True):
            page = await library.search(Search(query="metformin cancer", limit=100, feedback=feedback))
            assert [hit.article.pmid for hit in page.hits][:2] == [2, 1]
            scores = [hit.score for hit in page.hits]
            assert scores == sorted(scores, reverse=True)


@pytest.mark.anyio
async def test_a_heading_stands_for_the_words_that_lead_to_it(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        heart = Descriptor(ui="D1", name="Myocardial Infarction", tree_numbers=["C1"], entry_terms=["Heart Attack"])
        await load_mesh(library, "desc2023.xml", [heart])
        await load(
            library,
            about(1, "Aspirin. Aspirin and aspirin.", "Aspirin"),
            about(2, "Coronary disease. Treated with aspirin among other things.", "Myocardial Infarction"),
            about(3, "Aspirin. Aspirin in attacks of migraine.", "Aspirin"),
        )
        found = await order(library, Search(query="aspirin heart attack", feedback=False))
        assert found[0] == 2
        unmapped = await order(library, Search(query="aspirin heart attack", feedback=False, term_mapping=False))
        assert unmapped[0] != 2, "without the vocabulary it lacks two of the words"


@pytest.mark.anyio
async def test_pages_pass_from_records_with_every_word_to_the_others(tmp_path: Path) -> None:
    rng = random.Random(7)  # noqa: S311  # no secret, a repeatable sample
    texts = {pmid: rng.choices(FILLERS, k=rng.randint(2, 6)) for pmid in range(1, 120)}
    async with open_library(tmp_path, create=True) as library:
        await load(library, *(about(pmid, f"Case. {' '.join(words)}") for pmid, words in texts.items()))
        for words in (["knee", "hip"], ["jaw", "heel", "wrist"], ["spine", "thumb", "ankle", "elbow"]):
            search = Search(query=" ".join(words), limit=1000, feedback=False)
            whole = await library.search(search)
            pmids = [hit.article.pmid for hit in whole.hits]
            every = {pmid for pmid, text in texts.items() if set(words) <= set(text)}
            some = {pmid for pmid, text in texts.items() if set(words) & set(text)}
            assert set(pmids[: len(every)]) == every
            assert (set(pmids), whole.total, whole.total_is_exact) == (some, len(some), True)
            for limit in (1, 7, len(every) or 1):
                paged: list[int] = []
                cursor: str | None = None
                while True:
                    page = await library.search(msgspec.structs.replace(search, limit=limit, cursor=cursor))
                    assert (page.total, page.reordered) == (len(some), False)
                    paged += [hit.article.pmid for hit in page.hits]
                    if not (cursor := page.next_cursor):
                        break
                assert paged == pmids

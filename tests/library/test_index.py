"""The index follows the store, whatever happened in between."""

from __future__ import annotations

import shutil
from pathlib import Path

import anyio
import pytest

from medlit.errors import UsageError
from medlit.library.library import open_library
from medlit.library.query import Search
from medlit.record import Article, Author, CommentCorrection, Journal, MeshHeading, PartialDate, Term
from tests.library.loading import load, pmids

pytestmark = pytest.mark.anyio


async def test_a_crash_between_store_and_index_is_caught_up_with(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a", Article(pmid=1, title="Aspirin"))
        await library.catch_up()
        await load(library, "b", Article(pmid=2, title="Aspirin again"), deleted=[1])
        assert await library.index_behind() == 2  # here the process died
    async with open_library(tmp_path) as library:
        assert await library.catch_up() == 2
        assert await library.index_behind() == 0
        assert await pmids(library, "aspirin") == [2]


async def test_a_lost_or_damaged_index_is_made_anew(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a", Article(pmid=1, title="Aspirin"))
        await library.catch_up()
    [index] = tmp_path.glob("index-*")
    (index / "meta.json").write_text("{ damaged")
    async with open_library(tmp_path) as library:
        assert await library.index_behind() == 1
        await library.catch_up()
        assert await pmids(library, "aspirin") == [1]
    shutil.rmtree(index)
    async with open_library(tmp_path) as library:
        await library.catch_up()
        assert await pmids(library, "aspirin") == [1]


async def test_an_index_ahead_of_its_store_is_made_anew(tmp_path: Path) -> None:
    async with open_library(tmp_path / "one", create=True) as library:
        await load(library, "a", Article(pmid=1, title="Aspirin"), Article(pmid=2, title="Lithium"))
        await library.catch_up()
    [index] = (tmp_path / "one").glob("index-*")
    async with open_library(tmp_path / "two", create=True) as library:
        await load(library, "a", Article(pmid=3, title="Aspirin"))
    shutil.rmtree(tmp_path / "two" / index.name)
    shutil.copytree(index, tmp_path / "two" / index.name)
    async with open_library(tmp_path / "two") as library:
        await library.catch_up()
        assert await pmids(library, "aspirin") == [3]


async def test_one_process_sees_what_another_has_indexed(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as writer, open_library(tmp_path) as reader:
        assert await pmids(reader, "aspirin") == []
        await load(writer, "a", Article(pmid=1, title="Aspirin"))
        await writer.catch_up()
        assert await pmids(reader, "aspirin") == [1]


async def test_who_finds_the_writer_taken_leaves_the_work_to_its_holder(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as one, open_library(tmp_path) as other:
        async with one.index.writing() as updater:
            assert updater
            await load(other, "a", Article(pmid=1, title="Aspirin"))
            with anyio.fail_after(30):
                assert await other.catch_up() == 0
            assert await updater.catch_up(one.store) == 1
        assert await pmids(other, "aspirin") == [1]


async def test_words_are_found_by_stem_and_without_accents(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(
            library,
            "a",
            Article(pmid=1, title="Ménière's diseases"),
            Article(pmid=2, title="Drinking of H₂O"),
        )
        await library.catch_up()
        assert await pmids(library, "meniere disease") == [1]
        assert await pmids(library, "H2O") == [2]
        assert await pmids(library, "the drinks") == [2]


async def test_filters_keep_what_they_name(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        one = Article(
            pmid=1,
            title="Trial",
            authors=[Author(last="van der Berg", initials="JA", fore="Jan Albert")],
            journal=Journal(
                medline_ta="N Engl J Med", title="The New England journal of medicine", issn_print="0028-4793"
            ),
            mesh=[MeshHeading(name="Myocardial Infarction")],
            publication_types=[Term(name="Randomized Controlled Trial")],
            languages=["eng"],
            pub_date=PartialDate(year=2001, month=2),
            status="MEDLINE",
        )
        two = Article(
            pmid=2,
            title="Trial",
            authors=[Author(collective="Trial Study Group")],
            pub_date=PartialDate(year=2015),
            comments_corrections=[CommentCorrection(ref_type="RetractionIn")],
            status="MEDLINE",
        )
        await load(library, "a", one, two)
        await library.catch_up()
        assert sorted(await pmids(library, "trial")) == [1, 2]
        for author in ("van der Berg J", "Van der Berg JA", "van der berg", "van der Berg Jan Albert"):
            assert await pmids(library, "trial", author=author) == [1], author
        assert await pmids(library, author="trial study group") == [2]
        assert await pmids(library, author="Berg A") == []
        for journal in ("N Engl J Med", "n engl j med.", "The New England Journal of Medicine", "0028-4793"):
            assert await pmids(library, journal=journal) == [1], journal
        assert await pmids(library, mesh="myocardial infarction") == [1]
        assert await pmids(library, publication_type="randomized controlled trial") == [1]
        assert await pmids(library, language="ENG") == [1]
        assert await pmids(library, year_from=2002) == [2]
        assert await pmids(library, year_from=2001, year_to=2001) == [1]
        assert await pmids(library, year_to=1999) == []
        assert await pmids(library, include_retracted=False) == [1]


async def test_a_search_for_nothing_says_so(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        for query in ("", "   ", "?!"):
            with pytest.raises(UsageError, match="nothing to search for"):
                await pmids(library, query)
        with pytest.raises(UsageError, match="no letters"):
            await pmids(library, author="--")


async def test_newest_first_sorts_by_date_as_far_as_it_is_known(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        dates = {1: PartialDate(year=2001), 2: PartialDate(year=2001, month=5), 3: PartialDate(year=2020), 4: None}
        await load(library, "a", *[Article(pmid=n, title="Trial", pub_date=date) for n, date in dates.items()])
        await library.catch_up()
        page = await library.search(Search(query="trial", sort="newest"))
        assert [hit.article.pmid for hit in page.hits] == [3, 2, 1, 4]

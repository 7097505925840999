"""Pages fit together, however large they are and whatever happens to the library in between."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import anyio
import pytest
import tantivy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medlit.errors import UsageError
from medlit.library.analysis import schema
from medlit.library.cursor import Dated, Listed, Ranked, read_cursor, write_cursor
from medlit.library.feedback import Learned
from medlit.library.index import IndexHits
from medlit.library.lexicon import Lexicon
from medlit.library.library import Library, SearchPage, open_library
from medlit.library.paging import HELD_S, SNAPSHOTS_HELD, Snapshot, Snapshots, Wanted
from medlit.library.query import Filters, Search, Sort
from medlit.record import Article, MeshHeading, PartialDate
from tests.library.test_index import load

pytestmark = pytest.mark.anyio

WORDS = ("aspirin", "headache", "trial", "placebo", "dose")


def made(pmid: int, title: str, year: int | None = None) -> Article:
    return Article(pmid=pmid, title=title, pub_date=PartialDate(year=year) if year else None)


async def walk(
    library: Library,
    search: Search,
    between: Callable[[], object] | None = None,
    elsewhere: Library | None = None,
) -> list[SearchPage]:
    """Every page of a search, the later ones asked of ``elsewhere``; ``between`` pages something may happen."""
    pages = [await library.search(search)]
    while cursor := pages[-1].next_cursor:
        if between and (awaitable := between()):
            await awaitable  # pyright: ignore  # what happens between pages is a coroutine
        again = Search(query=search.query, filters=search.filters, limit=search.limit, sort=search.sort, cursor=cursor)
        pages.append(await (elsewhere or library).search(again))
    return pages


def shown(pages: list[SearchPage]) -> list[int]:
    return [hit.article.pmid for page in pages for hit in page.hits]


titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
libraries = st.dictionaries(
    st.integers(1, 60), st.tuples(titles, st.sampled_from([None, 1999, 2020])), min_size=1, max_size=40
)
Change = tuple[Literal["add", "revise", "delete"], int, str]
changes = st.lists(
    st.lists(st.tuples(st.sampled_from(["add", "revise", "delete"]), st.integers(1, 80), titles), max_size=8),
    max_size=4,
)


@given(libraries, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), st.integers(1, 15), changes)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_no_hit_comes_twice_and_none_is_left_out_of_those_that_did_not_change(
    sort: Sort,
    before: dict[int, tuple[str, int | None]],
    query: list[str],
    limit: int,
    meanwhile: list[list[Change]],
) -> None:
    async def all_of_it() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_library(Path(folder), create=True) as library:
                await load(library, "before", *[made(pmid, *what) for pmid, what in before.items()])
                await library.catch_up()
                touched: set[int] = set()
                batches = list(enumerate(meanwhile))

                async def change() -> None:
                    if batches:
                        number, batch = batches.pop()
                        gone = {pmid for kind, pmid, _ in batch if kind == "delete"}
                        new = {pmid: title for kind, pmid, title in batch if kind != "delete" and pmid not in gone}
                        touched.update(gone, new)
                        revised = [made(pmid, title, 2021) for pmid, title in new.items()]
                        await load(library, f"zz {number}", *revised, deleted=sorted(gone))
                        await library.catch_up()

                search = Search(query=" ".join(query), limit=limit, sort=sort)
                pages = await walk(library, search, change)
                matching = {pmid for pmid, (title, _) in before.items() if set(title.split()) & set(query)}
                unchanged = [pmid for pmid in shown(pages) if pmid not in touched]
                assert sorted(unchanged) == sorted(matching - touched)
                assert all(len(page.hits) <= limit and not page.reordered for page in pages)
                if sort == "relevance":
                    assert len(set(shown(pages))) == len(shown(pages))

    anyio.run(all_of_it)


async def test_pages_go_on_past_ten_thousand_hits_and_the_total_stays(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a", *[made(pmid, "Aspirin", 1990 + pmid % 30) for pmid in range(1, 10_301)])
        await library.catch_up()
        for sort in ("relevance", "newest"):
            pages = await walk(library, Search(query="aspirin", limit=1_000, sort=sort))
            assert len(pages) == 11
            assert sorted(shown(pages)) == list(range(1, 10_301))
            assert {page.total for page in pages} == {10_300}


async def test_newest_first_is_a_total_order(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a", made(3, "Trial", 2000), made(9, "Trial", 2000), made(5, "Trial"), made(7, "Trial"))
        await load(library, "b", made(4, "Trial", 2000), made(1, "Trial", 2010))
        await library.catch_up()
        assert shown(await walk(library, Search(query="trial", sort="newest", limit=1))) == [1, 9, 4, 3, 7, 5]


async def test_another_process_goes_on_with_a_cursor(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as one, open_library(tmp_path) as other:
        await load(one, "a", *[made(pmid, "aspirin " + "filler " * pmid) for pmid in range(1, 20)])
        await one.catch_up()
        search = Search(query="aspirin", limit=4)
        pages = await walk(one, search, elsewhere=other)
        assert shown(pages) == list(range(1, 20))
        assert not any(page.reordered for page in pages)


async def test_where_the_snapshot_is_gone_a_page_begins_after_the_last_hit_and_says_so(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as one:
        await load(one, "a", *[made(pmid, "aspirin " + "filler " * pmid) for pmid in range(10, 30)])
        await one.catch_up()
        first = await one.search(Search(query="aspirin", limit=5))
        assert [hit.article.pmid for hit in first.hits] == [10, 11, 12, 13, 14]
        await load(one, "b", *[made(pmid, "aspirin") for pmid in range(1, 4)], deleted=[11])
        await one.catch_up()
    async with open_library(tmp_path) as restarted:
        second = await restarted.search(Search(query="aspirin", limit=5, cursor=first.next_cursor))
        assert [hit.article.pmid for hit in second.hits] == [15, 16, 17, 18, 19]
        assert second.reordered
        third = await restarted.search(Search(query="aspirin", limit=50, cursor=second.next_cursor))
        assert [hit.article.pmid for hit in third.hits] == list(range(20, 30))
        assert not third.reordered


async def test_where_snapshot_and_last_hit_are_gone_the_place_stays(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as one:
        await load(one, "a", *[made(pmid, "aspirin " + "filler " * pmid) for pmid in range(10, 20)])
        await one.catch_up()
        first = await one.search(Search(query="aspirin", limit=5))
        await load(one, "b", deleted=[14])
        await one.catch_up()
    async with open_library(tmp_path) as restarted:
        second = await restarted.search(Search(query="aspirin", limit=50, cursor=first.next_cursor))
        assert [hit.article.pmid for hit in second.hits] == [15, 16, 17, 18, 19]
        assert second.reordered


async def test_a_page_in_an_order_made_otherwise_goes_on_after_the_last_hit_and_says_so(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a", *[made(pmid, "aspirin " + "filler " * pmid) for pmid in range(1, 10)])
        await library.catch_up()
        word = tantivy.Query.term_query(schema(), "title", "aspirin", "freq")
        other = tantivy.Query.boost_query(tantivy.Query.term_query(schema(), "title", "filler", "freq"), 2.0)

        def in_order(query: tantivy.Query, order: int, cursor: str | None = None) -> IndexHits:
            return library.index.find(lambda _: Wanted(query, by_date=False, at_least=0, order=order), 3, cursor)

        first = in_order(word, 1)
        assert [pmid for pmid, _ in first.hits] == [1, 2, 3]
        otherwise = [pmid for pmid, _ in library.index.find(lambda _: Wanted(other, by_date=False), 9, None).hits]
        assert otherwise[:3] != [1, 2, 3]
        for order in (1, 2):
            second = in_order(other, order, first.next_cursor)
            after = otherwise.index(3) + 1
            assert [pmid for pmid, _ in second.hits] == otherwise[after : after + 3]
            assert second.reordered
        assert not in_order(word, 1, first.next_cursor).reordered


async def test_a_cursor_of_another_search_is_refused(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        heading = MeshHeading(name="Pain")
        await load(
            library,
            "a",
            *[made(pmid, "aspirin " + "filler " * pmid, 2000 + pmid) for pmid in range(1, 9)],
            *[Article(pmid=pmid, title="lithium", mesh=[heading]) for pmid in range(11, 20)],
        )
        await library.catch_up()
        ranked = (await library.search(Search(query="aspirin", limit=3))).next_cursor
        dated = (await library.search(Search(query="aspirin", limit=3, sort="newest"))).next_cursor
        for wrong in (
            Search(query="lithium", cursor=ranked),
            Search(query="lithium", sort="newest", cursor=dated),
            Search(query="aspirin", sort="newest", cursor=ranked),
            Search(query="aspirin", cursor=dated),
            Search(query="aspirin", filters=Filters(year_from=2007), cursor=ranked),
            Search(filters=Filters(mesh="pain"), cursor=dated),
            Search(query="aspirin", cursor=write_cursor(Ranked(read_snapshot(ranked), 0, 3))),
            Search(query="aspirin", cursor=write_cursor(Ranked(read_snapshot(ranked), 2**32 - 1, 3))),
            Search(query="aspirin", cursor=write_cursor(Ranked(b"unknown!", 5, 12))),
            Search(query="aspirin", cursor=write_cursor(Listed(3, 3))),
        ):
            with pytest.raises(UsageError, match="does not go with this search"):
                await library.search(wrong)


def read_snapshot(cursor: str | None) -> bytes:
    assert cursor
    place = read_cursor(cursor)
    assert isinstance(place, Ranked)
    return place.snapshot


@given(
    st.one_of(
        st.builds(
            Ranked,
            st.binary(min_size=8, max_size=8),
            st.integers(0, 2**32 - 1),
            st.integers(0, 2**32 - 1),
            st.integers(0, 255),
        ),
        st.builds(Dated, st.integers(0, 2**64 - 1)),
        st.builds(Listed, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    )
)
def test_a_cursor_is_read_as_it_was_written(place: Ranked | Dated | Listed) -> None:
    assert read_cursor(write_cursor(place)) == place
    assert len(write_cursor(place)) <= 24


@given(st.text(max_size=100) | st.binary(max_size=30).map(lambda data: data.hex()))
def test_what_is_no_cursor_is_refused_without_being_repeated(text: str) -> None:
    try:
        read_cursor(text)
    except UsageError as error:
        assert "none of medlit's" in str(error)  # noqa: PT017  # hypothesis may also draw a cursor


def test_a_snapshot_is_held_for_a_while_and_only_so_many_of_them() -> None:
    now = 0.0
    snapshots = Snapshots(lambda: now)
    searcher = tantivy.Index(tantivy.SchemaBuilder().build()).searcher()
    names = [bytes([number] * 8) for number in range(SNAPSHOTS_HELD + 1)]
    for name in names:
        snapshots.hold(Snapshot(name, searcher, Lexicon(searcher, str.split), Learned()))
    assert [snapshots.find(name) is not None for name in names] == [False] + [True] * SNAPSHOTS_HELD
    now = HELD_S / 2
    snapshots.hold(Snapshot(names[1], searcher, Lexicon(searcher, str.split), Learned()))
    now = HELD_S + 1
    assert [snapshots.find(name) is not None for name in names] == [False, True] + [False] * (SNAPSHOTS_HELD - 1)

"""The XML readers on damaged and hostile input, and the same rows however a file is cut."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats import FormatError, Parsed
from ingest.formats import xml_chunks as chunks
from ingest.formats.registry import detect
from medlit.library.codec import unpack
from medlit.record import Article
from tests.pubmed import HEAD, TAIL, article, deletions

FILE = (HEAD + article(1, "One & only", abstract="x < y") + article(2) + deletions([3, 4]) + TAIL).encode()


def read(content: bytes, block: int = 1 << 20) -> list[Parsed]:
    """Read content as an ingest does, in blocks of a size."""
    reader = detect(content)
    if reader is None:
        return []
    blocks = (content[start : start + block] for start in range(0, len(content), block))
    return [reader.parse(chunk) for chunk in reader.split(blocks)]


def pmids(parsed: list[Parsed]) -> list[int]:
    return [row.pmid for part in parsed for row in part.rows]


def damaged() -> st.SearchStrategy[bytes]:
    """The file with a few bytes replaced, removed or put in."""

    @st.composite
    def damage(draw: st.DrawFn) -> bytes:
        content = bytearray(FILE)
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(content)))
            length = draw(st.integers(0, 40))
            content[start : start + length] = draw(
                st.binary(max_size=20)
                | st.sampled_from([b"<", b">", b"&", b"]]>", b"<!--", b"</PubmedArticle>", b"\xff"])
            )
        return bytes(content)

    return damage()


@settings(max_examples=300, deadline=None)
@given(damaged())
def test_damage_is_refused_or_read_but_never_crashes_a_reader(content: bytes) -> None:
    try:
        parsed = read(content)
    except FormatError:
        return  # refused
    for part in parsed:
        assert part.positions == len(part.rows) + len(part.set_aside)
        for row in part.rows:
            if row.body is not None:
                assert unpack(row.body, Article).pmid == row.pmid


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"<PubmedArticleSet>" + tail))
def test_arbitrary_bytes_never_crash_a_reader(content: bytes) -> None:
    with contextlib.suppress(FormatError):
        read(content)


@pytest.mark.parametrize("chunk_bytes", [1, 500, 3_000, 100_000])
@pytest.mark.parametrize("block_bytes", [7, 1_000, 1_000_000])
def test_the_size_of_chunks_and_blocks_does_not_matter(
    chunk_bytes: int, block_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", chunk_bytes)
    assert pmids(read(FILE, block_bytes)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (article(1), [1]),
        (article(1) + article(2), [1, 2]),
        ("<?xml version='1.0'?>\n<!-- note --> " + article(1), [1]),
        ("<MedlineCitationSet><MedlineCitation><PMID>5</PMID></MedlineCitation></MedlineCitationSet>", [5]),
        ("<MedlineCitation Status='MEDLINE'><PMID>5</PMID></MedlineCitation>", [5]),
        ("<PubmedBookArticleSet><PubmedBookArticle><BookDocument><PMID>6</PMID></BookDocument></PubmedBookArticle>"
         "</PubmedBookArticleSet>", [6]),
        ("<DeleteCitation><PMID Version='1'>7</PMID></DeleteCitation>", [7]),
        ("<PubmedArticleSet><DeleteDocument><PMID>8</PMID></DeleteDocument></PubmedArticleSet>", [8]),
        ("<PubmedArticleSet/>", []),
        ("<PubmedArticleSet></PubmedArticleSet>", []),
    ],
)  # fmt: skip
def test_every_root_of_pubmed_is_read(content: str, expected: list[int]) -> None:
    assert pmids(read(content.encode())) == expected


def test_an_error_names_the_line_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 2_000)
    good = HEAD + article(1) * 20
    line = good.count("\n") + 1
    with pytest.raises(FormatError, match=f"broken XML at line {line:,}:"):
        read((good + "<PubmedArticle><broken</PubmedArticle>" + TAIL).encode())


def test_a_record_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_RECORD_BYTES", 1_000_000)
    drawn = 0

    def endless() -> Iterator[bytes]:
        nonlocal drawn
        yield HEAD.encode() + b"<PubmedArticle>"
        while True:
            drawn += 1
            yield b"x" * 100_000

    reader = detect(HEAD.encode())
    assert reader
    with pytest.raises(FormatError, match="is larger than 1,000,000 bytes"):
        list(reader.split(endless()))
    assert drawn < 30


def test_a_record_whose_markup_is_nested_too_deeply_is_set_aside() -> None:
    deep = HEAD + article(1, "x").replace(">x<", ">" + "<b>" * 1_500 + "</b>" * 1_500 + "<") + article(2) + TAIL
    [parsed] = read(deep.encode())
    assert [row.pmid for row in parsed.rows] == [2]
    assert [item.reason for item in parsed.set_aside] == ["its markup is nested too deeply"]


def test_depth_is_limited() -> None:
    deep = (
        b"<PubmedArticleSet><PubmedArticle>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</PubmedArticle></PubmedArticleSet>"
    )
    with pytest.raises(FormatError, match="broken XML"):
        read(deep)

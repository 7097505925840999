"""PubTator text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import text_chunks as text
from ingest.formats.pubtator import PubTator
from medlit.record import AbstractSection, Article
from tests.ingest.formats.reading import gather, only, read, reader_of

RECORDS = """12|t|A title | with a bar
12|a|All of  it.
12\t0\t1\tA\tChemical\tMESH:D1
12\tAssociation\tMESH:D1\tMESH:D2

13|t|
13|a|-No text-

PMC14|t|A full text

15|t|No empty line after this
15|a|One.
16|t|Nor an abstract here
"""


def test_titles_and_abstracts_are_read_and_annotations_passed_over() -> None:
    assert only(RECORDS.split("\n\n")[0]) == Article(
        pmid=12, title="A title | with a bar", abstract=[AbstractSection(text="All of it.")], ids={"pubmed": "12"}
    )


def test_every_record_is_a_row_or_set_aside() -> None:
    outcome = read(RECORDS)
    assert outcome.reader == "pubtator"
    assert [(row.position, row.pmid) for row in outcome.rows] == [(0, 12), (1, 13), (3, 15), (4, 16)]
    assert [(item.position, item.reason) for item in outcome.set_aside] == [(2, "it has no PMID")]
    assert [bool(article.abstract) for article in outcome.articles] == [True, False, True, False]


@pytest.mark.parametrize("content", ["", "12\tx\ty", "12|x|no", "a b|t|c", "{}", "PMID- 1", "|t|x"])
def test_other_text_is_not_recognized(content: str) -> None:
    assert reader_of(content.encode()) is None


def test_annotations_after_an_empty_line_are_no_record() -> None:
    outcome = read("12|t|A title\n\n12\t0\t1\tA\tChemical\t\n\n13|t|Another")
    assert [row.position for row in outcome.rows] == [0, 1]
    assert outcome.set_aside == []


def test_a_record_that_is_not_utf_8_is_set_aside() -> None:
    outcome = read(b"12|t|caf\xe9 x\n\n13|t|y")
    assert outcome.reasons == ["it is not UTF-8: invalid continuation byte"]
    assert [article.pmid for article in outcome.articles] == [13]


@given(st.binary(max_size=200) | st.text(alphabet="12|ta\n\t", max_size=60).map(str.encode))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    outcome = gather(PubTator(), PubTator().split(iter([content])))
    assert outcome.positions == len(outcome.rows) + len(outcome.set_aside)


@given(st.lists(st.integers(1, 40), max_size=20), st.integers(1, 300), st.sampled_from(["\n", "\r\n", "\r"]))
def test_chunks_of_any_size_give_the_same_rows(sizes: list[int], chunk_size: int, end: str) -> None:
    content = ("\ufeff" + RECORDS.replace("\n", end)).encode()
    blocks: list[bytes] = []
    rest = content
    for size in sizes:
        blocks.append(rest[:size])
        rest = rest[size:]
    chunks = text.chunks(iter([*blocks, rest]), b"\n\n", chunk_size)
    assert gather(PubTator(), chunks) == read(RECORDS)

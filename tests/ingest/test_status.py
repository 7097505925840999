"""What becomes of an article is told from both sides, whichever file comes first."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.pubmed import article, deletions, medlit_json, write

RECORD = article(1, "Aspirin cures all")
OTHER = article(3, "Aspirin helps some")


def notice(pmid: int, ref_type: str, target: int) -> str:
    """A record that says something of another."""
    link = (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{ref_type}"><RefSource>J Test</RefSource>'
        f"<PMID>{target}</PMID></CommentsCorrections></CommentsCorrectionsList>"
    )
    return article(pmid, "A notice").replace("<MeshHeadingList>", link + "<MeshHeadingList>")


@pytest.mark.parametrize("order", list(permutations(["record.xml", "notice.xml"])))
def test_a_notice_retracts_an_article_whichever_comes_first(order: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path / "record.xml", RECORD, OTHER)
    write(tmp_path / "notice.xml", notice(2, "RetractionOf", 1))
    for name in order:
        medlit_json("ingest", "--library", tmp_path / "lib", tmp_path / name)
    answer = medlit_json("get", "--library", tmp_path / "lib", "1", "2", "3")
    one, two, three = answer["articles"]
    assert (one["retracted"], two["retracted"], three["retracted"]) == (True, False, False)
    assert one["notices"] == [{"ref_type": "RetractionOf", "pmid": 2}]
    assert two["fate"]["retraction_notice_of"] == [1]
    kept = medlit_json("search", "--library", tmp_path / "lib", "aspirin", "--exclude-retracted")
    assert [hit["pmid"] for hit in kept["hits"]] == [3]


def test_the_articles_own_record_tells_which_one_is_the_notice(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", notice(1, "RetractionIn", 2), article(2, "Retraction"))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    one, two = medlit_json("get", "--library", tmp_path / "lib", "1", "2")["articles"]
    assert (one["retracted"], two["retracted"]) == (True, False)
    assert two["fate"]["retraction_notice_of"] == [1]


def test_a_notice_that_is_withdrawn_says_nothing_any_more(tmp_path: Path) -> None:
    write(tmp_path / "pubmed21n0001.xml", RECORD, notice(2, "RetractionOf", 1))
    medlit_json("ingest", "--library", tmp_path / "lib", tmp_path)
    assert medlit_json("get", "--library", tmp_path / "lib", "1")["articles"][0]["retracted"] is True
    write(tmp_path / "pubmed21n0002.xml", deletions([2]))
    medlit_json("ingest", "--library", tmp_path / "lib", tmp_path)
    assert medlit_json("get", "--library", tmp_path / "lib", "1")["articles"][0]["retracted"] is False
    kept = medlit_json("search", "--library", tmp_path / "lib", "aspirin", "--exclude-retracted")
    assert [hit["pmid"] for hit in kept["hits"]] == [1]


@pytest.mark.parametrize(
    ("ref_type", "fate"),
    [
        ("ExpressionOfConcernFor", "expression_of_concern"),
        ("ErratumFor", "corrected"),
        ("CorrectedandRepublishedFrom", "corrected"),
        ("RepublishedFrom", "republished"),
        ("UpdateOf", "updated"),
        ("PartialRetractionOf", "partially_retracted"),
    ],
)
def test_other_fates_are_told_apart_from_retraction(ref_type: str, fate: str, tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", RECORD, notice(2, ref_type, 1))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    [one] = medlit_json("get", "--library", tmp_path / "lib", "1")["articles"]
    assert one["fate"][fate] is True
    assert one["retracted"] is False


def test_a_source_that_cannot_know_leaves_the_status_unknown(tmp_path: Path) -> None:
    trimmed = RECORD.replace(' Status="MEDLINE"', "")
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", trimmed))
    [one] = medlit_json("get", "--library", tmp_path / "lib", "1")["articles"]
    assert one["retracted"] is None
    assert one["fate"]["corrected"] is None

"""``medlit ingest`` on good files."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from tests.pubmed import article, deletions, medlit, medlit_json, write


def test_a_file_goes_in_and_is_found(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml.gz", article(1, "Aspirin for headache"), article(2, "Lithium"))
    report = medlit_json("ingest", "--library", tmp_path / "lib", file)
    assert (report["files"], report["records_read"], report["records_stored"]) == (1, 2, 2)
    found = medlit_json("search", "--library", tmp_path / "lib", "headaches and aspirin")
    assert [hit["pmid"] for hit in found["hits"]] == [1]
    assert found["total"] == 1
    assert found["total_is_exact"] is True
    assert found["hits"][0]["retracted"] is False


def test_the_same_bytes_again_change_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", article(1))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    report = medlit_json("ingest", "--library", tmp_path / "lib", file)
    assert (report["files"], report["files_skipped"], report["records_read"]) == (0, 1, 0)


def test_changed_bytes_under_the_same_name_replace_what_the_file_said(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", article(1, "Old"), article(2, "Gone soon"))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    write(file, article(1, "New"))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    answer = medlit_json("get", "--library", tmp_path / "lib", "1", "2", code=1)
    assert [found["title"] for found in answer["articles"]] == ["New"]
    assert answer["not_found"] == ["2"]
    assert medlit_json("search", "--library", tmp_path / "lib", "gone soon")["total"] == 0


def test_later_nlm_files_win_whatever_the_order_of_loading(tmp_path: Path) -> None:
    older = write(tmp_path / "pubmed20n0002.xml.gz", article(1, "Older", revised="2020-09-09"))
    newer = write(tmp_path / "pubmed21n0001.xml.gz", article(1, "Newer", revised="2020-01-01"))
    medlit_json("ingest", "--library", tmp_path / "lib", newer)
    report = medlit_json("ingest", "--library", tmp_path / "lib", older)
    assert (report["records_stored"], report["records_superseded"]) == (0, 1)
    answer = medlit_json("get", "--library", tmp_path / "lib", "1")
    assert answer["articles"][0]["title"] == "Newer"
    assert answer["articles"][0]["provenance"]["source_file"] == "pubmed21n0001.xml.gz"


def test_a_deletion_hides_a_record_and_leaves_a_tombstone(tmp_path: Path) -> None:
    write(tmp_path / "pubmed21n0001.xml", article(1), article(2))
    write(tmp_path / "pubmed21n0002.xml", article(3), deletions([2]))
    report = medlit_json("ingest", "--library", tmp_path / "lib", tmp_path)
    assert report["records_deleted"] == 1
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert (status["articles"], status["deleted"], status["index_behind"]) == (2, 1, 0)
    assert medlit_json("get", "--library", tmp_path / "lib", "2", code=1)["not_found"] == ["2"]


def test_of_several_versions_in_one_file_the_highest_is_kept(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", article(1, "Second", version=2), article(1, "First", version=1))
    report = medlit_json("ingest", "--library", tmp_path / "lib", file)
    assert (report["records_read"], report["records_stored"], report["records_superseded"]) == (2, 1, 1)
    assert medlit_json("get", "--library", tmp_path / "lib", "1")["articles"][0]["title"] == "Second"


def test_a_folder_stands_for_its_files_in_nlm_order(tmp_path: Path) -> None:
    inside = tmp_path / "files" / "deep"
    inside.mkdir(parents=True)
    write(inside / "pubmed21n0002.xml", article(1, "Second"))
    write(tmp_path / "files" / "pubmed21n0010.xml", article(1, "Tenth"))
    (inside / "notes.md").write_text("not data")
    report = medlit_json("ingest", "--library", tmp_path / "lib", tmp_path / "files")
    assert report["files"] == 2
    assert medlit_json("get", "--library", tmp_path / "lib", "1")["articles"][0]["title"] == "Tenth"


def test_a_record_without_a_pmid_is_set_aside_with_its_place(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", article(7), "<PubmedArticle><MedlineCitation/></PubmedArticle>")
    report = medlit_json("ingest", "--library", tmp_path / "lib", file)
    assert (report["records_stored"], report["records_set_aside"]) == (1, 1)
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert status["set_aside_records"] == [
        {"file": "a.xml", "position": 1, "pmid": None, "reason": "it has no PMID"},
    ]


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    packed = tmp_path / "packed.xml"
    packed.write_bytes(gzip.compress(write(tmp_path / "x.xml", article(1)).read_bytes()))
    plain = tmp_path / "plain.xml.gz"
    plain.write_bytes(write(tmp_path / "y.xml", article(2)).read_bytes())
    assert medlit_json("ingest", "--library", tmp_path / "lib", packed, plain)["records_stored"] == 2


@pytest.mark.parametrize("said", ["MD5({name})= {md5}\n", "{md5}  {name}\n", "{MD5}"])
def test_the_checksum_that_nlm_puts_beside_a_file_is_verified(said: str, tmp_path: Path) -> None:
    file = write(tmp_path / "pubmed21n0001.xml.gz", article(1))
    md5 = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    beside = file.with_name(file.name + ".md5")
    beside.write_text(said.format(name=file.name, md5=md5, MD5=md5.upper()))
    assert medlit_json("ingest", "--library", tmp_path / "lib", tmp_path)["files"] == 1
    beside.write_text(said.format(name=file.name, md5="0" * 32, MD5="0" * 32))
    report = medlit_json("ingest", "--library", tmp_path / "lib", tmp_path, code=1)
    assert "but pubmed21n0001.xml.gz.md5 says 0000" in report["errors"][0]["reason"]


def test_a_pmid_that_a_new_baseline_leaves_out_is_reported(tmp_path: Path) -> None:
    def vanished() -> dict[str, object]:
        return medlit_json("status", "--vanished", "--library", tmp_path / "lib")["vanished"]

    write(tmp_path / "pubmed21n0001.xml", article(1), article(2), article(3), article(4))
    medlit_json("ingest", "--library", tmp_path / "lib", tmp_path)
    assert vanished() == {"year": None, "missing_numbers": [], "pmids": []}
    write(tmp_path / "pubmed22n0002.xml", article(4), deletions([3]))
    medlit_json("ingest", "--library", tmp_path / "lib", tmp_path)
    assert vanished() == {"year": 2022, "missing_numbers": [1], "pmids": []}
    write(tmp_path / "pubmed22n0001.xml", article(1))
    medlit_json("ingest", "--library", tmp_path / "lib", tmp_path)
    assert vanished() == {"year": 2022, "missing_numbers": [], "pmids": [2]}


def test_people_get_a_readable_report_and_pipes_get_json(tmp_path: Path) -> None:
    done = medlit("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", article(1)))
    assert done.returncode == 0
    assert done.stdout.startswith('{"files":1')
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "utf-8-sig"])
def test_other_encodings_are_read_as_declared(tmp_path: Path, encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n<PubmedArticleSet>'
    content += article(1, "Ménière's disease in Göteborg") + "</PubmedArticleSet>"
    file = tmp_path / "a.xml"
    file.write_bytes(content.encode(encoding))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    answer = medlit_json("get", "--library", tmp_path / "lib", "1")
    assert answer["articles"][0]["title"] == "Ménière's disease in Göteborg"


def test_an_nlm_file_goes_in_whole(data: Path, tmp_path: Path) -> None:
    file = data / "pubmed-xml" / "pubmed21n1298.xml.gz"
    report = medlit_json("ingest", "--library", tmp_path / "lib", "--workers", "2", file)
    text = gzip.decompress(file.read_bytes())
    assert report["records_read"] == text.count(b"<PubmedArticle>") == 20_788
    assert report["records_superseded"] == 5
    assert report["records_deleted"] == 20
    assert report["records_set_aside"] == 0
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert status["articles"] == 20_783
    assert status["newest_file"] == "pubmed21n1298.xml.gz"
    assert status["index_behind"] == 0

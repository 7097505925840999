"""Bad files: a clear message, exit code 1, nothing half-stored, and the next file goes on."""

from __future__ import annotations

import base64
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.formats.xml_chunks import CHUNK_BYTES
from tests.pubmed import HEAD, TAIL, article, medlit_json, write


def truncated_gzip(path: Path) -> None:
    content = gzip.compress(os.urandom(1000) + (HEAD + article(1) + TAIL).encode())
    whole = gzip.compress((HEAD + article(1) * 2000 + TAIL).encode())
    path.write_bytes(whole[: len(whole) // 2] if content else b"")


def corrupt_gzip(path: Path) -> None:
    whole = bytearray(gzip.compress((HEAD + "".join(article(n) for n in range(1, 3000)) + TAIL).encode()))
    middle = len(whole) // 2
    whole[middle : middle + 50] = os.urandom(50)
    path.write_bytes(whole)


def broken_in_the_middle(path: Path) -> None:
    many = "".join(article(n) for n in range(1, 2 * CHUNK_BYTES // len(article(1))))
    path.write_text(HEAD + many + "<PubmedArticle><broken</PubmedArticle>" + many + TAIL)


def entity_bomb(path: Path) -> None:
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        f"<PubmedArticleSet>{article(1, 'x')}</PubmedArticleSet>".replace(">x<", ">&b;<")
    )


def external_entity(path: Path) -> None:
    secret = path.with_name("secret.txt")
    secret.write_text("SECRET")
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
        f"<PubmedArticleSet>{article(1, 'x')}</PubmedArticleSet>".replace(">x<", ">&s;<")
    )


def undeclared_entity(path: Path) -> None:
    path.write_text(HEAD + article(1, "x").replace(">x<", ">&nbsp;<") + TAIL)


def zip_bomb(path: Path) -> None:
    path.write_bytes(gzip.compress((HEAD + article(1, "x" + " " * 1_000_000) * 200 + TAIL).encode()))


def wrong_encoding(path: Path) -> None:
    path.write_bytes((HEAD + article(1, "Göteborg") + TAIL).encode("latin-1"))


def unknown_encoding(path: Path) -> None:
    path.write_text(HEAD.replace("utf-8", "klingon-8") + article(1) + TAIL)


def giant_record(path: Path) -> None:
    """A single record of 200 MB, in text that hardly packs."""
    title = base64.b64encode(os.urandom(1_500_000)) * 100
    head, tail = (HEAD + article(1, "x") + TAIL).encode().split(b">x<")
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head + b">")
        file.write(title)
        file.write(b"<" + tail)


def deep_elements(path: Path) -> None:
    path.write_text(HEAD + article(1, "x").replace(">x<", ">" + "<i>" * 100_000 + "</i>" * 100_000 + "<") + TAIL)


def two_documents(path: Path) -> None:
    path.write_text((HEAD + article(1) + TAIL) * 2)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a missing file": (lambda path: None, "there is no such file"),
    "a folder without data": (Path.mkdir, "the folder has no data files in it"),
    "an empty file": (lambda path: path.write_bytes(b""), "the file is empty"),
    "an empty gzip": (lambda path: path.write_bytes(gzip.compress(b"")), "the file is empty"),
    "no gzip in spite of its name": (lambda path: path.write_bytes(b"hello"), "it is not gzip, as its name says"),
    "a truncated gzip": (truncated_gzip, "the gzip file is truncated"),
    "a corrupt gzip": (corrupt_gzip, "damaged"),
    "no XML": (lambda path: path.write_text("PK\x03\x04 nothing to see"), "none of the formats medlit reads"),
    "another XML": (lambda path: path.write_text("<html><body/></html>"), "none of the formats medlit reads"),
    "broken XML": (broken_in_the_middle, "broken XML at line"),
    "a file cut short": (lambda path: path.write_text(HEAD + article(1)), "broken XML at line"),
    "a file cut in a record": (lambda path: path.write_text(HEAD + article(1)[:-200]), "broken XML at line"),
    "an entity bomb": (entity_bomb, "it declares entities"),
    "an external entity": (external_entity, "it declares entities"),
    "an undeclared entity": (undeclared_entity, "Entity 'nbsp' not defined"),
    "a zip bomb": (zip_bomb, "it unpacks to more than"),
    "a record of 200 MB": (giant_record, "is larger than 64,000,000 bytes"),
    "elements nested without end": (deep_elements, "broken XML at line"),
    "two documents in one file": (two_documents, "broken XML at line"),
    "junk before the XML declaration": (
        lambda path: path.write_text("junk " + HEAD + article(1) + TAIL),
        "none of the formats medlit reads",
    ),
    "half a record of JSON": (lambda path: path.write_text('{"resultList": {"result": [{"pmid": "1"'), "broken JSON"),
    "a wrong encoding": (wrong_encoding, "broken XML at line"),
    "an unknown encoding": (unknown_encoding, "its encoding, klingon-8, is unknown"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_named_with_its_cause_and_the_next_goes_on(case: str, tmp_path: Path) -> None:
    make, reason = BAD[case]
    bad = tmp_path / "bad.xml.gz"
    make(bad)
    good = write(tmp_path / "good.xml", article(99, "Good"))
    report = medlit_json("ingest", "--library", tmp_path / "lib", bad, good, code=1)
    assert [error["file"] for error in report["errors"]] == [str(bad)]
    assert reason in report["errors"][0]["reason"]
    assert (report["files"], report["files_failed"], report["records_stored"]) == (1, 1, 1)
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert (status["articles"], status["index_behind"]) == (1, 0)


def test_a_file_that_fails_on_its_second_load_leaves_the_first_in_place(tmp_path: Path) -> None:
    file = write(tmp_path / "pubmed21n0001.xml", article(1, "First"))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    file.write_text(HEAD + article(1, "Second"))
    medlit_json("ingest", "--library", tmp_path / "lib", file, code=1)
    assert medlit_json("get", "--library", tmp_path / "lib", "1")["articles"][0]["title"] == "First"
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert (status["files"], status["files_failed"]) == (1, 1)


def test_end_tags_in_comments_and_cdata_end_nothing(tmp_path: Path) -> None:
    trick = article(5, "Tricky").replace(
        "<AuthorList",
        "<!-- </PubmedArticle> --><Abstract><AbstractText><![CDATA[</PubmedArticle>]]></AbstractText></Abstract>"
        "<AuthorList",
    )
    filler = "".join(article(n) for n in range(100, 100 + CHUNK_BYTES // len(article(1))))
    file = write(tmp_path / "a.xml", filler, trick * 400, article(6))
    report = medlit_json("ingest", "--library", tmp_path / "lib", file)
    assert report["records_set_aside"] == 0
    answer = medlit_json("get", "--library", tmp_path / "lib", "5")
    assert answer["articles"][0]["abstract_plain"] == "</PubmedArticle>"

"""Every odd record of ``tests/conformance`` through the front half of an ingest: file, reader, worker, record."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from ingest.formats.registry import HEAD_BYTES, detect
from ingest.source import unpacked
from ingest.worker import parse
from medlit.library.codec import unpack
from medlit.library.store import SetAside, StagedRow
from medlit.library.winner import Row, last_word
from medlit.record import Article

FOLDER = Path(__file__).parents[1] / "conformance"
CASES = sorted(path.stem for path in FOLDER.glob("*.xml") if path.with_suffix(".json").exists())


class Outcome(NamedTuple):
    """What a file became."""

    rows: list[StagedRow]
    set_aside: list[SetAside]

    @property
    def articles(self) -> list[Article]:
        """The records, in the order of the file."""
        return [unpack(row.body, Article) for row in self.rows if row.body is not None]

    def standing(self, pmid: int) -> int | None:
        """The version of the record that the file leaves standing, ``None`` when it deletes it."""
        rows = [Row(row.position, row.pmid_version, row.body is None) for row in self.rows if row.pmid == pmid]
        word = last_word(rows)
        return None if word.deleted else word.pmid_version


def read(path: Path) -> Outcome:
    """The rows of a file, by the very functions that an ingest calls."""
    blocks = list(unpacked(path, lambda _: None))
    reader = detect(blocks[0][:HEAD_BYTES])
    assert reader is not None, "no reader knows the format"
    outcome = Outcome([], [])
    for chunk in reader.split(iter(blocks)):
        parsed = parse(reader.name, chunk.data, chunk.line)
        outcome.rows.extend(parsed.rows)
        outcome.set_aside.extend(parsed.set_aside)
    return outcome


def expected(name: str) -> dict[str, Any]:
    """What ``<name>.json`` says that the file must become."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def derived(article: Article) -> dict[str, Any]:
    """What a record tells beyond its fields."""
    date = article.pub_date
    return {
        "retracted": article.retracted,
        "year": article.year,
        "abstract_plain": article.abstract_plain,
        "pub_date": date and {"precision": date.precision, "sort_key": date.sort_key, "text": str(date)},
    }


def as_far_as_asked(article: Article, asked: dict[str, Any]) -> dict[str, Any]:
    """The same keys of the record; ``None`` for an absent field."""
    fields: dict[str, Any] = msgspec.to_builtins(article)
    found = {key: fields.get(key) for key in asked}
    if "derived" in asked:
        every = derived(article)
        found["derived"] = {key: every[key] for key in asked["derived"]}
    return found


def parameters() -> list[Any]:
    """One case a file; a case that medlit is known to fail is expected to fail."""
    return [
        pytest.param(name, marks=[pytest.mark.xfail(reason=pending, strict=True)] if pending else [], id=name)
        for name in CASES
        for pending in [expected(name).get("pending")]
    ]


@pytest.mark.parametrize("name", parameters())
def test_an_odd_record_is_read_as_nlm_means_it(name: str) -> None:
    case, outcome = expected(name), read(FOLDER / f"{name}.xml")
    found = [as_far_as_asked(*pair) for pair in zip(outcome.articles, case["records"], strict=True)]
    assert found == case["records"]
    assert [row.pmid for row in outcome.rows if row.body is None] == case["deletions"]
    assert len(outcome.set_aside) == case["set_aside"]
    assert {pmid: outcome.standing(int(pmid)) for pmid in case.get("standing", {})} == case.get("standing", {})


def test_every_case_has_its_file_and_its_expectation() -> None:
    assert CASES
    assert sorted(path.stem for path in FOLDER.glob("*.xml")) == CASES
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == CASES


def test_the_checklist_names_every_case_and_nothing_else() -> None:
    checklist = re.findall(r"^- `([^`]+)`", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(checklist) == CASES


def test_no_two_cases_share_a_pmid() -> None:
    pmids = [(name, pmid) for name in CASES for pmid in {record["pmid"] for record in expected(name)["records"]}]
    assert len({pmid for _, pmid in pmids}) == len(pmids)

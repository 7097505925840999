"""Verdicts on real records, cited well and badly: the floors under what ``scripts/eval-citations`` measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from medlit.library.library import open_library
from scripts.citations.measure import cases, outcomes, rates, sample
from tests.pubmed import medlit_json

pytestmark = pytest.mark.anyio


async def test_real_citations_match_and_false_ones_do_not(data: Path, tmp_path: Path) -> None:
    oddities = data / "pubmed-xml" / "oddities"
    known, absent = oddities / "titipata-medline16n0902.xml.gz", oddities / "net-synergy-pubmed21n1004.xml.gz"
    for file in (known, absent):
        medlit_json("ingest", "--library", tmp_path / file.name, file)
    async with open_library(tmp_path / known.name) as library, open_library(tmp_path / absent.name) as other:
        found = await outcomes(library, cases(await sample(library, 20), await sample(other, 20)))
    reached = rates(found)
    assert len(found) > 20 * 10
    assert reached.precision >= 0.97
    assert reached.recall >= 0.95
    assert reached.caught >= 0.97

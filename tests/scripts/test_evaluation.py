"""The measures of ``scripts/eval-search`` against values worked out by hand, and one run on a collection made here."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.evaluation.metrics import average_precision, compared, ndcg, recall

ROOT = Path(__file__).parents[2]
JUDGED = {1: 3, 2: 2, 3: 1, 4: 0}


def test_gain_is_the_grade_and_is_discounted_by_the_logarithm_of_the_rank() -> None:
    ideal = 3 + 2 / math.log2(3) + 1 / 2
    assert ndcg([1, 2, 3], JUDGED, 10) == pytest.approx(1.0)
    assert ndcg([4, 2, 9, 1], JUDGED, 10) == pytest.approx((2 / math.log2(3) + 3 / math.log2(5)) / ideal)
    assert ndcg([9, 1], JUDGED, 1) == 0.0
    assert ndcg([1], JUDGED, 1) == pytest.approx(1.0), "the best possible is cut at the same depth"


def test_average_precision_counts_what_is_not_found_as_nothing() -> None:
    assert average_precision([1, 9, 3], JUDGED) == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert average_precision([], JUDGED) == 0.0


def test_recall_is_cut_at_its_depth() -> None:
    assert recall([9, 1, 2], JUDGED, 2) == pytest.approx(1 / 3)


def test_equals_differ_by_chance_and_a_clear_winner_does_not() -> None:
    assert compared([0.5, 0.2, 0.1], [0.5, 0.2, 0.1]) == (0, 0, 1.0)
    better, worse, chance = compared([0.9] * 20, [0.1] * 20)
    assert (better, worse) == (20, 0)
    assert chance < 0.001


@pytest.mark.skipif(os.name != "posix", reason="the evaluation is started by a shell script")
def test_a_collection_is_loaded_searched_and_measured(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "tiny"
    folder.mkdir(parents=True)
    texts = {1: "aspirin for headache", 2: "lithium and mania", 3: "aspirin and bleeding", 4: "a cohort of nurses"}
    lines = [json.dumps({"pmid": pmid, "abstract": text}) for pmid, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "queries.tsv").write_text("q1\taspirin headache\nq2\tlithium\nq3\tnever judged\n", encoding="utf-8")
    (folder / "qrels.tsv").write_text("q1\t1\t1\nq2\t2\t1\n", encoding="utf-8")
    page = tmp_path / "page.md"
    subprocess.run(
        ["sh", str(ROOT / "scripts" / "eval-search"), "--data", str(folder.parent), "--output", str(page)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHON": sys.executable},
        timeout=100,
    )
    text = page.read_text(encoding="utf-8")
    assert "<!-- bench:ranking -->" in text
    assert "### tiny, 2 queries" in text
    for way in ("medlit", "BM25", "SQLite FTS5"):
        assert re.search(rf"^\| {way} \| 1.0000 \| 1.0000 \| 1.0000 \|", text, re.MULTILINE), way

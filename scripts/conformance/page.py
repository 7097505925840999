"""docs/conformance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.conformance.corpus import Column

SHOWN = {"ok": "ok", "lost": "**lost**", "wrong": "**wrong**", "crash": "**crash**", "–": "–"}

INTRODUCTION = """\
# Conformance of PubMed parsers

Each line is one odd record of [tests/conformance](../tests/conformance/README.md), each column a parser that reads
exactly that file. **ok**: what the case is about is right, in whatever form the parser gives it. **lost**: it is
missing. **wrong**: something else is there: a tag in a text, a day that nobody wrote, another work's DOI. **crash**:
the parser raised an exception and gave no record. **–**: the parser does not carry that kind of field at all, which
is a choice and counts neither way. The answers are compared in one spelling (`H₂O` is `H2O`, white space is one
space, order does not matter, a name or a date may have any notation, a date may be coarser than the record's);
retraction may be told by a flag or by the publication type. A date finer than the record's is wrong, since nobody can
see that it was made up. The corpus was made for medlit, so medlit's own column shows that it keeps its promises, not
that it beats anybody; the other columns show what to look at before relying on one. Compared is what installs as a
Python package and can be handed a file. `scripts/conformance-records` repeats all of it: it installs each parser
once, in the version named here, into an environment of its own in the user's cache, reads the corpus with it and
writes this page.
"""


def page(corpus: Mapping[str, Mapping[str, Any]], columns: Sequence[Column]) -> str:
    """The whole page."""
    rows = [
        ["case", *(column.name for column in columns)],
        ["---", *("---" for _ in columns)],
        *([f"{name}", *(SHOWN.get(column.verdicts.get(name, ""), "") for column in columns)] for name in corpus),
        ["**ok, of those it carries**", *(total(column) for column in columns)],
    ]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{INTRODUCTION}\n{table}\n"


def total(column: Column) -> str:
    """The last line of a column."""
    if column.absent:
        return column.absent
    given = [verdict for verdict in column.verdicts.values() if verdict != "–"]
    return f"**{given.count('ok')} of {len(given)}**"

"""What a parser made of a case, in one word.

The words of comparison (``title``, ``own_ids``, ``date`` …) are common to all
parsers. An adapter says which of them its parser carries at all, and gives their
values; a case asks for some of them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

Verdict = Literal["ok", "lost", "wrong", "crash", "–"]
SEVERITY: tuple[Verdict, ...] = ("–", "ok", "lost", "wrong")

Value: TypeAlias = str | bool | list[str] | None
Record = Mapping[str, Value]
WORDS_OF_A_FILE = frozenset({"deleted"})


class Reading(NamedTuple):
    """What an adapter reports of one file: its records and deletions, or why it gave up."""

    records: Sequence[Record] = ()
    deleted: Sequence[str] = ()
    crash: str | None = None


def verdict(case: Mapping[str, Any], carried: Iterable[str], reading: Reading) -> Verdict:
    """The worst answer to what the case asks; a dash when the parser carries nothing of it."""
    asked = [probe for probe in case["compare"] if probe["field"] in frozenset(carried)]
    if not asked:
        return "–"
    if reading.crash is not None:
        return "crash"
    answers = [_answer(probe, _value(case, probe, reading)) for probe in asked]
    return next(worst for worst in reversed(SEVERITY) if worst in answers)


def _value(case: Mapping[str, Any], probe: Mapping[str, Any], reading: Reading) -> Value:
    if probe["field"] in WORDS_OF_A_FILE:
        return list(reading.deleted)
    record = _record(str(probe.get("pmid") or case["records"][0]["pmid"]), reading.records)
    return None if record is None else record.get(probe["field"])


def _record(pmid: str, records: Sequence[Record]) -> Record | None:
    of_pmid = [record for record in records if str(record.get("pmid")) == pmid]
    if of_pmid:
        return of_pmid[-1]
    return records[0] if len(records) == 1 else None


def _answer(probe: Mapping[str, Any], found: Value) -> Verdict:
    squeeze = bool(probe.get("without_spaces"))
    shown = _text(found, squeeze=squeeze)
    if "lacks" in probe:
        return "wrong" if any(_text(item, squeeze=squeeze) in shown for item in probe["lacks"]) else "ok"
    if "contains" in probe:
        missing = [item for item in probe["contains"] if _text(item, squeeze=squeeze) not in shown]
        if not missing:
            return "ok"
        # Something is there in its place (a tag inside, an entity), or it is simply not there.
        return "wrong" if all(_bare(item) in _bare(found) for item in missing) else "lost"
    accepted = [probe["is"]] if "is" in probe else probe["any_of"]
    if any(_same(found, value) for value in accepted):
        return "ok"
    return "lost" if _is_part(found, accepted) else "wrong"


def _same(found: Value, wanted: Value) -> bool:
    if isinstance(wanted, bool):
        return found is wanted
    if isinstance(wanted, list):
        return _texts(found) == _texts(wanted)
    return not isinstance(found, bool) and _text(found) == _text(wanted)


def _is_part(found: Value, accepted: Sequence[Value]) -> bool:
    """Whether nothing false was found, only too little."""
    if isinstance(found, list):
        return any(set(_texts(found)) <= set(_texts(value)) for value in accepted if isinstance(value, list))
    return found in (None, "")


def _texts(value: Value) -> list[str]:
    return sorted(text for text in map(_text, value if isinstance(value, list) else [value]) if text)


def _text(value: Value, *, squeeze: bool = False) -> str:
    """A value as one text in one spelling: compatible characters alike, layout as one space."""
    if value is None:
        return ""
    whole = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    plain = unicodedata.normalize("NFKC", whole).replace("−", "-")
    return re.sub(r"\s+", "" if squeeze else " ", plain).strip().removesuffix(".")


def _bare(value: Value) -> str:
    """The letters alone: tags taken out, entities resolved."""
    return re.sub(r"\W+", "", re.sub(r"<[^<>]*>", "", html.unescape(html.unescape(_text(value)))))

"""Dates in PubMed's query language."""

from __future__ import annotations

import datetime
import re
from typing import Literal

import msgspec

_DATE = re.compile(r"(\d{1,4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?")
_RECENT = re.compile(r"last\s+(\d{1,4})\s+(day|month|year)s?", re.IGNORECASE)

LATEST = 9999_99_99


class Recent(msgspec.Struct, frozen=True):
    """From so many days, months or years ago up to today and later."""

    count: int
    unit: Literal["days", "months", "years"]
    field: str


def recent(text: str, field: str) -> Recent | None:
    """``last 5 years``, and the like."""
    match = _RECENT.fullmatch(text.strip())
    if not match:
        return None
    units: dict[str, Literal["days", "months", "years"]] = {"d": "days", "m": "months", "y": "years"}
    return Recent(int(match[1]), units[match[2][0].lower()], field)


def check_date(text: str) -> str | None:
    """A date as PubMed writes it, ``YYYY``, ``YYYY/MM`` or ``YYYY/MM/DD``; ``None`` when it is none."""
    match = _DATE.fullmatch(text.strip())
    if not match or not text.isascii():
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return f"{year:04}" + "".join(f"/{part:02}" for part in (month, day) if part is not None)


def earliest(date: str) -> int:
    """The least sort key of a date. What has no month or day counts as the first one."""
    year, month, day = (int(part) for part in f"{date}/1/1".split("/")[:3])
    if day > 1:
        return year * 10_000 + month * 100 + day
    return year * 10_000 + (month * 100 if month > 1 else 0)


def latest(date: str) -> int:
    """The greatest sort key of a date; from the year 3000 on, of all dates."""
    year, month, day = (int(part) for part in f"{date}/99/99".split("/")[:3])
    return LATEST if year >= 3000 else year * 10_000 + month * 100 + day


def since(wanted: Recent, today: datetime.date) -> str:
    """The day from which on something is recent."""
    if wanted.unit == "days":
        days = min(wanted.count, today.toordinal() - 1)
        then = today - datetime.timedelta(days=days)
        return f"{then.year:04}/{then.month:02}/{then.day:02}"
    months = today.year * 12 + today.month - 1 - wanted.count * (12 if wanted.unit == "years" else 1)
    year, month = divmod(max(months, 12), 12)
    return f"{year:04}/{month + 1:02}/{today.day:02}"

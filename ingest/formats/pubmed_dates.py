"""Dates in PubMed XML: as precise as they are given, never more."""

from __future__ import annotations

import re

from ingest.formats.element import Element
from medlit.record import (
    PartialDate,
)

MONTHS = {
    spelling: number
    for number, name in enumerate(
        (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        start=1,
    )
    for spelling in (name, name[:3], name.lower(), name[:3].lower(), str(number), f"{number:02}")
} | {"Sept": 9, "sept": 9}
"""Every way a month is written, to its number."""

_NUMBERS = {spelling: number for number in range(2_100) for spelling in (str(number), f"{number:02}")}
"""Every way a year or a day is written, to its number."""

DATE_PARTS = frozenset({"Year", "Month", "Day"})

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def date(element: Element) -> PartialDate:
    """Any element with ``Year``, ``Month``, ``Day``, ``Season`` or ``MedlineDate`` in it."""
    date = PartialDate()
    for child in element[:]:
        date_part(child.tag, child.text, date)
    return date


def date_part(tag: object, text: str | None, date: PartialDate) -> None:
    """Take one part of a date."""
    if not text:
        return
    if tag == "Year":
        date.year = _NUMBERS.get(text) or _number(text)
    elif tag == "Month":
        date.month = MONTHS.get(text) or MONTHS.get(text.strip().lower())
    elif tag == "Day":
        date.day = _NUMBERS.get(text) or _number(text)
    elif tag == "Season":
        date.season = text.strip()
    elif tag == "MedlineDate":
        date.medline_date = text.strip()
        if match := _YEAR.search(text):
            date.year = int(match[0])


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None

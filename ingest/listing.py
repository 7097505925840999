"""What a file server lists, and the checksums beside its files. Pure functions of text.

Folders are listed as Apache, nginx and their like do: a link for every file, with
its date and its size, often rounded, behind it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote

from medlit.library.winner import Release, mesh_release_of, release_of

_LINK = re.compile(r"""<a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)[^>]*>(.*?)(?=<a\s|</pre|</tr|$)""", re.I | re.S)
_TAG = re.compile(r"<[^>]*>")
_DATE = re.compile(r"\b(\d{4}-\d\d-\d\d|\d\d-[A-Z][a-z]{2}-\d{4}) (\d\d:\d\d)(?::\d\d)?\b")
_SIZE = re.compile(r"(?<![\w.:-])(\d+(?:\.\d+)?)\s?([KMGT]?)i?B?\s*$", re.I)
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

_PUBMED = re.compile(r"pubmed\d\dn\d{4,5}\.xml\.gz")
_DESCRIPTORS = re.compile(r"desc\d{4}\.(gz|xml\.gz|xml)")
_MESH_ORDER = (".xml", ".xml.gz", ".gz")
_MD5 = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")
MD5_FILE_BYTES = 1_000


class Listed(NamedTuple):
    """A file as a listing shows it."""

    name: str
    modified: datetime | None
    """In the server's own time zone, which it does not tell; taken for UTC."""
    size: int
    """In bytes, often rounded to three digits; 0 when it is not shown."""


class Numbered(NamedTuple):
    """A file of NLM's with its place in NLM's order."""

    release: Release
    file: Listed


def read_listing(page: str) -> list[Listed]:
    """The files of a folder's page; links that lead elsewhere are left out."""
    found: dict[str, Listed] = {}
    for link, shown in _LINK.findall(page):
        name = unquote(html.unescape(link)).rsplit("/", 1)[-1]
        if _NAME.fullmatch(name):
            found.setdefault(name, Listed(name, *_date_and_size(html.unescape(_TAG.sub(" ", shown)))))
    return list(found.values())


def _date_and_size(text: str) -> tuple[datetime | None, int]:
    date = _DATE.search(text)
    size = _SIZE.search(text[date.end() :] if date else "")
    return _moment(date[1], date[2]) if date else None, _bytes(size) if size else 0


def _moment(day: str, time: str) -> datetime | None:
    for form in ("%Y-%m-%d %H:%M", "%d-%b-%Y %H:%M"):
        try:
            return datetime.strptime(f"{day} {time}", form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _bytes(size: re.Match[str]) -> int:
    return round(float(size[1]) * _UNITS[size[2].upper()])


def pubmed_files(listed: Iterable[Listed]) -> list[Numbered]:
    """NLM's numbered files, in their order."""
    return sorted(
        Numbered(release, file)
        for file in listed
        if _PUBMED.fullmatch(file.name) and (release := release_of(file.name)) is not None
    )


def descriptor_file(listed: Iterable[Listed]) -> list[Numbered]:
    """The file of the newest year's MeSH descriptors, compressed where there is a choice."""
    years = [
        (release, _MESH_ORDER.index("." + shape[1]), file)
        for file in listed
        if (shape := _DESCRIPTORS.fullmatch(file.name)) and (release := descriptors_of(file.name))
    ]
    return [Numbered(newest[0], newest[2]) for newest in [max(years)]] if years else []


def descriptors_of(file_name: str) -> Release | None:
    """The year of a file of descriptors; MeSH's other files have years too."""
    return mesh_release_of(file_name) if file_name.startswith("desc") else None


def read_md5(said: str) -> str | None:
    """The MD5 that a checksum file states, as ``MD5(NAME)= …`` or ``… NAME``; ``None`` when it states none."""
    match = _MD5.search(said) if len(said) <= MD5_FILE_BYTES else None
    return match[0].lower() if match else None

"""``medlit cite`` and ``verify``: references from the library, and references held against it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import anyio
from pydantic import ValidationError

from medlit import cli
from medlit.citation.styles import joined
from medlit.errors import UnreadableFile, UsageError
from medlit.library.library import Library, open_library
from medlit.settings import read_settings
from tools.articles import look_up
from tools.cite import formatted
from tools.results import CheckedCitation, CitedWork
from tools.verify import MAX_CITATIONS, CitationArgument, verify

FIELDS = tuple(CitationArgument.model_fields)

COLOURS = {"match": "green", "mismatch": "red", "ambiguous": "yellow", "not_found": "red"}


def run(arguments: argparse.Namespace) -> int:
    """Run one of this module's commands."""
    return anyio.run(_run, arguments)


async def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "verify":
        _check_usage(arguments)
    async with open_library(read_settings(os.environ, library=arguments.library).library) as library:
        return await (_cite if arguments.command == "cite" else _verify)(library, arguments)


async def _cite(library: Library, arguments: argparse.Namespace) -> int:
    found, not_found = await look_up(library, arguments.ids)
    citations = formatted(found, arguments.style)
    if arguments.json:
        cli.emit({"citations": [citation.model_dump() for citation in citations], "not_found": not_found})
    elif citations:
        # A terminal and a file get the same: the text is a document of its format.
        cli.emit_text(joined(arguments.style, [citation.text for citation in citations]))
    if not arguments.json:
        for citation in citations:
            if citation.retracted:
                cli.complain(f"PMID {citation.pmid} is retracted")
        for given in not_found:
            cli.complain(f"{given}: not in the library")
    return cli.FAILED if not_found else cli.OK


def _check_usage(arguments: argparse.Namespace) -> None:
    given = any(getattr(arguments, field) for field in FIELDS)
    if given == bool(arguments.file):
        raise UsageError("Give one citation by flags, such as --title and --author, or a FILE of JSON lines.")


async def _verify(library: Library, arguments: argparse.Namespace) -> int:
    citations = _read(arguments)
    as_json = cli.wants_json(arguments)
    all_match, number = True, 0
    while page := list(islice(citations, MAX_CITATIONS)):
        for checked in (await verify(library, page, first=number + 1)).results:
            number += 1
            all_match &= checked.verdict == "match"
            if as_json:
                cli.emit(checked.model_dump())
            else:
                _show(checked, number)
    if not number:
        raise UsageError("There is no citation in the file. Put one JSON object on a line.")
    return cli.OK if all_match else cli.FAILED


def _read(arguments: argparse.Namespace) -> Iterator[CitationArgument]:
    if not arguments.file:
        return iter([CitationArgument(**{field: getattr(arguments, field) for field in FIELDS})])
    if arguments.file == "-":
        return _citations(sys.stdin)
    try:
        return _citations(Path(arguments.file).open(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFile(arguments.file, error.strerror or "it cannot be read") from error


def _citations(lines: TextIO) -> Iterator[CitationArgument]:
    with lines:
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _citation(line, number)
        except UnicodeDecodeError:
            raise UsageError("The file is not UTF-8. Convert it first.") from None


def _citation(line: str, number: int) -> CitationArgument:
    try:
        return CitationArgument.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        said = f"{name}: {first['msg']}" if name in FIELDS else f"it must be an object of {', '.join(FIELDS)}"
        raise UsageError(f"Line {number} is no citation; {said}.") from None


def _show(checked: CheckedCitation, number: int) -> None:
    from rich.markup import escape

    console = cli.console()
    verdict = checked.verdict.replace("_", " ")
    console.print(f"\n{number}. [bold {COLOURS[checked.verdict]}]{verdict}[/]")
    if checked.record:
        console.print(f"   {escape(_line(checked.record))}{_retracted(checked.record)}")
    for field, found in (checked.differs or {}).items():
        console.print(f"   [red]{field}[/red] is {escape(found)}")
    for note in checked.notes:
        console.print(f"   [dim]{escape(note)}[/dim]")
    for work in checked.candidates:
        console.print(f"   [yellow]or[/yellow] {escape(_line(work))}{_retracted(work)}")


def _line(work: CitedWork) -> str:
    parts = (work.authors, work.title or "[no title]", work.journal, work.year and str(work.year))
    return " · ".join([part for part in parts if part] + [f"PMID {work.pmid}"])


def _retracted(work: CitedWork) -> str:
    said = (["RETRACTED"] if work.retracted else []) + work.warnings
    return f" [bold red]{', '.join(said)}[/bold red]" if said else ""

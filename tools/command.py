"""``medlit search``, ``get`` and ``status``: the library from the command line."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from medlit import cli
from medlit.errors import UsageError
from medlit.library.codec import unpack
from medlit.library.library import Library, open_library
from medlit.library.query import Filters, Search
from medlit.library.store import StoreStatus, Vanished
from medlit.record import Article
from medlit.settings import read_settings
from tools import present
from tools.articles import look_up
from tools.results import Hit

if TYPE_CHECKING:
    from rich.console import Console

SET_ASIDE_SHOWN = 100

_plain = cli.plain


def run(arguments: argparse.Namespace) -> int:
    """Run one of this module's commands."""
    return anyio.run(_run, arguments)


async def _run(arguments: argparse.Namespace) -> int:
    folder = read_settings(os.environ, library=arguments.library).library
    async with open_library(folder) as library:
        match arguments.command:
            case "search":
                return await _search(library, arguments)
            case "get":
                return await _get(library, arguments)
            case "status":
                return await _status(library, folder, arguments)
            case _:
                raise UsageError(f"There is no command {arguments.command!r}.")


async def _search(library: Library, arguments: argparse.Namespace) -> int:
    started = time.perf_counter()
    page = await library.search(
        Search(
            query=arguments.query,
            filters=Filters(
                author=arguments.author,
                journal=arguments.journal,
                mesh=arguments.mesh,
                publication_type=arguments.publication_type,
                language=arguments.language,
                year_from=arguments.year_from,
                year_to=arguments.year_to,
                include_retracted=not arguments.exclude_retracted,
            ),
            limit=arguments.limit,
            cursor=arguments.cursor,
            sort=arguments.sort,
            term_mapping=not arguments.no_term_mapping,
        )
    )
    hits = [present.hit(hit, page.question, detailed=False) for hit in page.hits]
    took_ms = round((time.perf_counter() - started) * 1000, 2)
    if cli.wants_json(arguments):
        shown = ("pmid", "title", "year", "journal", "score", "retracted")
        cli.emit(
            {
                "total": page.total,
                "total_is_exact": page.total_is_exact,
                "hits": [{name: getattr(hit, name) for name in shown} for hit in hits],
                "next_cursor": page.next_cursor,
                "reordered": page.reordered,
                "query_translation": page.understood,
                "took_ms": took_ms,
            }
        )
        return cli.OK
    console = cli.console()
    at_least = "" if page.total_is_exact else "at least "
    console.print(f"[dim]{at_least}{page.total:,} matches in {took_ms:.1f} ms[/dim]")
    console.print(f"[dim]{_plain(page.understood)}[/dim]")
    for hit in hits:
        show_hit(console, hit)
    return cli.OK


def show_hit(console: Console, hit: Hit) -> None:
    """A hit for people."""
    retracted = " [bold red]RETRACTED[/bold red]" if hit.retracted else ""
    console.print(f"\n[bold]{_plain(hit.title or '[no title]')}[/bold]{retracted}")
    source = " · ".join(_plain(str(part)) for part in (hit.authors, hit.journal, hit.year) if part)
    console.print(f"  [cyan]{hit.pmid}[/cyan]  {source}")
    if hit.snippet:
        console.print(f"  {_plain(hit.snippet)}")
    if hit.matched:
        console.print(f"  [dim]{_plain(hit.matched)}[/dim]")


async def _get(library: Library, arguments: argparse.Namespace) -> int:
    found, not_found = await look_up(library, arguments.ids)
    records = [(unpack(stored.body, Article), stored) for stored in found]
    if cli.wants_json(arguments):
        cli.emit(
            {
                "articles": [present.complete(record, stored) for record, stored in records],
                "not_found": not_found,
            }
        )
        return cli.FAILED if not_found else cli.OK
    console = cli.console()
    for _, stored in records:
        article = present.article(stored, detailed=False)
        retracted = " [bold red]RETRACTED[/bold red]" if article.retracted else ""
        console.print(f"\n[bold]{_plain(article.title or '[no title]')}[/bold]{retracted}")
        console.print(_plain(", ".join(article.authors)))
        place = " · ".join(
            part for part in (article.journal, article.publication_date, article.volume, article.pages) if part
        )
        console.print(f"[dim]{_plain(place)}[/dim]")
        for section in article.abstract:
            label = f"[bold]{_plain(section.label)}[/bold]  " if section.label else ""
            console.print(f"\n{label}{_plain(section.text)}")
        if article.mesh:
            console.print(f"\n[dim]MeSH: {_plain('; '.join(article.mesh))}[/dim]")
        ids = "  ".join(f"{name}:{value}" for name, value in (("doi", article.doi), ("pmcid", article.pmcid)) if value)
        console.print(f"[cyan]pmid:{article.pmid}[/cyan]  {_plain(ids)}")
    for given in not_found:
        cli.complain(f"{given}: not in the library")
    return cli.FAILED if not_found else cli.OK


async def _status(library: Library, folder: Path, arguments: argparse.Namespace) -> int:
    status, behind = await library.status()
    set_aside = await library.store.set_aside(SET_ASIDE_SHOWN)
    files = await library.store.files() if arguments.files or status.files_failed else []
    vanished = await library.store.vanished() if arguments.vanished else None
    if cli.wants_json(arguments):
        answer: dict[str, object] = {
            "library": str(folder),
            "articles": status.articles,
            "deleted": status.deleted,
            "superseded": status.superseded,
            "mesh_descriptors": status.mesh_descriptors,
            "files": status.files,
            "files_failed": status.files_failed,
            "set_aside": status.set_aside,
            "index_behind": behind,
            "newest_file": status.newest_file,
            "last_loaded_at": status.last_loaded_at,
            "size_bytes": status.size_bytes,
            "set_aside_records": set_aside,
            "failed_files": [{"file": file.name, "reason": file.error} for file in files if file.error],
        }
        if arguments.files:
            answer["ledger"] = files
        if vanished:
            answer["vanished"] = vanished
        cli.emit(answer)
        return cli.OK
    console = cli.console()
    for name, value in _lines(status, behind, folder):
        console.print(f"[dim]{name:>14}[/dim]  {_plain(value)}")
    for file in files:
        if arguments.files or file.error:
            problem = f"  [red]{_plain(file.error)}[/red]" if file.error else ""
            console.print(f"{_plain(file.name)}  {file.records_read:,} records{problem}")
    if vanished:
        console.print(_said_of(vanished))
    for entry in set_aside:
        place = f"{entry.file}, record {entry.position + 1}" + (f", PMID {entry.pmid}" if entry.pmid else "")
        console.print(f"[yellow]set aside[/yellow]  {_plain(place)}: {_plain(entry.reason)}")
    return cli.OK


def _said_of(vanished: Vanished) -> str:
    if vanished.year is None:
        return "Whether PMIDs vanished can be told once NLM's files of two years are loaded."
    if vanished.missing_numbers:
        return (
            f"Whether PMIDs vanished in {vanished.year} can be told once its files are all loaded; "
            f"{len(vanished.missing_numbers):,} are missing, the first is number {vanished.missing_numbers[0]}."
        )
    listed = ", ".join(map(str, vanished.pmids)) or "none"
    return f"In no file of {vanished.year}, and not deleted: {listed}"


def _lines(status: StoreStatus, behind: int, folder: Path) -> list[tuple[str, str]]:
    return [
        ("library", str(folder)),
        ("articles", f"{status.articles:,}"),
        ("deleted", f"{status.deleted:,}"),
        ("superseded", f"{status.superseded:,}"),
        ("MeSH", f"{status.mesh_descriptors:,} descriptors"),
        ("files", f"{status.files:,}" + (f", {status.files_failed:,} failed" if status.files_failed else "")),
        ("set aside", f"{status.set_aside:,} records"),
        ("newest file", status.newest_file or "none"),
        ("last load", status.last_loaded_at or "never"),
        ("index", "up to date" if not behind else f"{behind:,} changes behind"),
        ("on disk", f"{status.size_bytes / 1e6:,.0f} MB"),
    ]

"""``medlit related`` and ``medlit mesh``: from one article to others, and MeSH, from the command line."""

from __future__ import annotations

import argparse
import os

import anyio

from medlit import cli
from medlit.library.library import Library, open_library
from medlit.settings import read_settings
from tools import mesh
from tools.command import show_hit
from tools.related import related
from tools.results import MeshHeading, ReferencedWork

SHOWN = 12
"""Names of a list that people are shown; ``--json`` has more."""


def run(arguments: argparse.Namespace) -> int:
    """Run one of this module's commands."""
    return anyio.run(_run, arguments)


async def _run(arguments: argparse.Namespace) -> int:
    folder = read_settings(os.environ, library=arguments.library).library
    async with open_library(folder) as library:
        return await (_related if arguments.command == "related" else _mesh)(library, arguments)


async def _related(library: Library, arguments: argparse.Namespace) -> int:
    found = await related(library, arguments.pmid, arguments.relation, arguments.limit, cursor=arguments.cursor)
    if cli.wants_json(arguments):
        absent: dict[str, object] = {"total": None, "not_in_library": [], "next_cursor": None}
        cli.emit(absent | found.model_dump(mode="json"))
        return cli.OK
    console = cli.console()
    if found.total is not None:
        console.print(
            f"[dim]{found.total:,} {'references' if arguments.relation == 'references' else 'articles'}[/dim]"
        )
    elif not found.hits:
        console.print("[dim]no similar articles[/dim]")
    for hit in found.hits:
        show_hit(console, hit)
    if found.not_in_library:
        console.print("\n[dim]not in the library[/dim]")
    for work in found.not_in_library:
        console.print(f"  {cli.plain(_cited(work))}")
    return cli.OK


def _cited(work: ReferencedWork) -> str:
    ids = [f"{name}:{value}" for name in ("pmid", "doi", "pmcid") if (value := getattr(work, name))]
    return "  ".join([work.citation or "", *ids]).strip() or "[no citation]"


async def _mesh(library: Library, arguments: argparse.Namespace) -> int:
    found = await mesh.look_up(library, arguments.term)
    code = cli.OK if found.descriptors else cli.FAILED
    if cli.wants_json(arguments):
        absent: dict[str, object] = {"suggestions": [], "problem": None}
        cli.emit(absent | found.model_dump(mode="json"))
        return code
    for heading in found.descriptors:
        _show(heading)
    if not found.descriptors:
        cli.complain(found.problem or "MeSH has no such term.")
    if found.suggestions:
        cli.complain(f"Perhaps: {'; '.join(found.suggestions)}")
    return code


def _show(heading: MeshHeading) -> None:
    console = cli.console()
    console.print(f"\n[bold]{cli.plain(heading.name)}[/bold]  [cyan]{heading.ui}[/cyan]")
    console.print(f"{heading.articles:,} articles, {heading.articles_exploded:,} with narrower headings")
    if heading.scope_note:
        console.print(cli.plain(heading.scope_note))
    for label, names in (
        ("terms", heading.entry_terms),
        ("tree", heading.tree_numbers),
        ("broader", heading.broader),
        ("narrower", heading.narrower),
    ):
        if names:
            more = f"; … {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            console.print(f"[dim]{label:>8}[/dim]  {cli.plain('; '.join(names[:SHOWN]))}{more}")

"""``lookup_mesh``: headings, their terms, their places in the tree, and the articles about them."""

from __future__ import annotations

from pydantic import Field

from medlit.library.library import Library
from medlit.library.mesh_reference import Entry
from medlit.metrics.labels import Source, Workflow
from tools import present
from tools.results import MeshHeading, MeshResult
from tools.tool import Arguments, Services, Tool

TERMS_SHOWN = 40
NARROWER_SHOWN = 60
SCOPE_NOTE_CHARACTERS = 1_000

NO_VOCABULARY = "The library has no MeSH. Load NLM's descriptor file, desc2025.xml or another year's, with ingest."


class MeshArguments(Arguments):
    """What to look up."""

    term: str = Field(description="heading, entry term or identifier: heart attack, D009203", max_length=500)


async def lookup_mesh(services: Services, arguments: MeshArguments) -> MeshResult:
    """Look a term up in MeSH."""
    return await look_up(services.library, arguments.term)


async def look_up(library: Library, term: str) -> MeshResult:
    """The headings that a term leads to, or those it may have meant."""
    entries = await library.mesh.look_up(term)
    if entries:
        return MeshResult(descriptors=[_shown(entry) for entry in entries])
    if not await library.mesh.loaded():
        return MeshResult(descriptors=[], problem=NO_VOCABULARY)
    return MeshResult(descriptors=[], suggestions=await library.mesh.suggest(term))


def _shown(entry: Entry) -> MeshHeading:
    descriptor = entry.descriptor
    terms, narrower = descriptor.entry_terms, entry.narrower
    note = descriptor.scope_note
    return MeshHeading(
        ui=descriptor.ui,
        name=descriptor.name,
        scope_note=present.shortened(note, SCOPE_NOTE_CHARACTERS) if note else None,
        entry_terms=terms[:TERMS_SHOWN],
        tree_numbers=descriptor.tree_numbers,
        broader=entry.broader,
        narrower=narrower[:NARROWER_SHOWN],
        cut=max(0, len(terms) - TERMS_SHOWN) + max(0, len(narrower) - NARROWER_SHOWN) or None,
        articles=entry.articles,
        articles_exploded=entry.articles_exploded,
    )


LOOKUP_MESH = Tool(
    name="lookup_mesh",
    title="Look up MeSH",
    description=(
        "MeSH headings for a term: entry terms, broader and narrower headings, scope note, and how many articles of "
        "the library have them; suggestions when there is none."
    ),
    arguments=MeshArguments,
    result=MeshResult,
    call=lookup_mesh,
    workflow=Workflow.LITERATURE_SEARCH,
    source=Source.NONE,
)

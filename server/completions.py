"""MeSH headings and journals as resources, and completions of their names and of prompts' arguments."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec
from mcp_types import CompleteRequestParams, Completion, ResourceTemplate, ResourceTemplateReference

from medlit.library.library import Library
from tools.mesh import look_up

MESH = "mesh://"
JOURNAL = "journal://"

MOST = 20
"""Of the 100 values that the protocol allows: nobody reads on."""

TEMPLATES = [
    ResourceTemplate(
        uri_template=MESH + "{term}",
        name="mesh",
        title="MeSH heading",
        description="A MeSH heading with its terms, its place in the tree and its articles, by any of its terms",
        mime_type="application/json",
    ),
    ResourceTemplate(
        uri_template=JOURNAL + "{journal}",
        name="journal",
        title="Journal",
        description="A journal's names and how many of its articles the library has, by title, abbreviation or ISSN",
        mime_type="application/json",
    ),
]

_COMPLETED = {MESH + "{term}": "mesh", JOURNAL + "{journal}": "journal"}


async def complete(library: Library, params: CompleteRequestParams) -> Completion:
    """Values for an argument, the best first: of a template of ours, or of a prompt's ``mesh`` or ``journal``."""
    of_template = isinstance(params.ref, ResourceTemplateReference)
    kind = _COMPLETED.get(params.ref.uri) if isinstance(params.ref, ResourceTemplateReference) else None
    match kind if of_template else params.argument.name:
        case "mesh":
            found = await library.mesh.complete(params.argument.value, MOST + 1)
        case "journal":
            found = await library.journals.complete(params.argument.value, MOST + 1)
        case _:
            found = []
    return Completion(values=found[:MOST], has_more=len(found) > MOST)


async def read_name(library: Library, uri: str) -> str | None:
    """The heading or journal that an address of ours names, as JSON; ``None`` when there is none."""
    if uri.startswith(MESH):
        answer = await look_up(library, unquote(uri.removeprefix(MESH)).rstrip("/"))
        return answer.model_dump_json() if answer.descriptors else None
    if uri.startswith(JOURNAL):
        entry = await library.journals.look_up(unquote(uri.removeprefix(JOURNAL)).rstrip("/"))
        return msgspec.json.encode(entry._asdict()).decode() if entry else None
    return None

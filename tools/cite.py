"""``format_citations``: records in a citation style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from medlit.citation.parts import with_notices
from medlit.citation.styles import STYLES, Style
from medlit.library.codec import read_pointers, unpack
from medlit.library.store import StoredArticle
from medlit.metrics.labels import Workflow
from medlit.record import Article
from tools.articles import ANSWER_CHARACTERS, MAX_IDS, look_up
from tools.results import CitationsResult, FormattedCitation
from tools.tool import Arguments, Services, Tool


class CiteArguments(Arguments):
    """What to cite, and how."""

    ids: list[Annotated[str | int, Field(union_mode="left_to_right")]] = Field(
        description="PMIDs, DOIs, PMCIDs, mixed", min_length=1, max_length=MAX_IDS
    )
    style: Style = "vancouver"


def formatted(found: Sequence[StoredArticle], style: Style) -> list[FormattedCitation]:
    """Records in a style, each with its retraction status; retractions are also told in the text."""
    return [_formatted(stored, style) for stored in found]


def _formatted(stored: StoredArticle, style: Style) -> FormattedCitation:
    record = with_notices(unpack(stored.body, Article), read_pointers(stored.inbound))
    return FormattedCitation(pmid=record.pmid, text=STYLES[style](record), retracted=record.retracted)


async def format_citations(services: Services, arguments: CiteArguments) -> CitationsResult:
    """Format records of the library."""
    found, not_found = await look_up(services.library, [str(given) for given in arguments.ids])
    citations = formatted(found, arguments.style)
    shown, length = 0, 0
    for citation in citations:
        length += len(citation.text)
        if shown and length > ANSWER_CHARACTERS:
            break
        shown += 1
    cut = [str(citation.pmid) for citation in citations[shown:]]
    return CitationsResult(citations=citations[:shown], not_found=not_found, cut=cut)


FORMAT_CITATIONS = Tool(
    name="format_citations",
    title="Format citations",
    description=(
        "Write references from library records, for a reference list or a reference manager. Nothing is made up: "
        "what a record lacks is left out, and retracted articles are marked."
    ),
    arguments=CiteArguments,
    result=CitationsResult,
    call=format_citations,
    workflow=Workflow.CITATION_CHECK,
)

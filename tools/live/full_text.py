"""Full texts of open-access articles, from Europe PMC."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from ingest.formats import FormatError
from medlit.errors import OutboundError, SourceUnavailable
from tools import results
from tools.live import EUROPE_PMC, jats
from tools.live.fetching import in_time
from tools.live.sections import choose, tokens

if TYPE_CHECKING:
    # The command line reads this file too, and does not wait for an HTTP client.
    from tools.live.europepmc import EuropePmc
    from tools.live.live import Live

KEPT = 16
"""Texts that are remembered, some 100 kB each: who has seen which sections there are asks for one next."""

MOST_BYTES = 16_000_000
"""The longest articles have a few megabytes of XML."""

MOST_ARTICLES = 5
"""Articles of a call whose text is fetched."""


class FullTexts:
    """Full texts by PMCID, the last ones remembered."""

    def __init__(self, europepmc: EuropePmc) -> None:
        self._europepmc = europepmc
        self._kept: OrderedDict[str, jats.FullText] = OrderedDict()

    async def get(self, pmcid: str, *, emergency: bool) -> jats.FullText | None:
        """The text; ``None`` when the article is not open access.

        Raises:
            OutboundError: it could not be fetched, or cannot be read.
        """
        if pmcid not in self._kept:
            body = await self._europepmc.full_text(pmcid, emergency=emergency)
            if body is None:
                return None
            if len(body) > MOST_BYTES:
                raise SourceUnavailable("sent a text too large to show", EUROPE_PMC, final=True)
            try:
                self._kept[pmcid] = await anyio.to_thread.run_sync(jats.read, body)
            except FormatError:
                raise SourceUnavailable("answered with a text that cannot be read", EUROPE_PMC, final=True) from None
        self._kept.move_to_end(pmcid)
        text = self._kept[pmcid]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return text


async def with_full_text(
    live: Live, articles: Sequence[results.ArticleResult], asked: Sequence[str], max_tokens: int, *, emergency: bool
) -> list[results.ArticleResult]:
    """Articles with the sections asked for; what one does not need of its share of the tokens is the next one's."""
    wanted = {each.pmid: each.pmcid for each in articles[:MOST_ARTICLES]}
    wanted |= await _pmcids(live, [pmid for pmid, pmcid in wanted.items() if not pmcid], emergency=emergency)
    texts: dict[int, jats.FullText | str] = {}

    async def fetch(pmid: int, pmcid: str) -> None:
        try:
            async with in_time(EUROPE_PMC):
                texts[pmid] = await live.full_texts.get(pmcid, emergency=emergency) or "Not open access in Europe PMC."
        except OutboundError as error:
            texts[pmid] = str(error)

    async with anyio.create_task_group() as tasks:
        for pmid, pmcid in wanted.items():
            if pmcid:
                tasks.start_soon(fetch, pmid, pmcid)
    shown: list[results.ArticleResult] = []
    for place, article in enumerate(articles):
        text = texts.get(article.pmid, "Not in PMC." if place < MOST_ARTICLES else f"Of {MOST_ARTICLES} articles only.")
        share = max_tokens // max(1, min(len(articles), MOST_ARTICLES) - place)
        result = _result(wanted.get(article.pmid), text, asked, share)
        max_tokens -= sum(tokens(section.text) for section in result.sections)
        shown.append(article.model_copy(update={"full_text": result}))
    return shown


async def _pmcids(live: Live, pmids: Sequence[int], *, emergency: bool) -> dict[int, str]:
    """PMCIDs that records do not tell, such as of articles that came to PMC later. To know none is no error."""
    if not pmids:
        return {}
    try:
        async with in_time():
            converted = await live.eutils.convert([str(pmid) for pmid in pmids], emergency=emergency)
    except OutboundError:
        return {}
    return {each.pmid: each.pmcid for each in converted if each.pmid and each.pmcid}


def _result(
    pmcid: str | None, text: jats.FullText | str, asked: Sequence[str], max_tokens: int
) -> results.FullTextResult:
    if isinstance(text, str):
        return results.FullTextResult(pmcid=pmcid, problem=text)
    choice = choose(text.sections, asked, max_tokens)
    return results.FullTextResult(
        pmcid=pmcid,
        license=text.license or "none stated",
        sections=[
            results.FullTextSection(title=title, text=said, cut_tokens=cut or None) for title, said, cut in choice.shown
        ],
        others=[results.OtherSection(title=title, tokens=count) for title, count in choice.others],
        missing=choice.missing,
    )

"""The live sources together, as the server opens them."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import NamedTuple

from medlit.library.library import Library
from medlit.privacy.outbound import Outbound
from medlit.settings import Sources
from tools.live import EUROPE_PMC, NCBI
from tools.live.additions import Additions, adding
from tools.live.europepmc import EuropePmc
from tools.live.eutils import Eutils
from tools.live.full_text import FullTexts
from tools.live.source import Source
from tools.live.throttle import Gate, Throttle

GAP_S = 0.4
"""Between requests to NCBI. It allows three a second, but at 334 ms some are refused, at 400 ms none."""

GAP_WITH_KEY_S = 0.11
"""The same for the ten a second that an API key gives."""

EUROPEPMC_GAP_S = 0.2


class Gates(NamedTuple):
    """How often each source is asked."""

    ncbi: Gate
    europepmc: Gate

    @property
    def throttle(self) -> Throttle:
        """The policy around every request."""
        return Throttle(self)


def gates_of(sources: Sources) -> Gates:
    """The gates of the sources; processes with the same addresses share them."""
    gap = GAP_WITH_KEY_S if sources.api_key else GAP_S

    def gate(name: str, gap_s: float, *bases: str) -> Gate:
        which = hashlib.sha256(bases[0].encode()).hexdigest()[:8]
        return Gate(sources.throttle / f"{name}-{which}.sqlite3", gap_s, bases)

    return Gates(
        gate("ncbi", gap, sources.ncbi_url, sources.idconv_url),
        gate("europepmc", EUROPEPMC_GAP_S, sources.europepmc_url),
    )


@dataclass(frozen=True, slots=True)
class Live:
    """What tools ask when the library is not enough."""

    eutils: Eutils
    europepmc: EuropePmc
    full_texts: FullTexts
    additions: Additions


@contextlib.asynccontextmanager
async def open_live(
    sources: Sources, gates: Gates, outbound: Outbound, library: Library, spared: Callable[[], bool]
) -> AsyncGenerator[Live]:
    """The sources, reached through ``outbound`` unless ``spared``; what they bring is kept in ``library``."""
    async with adding(library) as additions:
        europepmc = EuropePmc(Source(EUROPE_PMC, outbound, gates.europepmc, spared), sources)
        yield Live(
            Eutils(Source(NCBI, outbound, gates.ncbi, spared), sources),
            europepmc,
            FullTexts(europepmc),
            additions,
        )

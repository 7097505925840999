"""A source on this machine, and what asks it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from medlit.privacy.outbound import Outbound
from medlit.settings import Sources
from tests.live import servers
from tools.live import source, throttle
from tools.live.europepmc import EuropePmc
from tools.live.eutils import Eutils

GAP_S = 0.001
"""Small, so that tests are quick; that it is kept is tested apart."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[servers.Sources]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.CERTIFICATES / "authority.pem"))  # sooner read than the system's
    monkeypatch.setattr(source, "PAUSE_S", 0.001)
    monkeypatch.setattr("tools.live.live.GAP_S", GAP_S)
    monkeypatch.setattr("tools.live.live.EUROPEPMC_GAP_S", GAP_S)
    with servers.serving() as served:
        yield served


@pytest.fixture
def sources(server: servers.Sources, tmp_path: Path) -> Sources:
    return Sources(
        ncbi_url=server.base,
        idconv_url=f"{server.base}/idconv",
        europepmc_url=server.base,
        email="operator@example.org",
        throttle=tmp_path / "throttle",
    )


@pytest.fixture
def gate(sources: Sources) -> throttle.Gate:
    return throttle.Gate(sources.throttle / "ncbi.sqlite3", GAP_S, [sources.ncbi_url, sources.idconv_url])


@pytest.fixture
async def outbound(gate: throttle.Gate) -> AsyncGenerator[Outbound]:
    async with Outbound(around=throttle.Throttle([gate]).around) as opened:
        yield opened


@pytest.fixture
def ncbi(outbound: Outbound, gate: throttle.Gate, sources: Sources) -> Eutils:
    return Eutils(source.Source("NCBI", outbound, gate), sources)


@pytest.fixture
def europepmc(outbound: Outbound, gate: throttle.Gate, sources: Sources) -> EuropePmc:
    return EuropePmc(source.Source("Europe PMC", outbound, gate), sources)

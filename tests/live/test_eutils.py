"""NCBI's and Europe PMC's interfaces, against a server with their shapes."""

from __future__ import annotations

import pytest

from medlit.errors import SourceUnavailable
from medlit.library.codec import unpack
from medlit.privacy.outbound import Outbound
from medlit.record import Article
from medlit.settings import Sources
from tests.live import servers
from tests.live.servers import Answer
from tools.live import JournalCitation, eutils
from tools.live.europepmc import EuropePmc
from tools.live.eutils import Eutils
from tools.live.source import ATTEMPTS, Source
from tools.live.throttle import Gate

pytestmark = pytest.mark.anyio


async def test_every_request_says_who_asks(server: servers.Sources, ncbi: Eutils) -> None:
    server.add(11, "Asthma")
    await ncbi.search("asthma")
    await ncbi.fetch([11])
    await ncbi.convert(["PMC11"])
    for asked in server.asked:
        assert (asked.values["tool"], asked.values["email"]) == ("medlit", "operator@example.org")
        assert "api_key" not in asked.values


async def test_the_key_goes_to_the_e_utilities_alone(
    server: servers.Sources, outbound: Outbound, gate: Gate, sources: Sources
) -> None:
    with_key = Sources(sources.ncbi_url, sources.idconv_url, sources.europepmc_url, "0123456789abcdef", None)
    ncbi = Eutils(Source("NCBI", outbound, gate), with_key)
    await ncbi.search("asthma")
    await ncbi.convert(["PMC11"])
    assert [asked.values.get("api_key") for asked in server.asked] == ["0123456789abcdef", None]
    assert "0123456789abcdef" not in repr(with_key)


async def test_a_search_is_kept_on_the_history_server_and_fetched_from_there(
    server: servers.Sources, ncbi: Eutils
) -> None:
    for pmid in range(11, 16):
        server.add(pmid, f"Asthma {pmid}")
    found = await ncbi.search("asthma", limit=2)
    assert (found.total, found.reachable, found.pmids, found.translation) == (5, 5, [11, 12], "translated")
    fetched = await ncbi.fetch_found(found, start=2, limit=10)
    assert [row.pmid for row in fetched.rows] == [13, 14, 15]
    assert server.asked[1].values["WebEnv"] == found.web_env


async def test_a_long_search_is_sent_as_a_form(server: servers.Sources, ncbi: Eutils) -> None:
    term = " OR ".join(f"asthma{number}" for number in range(100))
    await ncbi.search(term)
    assert server.asked[0].values["term"] == term


async def test_what_lies_beyond_9999_is_said_and_not_asked_for(server: servers.Sources, ncbi: Eutils) -> None:
    server.total = 250_000
    found = await ncbi.search("asthma", start=9_990, limit=100)
    assert (found.total, found.reachable) == (250_000, 9_999)
    assert server.asked[0].values["retmax"] == "9"
    with pytest.raises(SourceUnavailable, match="first 9,999 records"):
        await ncbi.search("asthma", start=9_999)
    assert len(server.asked) == 1


async def test_fetched_records_are_those_of_files(server: servers.Sources, ncbi: Eutils) -> None:
    server.add(11, "Effect of CO<sub>2</sub>", abstract="It helps.", doi="10.1/a")
    server.add(12, "Second", retracted=True)
    fetched = await ncbi.fetch([11, 12, 99])
    records = [unpack(row.body or b"", Article) for row in fetched.rows]
    assert [record.pmid for record in records] == [11, 12]
    assert records[0].ids["doi"] == "10.1/a"
    assert records[1].retracted is True
    assert fetched.set_aside == 0


async def test_many_records_are_fetched_in_parts(
    server: servers.Sources, ncbi: Eutils, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eutils, "FETCHED_AT_ONCE", 2)
    for pmid in range(11, 16):
        server.add(pmid, "Asthma")
    fetched = await ncbi.fetch(range(11, 16))
    assert [row.pmid for row in fetched.rows] == [11, 12, 13, 14, 15]
    assert [asked.values["id"] for asked in server.asked] == ["11,12", "13,14", "15"]


@pytest.mark.parametrize(
    "body",
    [b"<PubmedArticleSet><PubmedArticle>", b"<eFetchResult><ERROR>x</ERROR></eFetchResult>", b"no XML",
     b'<!DOCTYPE PubmedArticleSet [<!ENTITY a "b">]><PubmedArticleSet></PubmedArticleSet>'],
    ids=["half", "error", "text", "entities"],
)  # fmt: skip
async def test_records_that_are_none_are_an_error(server: servers.Sources, ncbi: Eutils, body: bytes) -> None:
    server.fail("/efetch.fcgi", *[Answer(200, body, "text/xml")] * ATTEMPTS)
    with pytest.raises(SourceUnavailable):
        await ncbi.fetch([11])


async def test_links_come_with_their_scores_and_without_the_article_itself(
    server: servers.Sources, ncbi: Eutils
) -> None:
    assert await ncbi.links(7, "pubmed_pubmed") == [(11, 50), (12, 40)]
    assert await ncbi.links(7, "pubmed_pubmed_citedin") == [(11, 0), (12, 0)]
    assert [asked.values["cmd"] for asked in server.asked] == ["neighbor_score", "neighbor"]


async def test_spelling_is_corrected_where_there_is_something_to_correct(server: servers.Sources, ncbi: Eutils) -> None:
    assert await ncbi.spelling("athsma in adults") == "asthma in adults"
    assert await ncbi.spelling("asthma in adults") is None
    server.fail("/espell.fcgi", *[Answer(200, b"<eSpellResult><Database>", "text/xml")] * ATTEMPTS)
    with pytest.raises(SourceUnavailable, match="cut off"):
        await ncbi.spelling("asthma")


async def test_citations_are_matched_one_by_one(server: servers.Sources, ncbi: Eutils) -> None:
    citations = [JournalCitation(journal, "1987", "235", "182", "palmenberg ac") for journal in
                 ("science", "Nature", "no | such\njournal")]  # fmt: skip
    assert await ncbi.match(citations) == [11, None, None]
    server.fail(
        "/ecitmatch.cgi", *[Answer(200, b"science|1987|235|182|palmenberg ac|c0|11\n", "text/plain")] * ATTEMPTS
    )
    with pytest.raises(SourceUnavailable, match="left out"):
        await ncbi.match(citations)


async def test_identifiers_are_converted(server: servers.Sources, ncbi: Eutils) -> None:
    server.add(11, "Asthma")
    here, gone = await ncbi.convert(["PMC11", "PMC99"])
    assert (here.pmid, here.pmcid, here.requested_id) == (11, "PMC11", "PMC11")
    assert (gone.pmid, gone.requested_id) == (None, "PMC99")


async def test_europe_pmc_is_read_page_by_page(server: servers.Sources, europepmc: EuropePmc) -> None:
    for pmid in range(11, 16):
        server.add(pmid, "Asthma")
    page = await europepmc.search("asthma", limit=3)
    assert (page.total, [row.pmid for row in page.rows], page.without_pmid) == (5, [11, 12, 13], 1)
    assert page.next_cursor
    page = await europepmc.search("asthma", cursor=page.next_cursor, limit=3)
    assert [row.pmid for row in page.rows] == [14, 15]
    assert page.next_cursor
    assert (await europepmc.search("asthma", cursor=page.next_cursor, limit=3)).next_cursor is None


async def test_a_full_text_comes_whole_or_is_not_open(server: servers.Sources, europepmc: EuropePmc) -> None:
    text = await europepmc.full_text("PMC1")
    assert text
    assert b"</article>" in text
    assert await europepmc.full_text("PMC2") is None
    server.fail("/PMC1/fullTextXML", *[Answer(200, b"<article><body>", "application/xml")] * ATTEMPTS)
    with pytest.raises(SourceUnavailable, match="broke off"):
        await europepmc.full_text("PMC1")

"""MEDLINE text says the same as PubMed XML, wherever both carry a field."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ingest.formats import Parsed
from ingest.formats.medline_text import MedlineText
from ingest.formats.pubmed_xml import PubmedXml
from ingest.source import unpacked
from medlit.library.codec import unpack
from medlit.record import Article

XML = b"""<PubmedArticleSet><PubmedArticle>
<MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">90000500</PMID>
<DateCompleted><Year>2014</Year><Month>07</Month><Day>06</Day></DateCompleted>
<DateRevised><Year>2015</Year><Month>09</Month><Day>15</Day></DateRevised>
<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">9999-0001</ISSN>
<JournalIssue CitedMedium="Internet"><Volume>12</Volume>
<Issue>3</Issue><PubDate><MedlineDate>2014 Jan-Feb</MedlineDate>
</PubDate></JournalIssue><Title>Journal of invented medicine</Title></Journal>
<ArticleTitle>Moss tea in made-up fevers: a trial that never was.</ArticleTitle>
<Pagination><MedlinePgn>737-8</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.9999/moss.500</ELocationID>
<Abstract><AbstractText>Moss tea was compared with water in forty fevers and cooled none of them, whatever the dose
was, so that nothing can be said for it.</AbstractText>
<CopyrightInformation>(c) 2014 Nobody.</CopyrightInformation></Abstract>
<AuthorList CompleteYN="Y">
<Author ValidYN="Y"><LastName>Brindle Wood</LastName><ForeName>Otto M</ForeName>
<Initials>OM</Initials><Suffix>Jr</Suffix>
<Identifier Source="ORCID">0000-0001-2345-6789</Identifier>
<AffiliationInfo><Affiliation>School of Moss, Nowhere.</Affiliation></AffiliationInfo>
<AffiliationInfo><Affiliation>Institute of Tea, Elsewhere.</Affiliation></AffiliationInfo></Author>
<Author ValidYN="Y"><CollectiveName>Moss Tea Study Group</CollectiveName></Author></AuthorList>
<Language>eng</Language><Language>fre</Language>
<DataBankList CompleteYN="Y"><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
<AccessionNumber>NCT99999999</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
<GrantList CompleteYN="Y"><Grant><GrantID>K07 XX/123</GrantID><Acronym>CA</Acronym><Agency>NOBODY HHS</Agency>
<Country>United States</Country></Grant></GrantList>
<PublicationTypeList><PublicationType UI="D016449">Randomized Controlled Trial</PublicationType></PublicationTypeList>
<VernacularTitle>Tisane de mousse.</VernacularTitle>
<ArticleDate DateType="Electronic"><Year>2013</Year><Month>12</Month><Day>09</Day></ArticleDate></Article>
<MedlineJournalInfo><Country>England</Country><MedlineTA>J Invent Med</MedlineTA><NlmUniqueID>9999999</NlmUniqueID>
<ISSNLinking>9999-0002</ISSNLinking></MedlineJournalInfo>
<ChemicalList><Chemical><RegistryNumber>0</RegistryNumber>
<NameOfSubstance UI="D1">Teas (moss)</NameOfSubstance></Chemical>
</ChemicalList><CitationSubset>IM</CitationSubset>
<CommentsCorrectionsList><CommentsCorrections RefType="ErratumIn"><RefSource>J Invent Med. 2014;12(4):900</RefSource>
<PMID Version="1">90000501</PMID></CommentsCorrections></CommentsCorrectionsList>
<MeshHeadingList><MeshHeading><DescriptorName UI="D2" MajorTopicYN="N">Fever</DescriptorName>
<QualifierName UI="Q1" MajorTopicYN="Y">drug therapy</QualifierName></MeshHeading>
<MeshHeading><DescriptorName UI="D3" MajorTopicYN="Y">Bryophyta</DescriptorName></MeshHeading></MeshHeadingList>
<NumberOfReferences>12</NumberOfReferences>
<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="Y">moss</Keyword>
<Keyword MajorTopicYN="N">tea</Keyword></KeywordList>
<CoiStatement>None declared.</CoiStatement></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="received"><Year>2013</Year><Month>2</Month><Day>3</Day></PubMedPubDate>
<PubMedPubDate PubStatus="pubmed"><Year>2013</Year><Month>12</Month><Day>10</Day></PubMedPubDate></History>
<PublicationStatus>ppublish</PublicationStatus><ArticleIdList><ArticleId IdType="pubmed">90000500</ArticleId>
<ArticleId IdType="pmc">PMC9999999</ArticleId><ArticleId IdType="doi">10.9999/moss.500</ArticleId></ArticleIdList>
</PubmedData></PubmedArticle></PubmedArticleSet>"""

TEXT = """
PMID- 90000500
OWN - NLM
STAT- MEDLINE
DCOM- 20140706
LR  - 20150915
IS  - 9999-0001 (Electronic)
IS  - 9999-0002 (Linking)
VI  - 12
IP  - 3
DP  - 2014 Jan-Feb
TI  - Moss tea in made-up fevers: a trial that never was.
PG  - 737-8
LID - 10.9999/moss.500 [doi]
AB  - Moss tea was compared with water in forty fevers and cooled none of them,
      whatever the dose was, so that nothing can be said for it.
CI  - (c) 2014 Nobody.
FAU - Brindle Wood, Otto M Jr
AU  - Brindle Wood OM Jr
AUID- ORCID: 0000-0001-2345-6789
AD  - School of Moss, Nowhere.
AD  - Institute of Tea, Elsewhere.
CN  - Moss Tea Study Group
LA  - eng
LA  - fre
SI  - ClinicalTrials.gov/NCT99999999
GR  - K07 XX/123/CA/NOBODY HHS/United States
PT  - Randomized Controlled Trial
TT  - Tisane de mousse.
DEP - 20131209
PL  - England
TA  - J Invent Med
JT  - Journal of invented medicine
JID - 9999999
RN  - 0 (Teas (moss))
SB  - IM
EIN - J Invent Med. 2014;12(4):900. PMID: 90000501
MH  - Fever/*drug therapy
MH  - *Bryophyta
PMC - PMC9999999
RF  - 12
OTO - NOTNLM
OT  - *moss
OT  - tea
COIS- None declared.
EDAT- 2013/12/10 06:00
PHST- 2013/02/03 00:00 [received]
PHST- 2013/12/10 06:00 [pubmed]
AID - 10.9999/moss.500 [doi]
PST - ppublish
PUBM- Print-Electronic
SO  - J Invent Med. 2014 Jan-Feb;12(3):737-8. doi: 10.9999/moss.500.

PMID- 90000501
TI  - Another.
"""


def read_text(content: bytes, block: int = 1 << 20) -> list[Parsed]:
    reader = MedlineText()
    assert reader.recognizes(content)
    blocks = (content[start : start + block] for start in range(0, len(content), block))
    return [reader.parse(chunk) for chunk in reader.split(blocks)]


def articles(parsed: list[Parsed]) -> list[Article]:
    return [unpack(row.body, Article) for part in parsed for row in part.rows if row.body]


def from_xml() -> Article:
    reader = PubmedXml()
    [article] = articles([reader.parse(chunk) for chunk in reader.split(iter([XML]))])
    return article


ONLY_IN_XML = {"indexing_method", "cited_medium", "author_list_complete", "databanks_complete", "grants_complete"}


@pytest.mark.parametrize("name", [name for name in Article.__struct_fields__ if name not in ONLY_IN_XML])
def test_text_and_xml_of_one_record_agree(name: str) -> None:
    text, xml = articles(read_text(TEXT.encode()))[0], from_xml()

    def plain(article: Article) -> object:
        return without_ui(msgspec.to_builtins(getattr(article, name)))

    assert plain(text) == plain(xml)


def without_ui(value: object) -> object:
    """MEDLINE text has names only, no unique identifiers."""
    match value:
        case dict():
            return {key: without_ui(part) for key, part in value.items() if key != "ui"}  # pyright: ignore
        case list():
            return [without_ui(part) for part in value]  # pyright: ignore
        case _:
            return value


@pytest.mark.parametrize("block", [1, 17, 1 << 20])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_and_blocks_do_not_matter(line_end: str, block: int) -> None:
    content = TEXT.replace("\n", line_end).encode()
    assert articles(read_text(content, block)) == articles(read_text(TEXT.encode()))


def test_a_record_that_is_not_utf8_is_set_aside() -> None:
    content = TEXT.encode() + "\nPMID- 3\nTI  - Göteborg\n\nPMID- 4\nTI  - Lund\n".encode("latin-1")
    parsed = read_text(content)
    assert [article.pmid for article in articles(parsed)] == [90000500, 90000501, 4]
    [item] = parsed[0].set_aside
    assert item.position == 2
    assert "it is not UTF-8" in item.reason


def test_every_record_of_real_exports_is_read(data: Path) -> None:
    for file in sorted((data / "medline-text").rglob("*.*")):
        content = b"".join(unpacked(file, lambda _: None))
        lines = content.replace(b"\r\n", b"\n").split(b"\n")
        parsed = read_text(content)
        assert sum(part.positions for part in parsed) == sum(line.startswith(b"PMID- ") for line in lines)
        assert not any(part.set_aside for part in parsed)


def test_a_line_that_ends_in_a_space_is_joined_with_one() -> None:
    [article] = articles(read_text(b"PMID- 7\nTI  - Moss \n      tea.\nMH  - Fever/*drug \n      therapy\n"))
    assert article.title == "Moss tea."
    assert article.mesh[0].qualifiers[0].name == "drug therapy"

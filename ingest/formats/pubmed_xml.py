"""PubMed XML: ``PubmedArticleSet`` files as NLM distributes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from ingest.formats import Chunk, FormatError, OtherFormat, Parsed
from ingest.formats import pubmed_record as record
from ingest.formats.element import Element
from ingest.formats.xml_chunks import chunks, read_prolog, to_utf8
from medlit.library.codec import pack
from medlit.library.store import SetAside, StagedRow
from medlit.record import Article

ROOTS = frozenset({b"PubmedArticleSet"})
RECORD_ENDS = (b"</PubmedArticle>", b"</PubmedBookArticle>")

_LINE = re.compile(r", line (\d+), column \d+.*$")


class PubmedXml:
    """The reader of PubMed XML."""

    name = "pubmed-xml"

    def recognizes(self, head: bytes) -> bool:
        """Whether the root element is one of PubMed's."""
        try:
            prolog = read_prolog(b"".join(to_utf8(iter([head]))))
        except OtherFormat:
            return False
        return prolog is not None and prolog.root in ROOTS

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """Cut after every article."""
        return chunks(blocks, RECORD_ENDS)

    def parse(self, chunk: Chunk) -> Parsed:
        """All articles and deletions of a chunk."""
        rows: list[StagedRow] = []
        set_aside: list[SetAside] = []
        position = 0
        for element in _document(chunk):
            if element.tag == "PubmedArticle":
                article = record.article(element)
                if article:
                    rows.append(_row(position, article))
                else:
                    set_aside.append(SetAside(position, None, "it has no PMID"))
                position += 1
            elif element.tag == "DeleteCitation":
                for item in element:
                    if item.tag == "PMID" and (pmid := record.pmid(item)):
                        rows.append(StagedRow(position, pmid, record.pmid_version(item), 0, None))
                        position += 1
            elif isinstance(element.tag, str):
                set_aside.append(SetAside(position, None, f"medlit does not read <{element.tag}> records yet"))
                position += 1
        return Parsed(rows, set_aside, position)


def _row(position: int, article: Article) -> StagedRow:
    revised = article.date_revised.sort_key if article.date_revised else 0
    return StagedRow(position, article.pmid, article.pmid_version, revised, pack(article))


def _document(chunk: Chunk) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,  # a long reference list is no attack; the size of a record is limited before
        collect_ids=False,  # nothing is looked up by ID, and the table costs time
        remove_comments=True,
        remove_pis=True,
        # Not remove_blank_text: it also removes the space between <b>Aim</b> <i>x</i>.
    )
    try:
        return cast(Element, etree.fromstring(chunk.data, parser))
    except etree.XMLSyntaxError as error:
        # lxml's own exception does not survive pickling, and its line counts from the chunk's start.
        line = chunk.line - 1 + (error.lineno or 1)
        raise FormatError(f"broken XML at line {line:,}: {_LINE.sub('', error.msg or 'not well-formed')}") from None

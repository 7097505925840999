"""PubMed XML in all its shapes.

``PubmedArticleSet`` as NLM distributes it, the ``MedlineCitationSet`` of the years
before, ``PubmedBookArticleSet``, and single records as exports have them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingest.formats import Chunk, Parsed
from ingest.formats import pubmed_parts as parts
from ingest.formats import pubmed_record as record
from ingest.formats.element import Element
from ingest.formats.pubmed_book import book_article
from ingest.formats.text_chunks import row
from ingest.formats.xml_chunks import Cut, chunks, document, has_root
from medlit.library.store import SetAside, StagedRow
from medlit.record import Article

RECORDS: dict[str, Callable[[Element], Article | None]] = {
    "PubmedArticle": record.article,
    "PubmedBookArticle": book_article,
    "MedlineCitation": record.citation,
}
"""What makes a record of an element."""

DELETIONS = frozenset({"DeleteCitation", "DeleteDocument"})

_SET = Cut((b"</PubmedArticle>", b"</PubmedBookArticle>"))
CUTS = {
    b"PubmedArticleSet": _SET,
    b"PubmedBookArticleSet": _SET,
    b"MedlineCitationSet": Cut((b"</MedlineCitation>",)),
    **{name.encode(): Cut((f"</{name}>".encode(),), root_is_record=True) for name in (*RECORDS, *DELETIONS)},
}


class PubmedXml:
    """The reader of PubMed XML."""

    name = "pubmed-xml"

    def recognizes(self, head: bytes) -> bool:
        """Whether the root element is one of PubMed's."""
        return has_root(head, CUTS)

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """Cut after every record."""
        return chunks(blocks, CUTS)

    def parse(self, chunk: Chunk) -> Parsed:
        """All records and deletions of a chunk."""
        rows: list[StagedRow] = []
        set_aside: list[SetAside] = []
        position = 0
        for element in document(chunk):
            tag = element.tag
            if tag in DELETIONS:
                for item in element:
                    if item.tag == "PMID" and (pmid := parts.pmid(item)):
                        rows.append(StagedRow(position, pmid, parts.pmid_version(item), 0, None))
                        position += 1
                continue
            read = RECORDS.get(tag) if isinstance(tag, str) else None
            reason = "it has no PMID" if read else "it is no record of a kind that PubMed has"
            try:
                article = read(element) if read else None
            except RecursionError:
                article, reason = None, "its markup is nested too deeply"
            if article:
                rows.append(row(position, article, chunk))
            else:
                set_aside.append(SetAside(position, None, reason))
            position += 1
        return Parsed(rows, set_aside, position)

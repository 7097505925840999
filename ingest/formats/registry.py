"""All readers, and which one a file is for."""

from __future__ import annotations

from ingest.formats import Reader
from ingest.formats.json_text import JsonDocument, JsonLines
from ingest.formats.medline_text import MedlineText
from ingest.formats.mesh_xml import MeshXml
from ingest.formats.pubmed_xml import PubmedXml
from ingest.formats.pubtator import PubTator

READERS: dict[str, Reader] = {
    reader.name: reader for reader in (PubmedXml(), MedlineText(), JsonLines(), JsonDocument(), PubTator(), MeshXml())
}

HEAD_BYTES = 64 * 1024
"""How much of a file its format is told by."""


def detect(head: bytes) -> Reader | None:
    """The reader for content that begins with ``head``, told by content alone."""
    return next((reader for reader in READERS.values() if reader.recognizes(head)), None)

"""MeSH: NLM's ``DescriptorRecordSet`` files (``desc2026.xml``).

Reference: NLM, "MeSH Record Types" and the DTD of the descriptor files.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import Chunk, Parsed
from ingest.formats.element import Element
from ingest.formats.markup import text_of
from ingest.formats.xml_chunks import Cut, chunks, document, has_root
from medlit.library.codec import pack
from medlit.library.store import MeshRow, SetAside
from medlit.mesh import Descriptor

CUTS = {b"DescriptorRecordSet": Cut((b"</DescriptorRecord>",))}


class MeshXml:
    """The reader of MeSH descriptors."""

    name = "mesh-xml"

    def recognizes(self, head: bytes) -> bool:
        """Whether the root element is that of MeSH's descriptor files."""
        return has_root(head, CUTS)

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """Cut after every descriptor."""
        return chunks(blocks, CUTS)

    def parse(self, chunk: Chunk) -> Parsed:
        """All descriptors of a chunk."""
        rows: list[MeshRow] = []
        set_aside: list[SetAside] = []
        position = 0
        for position, element in enumerate(document(chunk), start=1):
            found = descriptor(element)
            if found:
                rows.append(MeshRow(found.ui, found.name, pack(found)))
            else:
                set_aside.append(SetAside(position - 1, None, "it has no DescriptorUI or no DescriptorName"))
        return Parsed([], set_aside, position, rows)


def descriptor(element: Element) -> Descriptor | None:
    """A ``DescriptorRecord``, or ``None`` when it has no identifier or name."""
    found = Descriptor(ui="", name="", descriptor_class=element.get("DescriptorClass"))
    terms: dict[str, None] = {}
    for child in element[:]:
        tag = child.tag
        if tag == "DescriptorUI":
            found.ui = text_of(child) or ""
        elif tag == "DescriptorName":
            found.name = _string(child) or ""
        elif tag == "TreeNumberList":
            found.tree_numbers = [number for item in child[:] if (number := text_of(item))]
        elif tag == "AllowableQualifiersList":
            found.qualifiers = [name for item in child.iter("QualifierName") if (name := _string(item))]
        elif tag == "ConceptList":
            for concept in child[:]:
                preferred = concept.get("PreferredConceptYN") == "Y"
                for part in concept[:]:
                    if part.tag == "TermList":
                        terms.update(dict.fromkeys(term for item in part[:] if (term := _string(item))))
                    elif part.tag == "ScopeNote" and preferred:
                        found.scope_note = text_of(part)
    terms.pop(found.name, None)
    found.entry_terms = list(terms)
    return found if found.ui and found.name else None


def _string(element: Element) -> str | None:
    """The text of the ``String`` in an element."""
    return next((text_of(child) for child in element[:] if child.tag == "String"), None)

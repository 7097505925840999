"""MeSH descriptor files for tests, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape


def descriptor(ui: str, name: str, *trees: str, terms: Sequence[str] = (), note: str | None = None) -> str:
    """One ``DescriptorRecord``, shaped as NLM's."""
    numbers = "".join(f"<TreeNumber>{number}</TreeNumber>" for number in trees)
    words = "".join(f"<Term><String>{escape(term)}</String></Term>" for term in (name, *terms))
    scope = f"<ScopeNote>{escape(note)}</ScopeNote>" if note else ""
    return f"""<DescriptorRecord DescriptorClass="1"><DescriptorUI>{ui}</DescriptorUI>
<DescriptorName><String>{escape(name)}</String></DescriptorName><TreeNumberList>{numbers}</TreeNumberList>
<ConceptList><Concept PreferredConceptYN="Y">{scope}<TermList>{words}</TermList></Concept></ConceptList>
</DescriptorRecord>
"""


def write_mesh(path: Path, *descriptors: str) -> Path:
    """A descriptor file."""
    head = '<?xml version="1.0"?>\n<DescriptorRecordSet LanguageCode="eng">\n'
    path.write_text(f"{head}{''.join(descriptors)}</DescriptorRecordSet>\n")
    return path

"""The descriptors of MeSH, NLM's Medical Subject Headings."""

from __future__ import annotations

import msgspec


class Descriptor(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A heading with the words that lead to it and its places in the tree."""

    ui: str
    name: str
    descriptor_class: str | None = None
    tree_numbers: list[str] = []
    entry_terms: list[str] = []
    """Every other term of the descriptor's concepts."""
    scope_note: str | None = None
    qualifiers: list[str] = []
    """The names of the qualifiers it may take."""

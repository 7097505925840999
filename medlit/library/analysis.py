"""From text to index terms: the analyzers and the index's fields.

The same analyzers serve records and queries; a change here is a new
:data:`INDEX_VERSION`, which makes every library rebuild its index from the store.
"""

from __future__ import annotations

import tantivy
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

INDEX_VERSION = 1

TEXT = "medlit_text"
"""Words: lower case, accents folded (also ``₂`` to ``2``), English stems (Snowball)."""

NAME = "medlit_name"
"""Words of names: lower case, accents folded, no stems."""

EXACT = "medlit_exact"
"""A whole value as one term: lower case, accents folded."""

LONGEST_TERM = 255


def analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """The analyzers by the names the schema uses."""
    words = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(LONGEST_TERM))
    return {
        TEXT: words.filter(Filter.lowercase()).filter(Filter.ascii_fold()).filter(Filter.stemmer("english")).build(),
        NAME: TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build(),
        EXACT: TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build(),
    }


def schema() -> tantivy.Schema:
    """The index's fields."""
    builder = tantivy.SchemaBuilder()
    # ``kind`` is the record type, and ``mark`` for the one document that holds the index's change number.
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("seq", fast=True)
    builder.add_unsigned_field("pmid", indexed=True, fast=True)
    for name in ("title", "abstract", "terms"):
        builder.add_text_field(name, tokenizer_name=TEXT)
    builder.add_text_field("author", tokenizer_name=NAME)
    for name in ("journal", "mesh", "publication_type", "language", "doi", "pmcid"):
        builder.add_text_field(name, tokenizer_name=EXACT, index_option="basic")
    builder.add_unsigned_field("date", indexed=True, fast=True)
    builder.add_unsigned_field("retraction", indexed=True)
    return builder.build()


def mark_document(seq: int) -> tantivy.Document:
    """The document that says how far the index has come."""
    mark = tantivy.Document()
    mark.add_text("kind", "mark")
    mark.add_unsigned("seq", seq)
    return mark

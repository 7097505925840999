"""From text to index terms: the analyzers and the index's fields.

The same analyzers serve records and queries; a change here is a new
:data:`INDEX_VERSION`, which makes every library rebuild its index from the store.
"""

from __future__ import annotations

import tantivy
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

INDEX_VERSION = 3

STEMS = "medlit_stems"
"""Words as below, as English stems (Snowball): no field has them; they tell which words are forms of one another."""

WORDS = "medlit_words"
"""Words: lower case, accents folded (also ``₂`` to ``2``)."""

EXACT = "medlit_exact"
"""A whole value as one term: lower case, accents folded."""

LONGEST_TERM = 255


def analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """The analyzers by the names the schema uses."""
    simple, raw = Tokenizer.simple(), Tokenizer.raw()
    return {
        STEMS: _folding(simple).filter(Filter.stemmer("english")).build(),
        WORDS: _folding(simple).build(),
        EXACT: TextAnalyzerBuilder(raw).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build(),
    }


def _folding(tokenizer: Tokenizer) -> TextAnalyzerBuilder:
    words = TextAnalyzerBuilder(tokenizer).filter(Filter.remove_long(LONGEST_TERM))
    return words.filter(Filter.lowercase()).filter(Filter.ascii_fold())


_words_of_names = analyzers()[WORDS].analyze
_whole_value = analyzers()[EXACT].analyze


def folded(value: str) -> str:
    """A whole value as the index has it: lower case, no accents."""
    return "".join(_whole_value(value))


def normalized(text: str) -> str:
    """The words of a name as the index has them, with one space between: lower case, no accents, no punctuation."""
    return " ".join(_words_of_names(text))


TEXTS = ("title", "transliterated", "abstract", "keyword", "terms", "affiliation")
"""Words and their places: for ranking, tags, phrases and truncation."""

NAMES = ("author", "first_author", "last_author", "corporate_author", "investigator", "personal_name")
"""Words and their places, too: a name is a phrase."""

VALUES = (
    "major_mesh", "qualifier", "substance", "registry", "publication_type", "language", "journal", "country",
    "volume", "issue", "page", "grant", "accession", "subset", "doi", "pmcid", "cites",
)  # fmt: skip
"""Whole values, each one term."""

DATES = ("entry_date", "create_date", "mesh_date", "completion_date", "revision_date")


def schema() -> tantivy.Schema:
    """The index's fields."""
    builder = tantivy.SchemaBuilder()
    # ``kind`` is the record type, and ``mark`` for the one document that holds the index's change number.
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("seq", fast=True)
    builder.add_unsigned_field("pmid", indexed=True, fast=True)
    for name in TEXTS + NAMES:
        builder.add_text_field(name, tokenizer_name=WORDS)
    # With numbers, so that headings can be ranked by in one union with words (see ``Translator``).
    builder.add_text_field("mesh", tokenizer_name=EXACT, index_option="freq")
    for name in VALUES:
        builder.add_text_field(name, tokenizer_name=EXACT, index_option="basic")
    builder.add_text_field("journal_name", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("date", indexed=True, fast=True)
    for name in DATES:
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field("newest", fast=True)
    builder.add_unsigned_field("retraction", indexed=True)
    return builder.build()


def mark_document(seq: int) -> tantivy.Document:
    """The document that says how far the index has come."""
    mark = tantivy.Document()
    mark.add_text("kind", "mark")
    mark.add_unsigned("seq", seq)
    return mark

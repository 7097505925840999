"""The library: a store of records, and the search index derived from it."""

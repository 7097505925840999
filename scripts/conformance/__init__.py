"""Reads the conformance corpus with medlit and its peers, and writes docs/conformance.md."""

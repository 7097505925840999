"""Figures that cannot carry an identifier: closed labels, fixed buckets, numbers only."""

"""Records as citations: one module a style, and what the styles share."""

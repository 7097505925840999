"""Whether a citation, as somebody wrote it, is of a work that exists: pure rules, no look-ups."""

"""``scripts/demo``: medlit from a file to an agent's answers, on the terminal."""

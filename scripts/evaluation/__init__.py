"""How well searches are ranked, measured on collections with known answers."""

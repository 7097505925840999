"""What ``scripts/bench`` runs: medlit measured beside what a user would pick instead, written to a page."""

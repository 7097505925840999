"""What ``scripts/load-test`` and ``scripts/soak`` run: a server under load, and what it leaves behind."""

"""Keeping patients out of everything that leaves this machine: the gate, and the one way out."""

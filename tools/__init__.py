"""What an agent can call: pure domain, no protocol."""

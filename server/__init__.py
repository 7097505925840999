"""MCP, transports, and the composition root."""

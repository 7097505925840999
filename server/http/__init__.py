"""MCP over HTTP: who may come in, health, metrics, and a page to look at."""

"""medlit: a literature library that lives beside the agent."""

__version__ = "0.1.0"

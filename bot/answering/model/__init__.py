"""The chat model behind an endpoint: how it is asked, and what can go wrong."""

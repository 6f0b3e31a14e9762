"""Keeps LangChain from telling another service what is asked and answered."""

from __future__ import annotations

import langsmith


def refuse_tracing() -> None:
    """Switch LangSmith's tracing off for this process, whatever ``LANGSMITH_TRACING`` says.

    To be called before anything of LangChain's runs.
    """
    langsmith.configure(enabled=False)

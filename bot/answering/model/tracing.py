"""Keeps LangChain from telling another service what is asked and answered."""

from __future__ import annotations

import os

import langsmith

_OBSOLETE = ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER")
"""They meant the tracing before LangSmith; LangChain refuses to work at the sight of one."""


def refuse_tracing() -> None:
    """Switch LangSmith's tracing off for this process, whatever ``LANGSMITH_TRACING`` says.

    To be called before anything of LangChain's runs.
    """
    langsmith.configure(enabled=False)
    for name in _OBSOLETE:
        os.environ.pop(name, None)

"""What a failure of a chat model's endpoint is called: `openai`'s errors, in our words."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import openai

if TYPE_CHECKING:
    from collections.abc import Mapping

NONSENSE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the libraries raise on an answer that is not the protocol's."""
OF_ONE_ANSWER = frozenset({"llm_timeout", "llm_too_long", "llm_nonsense", "llm_cut", "llm_endless"})
"""Failures after which the same endpoint may well give the next answer."""
_KEYS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "llm_refused",
    HTTPStatus.FORBIDDEN: "llm_refused",
    HTTPStatus.TOO_MANY_REQUESTS: "llm_busy",
}
_UNKNOWN_MODEL = {"model_not_found", "invalid_model"}
_LONGEST_CODE = 40
_BAD_PARAMETER = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


def named(error: Exception, *, answered: bool) -> tuple[str, dict[str, object]] | None:
    """The catalogue's key of a failure, and its facts; None for what is no failure of a server.

    Args:
        error: what was raised.
        answered: whether the server had begun to answer.
    """
    match error:
        case openai.APITimeoutError() | TimeoutError():
            return "llm_timeout", {}
        case openai.APIConnectionError():
            return "llm_cut" if answered else "llm_unreachable", {}
        case openai.APIStatusError() if _is_of_the_model(error):
            return "llm_model_unknown", {}
        case openai.APIStatusError() if _is_of_the_length(error):
            return "llm_too_long", {}
        case openai.APIStatusError():
            return _KEYS.get(error.status_code, "llm_failed"), {"status": error.status_code}
        case openai.APIError():  # said in the middle of a stream
            return "llm_failed", {"status": str(error.code or "error")[:_LONGEST_CODE]}
    return ("llm_nonsense", {}) if isinstance(error, NONSENSE) else None


def _is_of_the_model(error: openai.APIStatusError) -> bool:
    """Whether the server has no such model, rather than no such address."""
    if error.code in _UNKNOWN_MODEL or error.type in _UNKNOWN_MODEL:
        return True
    return error.status_code == HTTPStatus.NOT_FOUND and "model" in error.message.lower()


def _is_of_the_length(error: openai.APIStatusError) -> bool:
    """Whether the prompt is longer than what the model reads at once."""
    said = f"{error.message} {error.code} {error.type}".lower()
    return error.status_code in _BAD_PARAMETER and "context" in said

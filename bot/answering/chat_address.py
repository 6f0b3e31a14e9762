"""The address of a chat model and its secrets, apart: an address may be shown and logged."""

from __future__ import annotations

import base64
from urllib.parse import SplitResult, unquote, urlsplit

from retrieval.errors import BadSettings

_OPENAI = "api.openai.com"


def split(base_url: str) -> SplitResult:
    """The parts of an endpoint's address.

    Raises:
        BadSettings: it is no web address.
    """
    try:
        url = urlsplit(base_url.strip())
        if url.scheme in ("http", "https") and url.hostname and url.port != 0:
            return url
    except ValueError:  # brackets that do not match, a port that is no number
        pass
    raise BadSettings("llm_url_malformed") from None


def address(url: SplitResult) -> str:
    """Where to ask: ``/v1`` is added to a bare host, as people forget it; no name, no password."""
    path = url.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    host = url.netloc.rpartition("@")[2]
    return url._replace(netloc=host, path=path, fragment="").geturl()


def authorization(url: SplitResult, api_key: str | None) -> str:
    """What the endpoint is shown: the key, else the name and password of the address.

    Without either it is a word: local servers want nothing, but no other program's key.

    Raises:
        BadSettings: no header can carry the key.
    """
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise BadSettings("llm_key_malformed")
    if not key and url.username is not None:
        pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return f"Bearer {key or 'none'}"


def length_limit(host: str) -> str:
    """How a request bounds the answer's tokens.

    Ollama ignores ``max_completion_tokens`` and Mistral refuses it; OpenAI's newer models
    refuse ``max_tokens``.
    """
    return "max_completion_tokens" if host == _OPENAI else "max_tokens"

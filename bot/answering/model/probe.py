"""A look at a model's server: which there are on this machine, what they offer, a first word."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.answering.model.protocol import ModelChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.model.endpoint import ChatEndpoint

USUAL_PLACES = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
    ("vLLM", "http://127.0.0.1:8000/v1"),
)
"""Where servers listen unless they are told otherwise."""

_LOOK_S = 2.0
_MAX_MODELS = 20
_QUESTION = "2 + 2 = 4 ? (oui / non)"
"""What a model is asked for its first word."""


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A server that answers.

    Args:
        name: of the program that usually listens there.
        base_url: its address.
        models: the names that it offers, in its order.
    """

    name: str
    base_url: str
    models: tuple[str, ...]


async def local_servers(
    places: Sequence[tuple[str, str]] = USUAL_PLACES,
) -> tuple[ModelServer, ...]:
    """The model servers of this machine; all places are looked at together, in seconds.

    Args:
        places: the name and the address of each place.
    """
    found = await asyncio.gather(*(_looked_at(name, url) for name, url in places))
    return tuple(server for server in found if server.models)


async def offered(base_url: str, key: str | None = None, timeout_s: float = 10.0) -> list[str]:
    """The names of the models at an address, those that only embed last.

    Raises:
        BadSettings: the address or the key cannot be one.
        WriterUnavailable: nothing answers there as a model's server does.
    """
    from bot.answering.model.endpoint import ChatEndpoint

    endpoint = ChatEndpoint(ModelChoice(base_url, "", key, timeout_s, retries=0))
    await endpoint.ready()
    names = await endpoint.models()
    return sorted(names[:_MAX_MODELS], key=lambda name: "embed" in name.lower())


async def _looked_at(name: str, base_url: str) -> ModelServer:
    try:
        await _knocked(base_url)
        return ModelServer(name, base_url, tuple(await offered(base_url, timeout_s=_LOOK_S)))
    except Exception:  # whatever else listens there may answer anything
        return ModelServer(name, base_url, ())


async def _knocked(base_url: str) -> None:
    """See that somebody listens: where nobody does, the client need not be imported.

    Raises:
        OSError: nobody does.
    """
    place = urlsplit(base_url)
    async with asyncio.timeout(_LOOK_S):
        _, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.close()


async def first_word(endpoint: ChatEndpoint, max_tokens: int) -> None:
    """Wait for the first piece of an answer: the only proof that address, key and model are right.

    Raises:
        WriterUnavailable: no answer came.
    """
    from prompts.rendering import Message

    question = (Message("user", _QUESTION),)
    async with aclosing(endpoint.stream(question, max_tokens=max_tokens)) as pieces:
        async for piece in pieces:
            if piece.strip():
                return

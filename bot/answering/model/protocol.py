"""What answering asks of a chat model; one is behind an endpoint, and tests serve their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from prompts.rendering import Message


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which chat model, and within which limits.

    Args:
        base_url: an endpoint that speaks OpenAI's protocol (``http://localhost:11434/v1``).
        model: its name there.
        api_key: the endpoint's key; local servers want none.
        timeout_s: seconds for one answer, retries and waiting for a turn included.
        parallel: answers at a time; others wait for their turn.
        retries: further attempts at an endpoint that is busy or fails.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    parallel: int = 4
    retries: int = 2


OnCall = Callable[[str, float], None]
"""Is told how a call of a model ended (``ok``, ``stopped``, or the key of an error) and after how
many seconds."""


def nobody(_result: str, _seconds: float) -> None:
    """Tell nobody of a call."""


@contextmanager
def told(on_call: OnCall) -> Iterator[None]:
    """A call of a model, whose end is told; one that is left in the middle is ``stopped``."""
    result, begun = "stopped", perf_counter()
    try:
        yield
        result = "ok"
    except KiosqueError as error:
        result = error.key
        raise
    finally:
        on_call(result, perf_counter() - begun)


class ChatModel(Protocol):
    """A chat model. Its answers are never the same text twice for sure, even without chance.

    Every method raises `WriterUnavailable` when the model cannot be used.
    """

    @property
    def name(self) -> str:
        """The model's name, for people."""

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> AsyncGenerator[str, None]:
        """What the model writes, piece by piece, without what it thinks aloud.

        To close the iterator ends the request at once, and the server's work with it.
        """

    async def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        """What the model writes, once it is whole."""

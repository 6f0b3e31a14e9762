"""What a worker calls in the place of Telegram: the sender of all workers, over a socket.

The limits are kept there; here a call is given what the sender must know of it, as headers.
Files are fetched from Telegram directly.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from telegram.ext import BaseRateLimiter
from telegram.request import HTTPXRequest

from bot.telegram.app import Bot
from bot.telegram.limits import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

SENDER = "http://kiosque-sender"
WORKER, CHAT, PRIORITY, REPLY_TO = "X-Worker", "X-Chat", "X-Priority", "X-Reply-To"
_CONNECTIONS = 512
_PATIENCE = 1_000.0
"""Seconds for a call: more than the sender's limits make one wait."""

_call: ContextVar[dict[str, str]] = ContextVar("_call")


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """Which worker this process is.

    Args:
        number: from 1; the first one keeps the archive too.
        socket: where the sender listens.
    """

    number: int
    socket: Path

    @property
    def is_first(self) -> bool:
        """Whether it does what only one process may do."""
        return self.number == 1


class RelayedCalls(BaseRateLimiter[Priority]):
    """Tells the sender what kind of call it gets."""

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - PTB's own signature
        kwargs: dict[str, Any],
        endpoint: str,  # noqa: ARG002
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> Any:  # noqa: ANN401
        """Make a call; the sender waits, or refuses, in the place of Telegram."""
        reply = data.get("reply_parameters")
        headers = {
            CHAT: str(data.get("chat_id") or 0),
            REPLY_TO: str(getattr(reply, "message_id", 0)),
            PRIORITY: rate_limit_args.name if rate_limit_args is not None else "",
        }
        token = _call.set(headers)
        try:
            return await callback(*args, **kwargs)
        finally:
            _call.reset(token)


def relayed_bot(token: str, place: WorkerPlace, base_file_url: str) -> Bot:
    """PTB's bot, whose calls go to the sender.

    Args:
        token: from BotFather.
        place: which worker this is.
        base_file_url: where Telegram's files are, where it is another server.
    """
    limits = httpx.Limits(max_connections=_CONNECTIONS)
    transport = httpx.AsyncHTTPTransport(uds=str(place.socket), limits=limits)
    request = HTTPXRequest(
        connection_pool_size=_CONNECTIONS,
        read_timeout=_PATIENCE,
        pool_timeout=_PATIENCE,
        httpx_kwargs={
            "mounts": {SENDER: transport},
            "event_hooks": {"request": [_described]},
        },
    )
    named: dict[str, Any] = {"base_file_url": base_file_url} if base_file_url else {}
    return Bot(
        token,
        base_url=f"{SENDER}/bot",
        request=request,
        get_updates_request=HTTPXRequest(),
        rate_limiter=RelayedCalls(),
        **named,
    )


async def _described(request: httpx.Request) -> None:
    if request.url.host == httpx.URL(SENDER).host:
        request.headers.update({WORKER: str(os.getpid()), **_call.get({})})

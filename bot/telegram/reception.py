"""What listens: the webhook, where Telegram delivers, and the socket where workers send.

A delivery is answered with 200 once it is stored, with 5xx when it could not be: Telegram then
delivers it again.
"""

from __future__ import annotations

import hmac
import json
import logging
import socket
from typing import TYPE_CHECKING, Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application, RequestHandler

from bot.telegram.limits import Priority
from bot.telegram.relay import CHAT, PRIORITY, REPLY_TO, WORKER
from bot.telegram.sender import RelayedCall
from retrieval.errors import BadSettings, KiosqueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.telegram.sender import Sender

logger = logging.getLogger(__name__)

_MAX_UPDATE = 1_000_000
_MAX_CALL = 64_000_000
_BACKLOG = 128
_SILENCE = 75.0
"""Seconds for a delivery to come whole, and between two over one connection."""
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


class DeliveryHandler(RequestHandler):
    """One update of Telegram."""

    def initialize(self, secret: str, store: Callable[[int, int, str], Awaitable[None]]) -> None:
        """As tornado gives them.

        Args:
            secret: what Telegram must say.
            store: stores an update: its number, its chat, its JSON.
        """
        self._secret = secret
        self._store = store

    async def post(self) -> None:
        """Store it, then say so."""
        told = self.request.headers.get(_SECRET, "")
        if not hmac.compare_digest(told.encode(), self._secret.encode()):
            self.send_error(403)
            return
        update = _read(self.request.body)
        if update is None:
            self.send_error(400)
            return
        try:
            await self._store(update["update_id"], chat_of(update), json.dumps(update))
        except KiosqueError as error:
            logger.error("an update could not be stored: %s", error)
            self.send_error(503)


class CallHandler(RequestHandler):
    """One call of a worker."""

    def initialize(self, sender: Sender) -> None:
        """As tornado gives it.

        Args:
            sender: makes the calls.
        """
        self._sender = sender

    async def post(self, method: str) -> None:
        """Make the call, and tell what Telegram said."""
        given = self.request.headers
        priority = given.get(PRIORITY, "")
        call = RelayedCall(
            int(given.get(WORKER, "0")),
            method,
            self.request.body,
            given.get("Content-Type", ""),
            int(given.get(CHAT, "0")),
            Priority[priority] if priority else None,
            int(given.get(REPLY_TO, "0")),
        )
        result = await self._sender.call(call)
        self.set_status(result.status)
        self.set_header("Content-Type", "application/json")
        self.write(result.body)


def webhook_server(
    path: str, secret: str, store: Callable[[int, int, str], Awaitable[None]]
) -> HTTPServer:
    """The server of the webhook; it does not listen yet.

    Args:
        path: of the address that Telegram is told.
        secret: what Telegram must say.
        store: stores an update: its number, its chat, its JSON.
    """
    given = {"secret": secret, "store": store}
    application = Application([(path, DeliveryHandler, given)], log_function=_quiet)
    return HTTPServer(
        application,
        max_body_size=_MAX_UPDATE,
        idle_connection_timeout=_SILENCE,
        body_timeout=_SILENCE,
    )


def listen(server: HTTPServer, address: str, port: int) -> None:
    """Have a server listen.

    Raises:
        BadSettings: the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listening = socket.create_server((address, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise BadSettings("webhook_port_taken", address=address, port=port) from error
    listening.setblocking(False)
    server.add_socket(listening)


def call_server(sender: Sender, path: Path) -> HTTPServer:
    """The server of the workers' calls, listening at a socket for this user alone."""
    application = Application(
        [(r"/bot[^/]+/(\w+)", CallHandler, {"sender": sender})], log_function=_quiet
    )
    server = HTTPServer(application, max_body_size=_MAX_CALL)
    server.add_socket(bind_unix_socket(str(path), mode=0o600))
    return server


def _read(body: bytes) -> dict[str, Any] | None:
    """An update; None when this is none."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**63:
        return None
    return update  # type: ignore[no-any-return]  # a dict, as was looked at


def chat_of(update: dict[str, Any]) -> int:
    """The chat that an update belongs to, or who made an inline query; 0 when nothing says."""
    for content in update.values():
        if isinstance(content, dict):
            message = content.get("message", content)
            for holder, name in ((message, "chat"), (content, "from")):
                found = holder.get(name) if isinstance(holder, dict) else None
                number = found.get("id") if isinstance(found, dict) else None
                if isinstance(number, int) and abs(number) < 2**63:
                    return number
    return 0


def _quiet(_handler: RequestHandler) -> None:
    """Nothing: an address may hold the token."""

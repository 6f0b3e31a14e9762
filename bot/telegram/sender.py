"""The one sender of several workers: it keeps the token's limits, and outlives those who asked.

Workers call it over a socket of this machine as they would call Telegram (`bot.telegram.relay`).
When a worker dies with a call under way, the call is finished all the same, and its successor,
which replies to the same message again, changes the reply that is there. A worker that looks for
a message of its own, whose reply was lost, does not know those of the others: the sender does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import httpx
from telegram.error import RetryAfter

from bot.telegram.limits import Limiter, Priority, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_MAX_REPLIES = 20_000
_SAME_REPLY = 1_200.0
"""Seconds after which a further reply to a message says something else, whoever has died since:
more than a call waits for room and an answer takes."""
_TIMES = httpx.Timeout(15.0, connect=5.0, pool=10.0)
_FORM = "application/x-www-form-urlencoded"
_OF_AN_EDIT = ("chat_id", "text", "parse_mode", "entities", "link_preview_options", "reply_markup")
_MAX_SENT = 20_000
_NOT_FOUND = "message to edit not found"
_AWAY = b'{"ok":false,"error_code":502,"description":"Bad Gateway"}'


@dataclass(frozen=True, slots=True)
class RelayedCall:
    """A call of Telegram that a worker asks for.

    Args:
        worker: the number of its process.
        method: Telegram's.
        body: the arguments, …
        kind: … and how they are written.
        chat: where it goes, or 0.
        priority: what it does when there is no room for it.
        reply_to: the message that a new message replies to, or 0.
    """

    worker: int
    method: str
    body: bytes
    kind: str
    chat: int = 0
    priority: Priority | None = None
    reply_to: int = 0


@dataclass(frozen=True, slots=True)
class CallResult:
    """What Telegram said: the status and the JSON."""

    status: int
    body: bytes

    @property
    def message(self) -> int:
        """The number of the message that was sent; 0 when none was."""
        if self.status != 200:
            return 0
        result = json.loads(self.body).get("result")
        return int(result.get("message_id", 0)) if isinstance(result, dict) else 0


@dataclass(slots=True)
class _Reply:
    """A reply that was asked for: by which process, when, and what became of it."""

    worker: int
    at: float
    result: asyncio.Future[CallResult] = field(default_factory=asyncio.Future)


class Sender:
    """Makes the calls of all workers.

    Args:
        client: speaks HTTP.
        address: of the Bot API, with the token.
        limiter: keeps the limits.
        lives: whether a process is one of the workers still.
        on_call: is told of each call: its method, its result, the seconds that were asked for.
        clock: seconds.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        address: str,
        limiter: Limiter,
        lives: Callable[[int], bool],
        on_call: Callable[[str, str, float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._address = address
        self._limiter = limiter
        self._lives = lives
        self._on_call = on_call
        self._clock = clock
        self._replies: OrderedDict[tuple[int, int], _Reply] = OrderedDict()
        self._sent: OrderedDict[tuple[int, int], int] = OrderedDict()

    async def call(self, call: RelayedCall) -> CallResult:
        """Make a call; a reply that a dead worker has sent is changed, not sent again."""
        if call.kind != _FORM:
            return await self._made(call)
        if call.priority is Priority.PROBE and (known := self._probed(call)) is not None:
            return known
        if call.method != "sendMessage" or not call.reply_to:
            return await self._said(call)
        key, now = (call.chat, call.reply_to), self._clock()
        self._forget(now - _SAME_REPLY)
        before, mine = self._replies.get(key), _Reply(call.worker, now)
        self._replies[key] = mine
        self._replies.move_to_end(key)
        result = CallResult(502, _AWAY)
        try:
            result = await self._replied(call, before)
        finally:
            mine.result.set_result(result)
        return result

    def _forget(self, before: float) -> None:
        """Drop the replies that were asked for earlier, and what is more than can be kept."""
        while self._replies:
            oldest = next(iter(self._replies.values()))
            if oldest.at >= before and len(self._replies) < _MAX_REPLIES:
                return
            self._replies.popitem(last=False)

    async def _replied(self, call: RelayedCall, before: _Reply | None) -> CallResult:
        if before is not None and before.worker != call.worker and not self._lives(before.worker):
            sent = await before.result
            if sent.message:
                logger.info("a reply of a worker that died is changed", extra={"chat": call.chat})
                edited = await self._said(_as_edit(call, sent.message))
                if edited.status == 200:
                    return edited
                if b"not modified" in edited.body:
                    return sent
                if _NOT_FOUND.encode() not in edited.body:
                    return edited
        return await self._said(call)

    async def _said(self, call: RelayedCall) -> CallResult:
        """Make a call, and remember what the message says that it sent or changed."""
        result = await self._made(call)
        if call.method in ("sendMessage", "editMessageText") and result.message:
            self._sent[call.chat, result.message] = _words(call)
            self._sent.move_to_end((call.chat, result.message))
            if len(self._sent) > _MAX_SENT:
                self._sent.popitem(last=False)
        return result

    def _probed(self, call: RelayedCall) -> CallResult | None:
        """Whether a message says what is looked for; None when it is not known here.

        It is not put to Telegram: an edit would put these words in the place of others.
        """
        number = dict(parse_qsl(call.body.decode())).get("message_id", "0")
        words = self._sent.get((call.chat, int(number)))
        if words is None:
            return None
        return _refused("message is not modified" if words == _words(call) else _NOT_FOUND)

    async def _made(self, call: RelayedCall) -> CallResult:
        """Make a call when there is room for it."""
        data: dict[str, Any] = {"chat_id": call.chat}
        try:
            made: CallResult = await self._limiter.process_request(
                self._posted, (call,), {}, call.method, data, call.priority
            )
        except RetryAfter as error:
            return _flood(seconds_of(error))
        except httpx.HTTPError as error:
            logger.warning("Telegram gave no answer: %s", type(error).__name__)
            return CallResult(502, _AWAY)
        return made

    async def _posted(self, call: RelayedCall) -> CallResult:
        try:
            response = await self._client.post(
                f"{self._address}/{call.method}",
                content=call.body,
                headers={"Content-Type": call.kind},
                timeout=_TIMES,
            )
        except httpx.HTTPError as error:
            late = isinstance(error, httpx.TimeoutException)
            self._on_call(call.method, "timeout" if late else "network", 0.0)
            raise
        status = response.status_code
        if status == 429:
            asked = _asked(response.content)
            self._on_call(call.method, "flood", asked)
            raise RetryAfter(asked)
        result = "ok" if status == 200 else "refused" if status < 500 else "network"
        self._on_call(call.method, result, 0.0)
        return CallResult(status, response.content)


def _as_edit(call: RelayedCall, message: int) -> RelayedCall:
    """The same words for a message that is there."""
    given = dict(parse_qsl(call.body.decode()))
    kept = {name: given[name] for name in _OF_AN_EDIT if name in given}
    if "inline_keyboard" not in kept.get("reply_markup", ""):
        kept.pop("reply_markup", None)
    body = urlencode({**kept, "message_id": message}).encode()
    return RelayedCall(call.worker, "editMessageText", body, _FORM, call.chat, call.priority)


def _words(call: RelayedCall) -> int:
    """The words of a message, so short that many can be kept."""
    return hash(dict(parse_qsl(call.body.decode())).get("text", ""))


def _refused(why: str) -> CallResult:
    told = {"ok": False, "error_code": 400, "description": f"Bad Request: {why}"}
    return CallResult(400, json.dumps(told).encode())


def _asked(body: bytes) -> int:
    """The seconds that Telegram asks to wait."""
    try:
        return int(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        return 1


def _flood(seconds: float) -> CallResult:
    wait = max(1, round(seconds))
    told = {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {wait}",
        "parameters": {"retry_after": wait},
    }
    return CallResult(429, json.dumps(told).encode())

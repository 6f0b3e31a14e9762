"""The server without a transport: a method and its arguments in, a result or a refusal out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fake_telegram import errors
from tests.fake_telegram.args import Args, Upload
from tests.fake_telegram.errors import ApiError
from tests.fake_telegram.faults import ConnectionCutError, Fault, Faults, HangError, Kind
from tests.fake_telegram.floods import UNLIMITED, Floods, Limits
from tests.fake_telegram.others import METHODS
from tests.fake_telegram.updates import Updates
from tests.fake_telegram.world import TOKEN, World

_COUNTED = {"sendmessage", "senddocument", "editmessagetext", "editmessagereplymarkup"}
_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that reached the server, and when; ``refused`` is its error code, 0 when it worked."""

    method: str
    args: Args
    at: float
    refused: int = 0


class FakeTelegram:
    """A Bot API server for one bot.

    Args:
        limits: how much it takes; by default as much as comes, so that few tests must wait.
        token: that of the bot.
        clock: seconds, for floods and the times of calls.
    """

    def __init__(
        self,
        limits: Limits = UNLIMITED,
        token: str = TOKEN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.token = token
        self.world = World()
        self.updates = Updates()
        self.floods = Floods(limits)
        self.faults = Faults()
        self.calls: list[Call] = []
        self._clock = clock
        self._news = asyncio.Event()

    async def respond(
        self, token: str, method: str, form: Mapping[str, str | Upload]
    ) -> tuple[int, bytes]:
        """The status and the body of an HTTP response.

        Raises:
            ConnectionCutError: a fault cuts the connection.
            HangError: a fault keeps silent.
        """
        fault = self.faults.next(method.lower(), Args(form))
        if fault is not None:
            planned = self._broken_before(fault)
            if planned is not None:
                return planned
        try:
            if token != self.token:
                raise errors.unauthorized()
            result = await self.dispatch(method, form, fault=fault)
        except ApiError as refusal:
            status, body = refusal.code, refusal.body()
        else:
            status, body = 200, {"ok": True, "result": result}
        if fault is not None and fault.kind is Kind.LOST_REPLY:
            raise ConnectionCutError
        if fault is not None and fault.kind is Kind.LATE_REPLY:
            raise HangError
        return status, json.dumps(body).encode()

    @staticmethod
    def _broken_before(fault: Fault) -> tuple[int, bytes] | None:
        if fault.kind is Kind.CUT:
            raise ConnectionCutError
        if fault.kind is Kind.HANG:
            raise HangError
        return (502, _BAD_GATEWAY) if fault.kind is Kind.BAD_GATEWAY else None

    async def dispatch(
        self, method: str, form: Mapping[str, str | Upload], fault: Fault | None = None
    ) -> Any:  # noqa: ANN401 - a result of the Bot API
        """Do what a call asks for.

        Raises:
            ApiError: it is refused.
        """
        name, args = method.lower(), Args(form)
        try:
            result = await self._done(name, args, fault)
        except ApiError as refusal:
            self._note(Call(name, args, self._clock(), refusal.code))
            raise
        self._note(Call(name, args, self._clock()))
        return result

    async def _done(self, name: str, args: Args, fault: Fault | None) -> Any:  # noqa: ANN401
        if name == "getupdates":
            if self.world.webhook:
                raise errors.webhook_active()
            return await self.updates.poll(args)
        if name not in METHODS:
            raise errors.method_not_found()
        if fault is not None and fault.kind is Kind.FLOOD:
            raise errors.flooded(fault.retry_after)
        if fault is not None and fault.kind is Kind.UNREADABLE and args.text("parse_mode"):
            raise errors.bad_request("can't parse entities: Unexpected end tag at byte offset 0")
        if name in _COUNTED:
            wait = self.floods.wait(args.number("chat_id"), self._clock())
            if wait:
                raise errors.flooded(wait)
        return METHODS[name](self.world, args)

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        self._news.set()

    def made(self, method: str, *, refused: bool | None = None) -> list[Call]:
        """The calls of a method; only those that were refused, or only the others."""
        return [
            call
            for call in self.calls
            if call.method == method.lower() and (refused is None or bool(call.refused) == refused)
        ]

    def download(self, path: str) -> bytes | None:
        """The content of a file, by the path that getFile gave."""
        return next((f.content for f in self.world.files.values() if f.path == path), None)

    async def until(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Wait until something holds; it is looked at after each call.

        Raises:
            TimeoutError: it did not come true in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not condition():
            left = deadline - loop.time()
            if left <= 0:
                raise TimeoutError(f"not within {seconds} s; the last calls: {self.calls[-5:]}")
            self._news.clear()
            try:
                # What holds may also change without a call: look again now and then.
                await asyncio.wait_for(self._news.wait(), min(left, 0.02))
            except TimeoutError:
                continue

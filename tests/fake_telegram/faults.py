"""What breaks between a bot and Telegram, planned by a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from tests.fake_telegram.args import Args


class Kind(Enum):
    """What goes wrong with a call."""

    CUT = "the connection is cut before the work"
    LOST_REPLY = "the work is done, the reply is lost"
    HANG = "no work, and no answer within the read timeout"
    LATE_REPLY = "the work is done, no answer within the read timeout"
    BAD_GATEWAY = "502 with a page of HTML"
    FLOOD = "429"
    UNREADABLE = "HTML that Telegram cannot read, whatever it is"


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, so many times.

    Args:
        kind: what goes wrong.
        method: for calls of this method.
        times: then it is over.
        after: so many calls go well before.
        retry_after: the seconds of a 429.
        when: only for calls with such arguments.
    """

    kind: Kind
    method: str
    times: int
    after: int
    retry_after: int
    when: Callable[[Args], bool]


class ConnectionCutError(Exception):
    """The connection is gone, and no answer came."""


class HangError(Exception):
    """No answer comes: the adapter keeps silent until the bot gives up."""


@dataclass(slots=True)
class Faults:
    """The faults still to come, in their order, and those that come as they like."""

    planned: list[Fault] = field(default_factory=list)
    weather: Callable[[str], Kind | None] = field(default=lambda _method: None)

    def add(
        self,
        kind: Kind,
        method: str,
        *,
        times: int = 1,
        after: int = 0,
        retry_after: int = 1,
        when: Callable[[Args], bool] = lambda _args: True,
    ) -> Fault:
        """Plan one."""
        fault = Fault(kind, method.lower(), times, after, retry_after, when)
        self.planned.append(fault)
        return fault

    def next(self, method: str, args: Args) -> Fault | None:
        """The fault of this call, if it has one."""
        for fault in self.planned:
            if fault.method != method or not fault.when(args):
                continue
            if fault.after:
                fault.after -= 1
                return None
            if fault.times:
                fault.times -= 1
                return fault
        kind = self.weather(method)
        return Fault(kind, method, 1, 0, 1, lambda _args: True) if kind else None

"""How much Telegram takes: a chat about once a second, a group 20 a minute, 30 a second in all."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken before a 429; a test may make time shorter.

    Args:
        private_burst: so many at once in a private chat, …
        private_seconds: … then one in so many seconds.
        group_most: so many in a group, …
        group_seconds: … in so many seconds.
        overall: so many a second in all chats.
    """

    private_burst: int = 3
    private_seconds: float = 1.0
    group_most: int = 20
    group_seconds: float = 60.0
    overall: int = 30


UNLIMITED = Limits(10**9, 1e-9, 10**9, 1e-9, 10**9)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Floods:
    """Counts what is sent; time is an argument."""

    limits: Limits = UNLIMITED
    _private: dict[int, _Bucket] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _all: deque[float] = field(default_factory=deque)

    def wait(self, chat: int, now: float) -> int:
        """Seconds to wait before this chat takes another message; 0 when it takes it, counted."""
        limits = self.limits
        needed = [_until_room(self._all, limits.overall, 1.0, now)]
        if chat < 0:
            sent = self._groups.setdefault(chat, deque())
            needed.append(_until_room(sent, limits.group_most, limits.group_seconds, now))
        else:
            needed.append(self._until_token(chat, now))
        if max(needed) > 0:
            return max(1, math.ceil(max(needed)))
        self._all.append(now)
        if chat < 0:
            self._groups[chat].append(now)
        else:
            self._private[chat].tokens -= 1
        return 0

    def _until_token(self, chat: int, now: float) -> float:
        limits = self.limits
        bucket = self._private.setdefault(chat, _Bucket(limits.private_burst, now))
        gained = (now - bucket.at) / limits.private_seconds
        bucket.tokens = min(limits.private_burst, bucket.tokens + gained)
        bucket.at = now
        return max(0.0, (1 - bucket.tokens) * limits.private_seconds)


def _until_room(sent: deque[float], most: int, seconds: float, now: float) -> float:
    while sent and sent[0] <= now - seconds:
        sent.popleft()
    return sent[0] + seconds - now if len(sent) >= most else 0.0

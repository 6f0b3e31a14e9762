"""What sites ask of robots, as RFC 9309 reads it."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

MOST_BYTES = 512_000
"""What a parser must read of a ``robots.txt``; the rest may be left."""
_LONGEST_PAUSE = 10.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site asks; without a file, nothing."""

    parsed: Protego | None = None

    @classmethod
    def of(cls, raw: bytes) -> Rules:
        """Read a ``robots.txt``, which may hold anything."""
        return cls(Protego.parse(raw[:MOST_BYTES].decode("utf-8", "replace")))

    def allow(self, url: str, user_agent: str) -> bool:
        """Whether the page may be fetched."""
        return self.parsed is None or bool(self.parsed.can_fetch(url, user_agent))

    def pause(self, user_agent: str) -> float:
        """The seconds that the site asks for between two pages, within reason."""
        asked = self.parsed.crawl_delay(user_agent) if self.parsed else None
        return min(float(asked or 0), _LONGEST_PAUSE)

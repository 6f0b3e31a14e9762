"""What a fetch may cost, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What a fetch may cost, and how hosts are treated.

    ``seconds`` and ``most_bytes`` are for one fetch with all its redirects; ``pause`` is
    for two pages of one host.
    """

    seconds: float = 30.0
    most_bytes: int = 20_000_000
    pause: float = 1.0
    robots: bool = True
    allow_private: bool = False
    user_agent: str = "Kiosque"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave with a page, to ask later whether it has changed."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: where from in the end, and the bytes unpacked; none when it has not changed."""

    url: str
    raw: bytes = b""
    content_type: str = ""
    validators: Validators = Validators()
    not_modified: bool = False

    @property
    def media_type(self) -> str:
        """The type without its parameters, in lower case; ``""`` when none is given."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset that the server names, or ``""``."""
        message = Message()
        message["Content-Type"] = self.content_type
        return message.get_content_charset("")

"""One exchange with a web server: its limits, the response, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_SERVER_ERROR = 500
_MAX_RETRY_AFTER_S = 86_400.0


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits of a fetch, and how hosts are treated.

    Args:
        seconds: for one fetch with all its redirects.
        max_bytes: of one response, unpacked; on the wire, of one fetch with all its redirects.
        pause: seconds between two pages of one host.
        robots: obey ``robots.txt``.
        allow_private: connect to addresses that are not public.
        user_agent: the ``User-Agent`` header.
    """

    seconds: float = 30.0
    max_bytes: int = 20_000_000
    pause: float = 1.0
    robots: bool = True
    allow_private: bool = False
    user_agent: str = "Kiosque"


@dataclass(frozen=True, slots=True)
class Validators:
    """``ETag`` and ``Last-Modified`` of a response, for a conditional request later."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class WebResponse:
    """A successful response.

    Args:
        url: the address after all redirects.
        raw: the body, unpacked; empty if ``not_modified``.
        content_type: the header, with its parameters.
        validators: for the next request.
        not_modified: the server answered 304.
    """

    url: str
    raw: bytes = b""
    content_type: str = ""
    validators: Validators = Validators()
    not_modified: bool = False

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; ``""`` if there is none."""
        return self.content_type.partition(";")[0].strip().lower()


class FetchReason(StrEnum):
    """Why a fetch failed; the values are keys of the catalogue, under ``unreadable``."""

    BAD_URL = "fetch_bad_url"
    CREDENTIALS = "fetch_credentials"
    PRIVATE = "fetch_private"
    UNKNOWN_HOST = "fetch_unknown_host"
    UNREACHABLE = "fetch_unreachable"
    TLS = "fetch_tls"
    TIMEOUT = "fetch_timeout"
    TOO_LARGE = "fetch_too_large"
    CUT = "fetch_cut"
    LENGTH = "fetch_length"
    ENCODING = "fetch_encoding"
    PROTOCOL = "fetch_protocol"
    REDIRECTS = "fetch_redirects"
    MEDIA_TYPE = "fetch_media_type"
    FORBIDDEN = "fetch_forbidden"
    NOT_FOUND = "fetch_not_found"
    GONE = "fetch_gone"
    BUSY = "fetch_busy"
    SERVER_ERROR = "fetch_server_error"
    STATUS = "fetch_status"
    ROBOTS = "fetch_robots"
    ROBOTS_UNREACHABLE = "fetch_robots_unreachable"
    LATER = "fetch_later"


_TEMPORARY = {
    FetchReason.UNKNOWN_HOST, FetchReason.UNREACHABLE, FetchReason.TIMEOUT, FetchReason.CUT,
    FetchReason.BUSY, FetchReason.SERVER_ERROR, FetchReason.ROBOTS_UNREACHABLE,
}  # fmt: skip
_STATUS = {
    401: FetchReason.FORBIDDEN,
    403: FetchReason.FORBIDDEN,
    404: FetchReason.NOT_FOUND,
    410: FetchReason.GONE,
    429: FetchReason.BUSY,
}


class FetchFailed(Exception):
    """An address gave nothing usable; the callers put it into a report.

    Args:
        reason: the kind of failure.
        detail: a technical detail, for logs and ``--json``.
        retry_after: seconds of the ``Retry-After`` header; a day at most.
    """

    def __init__(self, reason: FetchReason, detail: str = "", retry_after: float = 0.0) -> None:
        self.reason = reason
        self.detail = detail
        self.retry_after = min(max(retry_after, 0.0), _MAX_RETRY_AFTER_S)
        super().__init__(f"{reason}: {detail}" if detail else reason)

    @classmethod
    def of_status(cls, status: int, retry_after: float = 0.0) -> FetchFailed:
        """The failure that an HTTP status stands for."""
        other = FetchReason.SERVER_ERROR if status >= _SERVER_ERROR else FetchReason.STATUS
        return cls(_STATUS.get(status, other), str(status), retry_after)

    @property
    def temporary(self) -> bool:
        """Whether a later try may succeed without anybody's help."""
        return self.reason in _TEMPORARY

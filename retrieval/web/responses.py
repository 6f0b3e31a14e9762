"""What the head of a response says, and its body."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from retrieval.web.bodies import read_body
from retrieval.web.exchange import Validators
from retrieval.web.failures import FetchFailed
from retrieval.web.network import Allowance

_WHOLE = (200, 203)  # other successes carry nothing, or a part
_NEVER_TEXT = ("image/", "audio/", "video/", "font/")


def refuse(status: int, told: httpx.Headers, most_bytes: int) -> None:
    """Leave a body unread that is an error, too large, or no text of any kind.

    Raises:
        FetchFailed: it is.
    """
    if status not in _WHOLE:
        raise FetchFailed.of_status(status, _seconds(told.get("retry-after", "")))
    if told.get("content-type", "").lower().startswith(_NEVER_TEXT):
        raise FetchFailed("media_type", told["content-type"][:100])
    announced = told.get("content-length", "")
    if announced.isdecimal() and int(announced[:19]) > most_bytes:
        raise FetchFailed("too_large", f"{announced[:19]} bytes")


def body(answer: httpcore.Response, told: httpx.Headers, allowance: Allowance) -> bytes:
    """The body, whole, and as long as was announced.

    Raises:
        FetchFailed: ``cut``, ``length``, ``encoding`` or ``too_large``.
    """
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for chunk in answer.iter_stream():
            sent += len(chunk)
            yield chunk

    try:
        raw = read_body(chunks(), told.get("content-encoding", ""), allowance.most_bytes)
    except httpcore.RemoteProtocolError as error:
        raise FetchFailed("cut", str(error)) from None
    if "content-length" in told and allowance.body_bytes > sent:
        raise FetchFailed("length", f"{told['content-length'][:19]} bytes were announced")
    return raw


def conditions(validators: Validators | None) -> dict[str, str]:
    """The headers that make a request conditional."""
    known = validators or Validators()
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in headers.items() if value}


def validators_of(told: httpx.Headers) -> Validators:
    """What a response can be recognised by later."""
    found = told.get("etag", ""), told.get("last-modified", "")
    return Validators(*(value if value.isascii() and len(value) < 500 else "" for value in found))


def _seconds(retry_after: str) -> float:
    """What ``Retry-After`` asks for: seconds, or a date."""
    if retry_after.strip().isdecimal():
        return float(retry_after.strip()[:9])
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0

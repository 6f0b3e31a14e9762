"""From one address to its bytes: redirects, ``robots.txt``, pauses between pages, whole bodies."""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property

import httpcore
import httpx
from protego import Protego

from retrieval.reading.pages.links import refresh_target
from retrieval.web.connections import (
    CheckedNetwork,
    CheckedTransport,
    FetchBudget,
    Resolver,
    resolve,
)
from retrieval.web.response import FetchFailed, FetchLimits, FetchReason, Validators, WebResponse
from retrieval.web.urls import parsed

_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_COMPLETE = (200, 203)  # the other successes have no body, or a part of one
_MAX_VALIDATOR_CHARS = 500
_PAGES = frozenset({"", "text/html", "application/xhtml+xml"})
_NEVER_TEXT = ("image/", "audio/", "video/", "font/")
_HTML_HEAD_BYTES = 65_536
_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml,"
    " application/xml;q=0.9, application/pdf;q=0.9, */*;q=0.8"
)
_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_GZIP_WBITS = 31
_MAX_ROBOTS_BYTES = 512_000  # RFC 9309: what a parser must read; the rest may be ignored
_MAX_CRAWL_DELAY_S = 10.0
# A failure of robots.txt that the page of the same host would have too.
_FAILS_FOR_ALL = {
    FetchReason.UNKNOWN_HOST, FetchReason.UNREACHABLE, FetchReason.TLS, FetchReason.PRIVATE,
}  # fmt: skip
# RFC 9309: a site that answers 4xx has no rules.
_NO_RULES = {
    FetchReason.FORBIDDEN, FetchReason.NOT_FOUND, FetchReason.GONE, FetchReason.BUSY,
    FetchReason.STATUS, FetchReason.REDIRECTS, FetchReason.MEDIA_TYPE,
}  # fmt: skip


class Fetcher:
    """Fetches pages one after the other, from one thread.

    Args:
        limits: of each fetch.
        resolve: gives the IP addresses of a host; the system's resolver by default.
        backend: opens sockets; httpcore's by default.
        sleep: waits between two pages of a host.
        clock: gives the time that pauses are measured by, in seconds.
    """

    def __init__(
        self,
        limits: FetchLimits,
        resolve: Resolver = resolve,
        backend: httpcore.NetworkBackend | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        self._backend = backend or httpcore.SyncBackend()
        self._sleep = sleep
        self._clock = clock
        self._robots: dict[str, _RobotsRules | FetchFailed] = {}
        self._last_fetch: dict[str, float] = {}

    def get(self, url: str, validators: Validators | None = None) -> WebResponse:
        """Fetch an address.

        Args:
            url: ``http`` or ``https``.
            validators: of an earlier response; makes the request conditional.

        Raises:
            FetchFailed: there is no usable response. An address that is refused is not
                connected to.
        """
        wanted = parsed(url)
        self._wait(wanted.host, self._permission(wanted))
        try:
            return self._follow(wanted, _conditions(validators), self._permission)
        finally:
            self._last_fetch[wanted.host] = self._clock()

    def _follow(
        self, url: httpx.URL, conditions: dict[str, str], check: Callable[[httpx.URL], object]
    ) -> WebResponse:
        """Request an address, then where it redirects to; each target is checked like the first."""
        budget = FetchBudget(self._limits.seconds, self._limits.max_bytes)
        private = self._limits.allow_private
        network = CheckedNetwork(budget, self._resolve, self._backend, allow_private=private)
        with CheckedTransport(network, self._tls) as transport:
            for _ in range(_MAX_REDIRECTS + 1):
                found = self._request(transport, url, conditions, budget)
                if isinstance(found, WebResponse):
                    onward = _refresh_of(found, url)
                    if onward is None:
                        return found
                    found = onward
                url = found
                check(url)
        raise FetchFailed(FetchReason.REDIRECTS, str(url))

    def _request(
        self,
        transport: CheckedTransport,
        url: httpx.URL,
        conditions: dict[str, str],
        budget: FetchBudget,
    ) -> WebResponse | httpx.URL:
        """Send one request; returns the response, or the target of a redirect."""
        received = budget.received
        headers = {
            "User-Agent": self._limits.user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip",
            "Connection": "close",  # so that bytes behind a body cannot pass for the next response
        }
        request = httpx.Request("GET", url, headers=headers | conditions)
        try:
            with closing(transport.handle_request(request)) as response:
                return _read(response, url, budget, conditional=bool(conditions))
        except httpx.TimeoutException:
            raise FetchFailed(FetchReason.TIMEOUT, f"{self._limits.seconds:g} s") from None
        except httpx.NetworkError as error:
            raise FetchFailed(FetchReason.CUT, str(error)) from None
        except httpx.ProtocolError as error:
            silent = isinstance(error, httpx.RemoteProtocolError) and budget.received == received
            reason = FetchReason.CUT if silent else FetchReason.PROTOCOL
            raise FetchFailed(reason, str(error)) from None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Verifies certificates by the usual authorities, or by those of ``SSL_CERT_FILE``."""
        return httpx.create_ssl_context()

    # --- politeness -------------------------------------------------------------------

    def _wait(self, host: str, rules: _RobotsRules) -> None:
        pause = max(self._limits.pause, rules.pause(self._limits.user_agent))
        left = self._last_fetch.get(host, float("-inf")) + pause - self._clock()
        if left > 0:
            self._sleep(left)

    def _permission(self, url: httpx.URL) -> _RobotsRules:
        """The rules of a page's site, which allow the page.

        Raises:
            FetchFailed: they forbid it, or cannot be read.
        """
        if not self._limits.robots:
            return _RobotsRules()
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if site not in self._robots:
            self._robots[site] = self._fetch_robots(url)
        rules = self._robots[site]
        if isinstance(rules, FetchFailed):
            raise FetchFailed(rules.reason, rules.detail)
        if not rules.allow(str(url), self._limits.user_agent):
            raise FetchFailed(FetchReason.ROBOTS, f"{site}/robots.txt")
        return rules

    def _fetch_robots(self, url: httpx.URL) -> _RobotsRules | FetchFailed:
        """Read ``robots.txt``: without one there are no rules; a server error forbids all."""
        address = url.copy_with(raw_path=b"/robots.txt")
        try:
            raw = self._follow(address, {}, lambda _: None).raw
        except FetchFailed as failure:
            if failure.reason in _NO_RULES:
                return _RobotsRules()
            if failure.reason in _FAILS_FOR_ALL:
                return failure
            return FetchFailed(FetchReason.ROBOTS_UNREACHABLE, f"{address}: {failure}")
        text = raw[:_MAX_ROBOTS_BYTES].decode("utf-8", "replace")
        return _RobotsRules(Protego.parse(text))


@dataclass(frozen=True, slots=True)
class _RobotsRules:
    """The ``robots.txt`` of a site, as RFC 9309 reads it; None if it has none."""

    parsed: Protego | None = None

    def allow(self, url: str, user_agent: str) -> bool:
        """Whether the page may be fetched."""
        return self.parsed is None or bool(self.parsed.can_fetch(url, user_agent))

    def pause(self, user_agent: str) -> float:
        """The seconds between two pages that the site asks for; ten at most."""
        delay = self.parsed.crawl_delay(user_agent) if self.parsed else None
        return min(float(delay or 0), _MAX_CRAWL_DELAY_S)


# --- responses ------------------------------------------------------------------------------


def _read(
    response: httpx.Response, url: httpx.URL, budget: FetchBudget, *, conditional: bool
) -> WebResponse | httpx.URL:
    """What a response says: a page, that nothing changed, or where to go instead.

    Raises:
        FetchFailed: an error status, no text of any kind, too large, or damaged.
    """
    headers, status = response.headers, response.status_code
    if status in _REDIRECTS and "location" in headers:
        return _joined(url, headers["location"])
    if status == _NOT_MODIFIED and conditional:
        return WebResponse(str(url), validators=_validators(headers), not_modified=True)
    _refuse(status, headers, budget.max_bytes)
    raw = _body(response, budget)
    return WebResponse(str(url), raw, headers.get("content-type", ""), _validators(headers))


def _refuse(status: int, headers: httpx.Headers, max_bytes: int) -> None:
    """Refuse a response by its head, before its body is read.

    Raises:
        FetchFailed: it is refused.
    """
    if status not in _COMPLETE:
        raise FetchFailed.of_status(status, _seconds(headers.get("retry-after", "")))
    if headers.get("content-type", "").lower().startswith(_NEVER_TEXT):
        raise FetchFailed(FetchReason.MEDIA_TYPE, headers["content-type"][:100])
    announced = headers.get("content-length", "")[:19]
    if announced.isdecimal() and int(announced) > max_bytes:
        raise FetchFailed(FetchReason.TOO_LARGE, f"{announced} bytes")


def _body(response: httpx.Response, budget: FetchBudget) -> bytes:
    """The body, unpacked: whole, as long as was announced, and never larger than allowed.

    httpx's own decoder is not used: it unpacks a chunk without a bound.

    Raises:
        FetchFailed: ``CUT``, ``LENGTH``, ``ENCODING`` or ``TOO_LARGE``.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in _PLAIN | _GZIP:
        raise FetchFailed(FetchReason.ENCODING, encoding[:100])
    chunks: Iterable[bytes] = response.iter_raw()
    body = bytearray()
    try:
        for chunk in _gunzip(chunks, budget.max_bytes) if encoding in _GZIP else chunks:
            body += chunk
            if len(body) > budget.max_bytes:
                raise FetchFailed(FetchReason.TOO_LARGE, f"more than {budget.max_bytes} bytes")
    except httpx.RemoteProtocolError as error:
        raise FetchFailed(FetchReason.CUT, str(error)) from None
    announced = response.headers.get("content-length")
    if announced is not None and budget.body_bytes > response.num_bytes_downloaded:
        raise FetchFailed(FetchReason.LENGTH, f"{announced[:19]} bytes were announced")
    return bytes(body)


def _gunzip(chunks: Iterable[bytes], max_bytes: int) -> Iterable[bytes]:
    """Unpack gzip; each piece has at most one byte more than is allowed."""
    unpacker = zlib.decompressobj(_GZIP_WBITS)
    try:
        for chunk in chunks:
            yield unpacker.decompress(chunk, max_bytes + 1)
    except zlib.error as error:
        raise FetchFailed(FetchReason.ENCODING, str(error)) from None
    if not unpacker.eof:
        raise FetchFailed(FetchReason.ENCODING, "it ends too early")


def _conditions(validators: Validators | None) -> dict[str, str]:
    known = validators or Validators()
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in headers.items() if value}


def _validators(headers: httpx.Headers) -> Validators:
    found = (headers.get(name, "") for name in ("etag", "last-modified"))
    usable = (v if v.isascii() and len(v) < _MAX_VALIDATOR_CHARS else "" for v in found)
    return Validators(*usable)


def _seconds(retry_after: str) -> float:
    """The value of ``Retry-After``: seconds, or a date; 0 if it is neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after.strip()[:9])
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _refresh_of(response: WebResponse, url: httpx.URL) -> httpx.URL | None:
    """The target of a page's ``meta refresh``, as browsers follow it; None if it has none.

    Raises:
        FetchFailed: the target is no web address.
    """
    if response.media_type not in _PAGES:
        return None
    target = refresh_target(response.raw[:_HTML_HEAD_BYTES].decode("utf-8", "replace"))
    onward = _joined(url, target) if target else url
    return None if onward == url else onward  # a page that reloads itself is the target


def _joined(url: httpx.URL, location: str) -> httpx.URL:
    """The target of a redirect.

    Raises:
        FetchFailed: it is no web address.
    """
    try:
        return parsed(str(url.join(location)))
    except (httpx.InvalidURL, ValueError):
        raise FetchFailed(FetchReason.BAD_URL, location[:200]) from None

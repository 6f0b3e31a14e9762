"""One address in, its bytes out: redirects followed with suspicion, hosts treated politely."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from functools import cached_property

import httpcore
import httpx

from retrieval.reading.pages.links import refresh_target
from retrieval.web.addresses import Resolver, resolve
from retrieval.web.bodies import ACCEPTED
from retrieval.web.connections import Allowance, CheckedNetwork
from retrieval.web.failures import FetchFailed
from retrieval.web.responses import body, conditions, refuse, validators_of
from retrieval.web.robots import Rules
from retrieval.web.urls import parsed, port_of
from retrieval.web.values import Fetched, FetchLimits, Validators

_MOST_REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_PAGES = frozenset({"", "text/html", "application/xhtml+xml"})
_HEAD_BYTES = 65_536
_WANTED = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml,"
    " application/xml;q=0.9, application/pdf;q=0.9, */*;q=0.8"
)
# A robots.txt that cannot be had for one of these: the page cannot be had either.
_SAME_FOR_ALL = frozenset({"fetch_unknown_host", "fetch_unreachable", "fetch_tls", "fetch_private"})
# RFC 9309: a site that answers 4xx has no rules.
_NO_RULES = frozenset(
    f"fetch_{reason}"
    for reason in "forbidden not_found gone busy status redirects media_type".split()
)


class Fetcher:
    """Fetches for one run, one page after the other.

    Args:
        limits: what it may cost.
        resolve: gives the addresses of a name; the system by default.
        network: opens connections; that of the system by default.
        sleep: waits between two pages of a host.
    """

    def __init__(
        self,
        limits: FetchLimits,
        resolve: Resolver = resolve,
        network: httpcore.NetworkBackend | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        self._network = network or httpcore.SyncBackend()
        self._sleep = sleep
        self._rules: dict[str, Rules | FetchFailed] = {}
        self._last: dict[str, float] = {}

    def get(self, url: str, validators: Validators | None = None) -> Fetched:
        """Fetch one address.

        Args:
            url: an ``http`` or ``https`` address.
            validators: those of what is known of it; the answer may be that nothing changed.

        Raises:
            FetchFailed: nothing usable came; nothing was sent to an address that is refused.
        """
        wanted = parsed(url)
        rules = self._permitted(wanted)
        self._wait(wanted.host, rules)
        headers = conditions(validators)
        try:
            return self._follow(wanted, headers, self._limits.most_bytes, self._permitted)
        finally:
            self._last[wanted.host] = time.monotonic()

    def _follow(
        self,
        url: httpx.URL,
        headers: dict[str, str],
        most_bytes: int,
        permitted: Callable[[httpx.URL], object],
    ) -> Fetched:
        """Go from redirect to redirect; each is looked at as if it had been typed."""
        allowance = Allowance(self._limits.seconds, most_bytes)
        network = CheckedNetwork(
            allowance, self._resolve, self._network, allow_private=self._limits.allow_private
        )
        with httpcore.ConnectionPool(self._ssl, network_backend=network) as pool:
            for _ in range(_MOST_REDIRECTS + 1):
                found = self._ask(pool, url, headers, allowance)
                if isinstance(found, Fetched):
                    onward = _sent_on(url, found)
                    if onward is None:
                        return found
                    found = onward
                url = found
                permitted(url)
        raise FetchFailed("redirects", str(url))

    def _ask(
        self,
        pool: httpcore.ConnectionPool,
        url: httpx.URL,
        headers: dict[str, str],
        allowance: Allowance,
    ) -> Fetched | httpx.URL:
        """One request: what came, or where to go instead."""
        before = allowance.received
        try:
            with pool.stream("GET", _target(url), headers=self._headers(url, headers)) as answer:
                told = httpx.Headers(answer.headers)
                if answer.status in _MOVED and "location" in told:
                    return _joined(url, told["location"])
                if answer.status == _NOT_MODIFIED and headers:
                    return Fetched(str(url), validators=validators_of(told), not_modified=True)
                refuse(answer.status, told, allowance.most_bytes)
                raw = body(answer, told, allowance)
        except httpcore.RemoteProtocolError as error:
            silent = allowance.received == before
            raise FetchFailed("cut" if silent else "protocol", str(error)) from None
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise FetchFailed("cut", str(error)) from None
        except httpcore.ProtocolError as error:
            raise FetchFailed("protocol", str(error)) from None
        return Fetched(str(url), raw, told.get("content-type", ""), validators_of(told))

    def _headers(self, url: httpx.URL, more: dict[str, str]) -> list[tuple[bytes, bytes]]:
        """The headers of a request; a connection serves one, so that nothing is left in it."""
        said = {
            "User-Agent": self._limits.user_agent,
            "Accept": _WANTED,
            "Accept-Encoding": ACCEPTED,
            "Connection": "close",
            **more,
        }
        pairs = [(name.encode(), value.encode()) for name, value in said.items()]
        return [(b"Host", url.netloc), *pairs]

    @cached_property
    def _ssl(self) -> ssl.SSLContext:
        """Whom to believe under TLS: the usual authorities, or those of ``SSL_CERT_FILE``."""
        return httpx.create_ssl_context()

    # --- politeness -------------------------------------------------------------------

    def _wait(self, host: str, rules: Rules) -> None:
        pause = max(self._limits.pause, rules.pause(self._limits.user_agent))
        left = self._last.get(host, float("-inf")) + pause - time.monotonic()
        if left > 0:
            self._sleep(left)

    def _permitted(self, url: httpx.URL) -> Rules:
        """What the site of a page asks for.

        Raises:
            FetchFailed: it does not want the page fetched, or does not say what it wants.
        """
        if not self._limits.robots:
            return Rules()
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if site not in self._rules:
            self._rules[site] = self._asked(url)
        rules = self._rules[site]
        if isinstance(rules, FetchFailed):
            raise FetchFailed(rules.reason.removeprefix("fetch_"), rules.detail)
        if not rules.allow(str(url), self._limits.user_agent):
            raise FetchFailed("robots", f"{site}/robots.txt")
        return rules

    def _asked(self, url: httpx.URL) -> Rules | FetchFailed:
        """Read a site's ``robots.txt``: none is no rules, one that cannot be had forbids all."""
        address = url.copy_with(raw_path=b"/robots.txt")
        try:
            return Rules.of(self._follow(address, {}, self._limits.most_bytes, lambda _: None).raw)
        except FetchFailed as failure:
            if failure.reason in _NO_RULES:
                return Rules()
            if failure.reason in _SAME_FOR_ALL:
                return failure
            return FetchFailed("robots_unreachable", f"{address}: {failure}")


def _target(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path
    )


def _sent_on(url: httpx.URL, found: Fetched) -> httpx.URL | None:
    """Where a page sends its readers on by itself (``meta refresh``), as browsers follow it.

    Raises:
        FetchFailed: to no web address.
    """
    if found.media_type not in _PAGES:
        return None
    target = refresh_target(found.raw[:_HEAD_BYTES].decode("utf-8", "replace"))
    if not target:
        return None
    onward = _joined(url, target)
    return None if onward == url else onward  # a page that is loaded again is there


def _joined(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads.

    Raises:
        FetchFailed: to no web address.
    """
    try:
        return parsed(str(url.join(location)))
    except (httpx.InvalidURL, ValueError):
        raise FetchFailed("bad_url", location[:200]) from None

"""Web addresses: which can be fetched, and the one form that tells a page apart for ever."""

from __future__ import annotations

from functools import lru_cache

import httpx

from retrieval.web.canonical import own_address
from retrieval.web.failures import FetchFailed

_SCHEMES = {"http": 80, "https": 443}
_MOST_CHARS = 2000
_LABELS = ("www.", "m.", "mobile.", "amp.")


def parsed(url: str) -> httpx.URL:
    """A web address that may be asked for.

    Raises:
        FetchFailed: ``bad_url``, or ``credentials`` when it carries a name or password.
    """
    try:
        found = httpx.URL(url.strip()) if len(url) <= _MOST_CHARS else httpx.URL("")
    except (httpx.InvalidURL, ValueError):
        raise FetchFailed("bad_url", url[:200]) from None
    if found.scheme not in _SCHEMES or not found.host or b"%" in found.raw_host:
        raise FetchFailed("bad_url", url[:200])
    if found.userinfo:
        raise FetchFailed("credentials", found.host)
    if found.port is not None and not 0 < found.port < 65_536:
        raise FetchFailed("bad_url", url[:200])
    return found.copy_with(fragment=None, raw_path=found.raw_path)  # "/" where there is none


def address(url: str) -> str:
    """An address as it is asked for: in one spelling, without its fragment.

    Raises:
        FetchFailed: it is no web address.
    """
    return str(parsed(url))


def port_of(url: httpx.URL) -> int:
    """The port to connect to."""
    return url.port or _SCHEMES[url.scheme]


def canonical(url: str) -> str:
    """An address without its fragment and without what only follows readers about.

    The rest is left as it is: ``?article12`` alone may name the article. The address of a copy
    in an archive of the web is that of the page itself.

    Raises:
        FetchFailed: it is no web address.
    """
    found = parsed(own_address(url))
    query = found.query.decode("ascii")
    kept = "&".join(part for part in query.split("&") if not _tracks(part.partition("=")[0]))
    return str(found.copy_with(query=kept.encode("ascii") or None))


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: its host, with or without ``www.`` and the like."""
    try:
        return (site_of(one), parsed(one).port) == (site_of(other), parsed(other).port)
    except FetchFailed:
        return False


def site_of(url: str) -> str:
    """The name of a site, as readers know it: ``journal.example``.

    Raises:
        FetchFailed: it is no web address.
    """
    host = parsed(url).host.lower()
    prefix = next((label for label in _LABELS if host.startswith(label)), "")
    return host.removeprefix(prefix)


@lru_cache(maxsize=1024)
def _tracks(name: str) -> bool:
    """Whether a parameter of that name is a tracker; courlan keeps the list."""
    from courlan import normalize_url

    if not name.isascii() or not name.replace("_", "").replace("-", "").isalnum():
        return False
    return "?" not in normalize_url(f"https://site.example/?{name}=1")

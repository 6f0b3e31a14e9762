"""Addresses to be fetched, and the forms that identify a page or a site.

`address` is the form for a request, `canonical` the form that names an article for ever. httpx and
courlan are imported when the first address is met: both are slow to load.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.text.addresses import MAX_CHARS, own_address
from retrieval.web.response import FetchFailed, FetchReason

if TYPE_CHECKING:
    import httpx

_SCHEMES = ("http", "https")
_SITE_PREFIXES = ("www.", "m.", "mobile.", "amp.")


def parsed(url: str) -> httpx.URL:
    """Parse an address that is to be fetched: http or https, without fragment.

    Raises:
        FetchFailed: ``BAD_URL``, or ``CREDENTIALS`` if it holds a user name or a password.
    """
    import httpx

    try:
        found = httpx.URL(url.strip() if len(url) <= MAX_CHARS else "")
        host = found.host  # decodes punycode: a bad label raises `idna.IDNAError`, a ValueError
    except (httpx.InvalidURL, ValueError):
        raise FetchFailed(FetchReason.BAD_URL, url[:200]) from None
    if found.scheme not in _SCHEMES or not host or b"%" in found.raw_host:
        raise FetchFailed(FetchReason.BAD_URL, url[:200])
    if found.userinfo:
        raise FetchFailed(FetchReason.CREDENTIALS, host)
    if found.port is not None and not 0 < found.port < 65_536:
        raise FetchFailed(FetchReason.BAD_URL, url[:200])
    return found.copy_with(fragment=None, raw_path=found.raw_path)  # "/" if the path is empty


def address(url: str) -> str:
    """The address as it is requested: normal spelling, without fragment.

    Raises:
        FetchFailed: as `parsed`.
    """
    return str(parsed(url))


def canonical(url: str) -> str:
    """The address that names a page: without fragment and tracking parameters.

    Other parameters stay, since ``?article12`` alone may name the article. The address of a copy
    in a web archive becomes that of the page itself.

    Raises:
        FetchFailed: as `parsed`.
    """
    try:
        found = parsed(own_address(url))
    except FetchFailed:  # what looks like the address of a copy need not be one
        found = parsed(url)
    parts = found.query.decode("ascii").split("&")
    query = "&".join(part for part in parts if not _is_tracker(part.partition("=")[0]))
    return str(found.copy_with(query=query.encode("ascii") or None))


@lru_cache(maxsize=1024)
def _is_tracker(name: str) -> bool:
    """Whether courlan's list has a query parameter of that name as a tracker."""
    from courlan import normalize_url

    if not name.isascii() or not name.replace("_", "").replace("-", "").isalnum():
        return False
    return "?" not in normalize_url(f"https://site.example/?{name}=1")


def site_of(url: str) -> str:
    """The name of a site: its host without ``www.``, ``m.`` and the like.

    Raises:
        FetchFailed: as `parsed`.
    """
    host = parsed(url).host.lower()
    prefix = next((label for label in _SITE_PREFIXES if host.startswith(label)), "")
    return host.removeprefix(prefix)


def same_site(one: str, other: str) -> bool:
    """Whether two addresses have the same site and port."""
    try:
        return (site_of(one), parsed(one).port) == (site_of(other), parsed(other).port)
    except FetchFailed:
        return False

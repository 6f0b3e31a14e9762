"""Web addresses: which can be fetched, and the forms that identify a page or a site.

`address` is the form for a request, `canonical` the form that names an article for ever, and
`address_key` the form for comparing addresses that people wrote. httpx and courlan are imported
when the first address is met: both are slow to load.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from retrieval.web.response import FetchFailed, FetchReason

if TYPE_CHECKING:
    import httpx

_SCHEMES = ("http", "https")
_DEFAULT_PORTS = (":80", ":443")
_MAX_CHARS = 2_000
_SITE_PREFIXES = ("www.", "m.", "mobile.", "amp.")
# Web archives write the address of a page behind the time of the capture, perhaps with a display
# mode ("20190512083000id_"); archive.today writes "2019.05.12-083000".
_MEMENTO = re.compile(
    r"https?://[^/?#]{3,200}/(?:[^?#]{0,200}?/)?"
    r"(?:(?<=web\.archive\.org/web/)\d{4,7}|\d{8}(?:\d{2}){0,3}|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)?/"
    r"((?:https?:/{1,2}|www\.)[^\s/][^\s]{0,2000})",
    re.I,
)
_GOOGLE_CACHE = re.compile(
    r"https?://webcache\.googleusercontent\.com/search\?(?:[^#\s]{0,300}&)?q=cache:"
    r"(?:[\w-]{1,40}:)?((?:https?://)?[^\s+&]{3,2000})",
    re.I,
)


def is_url(text: str) -> bool:
    """Whether a text begins as a web address; else it is a path."""
    return text.lower().startswith(("http://", "https://"))


def host_of(url: str) -> str:
    """The host of an address in lower case, without port and ``www.``; ``""`` if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def parsed(url: str) -> httpx.URL:
    """Parse an address that is to be fetched: http or https, without fragment.

    Raises:
        FetchFailed: ``BAD_URL``, or ``CREDENTIALS`` if it holds a user name or a password.
    """
    import httpx

    try:
        found = httpx.URL(url.strip() if len(url) <= _MAX_CHARS else "")
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


def own_address(url: str) -> str:
    """The address of the page itself, if the given one is that of its copy in a web archive.

    The Wayback Machine, archive.today, arquivo.pt and national libraries put the address of the
    page behind the time of the capture (a memento, RFC 7089); Google's cache had it in a query.
    """
    url = url.strip()
    if len(url) > 2 * _MAX_CHARS:
        return url
    found = _MEMENTO.fullmatch(url) or _GOOGLE_CACHE.match(url)
    if found is None:
        return url
    whole = unquote(found[1]) if found.re is _GOOGLE_CACHE else found[1]
    scheme, slashes, rest = whole.partition(":/")
    return f"{scheme}://{rest.lstrip('/')}" if slashes else f"http://{whole}"


@lru_cache(maxsize=4_096)
def address_key(url: str) -> str | None:
    """The common form of all spellings of an address; None if it identifies no page.

    Ignored are scheme, ``www.``, default port, fragment, trailing slash, trackers and the order
    of the query. A home page identifies nothing, since its text changes every day.
    """
    from courlan import normalize_url

    if len(url) > _MAX_CHARS or not is_url(url):
        return None
    try:
        parts = urlsplit(normalize_url(url))
    except ValueError:
        return None
    host, path = parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/")
    host = next((host.removesuffix(port) for port in _DEFAULT_PORTS if host.endswith(port)), host)
    if not host or not (path or parts.query):
        return None
    return f"{host}{path}?{parts.query}" if parts.query else f"{host}{path}"

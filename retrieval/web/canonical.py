"""Web addresses that lead to one and the same page, whatever way they are written."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

_MOST_CHARS = 2_000
_PORTS = (":80", ":443")
# What archives of the web put before the address of a page: the time of the capture, perhaps with
# how it is to be shown ("20190512083000id_"); archive.today writes "2019.05.12-083000".
_REPLAYED = re.compile(
    r"https?://[^/?#]{3,200}/(?:[^?#]{0,200}?/)?"
    r"(?:(?<=web\.archive\.org/web/)\d{4,7}|\d{8}(?:\d{2}){0,3}|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)?/"
    r"((?:https?:/{1,2}|www\.)[^\s/][^\s]{0,2000})",
    re.I,
)
_CACHED = re.compile(
    r"https?://webcache\.googleusercontent\.com/search\?(?:[^#\s]{0,300}&)?q=cache:"
    r"(?:[\w-]{1,40}:)?((?:https?://)?[^\s+&]{3,2000})",
    re.I,
)


def is_url(text: str) -> bool:
    """Whether what was typed is meant as a web address, and not as a path."""
    return text.lower().startswith(("http://", "https://"))


def own_address(url: str) -> str:
    """The address of the page itself, if this one is that of a copy in an archive of the web.

    The Wayback Machine, archive.today, arquivo.pt and national libraries write the address of
    a page after the time of its capture (RFC 7089 calls it a memento); Google's cache wrote it
    into a search.
    """
    url = url.strip()
    if len(url) > 2 * _MOST_CHARS:
        return url
    found = _REPLAYED.fullmatch(url) or _CACHED.match(url)
    if found is None:
        return url
    whole = unquote(found[1]) if found.re is _CACHED else found[1]
    scheme, slashes, rest = whole.partition(":/")
    return f"{scheme}://{rest.lstrip('/')}" if slashes else f"http://{whole}"


@lru_cache(maxsize=4_096)
def address_key(url: str) -> str | None:
    """What the ways to write an address have in common; None for what identifies no page.

    Scheme, ``www.``, default port, fragment, trailing slash, trackers and the order of the
    query do not matter. A home page identifies nothing: its text is another every day.
    """
    from courlan import normalize_url  # not before an address is met: it takes its time to load

    if len(url) > _MOST_CHARS or not is_url(url):
        return None
    try:
        parts = urlsplit(normalize_url(url))
    except ValueError:
        return None
    host, path = parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/")
    host = next((host.removesuffix(port) for port in _PORTS if host.endswith(port)), host)
    if not host or not (path or parts.query):
        return None
    return f"{host}{path}?{parts.query}" if parts.query else f"{host}{path}"

"""Web addresses that lead to one and the same page, whatever way they are written."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

_MOST_CHARS = 2_000
_PORTS = (":80", ":443")


def is_url(text: str) -> bool:
    """Whether what was typed is meant as a web address, and not as a path."""
    return text.lower().startswith(("http://", "https://"))


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

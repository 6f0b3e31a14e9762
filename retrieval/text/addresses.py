"""Web addresses as texts have them: what one is, its host, the page that it names.

`address_key` is the form for comparing addresses that people wrote. Those to be fetched are for
`retrieval.web.urls`. courlan is imported when the first address is met: it is slow to load.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHARS = 2_000
"""Characters of an address; a longer one is none."""
_DEFAULT_PORTS = (":80", ":443")
_PLAIN = re.compile(r"https?://([a-z0-9.-]+)((?:/[\w-][\w.,=!:-]*)*)/?", re.A)
"""An address that is its own common form: nothing in it is spelt in several ways."""
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


def web_address(value: str) -> str | None:
    """A web address without its fragment; anything else is None."""
    try:
        if urlsplit(value).scheme.lower() not in ("http", "https") or not urlsplit(value).netloc:
            return None
        return urldefrag(value).url
    except ValueError:
        return None


def host_of(url: str) -> str:
    """The host of an address in lower case, without port and ``www.``; ``""`` if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def own_address(url: str) -> str:
    """The address of the page itself, if the given one is that of its copy in a web archive.

    The Wayback Machine, archive.today, arquivo.pt and national libraries put the address of the
    page behind the time of the capture (a memento, RFC 7089); Google's cache had it in a query.
    """
    url = url.strip()
    if len(url) > 2 * MAX_CHARS:
        return url
    found = _MEMENTO.fullmatch(url) or _GOOGLE_CACHE.match(url)
    if found is None:
        return url
    whole = unquote(found[1]) if found.re is _GOOGLE_CACHE else found[1]
    scheme, slashes, rest = whole.partition(":/")
    return f"{scheme}://{rest.lstrip('/')}" if slashes else f"http://{whole}"


def address_keys(addresses: Iterable[str | None]) -> list[str]:
    """The common forms of those of some addresses that identify a page, each once."""
    keys = (address_key(address) for address in addresses if address)
    return list(dict.fromkeys(key for key in keys if key))


@lru_cache(maxsize=4_096)
def address_key(url: str) -> str | None:
    """The common form of all spellings of an address; None if it identifies no page.

    Ignored are scheme, ``www.``, default port, fragment, trailing slash, trackers and the order
    of the query. A home page identifies nothing, since its text changes every day.
    """
    if len(url) > MAX_CHARS or not is_url(url):
        return None
    plain = _PLAIN.fullmatch(url)
    if plain and "xn--" not in plain[1]:  # most are: a fiftieth of the time
        host = plain[1].removeprefix("www.")
        return f"{host}{plain[2]}" if host and plain[2] else None
    from courlan import normalize_url

    try:
        parts = urlsplit(normalize_url(url))
    except ValueError:
        return None
    host, path = parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/")
    host = next((host.removesuffix(port) for port in _DEFAULT_PORTS if host.endswith(port)), host)
    if not host or not (path or parts.query):
        return None
    return f"{host}{path}?{parts.query}" if parts.query else f"{host}{path}"

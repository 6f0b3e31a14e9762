"""Saved pages: written by a browser, by a tool, or taken from an archive of the web.

A saved page carries its original address, and what the archive added around it. The address is
kept, the additions are removed. The time of saving is no date of the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from config import data
from retrieval.reading.pages.facts import pattern_words
from retrieval.reading.pieces import Claims
from retrieval.text.addresses import host_of, own_address, web_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

_HEAD = 20_000
# The comments of browsers, SingleFile, HTTrack and monolith, and the element of Save Page WE.
_SAVED_FROM = (
    re.compile(r"<!--\s{0,20}saved from url=(?:\(\d{1,6}\))?(https?://[^\s<>]{1,2000})", re.I),
    re.compile(
        r"<!--\s{0,20}Page saved with SingleFile\s{1,20}url:\s{1,20}(https?://[^\s<>]{1,2000})",
        re.I,
    ),
    re.compile(r"<!--\s{0,20}Mirrored from ([^\s<>]{3,2000}) by HTTrack", re.I),
    re.compile(r"<!--\s{0,20}Saved from (https?://[^\s<>]{1,2000}) at ", re.I),
    re.compile(r"<meta name=\"savepage-url\" content=\"(https?://[^\"<>]{1,2000})\"", re.I),
)
_ARCHIVES: Mapping[str, Any] = data.load("reading/pages.toml")["web_archives"]
_ADDRESSES = (("link", "href"), ("meta", "content"), ("base", "href"), ("a", "href"))
_CACHE = "google-cache-hdr"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page without what an archive put around it.

    Args:
        html: the page.
        url: its own address, where it was saved; ``""`` when it is unknown.
    """

    html: str
    url: str = ""

    def completed(self, claims: Claims) -> Claims:
        """The claims of the page, completed by the address that it was saved from."""
        url = own_address(claims.url)
        if self.url and (not web_address(url) or _is_archive(url) or _is_only_home(url, self.url)):
            url = self.url
        outlet = claims.outlet
        if self.url and (not outlet or outlet.lower() in _ARCHIVES["names"]):
            outlet = host_of(url)
        return replace(claims, url=url, outlet=outlet)


def saved_page(html: str) -> SavedPage:
    """A page as it was before it was saved; one that was not saved as it is."""
    address = _saved_from(html[:_HEAD])
    own = web_address(own_address(address)) or ""
    if not any(mark in html for mark in _ARCHIVES["marks"]):
        return SavedPage(html, own)
    from trafilatura import load_html

    tree = load_html(html)
    if tree is None or not (own != address or _is_copy(tree, html)):
        return SavedPage(html, own)
    return _unwrapped(tree, own)


def _saved_from(head: str) -> str:
    """The address that the tool names which saved the page; ``""`` when none does."""
    found = next((found for pattern in _SAVED_FROM if (found := pattern.search(head))), None)
    if found is None:
        return ""
    return found[1] if "://" in found[1] else f"http://{found[1]}"


def _is_copy(tree: Any, html: str) -> bool:  # noqa: ANN401 - an element of lxml
    """Whether a page is one of an archive: by its frame, or by the address that it names."""
    if any(mark in html for mark in _ARCHIVES["frames"]):
        return True
    if any(_is_banner(element) for element in tree.iter("div", "td", "p", "span")):
        return True
    return any(_is_archive(url) or own_address(url) != url for url in _names(tree))


# --- archives of the web --------------------------------------------------------------------


def _unwrapped(tree: Any, url: str) -> SavedPage:  # noqa: ANN401 - an element of lxml
    from lxml.etree import tostring

    rebuilt = any(host_of(name) in _ARCHIVES["rebuilding"] for name in _names(tree))
    drop = {*_ARCHIVES["ids"], *(_ARCHIVES["rebuilt_ids"] if rebuilt else ())}
    for element in list(tree.iter()):
        if element.getparent() is not None and _is_of_archive(element, drop, rebuilt=rebuilt):
            element.drop_tree()
    own = list(_own_addresses(tree))
    for element, to in own:
        element.set("content" if element.tag == "meta" else "href", to)
    named = next((name for name in _names(tree) if not _is_archive(name)), "")
    url = url or named or (own[0][1] if len(own) == 1 else "")
    return SavedPage(tostring(tree, encoding="unicode", method="html"), url)


def _is_of_archive(element: Any, ids: Set[str], *, rebuilt: bool) -> bool:  # noqa: ANN401
    """Whether an element is the archive's: comments, its bar, and the times that it wrote."""
    if not isinstance(element.tag, str):
        return True
    name = str(element.get("id") or "")
    of_capture = rebuilt and element.tag in ("meta", "time") and bool(element.get("itemprop"))
    return name in ids or name.endswith(_CACHE) or of_capture or _is_banner(element)


def _is_banner(element: Any) -> bool:  # noqa: ANN401
    """Whether an element is what a search engine writes above the copy of a page."""
    words = pattern_words((element.text or "")[:300])
    banners = data.patterns("reading/pages.toml", "web_archives", "banners")
    if not words or not any(banner.search(words) for banner in banners):
        return False
    return any("://" in str(link.get("href")) for link in element.iter("a"))


def _own_addresses(tree: Any) -> Iterator[tuple[Any, str]]:  # noqa: ANN401
    """Elements whose address is that of a copy, and the address of the page itself."""
    for tag, key in _ADDRESSES:
        for element in tree.iter(tag):
            given = str(element.get(key) or "").strip()
            if given.startswith(("/web/", "/wayback/")):
                given = urljoin("https://web.archive.org/", given)
            own = own_address(given)
            if own != given:
                yield element, own


def _names(tree: Any) -> list[str]:  # noqa: ANN401
    """The addresses that the head of a page names itself by, the surest first."""
    links = {str(link.get("rel")): str(link.get("href") or "") for link in tree.iter("link")}
    metas = {
        str(meta.get("property")): str(meta.get("content") or "") for meta in tree.iter("meta")
    }
    base = next((str(each.get("href") or "") for each in tree.iter("base")), "")
    named = (links.get("canonical"), links.get("bookmark"), metas.get("og:url"), base)
    return [name for name in named if name and web_address(name)]


def _is_archive(url: str) -> bool:
    return host_of(url) in _ARCHIVES["names"]


def _is_only_home(claimed: str, saved: str) -> bool:
    """Whether a page calls the home page of its site its own address, as some do everywhere."""
    one, other = urlsplit(claimed), urlsplit(saved)
    return one.netloc == other.netloc and not one.path.strip("/") and bool(other.path.strip("/"))

"""Reader of saved web pages: trafilatura finds the article, and with htmldate its date."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from retrieval.reading.claims import one_line
from retrieval.reading.databases.splitting import split_page
from retrieval.reading.pages.body import article_body
from retrieval.reading.pages.dates import declared_moment, page_date
from retrieval.reading.pages.kinds import beginning_of, only_article, page_kind
from retrieval.reading.pages.saved import SavedPage, saved_page
from retrieval.reading.pages.stylesheets import hide_by_style
from retrieval.reading.pieces import Claims, Parsed, Piece, Refused
from retrieval.reading.text.cleaning import same_line
from retrieval.reading.text.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I
)
_MEDIUM = ("h-entry", 'data-field="body"', "Exported from Medium")
_MEDIUM_PUBLISHED = "dt-published"
_BIG_CHARS = 1_000_000
_HEAD_BYTES = 4096
_MOST_ELEMENTS = 200_000  # a long page of a newspaper has some ten thousand
_SEPARATORS = " -–—|·•:,\u00a0"
_ENOUGH = 0.5  # of a title must be the heading that replaces it
_BY = re.compile(r"^(?:auteure?|author|par|by)\s{1,3}:?\s{0,3}(?=[^\W\d_])", re.I)


def parse_html(raw: bytes) -> Parsed:
    """Parse a page.

    Raises:
        Refused: it is no text, or there is no article in it.
    """
    page = _page(raw)
    if several := split_page(page.html):
        return Parsed(several, Claims("page"))
    piece = extract(page.html)
    if _is_exported_draft(page.html):
        return Parsed((replace(piece, text="", left_out="draft"),), Claims("page"))
    text, removed = only_article(page.html, piece.text)
    if not text.strip():
        raise Refused("no_text")
    says = page.completed(piece.says)
    whole = replace(piece, text=text, says=says, removed=(*piece.removed, *removed))
    return Parsed((whole,), Claims("page"))


def parse_beginning(raw: bytes) -> Parsed:
    """Parse what a page shows of an article whose rest is sold.

    Raises:
        Refused: it is no text, or the page is of another kind.
    """
    page = _page(raw)
    piece = extract(page.html)
    kind = page_kind(page.html, piece.text)
    text = beginning_of(piece.text)
    if kind is None or kind.reason != "paywalled" or not text.strip():
        raise Refused(kind.reason if kind else "no_text")
    removed = (*piece.removed, "rest for subscribers")
    return Parsed(
        (replace(piece, text=text, says=page.completed(piece.says), removed=removed),),
        Claims("page"),
    )


def _page(raw: bytes) -> SavedPage:
    declared = _DECLARED.search(raw[:_HEAD_BYTES])
    return saved_page(decode(raw, declared[1].decode() if declared else ""))


def _is_exported_draft(html: str) -> bool:
    """Whether a page is a draft of Medium's export: what was published has its moment there."""
    return all(mark in html for mark in _MEDIUM) and _MEDIUM_PUBLISHED not in html


def extract(html: str) -> Piece:
    """The article of a page, one paragraph a line; what it says of itself; what was left out.

    Raises:
        Refused: the page has more elements than can be read in the time that a file has.
    """
    from trafilatura import load_html

    tree = load_html(html)
    if tree is None:
        # It was no page, or there was no memory for it: that is not told.
        if len(html) > _BIG_CHARS:
            raise Refused("too_complex")
        return Piece("", Claims("page"))
    if next(islice(tree.iter(), _MOST_ELEMENTS, None), None) is not None:
        raise Refused("too_complex")
    hide_by_style(tree)
    headings = list(tree.iter("h1"))
    page = _metadata(tree)
    said = {key: one_line(page.get(key)) for key in ("date", "author", "url", "language")}
    outlet = one_line(page.get("sitename"))
    place, day = page_date(tree, said["date"])
    due = declared_moment(tree)
    author = _BY.sub("", said["author"])
    title = _title(one_line(page.get("title")), outlet, map(_heading_text, headings))
    claims = Claims(
        place,
        title=title,
        published=_day(day, html),
        outlet=_host(outlet),
        author=author,
        url=said["url"],
        language=said["language"],
        due=due,
    )
    body = article_body(
        tree,
        _titled(headings or list(tree.iter("h2")), title),
        one_line(page.get("description")),
        author,
    )
    return Piece(body.text, claims, removed=body.removed)


def _metadata(tree: Any) -> dict[str, Any]:  # noqa: ANN401 - an element of lxml
    from trafilatura import extract_metadata
    from trafilatura.settings import set_date_params

    found: dict[str, Any] = extract_metadata(
        tree, date_config=set_date_params(), extensive=False
    ).as_dict()
    return found


def _titled(headings: Sequence[Any], title: str) -> Any:  # noqa: ANN401
    """The heading that is the title of the article; a site may have its own name in another."""
    alike = (h for h in headings if (text := _heading_text(h)) and (text in title or title in text))
    first = next((heading for heading in headings if heading.tag == "h1"), None)
    return next(alike, first)


def _title(title: str, outlet: str, headings: Iterable[str]) -> str:
    """The title without the name of the site around it."""
    for heading in headings:
        if heading in title and len(heading) >= _ENOUGH * len(title):
            return heading
    if outlet and not same_line(title, outlet) and title.lower().endswith(outlet.lower()):
        return title[: -len(outlet)].rstrip(_SEPARATORS) or title
    return title


def _heading_text(heading: Any) -> str:  # noqa: ANN401
    return " ".join("".join(heading.itertext()).split())


def _day(found: str, html: str) -> str:
    """The day that was found, as precise as the page is.

    A search through the whole text answers the first of January for a lone year, and the first
    of a month for a month: that year is anybody's, and the month stays one.
    """
    if not found.endswith("-01"):
        return found
    from trafilatura import extract_metadata

    sure = extract_metadata(html, date_config={"extensive_search": False, "original_date": True})
    if sure.date == found:
        return found
    return "" if found.endswith("-01-01") else found[:7]


def _host(outlet: str) -> str:
    """``mesopinions.com`` of ``https://www.mesopinions.com/``; other names as they are."""
    host = urlsplit(outlet).netloc if "://" in outlet else ""
    return host.removeprefix("www.") or outlet

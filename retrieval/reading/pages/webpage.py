"""Parser of web pages: trafilatura finds the article and, with htmldate, its date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from email import message_from_bytes
from email.message import Message
from itertools import islice
from typing import TYPE_CHECKING, Any

from config import data
from retrieval.reading.claims import one_line
from retrieval.reading.databases.splitting import split_page
from retrieval.reading.pages.body import article_body
from retrieval.reading.pages.facts import PageFacts, page_facts
from retrieval.reading.pages.kinds import beginning_of, only_article, page_kind
from retrieval.reading.pages.markup import line_of
from retrieval.reading.pages.saved import SavedPage, saved_page
from retrieval.reading.pages.visibility import hide_by_style
from retrieval.reading.pieces import Claims, Piece, Refused
from retrieval.reading.text.cleaning import same_line
from retrieval.reading.text.dating import moment_of
from retrieval.reading.text.decoding import declared_encoding, decode
from retrieval.reading.text.titles import without_author_word
from retrieval.text.addresses import host_of, is_url, own_address, web_address
from retrieval.text.analysis import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MEDIUM = ("h-entry", 'data-field="body"', "Exported from Medium")
_MEDIUM_PUBLISHED = "dt-published"
_MAX_PARTS = 500  # of an MHTML file
_BIG_CHARS = 1_000_000
_MAX_ELEMENTS = 200_000  # a long page of a newspaper has some ten thousand
_SEPARATORS = " -–—|·•:,\u00a0"
_ENOUGH = 0.5  # of a title must be the heading that replaces it


def parse_html(raw: bytes) -> tuple[Piece, ...]:
    """Parse a page.

    Raises:
        Refused: it is no text, or there is no article in it.
    """
    page = _page(raw)
    if several := split_page(page.html):
        return several
    piece, facts = extract(page.html)
    if _is_exported_draft(page.html):
        return (replace(piece, text="", left_out="draft"),)
    text, removed = only_article(page.html, piece.text, facts)
    if not text.strip():
        raise Refused("no_text")
    claims = page.completed(piece.claims)
    whole = replace(piece, text=text, claims=claims, removed=(*piece.removed, *removed))
    return (whole,)


def parse_beginning(raw: bytes) -> tuple[Piece, ...]:
    """Parse what a page shows of an article whose rest is sold.

    Raises:
        Refused: it is no text, or the page is of another kind.
    """
    page = _page(raw)
    piece, facts = extract(page.html)
    kind = page_kind(page.html, piece.text, facts)
    text = beginning_of(piece.text)
    if kind is None or kind.reason != "paywalled" or not text.strip():
        raise kind or Refused("no_text")
    removed = (*piece.removed, "rest for subscribers")
    return (replace(piece, text=text, claims=page.completed(piece.claims), removed=removed),)


def parse_mhtml(raw: bytes) -> tuple[Piece, ...]:
    """Parse a page that a browser saved in one file (RFC 2557).

    Raises:
        Refused: there is no page in it, or no article in the page.
    """
    message = message_from_bytes(raw)
    page = next(_pages_of_message(message), None)
    body = page.get_payload(decode=True) if page is not None else None
    if page is None or not isinstance(body, bytes):
        raise Refused("no_page")
    pieces = parse_html(body)
    location = message.get("Snapshot-Content-Location") or page.get("Content-Location") or ""
    saved = SavedPage("", web_address(own_address(str(location))) or "")
    return tuple(replace(piece, claims=saved.completed(piece.claims)) for piece in pieces)


def _pages_of_message(message: Message) -> Iterator[Message]:
    parts = islice(message.walk(), _MAX_PARTS)
    types = ("text/html", "application/xhtml+xml")
    return (part for part in parts if part.get_content_type() in types)


def _page(raw: bytes) -> SavedPage:
    return saved_page(decode(raw, declared_encoding(raw)))


def _is_exported_draft(html: str) -> bool:
    """Whether a page is a draft of Medium's export: what was published has its moment there."""
    return all(mark in html for mark in _MEDIUM) and _MEDIUM_PUBLISHED not in html


def extract(html: str) -> tuple[Piece, PageFacts | None]:
    """The article of a page, one paragraph a line, and the facts from which its kind follows.

    Raises:
        Refused: the page has more elements than can be read in the time that a file has.
    """
    from trafilatura import load_html

    tree = load_html(html)
    if tree is None:
        # It was no page, or there was no memory for it: lxml does not say which.
        if len(html) > _BIG_CHARS:
            raise Refused("too_complex")
        return Piece("", Claims("page")), None
    if next(islice(tree.iter(), _MAX_ELEMENTS, None), None) is not None:
        raise Refused("too_complex")
    facts = page_facts(tree)  # before anything is taken out
    hide_by_style(tree)
    headings = list(tree.iter("h1"))
    page = _metadata(tree)
    values = {key: one_line(page.get(key)) for key in ("date", "author", "url", "language")}
    outlet = one_line(page.get("sitename"))
    place, day = page_date(tree, values["date"])
    due = declared_moment(tree)
    author = without_author_word(values["author"])
    title = _title(one_line(page.get("title")), outlet, map(line_of, headings))
    claims = Claims(
        place,
        title=title,
        published=_day(day, html),
        outlet=host_of(outlet) if is_url(outlet) else outlet,
        author=author,
        url=values["url"],
        language=values["language"],
        due=due,
    )
    body = article_body(
        tree,
        _titled(headings or list(tree.iter("h2")), title),
        one_line(page.get("description")),
        author,
    )
    return Piece(body.text, claims, removed=body.removed), facts


def _metadata(tree: Any) -> dict[str, Any]:  # noqa: ANN401 - an element of lxml
    from trafilatura import extract_metadata
    from trafilatura.settings import set_date_params

    found: dict[str, Any] = extract_metadata(
        tree, date_config=set_date_params(), extensive=False
    ).as_dict()
    return found


def _titled(headings: Sequence[Any], title: str) -> Any:  # noqa: ANN401
    """The heading that is the title of the article; a site may have its own name in another."""
    alike = (h for h in headings if (text := line_of(h)) and (text in title or title in text))
    first = next((heading for heading in headings if heading.tag == "h1"), None)
    return next(alike, first)


def _title(title: str, outlet: str, headings: Iterable[str]) -> str:
    for heading in headings:
        if heading in title and len(heading) >= _ENOUGH * len(title):
            return heading
    if outlet and not same_line(title, outlet) and title.lower().endswith(outlet.lower()):
        return title[: -len(outlet)].rstrip(_SEPARATORS) or title
    return title


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


# --- dates -----------------------------------------------------------------------------------
# A page shows many days: that of the visit in its banner, those of its comments and of its
# weather. A date that is declared (in the head, in JSON-LD, in microdata) is the article's. One
# that is only shown is looked for where the article is, and reported as shown.

_BANNER = data.load("reading/pages.toml")["banner"]
_ANYWHERE = frozenset(_BANNER["anywhere"].split())
_OUTSIDE = frozenset(_BANNER["outside"].split()) | _ANYWHERE
_TEXTS = tuple(line.strip() for line in _BANNER["texts"].splitlines() if line.strip())
_FRAMES = ("header", "nav", "footer", "aside", "form")
_TEXT_CHARS = 120
_MAX_CHARS = 200_000  # of one declaration
_PARTS = re.compile(r"[^\W_]+")
_STRINGS = re.compile(r'"(\w{1,60})"\s{0,9}:\s{0,9}"(\d{4}-\d\d-\d\d[^"]{0,40})"')
_PUBLISHED = ("article:published_time", "datepublished")
_DATE_PROPERTIES = (
    "datepublished",
    "publish",
    "publication",
    "issued",
    "created",
    "pubdate",
    "date",
)


def page_date(tree: Any, found: str) -> tuple[str, str]:  # noqa: ANN401 - an element of lxml
    """The date of a page, and the place that gives it.

    Args:
        tree: the page, as it was before anything was taken out of it.
        found: the day that htmldate finds in it, or ``""``.

    Returns:
        ``page`` and a day, or the moment that the page declares for that day; or ``page text``
        and the day that the article shows, ``""`` if it shows none.
    """
    if not found:
        return "page", ""
    declared = [(name, words) for name, words in _declarations(tree) if found in words]
    if declared:
        return "page", _moment(declared, found)
    if found.replace("-", "/") in " ".join(_addresses(tree)):
        return "page", found
    return _shown(tree)


def declared_moment(tree: Any) -> str:  # noqa: ANN401
    """The first moment of publication that a page declares, with its hour; ``""`` for none.

    Open Graph and schema.org name it, and no other name is as sure.
    """
    names = _declarations(tree)
    return _earliest(words for name, words in names if name.strip() in _PUBLISHED)


def _moment(declared: list[tuple[str, str]], found: str) -> str:
    """The first moment that is declared for a day, of publication rather than of a change."""
    sure = [words for name, words in declared if "publi" in name] or [w for _, w in declared]
    return _earliest(sure) or found


def _earliest(declared: Iterable[str]) -> str:
    moments = {words: moment for words in declared if (moment := moment_of(words, UTC))}
    return min(moments, key=moments.__getitem__, default="")


def _declarations(tree: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    for element in tree.iter("meta"):
        name = " ".join(element.get(key) or "" for key in ("property", "name", "itemprop"))
        yield name.lower(), element.get("content") or ""
    for element in tree.iter("script"):
        if "json" in (element.get("type") or ""):
            for match in _STRINGS.finditer((element.text or "")[:_MAX_CHARS]):
                yield match[1].lower(), match[2]
    for element in tree.iterfind(".//*[@itemprop]"):
        name = (element.get("itemprop") or "").lower()
        if any(word in name for word in _DATE_PROPERTIES):
            yield name, element.get("datetime") or element.get("content") or ""


def _addresses(tree: Any) -> Iterator[str]:  # noqa: ANN401
    for element in tree.iter("link", "meta"):
        if element.get("rel") == "canonical" or element.get("property") == "og:url":
            yield element.get("href") or element.get("content") or ""


def _shown(tree: Any) -> tuple[str, str]:  # noqa: ANN401
    """The day that a page shows with its article; ``page`` when an element says it is one."""
    from copy import deepcopy

    from htmldate import find_date

    article = deepcopy(tree)
    for element in [one for one in article.iter() if _is_banner(one)]:
        if element.getparent() is not None:
            element.drop_tree()
    try:
        day = find_date(article, original_date=True) or ""
    except Exception:  # a library on a page that lacks a part of its own
        return "page text", ""
    moments = (element.get("datetime") or "" for element in article.iter("time"))
    declared = next((words for words in moments if day and words.startswith(day)), "")
    return ("page", declared) if declared else ("page text", day)


def _is_banner(element: Any) -> bool:  # noqa: ANN401
    """Whether an element shows days that are not the article's."""
    if not isinstance(element.tag, str) or element.tag in ("html", "body", "article", "main"):
        return False
    parts = set(_PARTS.findall(fold(f"{element.get('class') or ''} {element.get('id') or ''}")))
    if parts & _ANYWHERE and not _holds_article(element):
        return True
    if element.tag in _FRAMES or parts & _OUTSIDE:
        return not _in_article(element) and not _holds_article(element)
    return _tells_other_day(element)


def _in_article(element: Any) -> bool:  # noqa: ANN401
    return next(element.iterancestors("article", "main"), None) is not None


def _holds_article(element: Any) -> bool:  # noqa: ANN401
    return next(element.iter("article", "main", "h1"), None) is not None


def _tells_other_day(element: Any) -> bool:  # noqa: ANN401
    """Whether a short text begins as one about a change, a visit or a right does."""
    own = (element.text or "").strip()
    return bool(own) and len(own) <= _TEXT_CHARS and fold(own).startswith(_TEXTS)

"""Reader of saved web pages: trafilatura finds the article, and with htmldate its date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from retrieval.reading.claims import Claims, one_line
from retrieval.reading.cleaning import same_line
from retrieval.reading.databases.splitting import split_page
from retrieval.reading.decoding import decode
from retrieval.reading.parsing import Parsed, Piece, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I
)
_BIG_CHARS = 1_000_000
_HEAD_BYTES = 4096
_SEPARATORS = " -–—|·•:,\u00a0"
_ENOUGH = 0.5  # of a title must be the heading that replaces it
_BY = re.compile(r"^(?:auteure?|author|par|by)\s{1,3}:?\s{0,3}(?=[^\W\d_])", re.I)
_CELL_CHARS = 120  # a longer cell is a paragraph


def parse_html(raw: bytes) -> Parsed:
    """Parse a page.

    Raises:
        Refused: it is no text, or there is no article in it.
    """
    declared = _DECLARED.search(raw[:_HEAD_BYTES])
    html = decode(raw, declared[1].decode() if declared else "")
    if several := split_page(html):
        return Parsed(several, Claims("page"))
    text, claims = extract(html)
    if not text.strip():
        raise Refused("no_text")
    return Parsed((Piece(text, claims),), Claims("page"))


def extract(html: str) -> tuple[str, Claims]:
    """The article of a page, one paragraph a line, and what the page says about it."""
    from trafilatura import load_html

    tree = load_html(html)
    if tree is None:
        # It was no page, or there was no memory for it: that is not told.
        if len(html) > _BIG_CHARS:
            raise Refused("too_complex")
        return "", Claims("page")
    headings = _headings(tree)
    page = _extracted(tree)
    said = {key: one_line(page.get(key)) for key in ("date", "author", "url", "language")}
    outlet = one_line(page.get("sitename"))
    claims = Claims(
        "page",
        title=_title(one_line(page.get("title")), outlet, headings),
        published=_day(said["date"], html),
        outlet=_host(outlet),
        author=_BY.sub("", said["author"]),
        url=said["url"],
        language=said["language"],
    )
    lines = (page.get("text") or "").split("\n")
    return "\n".join(map(_without_bars, lines)), claims


def _extracted(tree: Any) -> dict[str, Any]:  # noqa: ANN401 - an element of lxml
    from trafilatura import bare_extraction

    # Neither precision nor recall is favoured: the first loses sentences, and what the
    # second keeps too much is for the cleaning rules (tests/benchmarks/extraction.py).
    found = bare_extraction(tree, with_metadata=True, include_comments=False)
    if found is None:
        return {}
    return found if isinstance(found, dict) else found.as_dict()


def _without_bars(line: str) -> str:
    """A row of a table as its cells; old pages put the article itself into one."""
    if not line.startswith("|"):
        return line
    cells = [cell for part in line.split("|") if (cell := part.strip())]
    return ("\n" if any(len(cell) > _CELL_CHARS for cell in cells) else " | ").join(cells)


def _title(title: str, outlet: str, headings: Iterable[str]) -> str:
    """The title without the name of the site around it."""
    for heading in headings:
        if heading in title and len(heading) >= _ENOUGH * len(title):
            return heading
    if outlet and not same_line(title, outlet) and title.lower().endswith(outlet.lower()):
        return title[: -len(outlet)].rstrip(_SEPARATORS) or title
    return title


def _headings(tree: Any) -> list[str]:  # noqa: ANN401
    return [" ".join("".join(heading.itertext()).split()) for heading in tree.iter("h1")]


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

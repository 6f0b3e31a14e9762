"""Parsers of lists of addresses: sitemaps, whose pages are articles, and OPML, whose feeds are.

They hold no text of an article: what is read of them is where the articles are.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from retrieval.reading.claims import one_line, web_address
from retrieval.reading.pieces import Claims, Parsed, Piece, Refused
from retrieval.reading.xml.fields import descendants, found, iso_moment, local, value
from retrieval.reading.xml.streams import XmlRecords, decoded, parsed

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_ADDRESSES = 50_000  # what the protocol allows a sitemap
_MAX_FEEDS = 5_000
_SHOWN = 3


def parse_sitemap(raw: bytes) -> Parsed:
    """The pages of a sitemap, one piece each; of a news sitemap, with title, day and newspaper.

    The text of a piece is empty. Its ``raw`` changes when the page does.

    Raises:
        Refused: it lists other sitemaps (``sitemap_index``, with the first of them), or nothing.
    """
    records = XmlRecords(io.BytesIO(raw), ("url", "sitemap"), prefixed=True)
    pieces: list[Piece] = []
    for record in records:
        element = records.parse(record) if record.whole else None
        if element is not None and (piece := _page(element, record.text)):
            pieces.append(piece)
        if len(pieces) >= _MAX_ADDRESSES:
            break
    others = [piece.says.url for piece in pieces if piece.name == "sitemap"]
    if others:
        raise Refused("sitemap_index", ", ".join(others[:_SHOWN]))
    if not pieces:
        raise Refused("no_records")
    return Parsed(tuple(pieces), Claims("sitemap"))


def _page(entry: _Element, raw: str) -> Piece | None:
    address = web_address(value(entry, "loc"))
    if address is None:
        return None
    news = found(entry, "news")
    says = Claims(
        "sitemap",
        title=value(news, "title"),
        published=iso_moment(value(news, "publication_date")),
        outlet=value(news, "publication/name"),
        url=address,
        language=value(news, "publication/language"),
    )
    return Piece("", says, name="sitemap" if local(entry) == "sitemap" else address, raw=raw)


def parse_opml(raw: bytes) -> Parsed:
    """The feeds of an OPML file, one piece each, in their order; each address once.

    Raises:
        Refused: it is no XML, or lists no feed.
    """
    root = parsed("".join(decoded(io.BytesIO(raw))))
    pieces = tuple(_feeds(descendants(root, "outline")))
    if not pieces:
        raise Refused("no_records")
    return Parsed(pieces, Claims("OPML", title=value(root, "head/title")))


def _feeds(outlines: Iterable[_Element]) -> Iterator[Piece]:
    met: set[str] = set()
    for outline in outlines:
        # Programs do not agree on how the attribute is written.
        given = {name.lower(): words for name, words in outline.attrib.items()}
        address = web_address(str(given.get("xmlurl") or "").strip())
        if address is None or address in met or len(met) >= _MAX_FEEDS:
            continue
        met.add(address)
        title = one_line(str(given.get("title") or given.get("text") or ""))
        yield Piece("", Claims("OPML", title=title, url=address), name=address)

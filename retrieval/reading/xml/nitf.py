"""Parser of NITF 2.5 to 3.6, the mark-up of one article of a news agency.

It stands in a file of its own, or within NewsML, which then says more of the article.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from retrieval.reading.claims import one_line
from retrieval.reading.pieces import Claims, Piece, removal
from retrieval.reading.text.titles import without_author_word
from retrieval.reading.xml.elements import (
    XmlRecords,
    descendants,
    first_of,
    found,
    iso_moment,
    language,
    lines,
    until,
    value,
    with_standfirst,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

# Pictures with captions, notes to editors, and what repeats the head.
_SILENT = ("media", "note", "body.end", "body.head", "tagline", "correction", "custom-table")
_AS_HTML = {"block": "div", "bq": "blockquote", "hl2": "h2", "nitf-table": "table", "fn": "small"}
_STATUS = {
    "embargoed": "scheduled",
    "embargo": "scheduled",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "killed": "cancelled",
    "withheld": "withheld",
    "withdrawn": "cancelled",
    "draft": "draft",
    "pending": "draft",
}


def parse_nitf(file: BinaryIO) -> Iterator[Piece]:
    """The articles of a file of NITF: one, or several that were put one after the other.

    Raises:
        Refused: it is no text, or no XML at all.
    """
    records = XmlRecords(file, ("nitf",), prefixed=True)
    for number, record in enumerate(records, start=1):
        element = records.parse(record)
        if element is None or not record.whole:
            yield Piece("", Claims("NITF"), name=str(number), problem="broken_record")
            continue
        piece = nitf_piece(element)
        yield replace(piece, name=piece.name or str(number), raw=record.text)


def nitf_piece(nitf: _Element) -> Piece:
    """The article of one element ``nitf``, which is changed; its name is that at the agency."""
    docdata = found(nitf, "head/docdata")
    head = found(nitf, "body/body.head")
    standfirst = value(head, "abstract")
    subtitle = value(head, "hedline/hl2")
    claims = _claims(nitf, docdata, head)
    name = value(docdata, "doc-id", "id-string") or value(docdata, "du-key", "key")
    reason, moment = _withheld(docdata)
    body = found(nitf, "body/body.content")
    removed = tuple(_captions(body)) if body is not None else ()
    text = lines(body, _SILENT, _AS_HTML) if body is not None else ""
    text = with_standfirst(with_standfirst(text, standfirst), subtitle)
    return Piece(text, claims, name, removed, left_out=reason, until=moment)


def _claims(nitf: _Element, docdata: _Element | None, head: _Element | None) -> Claims:
    publication = found(nitf, "head/pubdata")
    body = found(nitf, "body")
    return Claims(
        "NITF",
        title=value(head, "hedline/hl1") or value(nitf, "head/title"),
        published=_published(publication, docdata, head),
        outlet=_outlet(publication, docdata, head),
        author=_author(found(head, "byline")),
        url=one_line(publication.get("ex-ref") or "") if publication is not None else "",
        language=language(nitf) or (language(body) if body is not None else ""),
    )


def _author(byline: _Element | None) -> str:
    """Who wrote it, without what they are at the agency, unless that is all."""
    if byline is None:
        return ""
    titles = [" ".join("".join(each.itertext()).split()) for each in descendants(byline, "byttl")]
    whole = value(byline)
    name = whole
    for title in filter(None, titles):
        name = name.replace(title, "")
    return without_author_word(" ".join(name.split()).strip(" ,;-–—") or whole)


def _published(
    publication: _Element | None, docdata: _Element | None, head: _Element | None
) -> str:
    """The day of printing, else of release, else of issue, else of writing."""
    given = (
        value(publication, attribute="date.publication"),
        value(docdata, "date.release", "norm"),
        value(docdata, "date.issue", "norm"),
        value(head, "dateline/story.date", "norm"),
    )
    return next((moment for words in given if (moment := iso_moment(words))), "")


def _outlet(publication: _Element | None, docdata: _Element | None, head: _Element | None) -> str:
    """The publication that printed it, else the owner, else the distributor."""
    return first_of(
        value(publication, attribute="name"),
        value(docdata, "doc.copyright", "holder"),
        value(head, "rights/rights.owner"),
        value(head, "rights.owner"),
        value(head, "distributor/org"),
        value(head, "distributor"),
        value(docdata, "doc-id", "regsrc"),
    )


def _withheld(docdata: _Element | None) -> tuple[str, str]:
    if docdata is None:
        return "", ""
    reason = _STATUS.get((docdata.get("management-status") or "").strip().lower(), "")
    return reason, until(value(docdata, "date.release", "norm")) if reason == "scheduled" else ""


def _captions(body: _Element) -> Iterator[str]:
    for media in descendants(body, "media"):
        words = " ".join(value(each) for each in descendants(media, "media-caption"))
        if words:
            yield removal("caption", words)

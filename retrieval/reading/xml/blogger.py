"""Parser of the Atom file that Blogger exports, of either generation.

Up to 2023 the kind of an entry is a category, and a draft has ``app:draft``; since then
``blogger:type`` and ``blogger:status`` say both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from retrieval.reading.claims import one_line
from retrieval.reading.pages.markup import read_snippet
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.xml.fields import children, found, iso_moment, until, value
from retrieval.reading.xml.streams import XmlRecord, XmlRecords

if TYPE_CHECKING:
    from lxml.etree import _Element

_KIND = "http://schemas.google.com/g/2005#kind"
_STATUS = {
    "": "",
    "live": "",
    "published": "",
    "draft": "draft",
    "scheduled": "scheduled",
    "soft_trashed": "trashed",
    "trashed": "trashed",
    "ghosted": "trashed",
}


def parse_blogger(file: BinaryIO) -> Iterator[Piece]:
    """The entries of an export: posts, and what is left out.

    Args:
        file: the export, open.

    Raises:
        Refused: it is no text, or no XML at all.
    """
    records = XmlRecords(file, ("entry",))
    blog = value(_feed(records.beginning()), "title")
    for number, record in enumerate(records, start=1):
        entry = records.parse(record) if record.whole else None
        yield _piece(record, entry, blog, str(number))


def _feed(beginning: _Element) -> _Element | None:
    return beginning if found(beginning, "title") is not None else found(beginning, "feed")


def _piece(record: XmlRecord, entry: _Element | None, blog: str, number: str) -> Piece:
    if entry is None:
        return Piece("", Claims("Blogger"), name=number, problem="broken_record")
    says = _claims(entry, blog)
    name = value(entry, "id") or says.url or number
    reason, detail = _withheld(entry)
    if reason and reason not in ("scheduled", "page"):
        return Piece("", says, name=name, left_out=reason, detail=detail)
    content = found(entry, "content")
    shown = read_snippet("".join(content.itertext()) if content is not None else "")
    due = until(value(entry, "published")) if reason == "scheduled" else ""
    return Piece(shown.text, says, name, shown.removed, record.text, reason, due)


def _withheld(entry: _Element) -> tuple[str, str]:
    """Why an entry is not to be taken in, and its kind if that is why."""
    kind = (value(entry, "type") or _category(entry) or "post").lower()
    if kind not in ("post", "page"):
        return "other_kind", kind
    status = value(entry, "status").lower()
    draft = value(entry, "control/draft").lower() == "yes"
    reason = "draft" if draft else _STATUS.get(status, "draft")
    return reason or ("page" if kind == "page" else ""), ""


def _category(entry: _Element) -> str:
    """The kind of an entry of an old export: ``post``, ``page``, ``comment``, ``settings``."""
    kinds = (each for each in children(entry, "category") if each.get("scheme") == _KIND)
    return next((one_line(each.get("term") or "").rpartition("#")[2] for each in kinds), "")


def _claims(entry: _Element, blog: str) -> Claims:
    links = (each for each in children(entry, "link") if each.get("rel") == "alternate")
    return Claims(
        "Blogger",
        title=value(entry, "title"),
        published=iso_moment(value(entry, "published")),
        outlet=blog,
        author=value(entry, "author/name"),
        url=next((one_line(each.get("href") or "") for each in links), ""),
    )

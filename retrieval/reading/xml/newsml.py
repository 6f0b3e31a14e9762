"""Parser of NewsML-G2 and NewsML 1.0 to 1.2: what news agencies send, one item or many.

An item that was cancelled, or is under embargo, is left out. Of several versions of an item in
one file, the latest counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from retrieval.reading.claims import one_line
from retrieval.reading.pages.snippets import html_field
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.text.titles import without_author_word
from retrieval.reading.xml.elements import (
    XmlRecord,
    XmlRecords,
    children,
    descendants,
    first_of,
    found,
    iso_moment,
    language,
    lines,
    local,
    until,
    value,
    with_standfirst,
)
from retrieval.reading.xml.nitf import nitf_piece

if TYPE_CHECKING:
    from lxml.etree import _Element

_G2_ITEMS = (
    "newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem",
)  # fmt: skip
_FIRST_ITEM = "NewsItem"  # of NewsML 1: only its case differs
_HEAD_BYTES = 65_536
_SILENT = (
    "figure", "figcaption", "img", "picture", "video", "audio", "media", "head", "nav", "form",
)  # fmt: skip
# The last part of a code such as "stat:canceled" or "http://cv.iptc.org/…/canceled".
_STATUS = {
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "withheld": "withheld",
    # Of editorial systems that keep their drafts in NewsML.
    "draft": "draft",
    "done": "draft",
    "submitted": "draft",
}
_MEDIA = frozenset(("picture", "video", "audio", "graphic", "animation", "icon"))


def parse_newsml(file: BinaryIO) -> Iterator[Piece]:
    """The items of a message, or of a file of one item; the file is read twice.

    Raises:
        Refused: it is no text, or no XML at all.
    """
    latest: dict[str, tuple[int, int]] = {}
    for number, (_, element) in enumerate(_items(file)):
        guid, version = _version(element)
        if guid:
            latest[guid] = max(latest.get(guid, (0, 0)), (version, number))
    file.seek(0)
    for number, (record, element) in enumerate(_items(file)):
        guid, _ = _version(element)
        pieces = _pieces(record, element, number + 1)
        if guid and latest[guid][1] != number:
            yield Piece("", pieces[0].claims, name=f"{guid} {number + 1}", left_out="revision")
        else:
            yield from pieces


def _items(file: BinaryIO) -> Iterator[tuple[XmlRecord, _Element | None]]:
    first = b"<NewsML" in file.read(_HEAD_BYTES)
    file.seek(0)
    names = (_FIRST_ITEM,) if first else (*_G2_ITEMS, _FIRST_ITEM)
    records = XmlRecords(file, names, prefixed=True, nested=first)
    for record in records:
        yield record, records.parse(record) if record.whole else None


def _version(item: _Element | None) -> tuple[str, int]:
    if item is None:
        return "", 0
    if local(item) == _FIRST_ITEM:
        return _newsml1_version(item)
    number = item.get("version") or ""
    return one_line(item.get("guid") or ""), int(number) if number.isdecimal() else 0


def _pieces(record: XmlRecord, item: _Element | None, number: int) -> list[Piece]:
    if item is None:
        return [Piece("", Claims("NewsML"), name=str(number), problem="broken_record")]
    if local(item) == _FIRST_ITEM:
        return _newsml1_pieces(item, record.text, number)
    piece = _g2_piece(item)
    return [replace(piece, name=piece.name or str(number), raw=record.text)]


def _g2_piece(item: _Element) -> Piece:
    about, content = found(item, "itemMeta"), found(item, "contentMeta")
    guid = one_line(item.get("guid") or "")
    reason, detail, moment = _withheld(item, about)
    if reason and reason != "scheduled":
        return Piece("", Claims("NewsML"), name=guid, left_out=reason, detail=detail)
    body = _content(item)
    text = with_standfirst(body.text, _summary(content))
    for subtitle in _headlines(content, main=False):
        text = with_standfirst(text, subtitle)
    return replace(
        body,
        text=text,
        claims=_claims(item, about, content, body.claims),
        name=guid,
        left_out=reason or body.left_out,
        until=moment or body.until,
    )


def _withheld(item: _Element, about: _Element | None) -> tuple[str, str, str]:
    if reason := _STATUS.get(
        _code(value(about, "pubStatus", "qcode") or value(about, "pubStatus", "uri"))
    ):
        return reason, "", ""
    kind = _code(value(about, "itemClass", "qcode") or value(about, "itemClass", "uri"))
    if local(item) != "newsItem":
        return "other_kind", local(item), ""
    if kind in _MEDIA:
        return "attachment", "", ""
    embargo = found(about, "embargoed")
    if embargo is None:
        return "", "", ""
    return "scheduled", "", until(value(embargo))  # without a moment it has no end


def _code(words: str) -> str:
    return words.rpartition(":")[2].rpartition("/")[2].lower()


def _claims(
    item: _Element, about: _Element | None, content: _Element | None, inner: Claims
) -> Claims:
    titles = (*_headlines(content, main=True), value(about, "title"), inner.title)
    dates = (
        value(content, "contentCreated"),
        value(about, "firstCreated"),
        value(about, "versionCreated"),
        value(content, "contentModified"),
    )
    return Claims(
        "NewsML",
        title=first_of(*titles, value(content, "slugline")),
        published=next((day for words in dates if (day := iso_moment(words))), inner.published),
        outlet=_outlet(item, about, content) or inner.outlet,
        author=without_author_word(value(content, "by"))
        or _name(found(content, "creator"))
        or inner.author,
        url=next((one_line(link.get("href") or "") for link in _links(about)), ""),
        language=value(content, "language", "tag") or language(item) or inner.language,
    )


def _links(about: _Element | None) -> Iterator[_Element]:
    if about is not None:
        yield from (link for link in children(about, "link") if _is_own(link))


def _is_own(link: _Element) -> bool:
    kind = _code(link.get("rel") or "")
    return kind in ("self", "canonical", "isalternate", "alternate") and bool(link.get("href"))


def _headlines(content: _Element | None, *, main: bool) -> list[str]:
    if content is None:
        return []
    given = children(content, "headline")
    return [value(line) for line in given if ("sub" in (line.get("role") or "").lower()) != main]


def _summary(content: _Element | None) -> str:
    if content is None:
        return ""
    given = children(content, "description")
    return next((value(each) for each in given if "summary" in (each.get("role") or "")), "")


def _outlet(item: _Element, about: _Element | None, content: _Element | None) -> str:
    """Who publishes it: its provider by name, else whom it credits, else whose it is."""
    provider = found(about, "provider")
    return first_of(
        _name(provider),
        value(content, "creditline"),
        _name(found(item, "rightsInfo/copyrightHolder")),
        _name(found(content, "infoSource")),
        value(provider, attribute="qcode").rpartition(":")[2],
    )


def _name(party: _Element | None) -> str:
    return value(party, "name") or value(party, attribute="literal")


def _content(item: _Element) -> Piece:
    """The longest text among the renditions of an item, with what NITF says besides."""
    renditions = [Piece("", Claims("NewsML"))]
    for group in children(item, "contentSet"):
        for each in group:
            if local(each) == "inlineXML":
                renditions.append(_of_xml(each))
            elif local(each) == "inlineData":
                renditions.append(Piece(_of_data(each), Claims("NewsML")))
    return max(renditions, key=lambda piece: len(piece.text))


def _of_xml(inline: _Element) -> Piece:
    nitf = found(inline, "nitf")
    return Piece(lines(inline, _SILENT), Claims("NewsML")) if nitf is None else nitf_piece(nitf)


def _of_data(inline: _Element) -> str:
    """The text of data in place: plain or HTML; what is encoded otherwise is a picture."""
    kind = (inline.get("contenttype") or "").lower()
    if inline.get("encoding") or (kind and not kind.startswith("text/")):
        return ""
    return html_field("".join(inline.itertext()))


# --- NewsML 1.0 to 1.2 -----------------------------------------------------------------------
# An item is made of components within components, each with headlines of its own. It may hold
# several articles, and pictures with captions: an article is a text with the nearest headline
# above it.

_NEWSML1_STATUS = {
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "withheld": "withheld",
    "embargoed": "scheduled",
}
_NEWSML1_SILENT = ("media", "figure", "figcaption", "img", "object")
_CAPTIONS = frozenset(("caption", "legend", "legende", "photo", "picture", "graphic", "thumbnail"))


def _newsml1_version(item: _Element) -> tuple[str, int]:
    identifier = found(item, "Identification/NewsIdentifier")
    parts = [value(identifier, name) for name in ("ProviderId", "DateId", "NewsItemId")]
    number = value(identifier, "RevisionId")
    name = ":".join(part for part in parts if part)
    return name, int(number) if number.isdecimal() else 0


def _newsml1_pieces(item: _Element, raw: str, number: int) -> list[Piece]:
    """The articles of an item.

    Args:
        item: the element ``NewsItem``; it is used up.
        raw: its source.
        number: its place in the file, for one without an identifier.
    """
    guid = _newsml1_version(item)[0] or str(number)
    management = found(item, "NewsManagement")
    reason = _NEWSML1_STATUS.get(value(management, "Status", "FormalName").lower(), "")
    if reason and reason != "scheduled":
        return [Piece("", Claims("NewsML"), name=guid, left_out=reason)]
    moment = until(value(management, "StatusWillChange/DateAndTime"))
    texts = _texts(item)
    if not texts:
        return [replace(_nothing(item), name=guid)]
    pieces = []
    for place, (component, contents) in enumerate(texts):
        claims, text = _article(item, component, contents)
        name = guid if not place else f"{guid}#{component.get('Duid') or place + 1}"
        due = moment if reason else ""
        pieces.append(Piece(text, claims, name=name, raw=raw, left_out=reason, until=due))
    return pieces


def _nothing(item: _Element) -> Piece:
    """The report of an item without text: pictures, references to others, or nothing."""
    none = Piece("", Claims("NewsML"))
    if next(descendants(item, "NewsItemRef"), None) is not None:
        return replace(none, left_out="other_kind", detail="package")
    media = [value(each, attribute="FormalName") for each in descendants(item, "MediaType")]
    if any(kind.lower() not in ("", "text") for kind in media):
        return replace(none, left_out="attachment")
    return replace(none, problem="no_text")


def _texts(item: _Element) -> list[tuple[_Element, list[_Element]]]:
    """The contents that are text, by the component that has their headline."""
    groups: dict[_Element, list[_Element]] = {}
    for content in descendants(item, "ContentItem"):
        if value(content, "MediaType", "FormalName").lower() not in ("", "text"):
            continue
        above = [each for each in content.iterancestors() if local(each) == "NewsComponent"]
        if found(content, "DataContent") is None or any(map(_is_caption, above)):
            continue
        titled = (each for each in above if value(each, "NewsLines/HeadLine"))
        groups.setdefault(next(titled, above[-1] if above else item), []).append(content)
    return list(groups.items())


def _is_caption(component: _Element) -> bool:
    return value(component, "Role", "FormalName").lower() in _CAPTIONS


def _article(item: _Element, component: _Element, contents: list[_Element]) -> tuple[Claims, str]:
    """The claims on an article, and its text: the longest of the forms that it is sent in."""
    claims = _newsml1_claims(item, component)
    given = [_text(data) for each in contents if (data := found(each, "DataContent")) is not None]
    text = max(given, key=len, default="")
    return claims, with_standfirst(text, value(component, "NewsLines/SubHeadLine"))


def _text(data: _Element) -> str:
    nitf = next(descendants(data, "nitf"), None)
    if nitf is not None:
        return nitf_piece(nitf).text
    if any(isinstance(child.tag, str) for child in data):
        return lines(data, _NEWSML1_SILENT)
    return html_field("".join(data.itertext()))


def _newsml1_claims(item: _Element, component: _Element) -> Claims:
    management = found(item, "NewsManagement")
    about = found(component, "AdministrativeMetadata")
    news = found(component, "NewsLines")
    dates = ("FirstCreated", "ThisRevisionCreated")
    parties = (_party(about, role) for role in ("Provider", "Source"))
    return Claims(
        "NewsML",
        title=value(news, "HeadLine") or value(item, "Identification/NameLabel"),
        published=first_of(*(iso_moment(value(management, name)) for name in dates)),
        outlet=first_of(*parties, value(news, "CreditLine"), value(news, "CopyrightLine")),
        author=without_author_word(value(news, "ByLine")) or _party(about, "Creator"),
        language=value(component, "DescriptiveMetadata/Language", "FormalName")
        or language(component),
    )


def _party(about: _Element | None, role: str) -> str:
    party = found(about, f"{role}/Party")
    return value(party, attribute="FormalName") or value(party)

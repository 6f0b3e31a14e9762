"""Items of NewsML 1.0 to 1.2: components within components, each with lines of its own.

An item may hold several articles, beside pictures with their captions: an article is a text
with the nearest headline above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.reading.pages.markup import html_field
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.xml.fields import (
    descendants,
    found,
    iso_moment,
    language,
    lines,
    local,
    until,
    value,
    with_standfirst,
)
from retrieval.reading.xml.nitf import by_line, nitf_article

if TYPE_CHECKING:
    from lxml.etree import _Element

_STATUS = {
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "withheld": "withheld",
    "embargoed": "scheduled",
}
_SILENT = ("media", "figure", "figcaption", "img", "object")
_CAPTIONS = frozenset(("caption", "legend", "legende", "photo", "picture", "graphic", "thumbnail"))


def newsml1_version(item: _Element) -> tuple[str, int]:
    """What an item is called, the same in all its revisions, and which revision this is."""
    identifier = found(item, "Identification/NewsIdentifier")
    parts = [value(identifier, name) for name in ("ProviderId", "DateId", "NewsItemId")]
    number = value(identifier, "RevisionId")
    name = ":".join(part for part in parts if part)
    return name, int(number) if number.isdecimal() else 0


def newsml1_pieces(item: _Element, raw: str, number: int) -> list[Piece]:
    """The articles of an item.

    Args:
        item: the element ``NewsItem``; it is used up.
        raw: its source.
        number: its place in the file, for one without an identifier.
    """
    guid = newsml1_version(item)[0] or str(number)
    management = found(item, "NewsManagement")
    reason = _STATUS.get(value(management, "Status", "FormalName").lower(), "")
    if reason and reason != "scheduled":
        return [Piece("", Claims("NewsML"), name=guid, left_out=reason)]
    moment = until(value(management, "StatusWillChange/DateAndTime"))
    texts = _texts(item)
    if not texts:
        return [replace(_nothing(item), name=guid)]
    pieces = []
    for place, (component, contents) in enumerate(texts):
        says, text = _article(item, component, contents)
        name = guid if not place else f"{guid}#{component.get('Duid') or place + 1}"
        due = moment if reason else ""
        pieces.append(Piece(text, says, name=name, raw=raw, left_out=reason, until=due))
    return pieces


def _nothing(item: _Element) -> Piece:
    """Why an item has no text: it brings pictures or refers to others, or is empty."""
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
        above = list(_components(content))
        if found(content, "DataContent") is None or any(map(_is_caption, above)):
            continue
        titled = (each for each in above if value(each, "NewsLines/HeadLine"))
        groups.setdefault(next(titled, above[-1] if above else item), []).append(content)
    return list(groups.items())


def _components(content: _Element) -> Iterator[_Element]:
    """The components around a content, the nearest first."""
    return (each for each in content.iterancestors() if local(each) == "NewsComponent")


def _is_caption(component: _Element) -> bool:
    return value(component, "Role", "FormalName").lower() in _CAPTIONS


def _article(item: _Element, component: _Element, contents: list[_Element]) -> tuple[Claims, str]:
    """What is said of an article, and its text: the longest of the forms that it is sent in."""
    says = _claims(item, component)
    given = [_text(data) for each in contents if (data := found(each, "DataContent")) is not None]
    text = max(given, key=len, default="")
    return says, with_standfirst(text, value(component, "NewsLines/SubHeadLine"))


def _text(data: _Element) -> str:
    nitf = next(descendants(data, "nitf"), None)
    if nitf is not None:
        return nitf_article(nitf).text
    if any(isinstance(child.tag, str) for child in data):
        return lines(data, _SILENT)
    return html_field("".join(data.itertext()))


def _claims(item: _Element, component: _Element) -> Claims:
    management = found(item, "NewsManagement")
    about = found(component, "AdministrativeMetadata")
    news = found(component, "NewsLines")
    dates = ("FirstCreated", "ThisRevisionCreated")
    days = (iso_moment(value(management, name)) for name in dates)
    parties = (_party(about, role) for role in ("Provider", "Source"))
    outlets = (*parties, value(news, "CreditLine"), value(news, "CopyrightLine"))
    return Claims(
        "NewsML",
        title=value(news, "HeadLine") or value(item, "Identification/NameLabel"),
        published=next((day for day in days if day), ""),
        outlet=next((words for words in outlets if words), ""),
        author=by_line(value(news, "ByLine")) or _party(about, "Creator"),
        language=value(component, "DescriptiveMetadata/Language", "FormalName")
        or language(component),
    )


def _party(about: _Element | None, role: str) -> str:
    party = found(about, f"{role}/Party")
    return value(party, attribute="FormalName") or value(party)

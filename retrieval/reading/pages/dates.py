"""Dates of pages: what a page declares, apart from what it shows to its visitors.

A page shows many days: that of the visit in its banner, those of its comments and of its
weather. A date that is declared (in the head, in JSON-LD, in microdata) is the article's. One
that is only shown is looked for where the article is, and said to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from config import data
from retrieval.reading.text.moments import moment_of
from retrieval.text.analysis import fold

_WORDS = data.load("reading/dating.toml")["banner"]
_ANYWHERE = frozenset(_WORDS["anywhere"].split())
_OUTSIDE = frozenset(_WORDS["outside"].split()) | _ANYWHERE
_TEXTS = tuple(line.strip() for line in _WORDS["texts"].splitlines() if line.strip())
_FRAMES = ("header", "nav", "footer", "aside", "form")
_TEXT_CHARS = 120
_MAX_CHARS = 200_000  # of one declaration
_PARTS = re.compile(r"[^\W_]+")
_STRINGS = re.compile(r'"(\w{1,60})"\s{0,9}:\s{0,9}"(\d{4}-\d\d-\d\d[^"]{0,40})"')
_PUBLISHED = ("article:published_time", "datepublished")
_DECLARED = ("datepublished", "publish", "publication", "issued", "created", "pubdate", "date")


def page_date(tree: Any, found: str) -> tuple[str, str]:  # noqa: ANN401 - an element of lxml
    """The date of a page, and the place that tells it.

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
    moments = {
        words: moment
        for name, words in _declarations(tree)
        if name.strip() in _PUBLISHED and (moment := moment_of(words, UTC))
    }
    return min(moments, key=moments.__getitem__, default="")


def _moment(declared: list[tuple[str, str]], found: str) -> str:
    """The first moment that is declared for a day, of publication rather than of a change."""
    sure = [words for name, words in declared if "publi" in name] or [w for _, w in declared]
    moments = {words: moment for words in sure if (moment := moment_of(words, UTC))}
    return min(moments, key=moments.__getitem__, default=found)


def _declarations(tree: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """The names and values of dates that a page declares."""
    for element in tree.iter("meta"):
        name = " ".join(element.get(key) or "" for key in ("property", "name", "itemprop"))
        yield name.lower(), element.get("content") or ""
    for element in tree.iter("script"):
        if "json" in (element.get("type") or ""):
            for match in _STRINGS.finditer((element.text or "")[:_MAX_CHARS]):
                yield match[1].lower(), match[2]
    for element in tree.iterfind(".//*[@itemprop]"):
        name = (element.get("itemprop") or "").lower()
        if any(word in name for word in _DECLARED):
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
    told = next((words for words in moments if day and words.startswith(day)), "")
    return ("page", told) if told else ("page text", day)


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

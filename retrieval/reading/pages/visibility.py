"""Visibility: what a page hides, by its markup and by the style sheets in it.

Only sure rules of style sheets count: a rule for one class or one id, outside any condition, that
no other rule undoes and no script of the page names. Text that unfolds on a click is text. Where
the page loads style sheets or scripts that are not in it, the rule must be ``!important``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from config import data
from retrieval.reading.pages.markup import INLINE

_NAMED_CHARS = 400  # of a class attribute; hostile pages have longer ones
# CSS that takes text off the screen, in a style attribute. Opacity is not among it: text that
# fades in begins so.
_OFF_SCREEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|font-size:0(?:px|em|%)?(?:;|!|$)"
    r"|(?:left|top|text-indent):-\d{3,5}(?:\.\d{1,3})?(?:px|em|rem|%)?(?:;|!|$)|clip:rect\(0"
    r"|clip:rect\(1px|clip-path:inset\(50%)",
    re.I,
)
# "d-none d-md-block", "hidden lg:flex": hidden on small screens only.
_SHOWN_WIDE = re.compile(
    r"(?:^|\s)(?:(?:sm|md|lg|xl|2xl|xxl):|d-(?:sm|md|lg|xl|xxl|print)-)(?!none|hidden)"
)
_OFF_IN_MAIL = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?![.\d])"
    r"|font-size\s*:\s*[01]px|opacity\s*:\s*0(?![.\d])",
    re.I,
)
_MAX_CHARS = 300_000  # of all the style sheets of a page
_MAX_RULES = 5_000
_MAX_HIDDEN = 100
_SIMPLE = re.compile(r"[.#]-?[A-Za-z_][\w-]{0,99}")
_OFF = re.compile(r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse))(?:!important)?(?:;|$)")
_ON = re.compile(r"(?:^|;)(?:display|visibility):")
_SCREEN = ("", "all", "screen")


def hides(element: Any) -> bool:  # noqa: ANN401 - an element of lxml
    """Whether the markup keeps an element from the eye (HTML: hidden; ARIA; CSS)."""
    if "hidden" in element.attrib:
        return True
    if element.get("aria-hidden") == "true" and element.tag not in INLINE:
        return True  # inline it is an icon, or a drop cap, which is seen
    style = element.get("style")
    if style and _OFF_SCREEN.search(re.sub(r"\s+", "", style[:1000])):
        return True
    return bool(name := element.get("class")) and _hiding(name[:_NAMED_CHARS])


@lru_cache(maxsize=4096)
def _hiding(value: str) -> bool:
    classes = data.words("reading/page_parts.toml", "hidden_classes")
    return any(token in classes for token in value.lower().split()) and not _SHOWN_WIDE.search(
        value
    )


def hides_in_mail(element: Any) -> bool:  # noqa: ANN401
    """Whether an element is not shown by mail programs; newsletters hide a preview of the text."""
    if not isinstance(element.tag, str):
        return False
    if element.tag in ("head", "style", "title") or element.get("hidden") is not None:
        return True
    return _OFF_IN_MAIL.search(str(element.get("style") or "")[:2000]) is not None


def hide_by_style(tree: Any) -> None:  # noqa: ANN401 - an element of lxml
    """Mark with the attribute ``hidden`` the elements that a style sheet of a page hides."""
    sheets, programs = ("".join(_texts(tree, tag)) for tag in ("style", "script"))
    if len(sheets) > _MAX_CHARS:
        return
    hidden = _hidden(sheets, important=_calls_others(tree))
    if not hidden:
        return
    hidden = {name for name in hidden if name[1:] not in programs}
    for element in tree.iter():
        if isinstance(element.tag, str) and not hidden.isdisjoint(_names(element)):
            element.set("hidden", "")


def _names(element: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"#{element.get('id', '')}"
    yield from (f".{name}" for name in element.get("class", "").split()[:50])


def _calls_others(tree: Any) -> bool:  # noqa: ANN401
    """Whether a style sheet or a program that is not in the page may show what it hides."""
    if any("stylesheet" in link.get("rel", "").lower() for link in tree.iter("link")):
        return True
    return any("src" in script.attrib for script in tree.iter("script"))


def _texts(tree: Any, tag: str) -> Iterator[str]:  # noqa: ANN401
    """The contents of some elements; not those for print, or for want of programs."""
    for element in tree.iter(tag):
        if element.get("media", "").strip().lower() in _SCREEN and not _is_fallback(element):
            yield f"{element.text or ''}\n"


def _is_fallback(element: Any) -> bool:  # noqa: ANN401
    return next(element.iterancestors("noscript"), None) is not None


def _hidden(sheet: str, *, important: bool) -> set[str]:
    """The selectors ``.name`` and ``#name`` of what a style sheet hides for good.

    Args:
        sheet: all the style sheets of a page.
        important: believe only what other style sheets cannot undo.
    """
    hidden: set[str] = set()
    shown: list[str] = []
    for selectors, declarations, within in _rules(sheet):
        off = _OFF.search(declarations)
        for selector in selectors.split(","):
            sure = off and not within and (not important or "!important" in off[0])
            if sure and _SIMPLE.fullmatch(selector.strip()):
                hidden.add(selector.strip())
            elif not off and _ON.search(declarations):
                shown.append(selector)
        if len(hidden) > _MAX_HIDDEN:
            return set()
    undone = {name for selector in shown for name in _SIMPLE.findall(selector)}
    return hidden - undone


def _rules(sheet: str) -> Iterator[tuple[str, str, bool]]:
    """The rules of a style sheet: selectors, declarations without spaces, whether conditional."""
    depth, prelude, found = 0, "", 0
    for part in re.split(r"(?<=[{}])", _without_comments(sheet)):
        words = part[:-1]
        if part.endswith("{"):
            depth, prelude = depth + 1, words.rpartition(";")[2]  # after "@import …;"
        elif part.endswith("}"):
            if prelude:
                yield prelude, re.sub(r"\s+", "", words).lower(), depth > 1
            depth, prelude, found = max(depth - 1, 0), "", found + 1
        if found > _MAX_RULES:
            return


def _without_comments(sheet: str) -> str:
    first, *others = sheet.split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)

"""The text of a WordPress post: HTML, marks of blocks, shortcodes, and lines without tags.

WordPress shows a post in steps: blocks and shortcodes are replaced by what they stand for, and
in a post without blocks every line end is a break (`wpautop`). The same is done here, without
what an article does not say itself: embedded posts, pictures and their captions, forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from config.data import load
from retrieval.reading.pages.markup import read_snippet

_SHOWN_CHARS = 80
_BLOCK = re.compile(
    r"<!--\s{1,9}(?P<end>/)?wp:(?P<name>[a-z][\w/-]{0,99})(?:\s[^<>]{0,20000}?)?"
    r"(?P<alone>/)?-->"
)
_CODE = re.compile(
    r"\[(?P<twice>\[)?(?P<end>/)?(?P<name>[a-z][a-z0-9_-]{0,60})(?P<given>(?:\s[^\[\]]{0,2000}|/)?)"
    r"\](?(twice)\])"
)
_NAMED_VALUE = re.compile(r"\s{1,9}[A-Za-z][\w-]{0,60}=")
_PLAIN_VALUE = re.compile(r"\s{1,9}(?:https?://|\d|[\"'])")
_TAG_OR_LINE_END = re.compile(r"<[^<>]{1,20000}>|\r\n?|\n")
_ADDRESS_LINE = re.compile(r"https?://\S+")
_TAGS = re.compile(r"<[^<>]{0,20000}>")


@dataclass(frozen=True, slots=True)
class PostMarks:
    """Which blocks and shortcodes hold no text of the article."""

    silent_blocks: frozenset[str]
    silent_codes: frozenset[str]
    bare_codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark of a block or a shortcode, where it stands, and the one that ends what it began."""

    start: int
    end: int
    silent: bool
    opens: str = ""
    closes: str = ""


def post_text(content: str) -> tuple[str, tuple[str, ...]]:
    """The text of a post, a line for each paragraph, and what was left out of it.

    Args:
        content: the field ``content:encoded``.

    Returns:
        The text, and what was left out, each as ``rule: words``.
    """
    if not content.strip():
        return "", ()
    marks = _post_marks()
    removed: list[str] = []
    blocks = list(_BLOCK.finditer(content))
    html = _without(content, [_block_mark(block, marks) for block in blocks], removed)
    codes = list(_CODE.finditer(html))
    closed = {code["name"] for code in codes if code["end"]}
    found = [mark for code in codes if (mark := _code_mark(code, closed, marks))]
    html = _without(html, found, removed)
    shown = read_snippet(html if blocks else _with_breaks(html))
    removed += shown.removed
    return "\n".join(_own_lines(shown.text, removed)), tuple(removed)


def without_codes(text: str) -> tuple[str, tuple[str, ...]]:
    """A text of no known system without shortcodes, and what they enclosed.

    Args:
        text: it is changed only when one of them has named values: ``[gallery ids="1,2"]``.
    """
    codes = list(_CODE.finditer(text)) if "[" in text else []
    if not any(_NAMED_VALUE.match(code["given"]) and not code["twice"] for code in codes):
        return text, ()
    removed: list[str] = []
    closed = {code["name"] for code in codes if code["end"]}
    found = [mark for code in codes if (mark := _code_mark(code, closed, _post_marks()))]
    return _without(text, found, removed), tuple(removed)


@cache
def _post_marks() -> PostMarks:
    table = load("reading/wordpress.toml")["marks"]
    return PostMarks(**{name: frozenset(words) for name, words in table.items()})


def _block_mark(block: re.Match[str], marks: PostMarks) -> _Mark:
    name = block["name"].removeprefix("core/")
    silent = name in marks.silent_blocks or name.partition("/")[0] in marks.silent_blocks
    opens = "" if block["end"] or block["alone"] else name
    return _Mark(block.start(), block.end(), silent, opens, name if block["end"] else "")


def _code_mark(code: re.Match[str], closed: set[str], marks: PostMarks) -> _Mark | None:
    """A shortcode; None for words in brackets, such as ``[sic]`` or ``[le maire]``.

    Which names are shortcodes, only the site knows: one is when it is closed, has attributes,
    or bears the name of a common one. Two brackets are how one writes of a shortcode.
    """
    name, given = code["name"], code["given"]
    known = name in marks.silent_codes or name in marks.bare_codes
    alone = given.rstrip().endswith("/")
    shaped = name in closed or alone or bool(_NAMED_VALUE.match(given))
    common = known and bool(not given.strip() or _PLAIN_VALUE.match(given))
    if code["twice"] or not (shaped or common):
        return None
    opens = name if name in closed and not code["end"] and not alone else ""
    ends = name if code["end"] else ""
    return _Mark(code.start(), code.end(), name in marks.silent_codes, opens, ends)


def _without(text: str, marks: list[_Mark], removed: list[str]) -> str:
    """The text without some marks, nor what silent ones enclose; a paragraph ends at each."""
    parts: list[str] = []
    at = 0
    silent: list[str] = []  # the names of what is open within a silent one, itself first
    for mark in marks:
        if not silent:
            parts += (text[at : mark.start], "\n\n")
            at = mark.end
            if mark.silent and mark.opens:
                silent = [mark.opens]
        elif mark.opens == silent[0]:
            silent.append(mark.opens)
        elif mark.closes == silent[0]:
            silent.pop()
            if not silent:
                _tell(mark.closes, text[at : mark.start], removed)
                at = mark.end
    parts.append(text[at:])  # of what is never closed, nothing is lost
    return "".join(parts)


def _tell(rule: str, html: str, removed: list[str]) -> None:
    words = " ".join(_TAGS.sub(" ", html).split())
    if words:
        removed.append(f"{rule}: {words[:_SHOWN_CHARS]}")


def _with_breaks(html: str) -> str:
    """The HTML of a post without blocks, in which every line end outside a tag is a break."""
    return _TAG_OR_LINE_END.sub(lambda m: m[0] if m[0].startswith("<") else "<br>\n", html)


def _own_lines(text: str, removed: list[str]) -> Iterator[str]:
    """The lines of a text; one that is only an address stands for what lies there."""
    for line in text.split("\n"):
        if _ADDRESS_LINE.fullmatch(line):
            removed.append(f"embed: {line[:_SHOWN_CHARS]}")
        else:
            yield line

"""The whole text of a piece of HTML, one block a line: nothing is judged, nothing is lost.

What finds an article inside a page loses sentences in a snippet; a feed's entry is all article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

_SPACES = re.compile(r"[ \t\r\f]+")  # not the non-breaking ones

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCKS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr"
    " ul".split()
)
_SILENT = frozenset("script style template noscript iframe object svg math button select".split())


def lines_of(html: str) -> str:
    """The text of some HTML, a line for each block; scripts and styles are not text."""
    from trafilatura import load_html

    tree = load_html(f"<html><body><div>{html}</div></body></html>")
    if tree is None:
        return ""
    lines = (_SPACES.sub(" ", line).strip(" ") for line in "".join(_parts(tree)).split("\n"))
    return "\n".join(line for line in lines if line)


def _parts(tree: Any) -> Iterator[str]:  # noqa: ANN401 - an element of lxml
    """Texts and line ends in the order of reading; no recursion: the depth is not ours."""
    waiting = [(tree, False)]
    while waiting:
        element, left = waiting.pop()
        block = "\n" if element.tag in _BLOCKS else ""
        if left:
            yield block + _inline(element.tail)
        elif not isinstance(element.tag, str) or element.tag in _SILENT:
            yield _inline(element.tail)
        else:
            yield block + _inline(element.text)
            waiting.append((element, True))
            waiting.extend((child, False) for child in reversed(element))


def _inline(text: str | None) -> str:
    """Text between two tags: a line end is a space, a blank line ends a paragraph."""
    if not text or "\n" not in text:
        return text or ""
    lines = (line.strip(" \t\r") for line in text.split("\n"))
    return " " + " ".join(line or "\n" for line in lines).strip(" ") + " "

"""The body of an article in JSON-LD (schema.org ``articleBody``): a witness, not a source.

It may hold what the page does not show. It is used only where the page itself shows next to
nothing, and only if it holds what is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from retrieval.reading.pages.markup import read_snippet
from retrieval.reading.pages.parts import plain

_MAX_CHARS = 2_000_000
_MAX_NODES = 2000
_SHOWN_CHARS = 25  # less of a foreign part is not looked for


def take_bodies(tree: Any) -> list[str]:  # noqa: ANN401 - an element of lxml
    """Take the JSON-LD out of a page; the bodies of articles in it, the longest first."""
    bodies: list[str] = []
    for script in list(tree.iter("script")):
        if "ld+json" in script.get("type", "").lower():
            bodies.extend(_bodies(script.text or ""))
            script.drop_tree()
    return sorted(bodies, key=len, reverse=True)


def agreed_body(bodies: Sequence[str], shown: str, foreign: Sequence[str]) -> str:
    """The longest body that holds all lines which are shown, without the foreign parts, or ""."""
    lines = [words for line in shown.split("\n") if (words := plain(line))]
    for body in bodies:
        text = _without(read_snippet(body).text if "<" in body else body, foreign)
        words = plain(text)
        if len(text) > len(shown) and all(line in words for line in lines):
            return text
    return ""


def _bodies(text: str) -> Iterator[str]:
    if len(text) > _MAX_CHARS or "articleBody" not in text:
        return
    try:
        waiting = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if isinstance(node.get("articleBody"), str):
                yield node["articleBody"]
            waiting.extend(node[key] for key in ("@graph", "mainEntity") if key in node)


def _without(text: str, foreign: Sequence[str]) -> str:
    """A text without the parts of the page that were taken out, where it has them word for word."""
    for part in foreign:
        if len(part) >= _SHOWN_CHARS:
            text = text.replace(part, "")
    return text

"""The text of a field that holds HTML, a list of paragraphs, or the blocks of an editor.

Editors (Gutenberg, ProseMirror, Slate, Draft.js, Editor.js, Sanity, Contentful, Arc) keep a text
as objects within objects. They differ in names, which stand in ``config/reading/columns.toml``, and
agree in shape: a block has a type, and its words or other blocks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from retrieval.reading.claims import folded, known_names, word_set
from retrieval.reading.pages.snippets import html_field, read_field
from retrieval.reading.pieces import Extract, removal
from retrieval.reading.xml.wordpress import without_codes

_MAX_DEPTH = 40
_MAX_JSON_CHARS = 5_000_000


def prose_of(value: object) -> Extract:
    """The text of a field, a blank line between paragraphs.

    Args:
        value: a text that may be HTML, a list of paragraphs, or blocks within blocks, which may
            be JSON in a text.
    """
    if isinstance(value, str):
        blocks = _blocks_in(value)
        return _of_blocks(blocks) if blocks is not None else _of_text(value)
    return _of_blocks(value)


def _of_text(value: str) -> Extract:
    text, codes = without_codes(value)
    field_ = read_field(text)
    return Extract(field_.text, (*codes, *field_.removed))


def _blocks_in(text: str) -> object:
    """The blocks that an editor saved as JSON in a text; None for any other text."""
    stripped = text.strip()
    ends = stripped[:1] + stripped[-1:]
    if ends not in ("{}", "[]") or '"' not in text or len(text) > _MAX_JSON_CHARS:
        return None
    try:
        value: object = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return value if _is_edited(value) else None


def _is_edited(value: object) -> bool:
    """Whether a value is the whole of an editor: blocks under a known key, or a list of them."""
    if isinstance(value, Mapping):
        roots = (value.get(key) for key in known_names()["shape"]["root"])
        return any(isinstance(root, Mapping) or _are_blocks(root) for root in roots)
    return bool(value) and _are_blocks(value)


def _are_blocks(value: object) -> bool:
    """Whether a value is a list of objects which have words or other blocks."""
    if not isinstance(value, list):
        return False
    return all(isinstance(part, Mapping) and _parts(part) for part in value)


def _of_blocks(value: object) -> Extract:
    reader = _BlockReader()
    paragraphs = reader.paragraphs(_main(value), 0, outermost=True)
    return Extract("\n\n".join(paragraphs), tuple(reader.removed))


def _main(value: object) -> object:
    """Of a list of texts with roles, as ninjs has it, the main one."""
    if not isinstance(value, list):
        return value
    main = [part for part in value if isinstance(part, Mapping) and _role(part)]
    return main or value


def _role(part: Mapping[str, object]) -> bool:
    roles = word_set("shape", "main_role")
    return any(part.get(key) in roles for key in known_names()["shape"]["role"] if key in part)


@dataclass(slots=True)
class _BlockReader:
    """Walks through blocks, and keeps what it leaves out."""

    removed: list[str] = field(default_factory=list)

    def paragraphs(self, node: object, depth: int, *, outermost: bool = False) -> list[str]:
        """The paragraphs of a node; ``outermost``: a list there is one of paragraphs."""
        if depth > _MAX_DEPTH:
            return []
        if isinstance(node, str):
            part = read_field(node)
            self.removed += part.removed
            return [part.text] if part.text.strip() else []
        if isinstance(node, list):
            if _runs_on(node, outermost=outermost):
                return self.paragraphs(self.run(node, depth), depth + 1)
            return [text for part in node for text in self.paragraphs(part, depth + 1)]
        return self._block(node, depth) if isinstance(node, Mapping) else []

    def run(self, node: object, depth: int) -> str:
        """The words of what is run on: the parts of a sentence, not paragraphs."""
        if depth > _MAX_DEPTH:
            return ""
        if isinstance(node, str):
            return node
        if isinstance(node, list):
            return "".join(self.run(part, depth + 1) for part in node)
        if not isinstance(node, Mapping):
            return ""
        if _types(node) & word_set("blocks", "line_break"):
            return "\n"
        if self._left_out(node, depth):
            return ""
        return next((run for part in _parts(node) if (run := self.run(part, depth + 1))), "")

    def _block(self, node: Mapping[str, object], depth: int) -> list[str]:
        if self._left_out(node, depth):
            return []
        for part in _parts(node):
            if found := self.paragraphs(part, depth + 1):
                return found
        return []

    def _left_out(self, node: Mapping[str, object], depth: int) -> bool:
        unwanted = _types(node) & word_set("blocks", "left_out")
        if not unwanted:
            return False
        words = next((p for p in _parts(node) if isinstance(p, str) and p.strip()), "")
        if depth and words:
            self.removed.append(removal(f"block {min(unwanted)}", html_field(words)))
        return True


def _types(node: Mapping[str, object]) -> set[str]:
    """The type of a block under any of the names of a type; ``core/image`` is ``image``."""
    found = (node.get(key) for key in known_names()["shape"]["type"])
    return {folded(value.rpartition("/")[2]) for value in found if isinstance(value, str)}


def _parts(node: Mapping[str, object]) -> list[object]:
    """The values that may hold the words of a block, the likeliest first."""
    shape = known_names()["shape"]
    named = [node[key] for key in node if key == node.get("type")]
    words = [node[key] for key in shape["words"] if isinstance(node.get(key), str)]
    return [*words, *named, *(node[key] for key in shape["inside"] if key in node)]


def _runs_on(parts: Sequence[object], *, outermost: bool) -> bool:
    """Whether the parts of a list are those of one sentence."""
    objects = [cast("Mapping[str, object]", part) for part in parts if isinstance(part, Mapping)]
    if not objects:
        return False
    if len(objects) < len(parts):
        return any(_inline(part) for part in objects)
    return not outermost and all(_inline(part) for part in objects)


def _inline(node: Mapping[str, object]) -> bool:
    types = _types(node) & (word_set("blocks", "inline") | word_set("blocks", "line_break"))
    if types:
        return not isinstance(node.get("content"), str)
    return "type" not in node and ("insert" in node or isinstance(node.get("text"), str))

"""A title for an article that comes without one."""

from __future__ import annotations

import re

from retrieval.reading.text.cleaning import is_sentence, same_line

_TITLE_CHARS = 150
_CUT_CHARS = 90
_HEAD_LINES = 6
_FIRST_SENTENCE = re.compile(r".{20,}?[.!?…](?=[\s»”\"]|$)")


def title_of(text: str) -> str:
    """The title that a text gives itself.

    Args:
        text: clean, with a title in its first line or without any.

    Returns:
        the first line when it is repeated, or short and not a sentence; else the
        beginning of the first sentence, cut at a word.
    """
    lines = [line for line in text[:20_000].split("\n") if line]
    if not lines:
        return ""
    head = lines[0]
    repeated = any(same_line(head, line) for line in lines[1:_HEAD_LINES])
    if len(head) <= 2 * _TITLE_CHARS and repeated:
        return head
    if len(head) <= _TITLE_CHARS and not is_sentence(head):
        return head
    return _beginning(head)


def _beginning(paragraph: str) -> str:
    """The first sentence if it is short, else as many of its words as fit."""
    sentence = _FIRST_SENTENCE.match(paragraph[:1000])
    start = sentence[0] if sentence else paragraph
    if len(start) <= _CUT_CHARS:
        return start.rstrip(".")
    cut = start[: _CUT_CHARS + 1]
    words = cut.rsplit(None, 1)[0] if re.search(r"\s", cut) else start[:_CUT_CHARS]
    return words.rstrip(" ,;:-–—(«\"'\u00a0") + "…"

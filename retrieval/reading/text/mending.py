"""Mending: a text as its writer wrote it, before anything is taken out of it.

In order: characters that were read in a wrong encoding, tags and entities that were left over,
signs that cannot be seen, lines that a program wrapped, line ends that were lost. Each step
changes a text only on evidence in it. What cannot be mended is told. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.reading.pages.markup import named_characters
from retrieval.reading.text.signs import is_plain, mend_signs, unreadable_signs
from retrieval.reading.text.wrapping import heal_words, unwrap
from retrieval.text.line_breaks import restored

_LINE_ENDS = re.compile(r"\r+\n|[\r\v\f\x1c-\x1e\u2028\u2029]")
# What UTF-8 looks like when it is read as Windows, Mac or DOS text.
_MISREAD = re.compile(
    "[ÃÅ√├][^a-zA-Z\\s]|Ã[\\s\\w]|Â[^\\w]|ï¿½|ï»¿|[ÐÑ][\u0080-\u00bf]"
    "|â[\u0080-\u00bf\u20ac\u201e\u2020\u201a\u2039\u203a\u02dc\u2122\u0161\u201c\u201d\u0153\u017e]"
)
_LOST = re.compile(r"\ufffd|ï¿½|Ã\?|â€[?\ufffd]")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|center|cite|em|font|i|img|small|span|strong|sub|sup|u)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"</(?:a|abbr|b|big|center|cite|em|font|i|small|span|strong|sub|sup|u)>", re.I)
_AROUND = 20  # characters shown on each side of one that is lost


@dataclass(frozen=True, slots=True)
class Mended:
    """A mended text, and what is to be told of it."""

    text: str
    notes: tuple[str, ...] = ()


def mend(text: str, *, tags_are_text: bool = False) -> Mended:
    """Mend a text; one that needs none comes back unchanged but for its kinds of line ends.

    Args:
        text: as decoded, of any form.
        tags_are_text: its markup was read, so a tag that is there is one that it writes of.
    """
    read, notes = (text, ()) if is_plain(text) else _told(_LINE_ENDS.sub("\n", text))
    plain = read if tags_are_text else _without_tags(read)
    joined = heal_words(unwrap(mend_signs(named_characters(plain))))
    return Mended(restored(joined.replace("\u00ad", ""), tags=not tags_are_text), notes)


def _told(text: str) -> tuple[str, tuple[str, ...]]:
    """The text in the right encoding, and notes of what was wrong or is lost."""
    read = _reread(text)
    notes = [] if read == text else [_note("wrong encoding, mended", text, _MISREAD)]
    if _LOST.search(read):
        notes.append(_note("lost characters", read, _LOST))
    private = unreadable_signs(read)
    if private:
        notes.append(f"characters of a private font: {private}")
    return read, tuple(notes)


def mend_line(text: str) -> str:
    """Mend a title or a name: its encoding, and the signs that cannot be seen."""
    return mend_signs(_reread(text)).replace("\u00ad", "")


def _reread(text: str) -> str:
    """The text with the characters that its bytes were meant for, where that is certain."""
    if text.isascii() or not _MISREAD.search(text):
        return text
    return "\n".join(_reread_line(line) for line in text.split("\n"))


def _reread_line(line: str) -> str:
    if line.isascii() or not _MISREAD.search(line):
        return line
    from ftfy import TextFixerConfig, fix_encoding

    # C1 controls are for `normalise`; a sequence of which a byte is lost is to be told.
    config = TextFixerConfig(replace_lossy_sequences=False, fix_c1_controls=False)
    return fix_encoding(line, config)


def _without_tags(text: str) -> str:
    """The text without tags of letters and words, which part no lines."""
    return _INLINE.sub("", text) if "</" in text and _CLOSED.search(text) else text


def _note(what: str, text: str, pattern: re.Pattern[str]) -> str:
    places = [match.start() for match in pattern.finditer(text)]
    shown = text[max(0, places[0] - _AROUND) : places[0] + _AROUND].split("\n")
    return f"{what}: {len(places)} (« {max(shown, key=len).strip()} »)"

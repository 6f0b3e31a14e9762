"""Mending: a text as its writer wrote it, before anything is taken out of it.

In order: characters that were read in a wrong encoding, tags and entities that were left over,
signs that cannot be seen, lines that a program wrapped, line ends that were lost. Each step
changes a text only on evidence in it. What cannot be mended is reported. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from itertools import pairwise
from typing import TYPE_CHECKING

from config import data
from retrieval.reading.text.wrapping import heal_words, unwrap
from retrieval.text.line_breaks import restored

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTITY = re.compile(
    r"&(?:#\d{1,7};|#\d{2,5}(?!\d)|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31}(?:;|(?![=\w])))"
)
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
    """A mended text, and the notes on it for the report."""

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

    # C1 controls are for `normalise`; a sequence of which a byte is lost is reported.
    config = TextFixerConfig(replace_lossy_sequences=False, fix_c1_controls=False)
    return fix_encoding(line, config)


def named_characters(text: str) -> str:
    """The text with its entities read; an ampersand that begins none is one."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    """The character of an entity; HTML lets old ones, and those of numbers, lack the semicolon.

    A name without one runs into no letter and no ``=``: ``?a=1&copy=2`` is part of an address.
    """
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return unescape(entity[0]) if known else entity[0]


def _without_tags(text: str) -> str:
    return _INLINE.sub("", text) if "</" in text and _CLOSED.search(text) else text


def _note(what: str, text: str, pattern: re.Pattern[str]) -> str:
    places = [match.start() for match in pattern.finditer(text)]
    shown = text[max(0, places[0] - _AROUND) : places[0] + _AROUND].split("\n")
    return f"{what}: {len(places)} (« {max(shown, key=len).strip()} »)"


# --- signs -----------------------------------------------------------------------------------
# Invisible ones, ligatures, spaced and doubled letters: they come from PDF files, word processors
# and web pages. What is taken out or put in cannot be seen, so a quote of the article still reads
# as it was printed. Spaces, apostrophes, quotation marks and dashes stay as they are:
# `retrieval.text.analysis` ignores their differences.

# Formatting characters of Unicode that show nothing: joiners, directions, tags, fillers.
_INVISIBLE = (
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
)
# What nearly all French texts are made of; none of it needs mending.
_COMMON = frozenset(
    "\n\u00a0\u202f\u20ac àâäæçéèêëîïôöùûüÿœÀÇÉÈÊËÎÏÔÖÙÛÜŒ«»“”‘’…–—•°²³€"
    + "".join(map(chr, range(0x20, 0x7F)))
)
_SOFT_HYPHEN = "\u00ad"  # stays before a line end or a space: the word goes on after it
_JOINERS = "\u200c\u200d"  # carry meaning between letters of other scripts, and in emoji
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U0010fffd"
_LIGATURES = "\ufb00-\ufb06"
_SPECIAL = re.compile(f"[{_INVISIBLE}{_SOFT_HYPHEN}{_JOINERS}{_PRIVATE}{_LIGATURES}\u00ac\u0153]")
_HIDDEN = re.compile(
    f"[{_INVISIBLE}]|{_SOFT_HYPHEN}(?![ \\t]*\\n| [a-zà-ÿ])|(?<=[^\\W\\d_])\u00ac(?=[^\\W\\d_])"
    f"|(?<![\u0600-\u1fff\u2190-\U000dffff])[{_JOINERS}]|[{_JOINERS}](?![\u0600-\u1fff\u2190-\U000dffff])"
)
_BULLET = re.compile(f"^([ \\t]*)[{_PRIVATE}]+(?=\\s)", re.M)
_UNKNOWN = re.compile(f"[{_PRIVATE}]")
# Old fonts kept two ligatures among the private characters.
_OLD_LIGATURES = str.maketrans({"\uf001": "fi", "\uf002": "fl"})
_LETTER = "[^\\W\\d_]"
# A ligature that a gap parts from the rest of its word, on one side or on both.
_ALONE = re.compile(f"({_LETTER}{{1,20}}) ([{_LIGATURES}]) (?=[a-zà-ÿ])")
_OPENING = re.compile(f"(?<!{_LETTER})([{_LIGATURES}]) (?=[a-zà-ÿ])")
_GAP_AFTER = re.compile(f"({_LETTER}{{1,20}}[{_LIGATURES}]) ([a-zà-ÿ]{{1,20}})")
_OE_AFTER = re.compile("(?<=\u0153) (?=[a-zà-ÿ]{1,})")
_OE_BEFORE = re.compile(f"(?<!{_LETTER})(?<!['’])([cCsSnNvVbBmM]|[cC]h|[mM]an) (?=\u0153)")
_SHORT_END = 3
_LONE_WORDS = "aày"

# A letter alone; each must have its end, so that a run of them is read once.
_ONE = f"(?:{_LETTER}|\\d|['’&-])(?![^\\s.,;:!?»)\"”])"
# Single letters with one space between, words parted by more: five letters at least.
_SPACED = re.compile(f'(?<![^\\s«("“]){_ONE}(?:[ \u00a0\u2009\u202f]{{1,4}}+{_ONE}){{4,}}+')
_SPACED_WORDS = re.compile("[ \u00a0\u2009\u202f]{2,}")
_SPACED_LETTERS = 5
_TOKEN = re.compile(r"\S+")
_TIMES = (4, 3, 2)  # how often bold that was printed by overstriking has each character
_GAP_CHARS = 4
_DOUBLED_CHARS = 6
# What either of the two looks like.
_SPREAD = re.compile(rf" (?:{_LETTER} {_LETTER} {_LETTER}(?!{_LETTER})|({_LETTER})\1(\S)\2)")


def is_plain(text: str) -> bool:
    """Whether a text is made of common French signs only, in NFC, with ``\\n`` for line ends."""
    return _COMMON.issuperset(text) and "â€" not in text


def mend_signs(text: str) -> str:
    """A text without signs that cannot be seen, and with whole words for broken ones.

    Args:
        text: with ``\\n`` for line ends. A soft hyphen before one stays: it shows that a word
            goes on in the next line.

    Returns:
        The text in NFC; characters of private fonts are bullets where they begin a line.
    """
    if not is_plain(text):
        text = unicodedata.normalize("NFC", text)
        if _SPECIAL.search(text):
            text = _without_hidden(text)
    elif "œ " in text or " œ" in text:
        text = _without_hidden(text)
    if _SPREAD.search(text):
        text = _once(_SPACED.sub(_closed_up, text))
    return text


def unreadable_signs(text: str) -> int:
    """The number of characters of private fonts that are no bullet and no ligature."""
    known = _BULLET.sub("", text).translate(_OLD_LIGATURES)
    return len(_UNKNOWN.findall(known))


def _without_hidden(text: str) -> str:
    text = _HIDDEN.sub("", text.translate(_OLD_LIGATURES))
    text = _BULLET.sub("\\1•", text)
    text = _OE_BEFORE.sub("\\1", _OE_AFTER.sub("", text))
    text = _ALONE.sub(_closed_left, text)
    text = _GAP_AFTER.sub(_closed_gap, _OPENING.sub("\\1", text))
    return re.sub(f"[{_LIGATURES}]", lambda match: unicodedata.normalize("NFKC", match[0]), text)


def _closed_left(match: re.Match[str]) -> str:
    """ "con ﬂ it" as one word, "la ﬁ n" as two."""
    left, ligature = match.groups()
    return f"{left} {ligature}" if left.lower() in _short_words() else left + ligature


def _closed_gap(match: re.Match[str]) -> str:
    """ "déﬁ nir" as one word; after a word that ends so ("le déﬁ lancé"), the gap is a space."""
    left, right = match.groups()
    word = unicodedata.normalize("NFKC", left).lower()
    small = right in _short_words() and (len(right) > 1 or right in _LONE_WORDS)
    finals, both = (
        data.words("reading/hyphens.toml", "ligatures", key) for key in ("finals", "both")
    )
    if word in finals and (small or len(right) > _SHORT_END):
        return match[0]
    if word in both and small:
        return match[0]
    return left + right


def _short_words() -> frozenset[str]:
    """Words that no word loses as its end: the short ones of French grammar."""
    return data.words("words/stopwords.toml", "fr")


def _closed_up(match: re.Match[str]) -> str:
    """ "C O N S E I L" as a word; letters that count on ("A B C D E") are a list."""
    letters = [character for character in match[0] if character.isalpha()]
    if len(letters) < _SPACED_LETTERS or len(set(letters)) < 3 or _is_series(letters):
        return match[0]
    words = _SPACED_WORDS.split(match[0])
    if len(words) > len(letters) // 2:
        return match[0]
    return " ".join(re.sub(r"\s", "", word) for word in words)


def _is_series(letters: list[str]) -> bool:
    steps = [ord(after) - ord(before) for before, after in pairwise(letters)]
    return sum(step == 1 for step in steps) > len(steps) // 2


def _once(text: str) -> str:
    """ "LLee mmaaiirree" as it was meant; a lone short word such as "mm" is one."""
    parts, at = [], 0
    for times, run in _doubled_runs(text):
        start, end = run[0].start(), run[-1].end()
        if len(run) > 1 and sum(len(word[0]) for word in run) >= times * _DOUBLED_CHARS:
            parts += [text[at:start], " ".join(word[0][::times] for word in run)]
            at = end
    return "".join((*parts, text[at:]))


def _doubled_runs(text: str) -> Iterator[tuple[int, list[re.Match[str]]]]:
    """Words side by side that have each character equally often, more than once."""
    run: list[re.Match[str]] = []
    before = 0
    for word in _TOKEN.finditer(text):
        times = _times(word[0])
        gap = text[run[-1].end() : word.start()] if run else ""
        if run and (times != before or len(gap) > _GAP_CHARS or "\n" in gap):
            yield before, run
            run = []
        if times:
            run.append(word)
        before = times
    if run:
        yield before, run


def _times(word: str) -> int:
    """The number of repetitions of each character of a word, if it is the same for all; else 0."""
    for times in _TIMES:
        once = word[::times]
        if len(once) * times == len(word) and "".join(c * times for c in once) == word:
            return times
    return 0

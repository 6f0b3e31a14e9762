"""Titles, authors and dates of documents, by their text and by the properties of their file."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

import regex

from config import data
from retrieval.reading.text.cleaning import is_sentence, same_line
from retrieval.reading.text.datewords import dates_in
from retrieval.text.analysis import analyse

_TITLE_CHARS = 150
_CUT_CHARS = 90
_HEAD_LINES = 6
_FIRST_SENTENCE = re.compile(r".{20,}?[.!?…](?=[\s»”\"]|$)")


def title_of(text: str) -> str:
    """The title that a text gives itself.

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


# --- by-lines, in print and in exports of databases ------------------------------------------

_WORDS = data.load("reading/databases.toml")
_NAME_CHARS = 80
_PARTICLES = frozenset(_WORDS["particles"].split())
_BY = re.compile(_WORDS["by"], re.I)
_AUTHORED = re.compile(_WORDS["authored"], re.I)
_MAIL = re.compile(r"\S{1,60}@\S{1,60}")
_TOKEN = re.compile(r"[^\W\d_][\w'’.-]*")
_ELISION = re.compile(r"^[dl]['’]", re.I)


def is_name(line: str) -> bool:
    """Whether a line is nothing but the names of people, as a by-line is."""
    if not line or len(line) > _NAME_CHARS or line[-1] in ".!?:…" or any(map(str.isdigit, line)):
        return False
    words = [_ELISION.sub("", word) for word in _TOKEN.findall(_MAIL.sub("", line))]
    names = [word for word in words if word and word.lower() not in _PARTICLES]
    return 2 <= len(names) <= 10 and all(name[0].isupper() for name in names)


def is_byline(line: str) -> bool:
    """Whether a line names an author, with a word that says so or without."""
    return (len(line) <= 2 * _NAME_CHARS and _BY.match(line) is not None) or is_name(line)


def without_by(line: str) -> str:
    """The names of a by-line."""
    match = _BY.match(line)
    return line[match.end() :].strip() if match else line


def without_author_word(words: str) -> str:
    """An author without the word before the name: ``Ève Morin`` of ``Par Ève Morin``."""
    return _AUTHORED.sub("", words)


def is_signed(line: str) -> bool:
    """Whether a line is a word that names an author and the names, and nothing else."""
    match = _BY.match(line) if len(line) <= _NAME_CHARS else None
    return match is not None and is_name(line[match.end() :].strip())


# --- properties of PDF and Word files --------------------------------------------------------
# They are the file's, and mostly not the article's: the title of the template, the name of the
# computer's owner, the day of a scan. They count only where they agree with the text.

_PROPERTIES = data.load("reading/properties.toml")
_LOOKED_AT = 20_000  # characters of a text
_NEAR = timedelta(days=7)
_YEAR = re.compile(r"(?<![\d.,])(?:1[6-9]|20)\d\d(?!\s?%|\d|[.,]\d)")
_ENDING = re.compile(rf"\S\.(?:{'|'.join(_PROPERTIES['title']['endings'].split())})$", re.I)
_ENOUGH = 0.5  # of the words of a title stand in the text
_SECONDS = 0.2  # for one pattern: values may be hostile


@lru_cache(maxsize=4)
def _patterns(field: str) -> tuple[regex.Pattern[str], ...]:
    return tuple(regex.compile(pattern, regex.IGNORECASE) for pattern in _PROPERTIES[field]["none"])


def own_title(value: str) -> str:
    """The title in a property of a file; ``""`` when a program or a template wrote it."""
    before = regex.compile(_PROPERTIES["title"]["before"], regex.IGNORECASE)
    match = before.match(value, timeout=_SECONDS)
    title = value[match.end() :] if match else value
    return "" if _ENDING.search(title) or _is_none("title", title) else title


def own_author(value: str) -> str:
    """The author in a property of a file; ``""`` for a computer, a program or a role."""
    return "" if _is_none("author", value) else value


def _is_none(field: str, value: str) -> bool:
    try:
        return any(one.fullmatch(value, timeout=_SECONDS) for one in _patterns(field))
    except TimeoutError:
        return True


def title_agrees(title: str, text: str) -> bool:
    """Whether a text speaks of what a title says: half of its words at least stand in it."""
    wanted = set(analyse(title))
    if not wanted:
        return False
    there = set(analyse(text[:_LOOKED_AT]))
    return len(wanted & there) >= _ENOUGH * len(wanted)


def day_agrees(day: date, text: str, today: date) -> bool:
    """Whether a text may well be of the day when its file was made.

    Args:
        day: when the file was made, as it says itself.
        text: the article with its title and the name of its file.
        today: years after it are plans.

    Returns:
        whether the text names a day within a week of it; or its year, and no later one: what
        was written years after a template was made speaks of these years.
    """
    named = dates_in(text[:_LOOKED_AT], today)
    if any(one.day and abs(one.first_day - day) <= _NEAR for one in named):
        return True
    years = {int(year) for year in _YEAR.findall(text[:_LOOKED_AT])}
    return day.year == max((year for year in years if year <= today.year), default=0)

"""Properties of PDF and Word files: they are the file's, and mostly not the article's.

A file keeps the title of the template it was made from, the name of the computer's owner, and
the day when somebody scanned a paper or wrote the first letter into the template. They count
only where they agree with the text.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

import regex

from config import data
from retrieval.reading.text.datewords import dates_in
from retrieval.text.analysis import analyse

_WORDS = data.load("reading/properties.toml")
_LOOKED_AT = 20_000  # characters of a text
_NEAR = timedelta(days=7)
_YEAR = re.compile(r"(?<![\d.,])(?:1[6-9]|20)\d\d(?!\s?%|\d|[.,]\d)")
_ENDING = re.compile(rf"\S\.(?:{'|'.join(_WORDS['title']['endings'].split())})$", re.I)
_ENOUGH = 0.5  # of the words of a title stand in the text
_SECONDS = 0.2  # for one pattern: a value is what somebody else wrote


@lru_cache(maxsize=4)
def _patterns(field: str) -> tuple[regex.Pattern[str], ...]:
    return tuple(regex.compile(pattern, regex.IGNORECASE) for pattern in _WORDS[field]["none"])


def own_title(value: str) -> str:
    """The title in a property of a file; ``""`` when a program or a template wrote it."""
    before = regex.compile(_WORDS["title"]["before"], regex.IGNORECASE)
    found = before.match(value, timeout=_SECONDS)
    title = value[found.end() :] if found else value
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

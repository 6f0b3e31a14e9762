"""Whether a text says nothing that another does not say: a copy of it, perhaps cut or signed.

Agency copy is published again under another headline, without its last paragraphs, with
another signature. A bulletin (weather, stock exchange, results) repeats the sentences of the
one before, and is other news: its numbers, dates and names are others. So a copy is a text
nearly all of whose runs of words stand in the other, and none of whose numbers, dates and
names is new there; a number is the same only among the same words. What the copy leaves
out does not matter, but what it adds does: a fuller text is no copy of a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from config import data
from retrieval.analysis import fold
from retrieval.likeness import runs, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.likeness import Token
    from retrieval.vocabulary import PublicationDate

LEAST_SHARE = 0.8
"""Of the runs of words of a copy, so many stand in the original."""
_LEAST_WORDS = 40
"""A shorter text is a copy only word for word, and of the same day: notices come back."""
_AROUND = 3
"""A number is known when a run of so many words that holds it is."""
_SIGNATURE_WORDS = 12
"""Names are no news in a first or last line of so few words."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A text as it was published once.

    Args:
        title: its headline.
        text: without it.
        published: when.
        names: of the outlet and the author.
    """

    title: str
    text: str
    published: PublicationDate | None = None
    names: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    numbers: frozenset[str]
    days: tuple[tuple[str, ...], ...]
    months: tuple[tuple[str, ...], ...]
    agencies: frozenset[str]

    @property
    def dates(self) -> frozenset[str]:
        """The names of days and months in all languages."""
        return frozenset(name for language in (*self.days, *self.months) for name in language)


def shared_share(draft: Edition, other: Edition) -> float:
    """The share of the runs of words of a text that stand in another (0 to 1)."""
    mine, its = (runs([t.word for t in tokens(edition.text)]) for edition in (draft, other))
    return len(mine & its) / len(mine)


def copied_share(draft: Edition, original: Edition) -> float | None:
    """How much of a copy stands in its original (0 to 1); None when it is no copy of it.

    Args:
        draft: what may be a copy.
        original: what may be its original.
    """
    mine, its = tokens(draft.text), tokens(original.text)
    said, known = [token.word for token in mine], [token.word for token in its]
    if len(said) < _LEAST_WORDS:
        same = said == known and draft.published == original.published
        return 1.0 if said and same else None
    wanted = runs(said)
    share = len(wanted & runs(known)) / len(wanted)
    if share < LEAST_SHARE or any(_news(draft, original, mine, its)):
        return None
    return share


def _news(
    draft: Edition, original: Edition, mine: Sequence[Token], its: Sequence[Token]
) -> Iterator[bool]:
    """Whether each number, date and name of a text is new to another."""
    known = [fold(token.word) for token in its]
    places = _neighbourhoods(known)
    vocabulary = {*known, *_folded(original.title), *_folded(f"{draft.names} {original.names}")}
    vocabulary |= _words().agencies
    counting = _words().numbers | _words().dates
    said = [fold(token.word) for token in mine]
    today = _said_in_passing(draft, original)
    signed = _signature_places(draft.text, len(mine))
    yield not _telling(draft.title) <= vocabulary
    for at, (token, word) in enumerate(zip(mine, said, strict=True)):
        if token.is_number or word in counting:
            in_passing = word in today and _is_date(said, at)
            yield not in_passing and _neighbourhoods(said, at).isdisjoint(places)
        elif token.text[0].isupper() and not token.begins and at not in signed:
            yield word not in vocabulary


def _telling(title: str) -> set[str]:
    """The numbers, dates and names of a headline; one In Title Case shows no names."""
    found = tokens(title)
    inner = [token for token in found if not token.begins and not token.is_number]
    capitals = [token for token in inner if token.text[0].isupper()]
    names = capitals if 2 * len(capitals) <= len(inner) else []
    counting = _words().numbers | _words().dates
    numbers = [token for token in found if token.is_number or fold(token.word) in counting]
    return {fold(token.word) for token in (*names, *numbers)}


def _folded(text: str) -> list[str]:
    return [fold(token.word) for token in tokens(text)]


def _neighbourhoods(found: Sequence[str], around: int | None = None) -> set[str]:
    """The runs of `_AROUND` words of a text, or those of them that hold one word."""
    first, last = 0, len(found) - _AROUND
    if around is not None:
        first, last = max(0, around - _AROUND + 1), min(last, around)
    return {" ".join(found[at : at + _AROUND]) for at in range(first, last + 1)}


def _said_in_passing(draft: Edition, original: Edition) -> frozenset[str]:
    """The words that date a text, when both were published on that day: "mardi 9 juin"."""
    day = draft.published
    if day is None or not day.day or day != original.published:
        return frozenset()
    names = {language[day.first_day.weekday()] for language in _words().days}
    names |= {language[day.month - 1] for language in _words().months}
    return frozenset({*names, str(day.day), f"{day.day:02d}", str(day.year)})


def _is_date(said: Sequence[str], at: int) -> bool:
    """Whether a word dates something: a day or a month, or a number beside one."""
    return any(word in _words().dates for word in said[max(0, at - 1) : at + 2])


def _signature_places(text: str, count: int) -> frozenset[int]:
    """Which words stand in a short first or last line, where a text is signed."""
    lines = [line for line in text.splitlines() if line.strip()]
    first, last = len(tokens(lines[0])), len(tokens(lines[-1]))
    places: set[int] = set()
    if len(lines) > 1:
        places |= set(range(first if first <= _SIGNATURE_WORDS else 0))
        places |= set(range(count - (last if last <= _SIGNATURE_WORDS else 0), count))
    return frozenset(places)


@lru_cache(maxsize=1)
def _words() -> _Words:
    listed = data.load("likeness.toml")
    languages = {
        name: tuple(tuple(map(fold, line.split())) for line in listed[name])
        for name in ("days", "months")
    }
    return _Words(
        frozenset(map(fold, listed["numbers"].split())),
        languages["days"],
        languages["months"],
        frozenset(map(fold, listed["agencies"].split())),
    )

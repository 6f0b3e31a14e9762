"""Whether a text says nothing that another does not say: a copy of it, perhaps cut or signed.

Agency copy is published again under another headline, without its last paragraphs, with
another signature. A bulletin (weather, stock exchange, results) repeats the sentences of the
one before, and is other news: its numbers, dates and names are others. So a copy is a text
nearly all of whose runs of words stand in the other, and none of whose numbers, dates and
names is new there; they are the same only among the same words. What the copy leaves out
does not matter, but what it adds does: a fuller text is no copy of a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from config import data
from retrieval.change.report import Like
from retrieval.text.analysis import fold
from retrieval.text.dates import full_names
from retrieval.text.likeness import MOST_CHARS, agreement, bands, runs, signature, tokens, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from retrieval.archive.similar import SimilarArticles
    from retrieval.text.likeness import Token
    from retrieval.vocabulary import Article, Draft, PublicationDate

MIN_SHARE = 0.8
"""Of the runs of words of a copy, so many stand in the original."""
_MIN_WORDS = 40
"""A shorter text is a copy only word for word, and of the same day: notices come back."""
_SMALL_WORD = 2  # letters: articles and prepositions
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
class _DateWords:
    days: tuple[tuple[str, ...], ...]
    months: tuple[tuple[str, ...], ...]
    agencies: frozenset[str]

    dates: frozenset[str]
    counting: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The words of a text; ``gaps`` are where the day of its publication was left out."""

    tokens: list[Token]
    words: list[str]
    gaps: list[int]

    def counts(self, at: int) -> bool:
        """Whether a word is a number or part of a date."""
        return self.tokens[at].is_number or self.words[at] in _words().counting

    def triples_around(self, at: int) -> Iterator[tuple[str, ...]]:
        """The runs of three words that hold a word."""
        for start in range(max(0, at - 2), min(at, len(self.words) - 3) + 1):
            yield tuple(self.words[start : start + 3])

    def pairs_around(self, at: int) -> Iterator[tuple[str, ...]]:
        """A word with the one before it, and with the one that follows in its sentence."""
        yield tuple(self.words[at - 1 : at + 1])
        if at + 1 < len(self.words) and not self.tokens[at + 1].begins:
            yield tuple(self.words[at : at + 2])


def shared_share(draft: Edition, other: Edition) -> float:
    """The share of the runs of words of a text that stand in another (0 to 1).

    Only beginnings of very long texts are looked at.
    """
    mine, its = (runs(words(edition.text[:MOST_CHARS])) for edition in (draft, other))
    return len(mine & its) / len(mine)


def copied_share(draft: Edition, original: Edition) -> float | None:
    """How much of a copy stands in its original (0 to 1); None when it is no copy of it."""
    passing = _day_of_both(draft, original)
    mine, its = _read(draft.text, passing), _read(original.text, passing)
    if len(mine.words) < _MIN_WORDS:
        same = mine.words == its.words and draft.published == original.published
        return 1.0 if mine.words and same else None
    wanted = runs(mine.words)
    share = len(wanted & runs(its.words)) / len(wanted)
    if share < MIN_SHARE or any(_news(draft, original, mine, its)):
        return None
    return share


def _news(draft: Edition, original: Edition, mine: _Reading, its: _Reading) -> Iterator[bool]:
    """Whether each number, date and name of a text is new to another, or what it is about."""
    signing = {*_folded(f"{draft.names} {original.names}"), *_words().agencies}
    headline = _folded(f"{original.title}\n{original.text}")
    yield not _telling(draft.title) <= {*headline, *signing}
    subject = {word for word in _folded(draft.title) if len(word) > _SMALL_WORD}
    yield not subject.isdisjoint(set(mine.words) - {*headline, *signing})
    facts = [at for at in _facts(mine, draft.text) if mine.words[at] not in signing]
    triples = set(zip(its.words, its.words[1:], its.words[2:], strict=False))
    pairs = set(pairwise(its.words))
    for at in facts:
        yield not any(triple in triples for triple in mine.triples_around(at))
        if not mine.counts(at):  # a name stands between the same two words
            yield not all(pair in pairs for pair in mine.pairs_around(at))
    # In their order: figures that change places are other news.
    following = iter(its.words)
    yield not all(mine.words[at] in following for at in facts)
    yield from _days_elsewhere(mine, its, pairs)


def _facts(mine: _Reading, text: str) -> Iterator[int]:
    signed = _signature_places(text, len(mine.words))
    for at, token in enumerate(mine.tokens):
        named = token.text[0].isupper() and not token.begins and at not in signed
        if mine.counts(at) or named:
            yield at


def _days_elsewhere(mine: _Reading, its: _Reading, pairs: Set[tuple[str, str]]) -> Iterator[bool]:
    """Whether the day of publication stands where the other text names another day."""
    own, known = mine.words, its.words
    left = {(known[gap - 2], known[gap - 1]) for gap in its.gaps if gap > 1}
    for gap in mine.gaps:
        if 1 < gap < len(own):
            named_too = (own[gap - 2], own[gap - 1]) in left
            yield not named_too and (own[gap - 1], own[gap]) not in pairs


def _telling(title: str) -> set[str]:
    """The numbers, dates and names of a headline; one In Title Case shows no names."""
    read = _read(title, frozenset())
    inner = [at for at, token in enumerate(read.tokens) if not token.begins and not read.counts(at)]
    capitals = [at for at in inner if read.tokens[at].text[0].isupper()]
    names = capitals if 2 * len(capitals) <= len(inner) else []
    counted = [at for at in range(len(read.words)) if read.counts(at)]
    return {read.words[at] for at in (*names, *counted)}


def _folded(text: str) -> list[str]:
    return [fold(token.word) for token in tokens(text)]


def _day_of_both(draft: Edition, original: Edition) -> frozenset[str]:
    """The words that name the day on which both texts were published, if it is one."""
    day = draft.published
    if day is None or not day.day or day != original.published:
        return frozenset()
    names = {language[day.first_day.weekday()] for language in _words().days}
    names |= {language[day.month - 1] for language in _words().months}
    return frozenset({*names, str(day.day), f"{day.day:02d}", str(day.year)})


def _read(text: str, passing: frozenset[str]) -> _Reading:
    """The words of a text without the day of its publication: "mardi", or "mardi 9 juin"."""
    remaining: list[Token] = []
    gaps: list[int] = []
    names = frozenset(name for language in _words().days for name in language)
    for dating, group in groupby(tokens(text), _may_date):
        together = list(group)
        named = {fold(token.word) for token in together}
        if dating and named <= passing and (named & names or len(named) > 1):
            gaps.append(len(remaining))
        else:
            remaining += together
    return _Reading(remaining, [fold(token.word) for token in remaining], gaps)


def _may_date(token: Token) -> bool:
    return token.is_number or fold(token.word) in _words().dates


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
def _words() -> _DateWords:
    days, months = (
        tuple(full_names(of, language) for language in ("fr", "en"))
        for of in ("weekdays", "months")
    )
    dates = frozenset(name for language in (*days, *months) for name in language)
    agencies = data.load("words/prose.toml")["agencies"]["names"]
    numbers = data.load("words/numbers.toml")["counting"]["words"]
    return _DateWords(
        days,
        months,
        frozenset(map(fold, agencies.split())),
        dates,
        dates | frozenset(map(fold, numbers.split())),
    )


_MIN_AGREEMENT = 0.25
_MAX_COMPARED = 8  # whole texts; the likeliest


@dataclass(frozen=True, slots=True)
class _Pending:
    """A draft of this run that no archive holds yet."""

    draft: Draft
    signature: bytes
    bands: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Likely:
    """An article whose signature agrees, and where its text is."""

    agreed: float
    article_id: str
    draft: Draft | None = None
    archive: SimilarArticles | None = None
    revision: int = 0


class DuplicateFinder:
    """Looks among the archive, what the run has staged, and what it is about to stage.

    Args:
        archives: the archive, and what holds the texts of this run if that is another.
        signing: make and compare signatures; without them nothing is found to be a copy.
    """

    def __init__(self, archives: Sequence[SimilarArticles], *, signing: bool = True) -> None:
        self._archives = archives
        self._signing = signing
        self._pending: dict[str, _Pending] = {}
        self._noted: set[str] = set()
        self._signed = ("", b"")  # the last draft that was looked for is often noted next

    def article(self, article_id: str) -> Article | None:
        """An article as it is in the archive, before this run."""
        return next((found for s in self._archives if (found := s.before(article_id))), None)

    def find(self, draft: Draft) -> Like | None:
        """The article that says already what a draft says, and how much of it."""
        value = self._signature(draft)
        wanted = bands(value)
        mine = _edition(draft)
        likely = sorted(self._likely(value, wanted), key=lambda one: one.agreed, reverse=True)
        best: Like | None = None
        for one in likely[:_MAX_COMPARED]:
            other = one.draft or (one.archive.of_revision(one.revision) if one.archive else None)
            share = copied_share(mine, _edition(other)) if other else None
            if other and share is not None and (best is None or share > best.share):
                best = Like(one.article_id, other.title, share)
            if best and best.share == 1.0:
                break
        return best

    def share(self, draft: Draft, article_id: str) -> float:
        """How much of a draft an article says too, as this run leaves it (0 to 1)."""
        if (pending := self._pending.get(article_id)) is not None:
            return shared_share(_edition(draft), _edition(pending.draft))
        held = (archive.after(article_id) for archive in reversed(self._archives))
        found = next((article for article in held if article), None)
        return shared_share(_edition(draft), _edition(found)) if found else 0.0

    def note(self, article_id: str, draft: Draft) -> None:
        """An article will say this: later drafts of the run may repeat it."""
        value = self._signature(draft)
        self._pending[article_id] = _Pending(draft, value, frozenset(bands(value)))
        self._noted.add(article_id)

    def staged(self) -> list[tuple[str, bytes]]:
        """What was noted is staged in an archive now; its signatures, by article."""
        signed = [(id_, pending.signature) for id_, pending in self._pending.items()]
        self._pending.clear()
        return signed if self._signing else []

    def _likely(self, value: bytes, wanted: Sequence[int]) -> Iterator[_Likely]:
        for article_id, pending in self._pending.items():
            if not pending.bands.isdisjoint(wanted):
                agreed = agreement(value, pending.signature)
                if agreed >= _MIN_AGREEMENT:
                    yield _Likely(agreed, article_id, draft=pending.draft)
        for archive in self._archives:
            for found in archive.candidates(wanted):
                agreed = agreement(value, found.signature)
                replaced = found.article_id in self._noted and not found.staged
                if agreed >= _MIN_AGREEMENT and not replaced:
                    yield _Likely(
                        agreed, found.article_id, archive=archive, revision=found.revision
                    )

    def _signature(self, draft: Draft) -> bytes:
        if not self._signing:
            return b""
        if self._signed[0] != draft.text:
            self._signed = (draft.text, signature(draft.text))
        return self._signed[1]


def _edition(article: Draft | Article) -> Edition:
    names = f"{article.outlet or ''} {article.author or ''}"
    return Edition(article.title, article.text, article.published, names)

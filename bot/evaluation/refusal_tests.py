"""Tests of refusal, made from the archive itself, without a model.

Of a question that the archive answers (or of the title of an article, taken for a search) one
thing is replaced: a year by one outside what the archive covers, a number by another, or a name
by one of another article that stands there after the same word ("à Lyon", "d'Obama"). A test is
kept when the new name, number or year stands nowhere in the article that answered, and no
passage found for the changed question holds it beside half of the question's other words.

They are mechanical. Many are plainly absurd, so that they are easier to refuse than the near
misses that people write; a few may be answerable by an article that search did not find. They
tell whether a change makes refusals better or worse, on any archive; they do not stand for
questions that people ask.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.evaluation.questions import KnownQuestion
from bot.evaluation.run import searched
from retrieval.text.analysis import analyse, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.app import Kiosque
    from retrieval.change import Progress
    from retrieval.vocabulary import Article, Coverage

_NAME = re.compile(r"(?<!\w)([a-zà-ÿ]+(?:[’'] ?| ))([A-ZÀ-Ý][\w-]+(?: [A-ZÀ-Ý][\w-]+){0,3})")
"""A word in small letters, then one to four with a capital: never the first of a sentence."""
_NUMBER = re.compile(r"(?<![\w.,])\d{1,6}(?![\w.,]*\d|\w)")
_YEARS = range(1900, 2100)
_ARTICLES = 400
"""Articles that names are taken from."""
_CHARACTERS = 20_000
"""Of an article that are looked through for names."""
_DEPTH = 10
_ROUNDS = 3
"""Tests made of one question at most."""

Names = dict[tuple[str, int], list[str]]
"""Names by the word before them and by how many words they have."""


@dataclass(frozen=True, slots=True)
class _Base:
    """A text that the archive answers, and the article that does."""

    known: KnownQuestion
    article: Article


@dataclass(frozen=True, slots=True)
class _Test:
    """A question, and what was put into it."""

    known: KnownQuestion
    new: str


@dataclass(frozen=True, slots=True)
class _Swap:
    """A part of a text, and what may stand there instead."""

    kind: str
    start: int
    end: int
    instead: tuple[str, ...]


def made_unanswerable(
    app: Kiosque, questions: Sequence[KnownQuestion], max_tests: int, seed: int, progress: Progress
) -> list[KnownQuestion]:
    """At most so many unanswerable questions; fewer when the archive gives no more.

    Args:
        app: with the archive.
        questions: that it answers; none, to make the tests of titles.
        max_tests: how many to make.
        seed: the same seed makes the same tests of the same archive.
        progress: is advanced by each test.
    """
    drawn = random.Random(seed)  # noqa: S311 - the same tests every time, no secret
    articles = _sampled(app, drawn)
    names, coverage = _names_of(articles), app.reader.coverage()
    bases = list(_asked(app, questions) if questions else _titled(articles))
    drawn.shuffle(bases)
    progress.stage("refusals", max_tests)
    made: dict[str, KnownQuestion] = {}
    for base in bases * _ROUNDS:
        if len(made) >= max_tests:
            break
        test = _made(base, names, coverage, drawn, f"made-{len(made) + 1}")
        if test and test.known.question not in made and not _may_be_answered(app, base, test):
            made[test.known.question] = test.known
            progress.advance(1)
    return list(made.values())


def _sampled(app: Kiosque, drawn: random.Random) -> list[Article]:
    ids = sorted(entry.id for entry in app.reader.entries(withdrawn=False))
    chosen = drawn.sample(ids, min(_ARTICLES, len(ids)))
    found = app.reader.articles_of(chosen)
    return [found[id_] for id_ in chosen if id_ in found]


def _names_of(articles: Iterable[Article]) -> Names:
    names: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for article in articles:
        for before, name in _NAME.findall(article.text[:_CHARACTERS]):
            names[before, len(name.split())][name] = None
    return {key: list(found) for key, found in names.items()}


def _asked(app: Kiosque, questions: Sequence[KnownQuestion]) -> Iterator[_Base]:
    """The answerable questions whose article is found; a follow-up does not stand alone."""
    for known in questions:
        if known.answerable and not known.history:
            for one in searched(app, known, _DEPTH, reader=False):
                if known.is_answered_in(one.article):
                    yield _Base(known, one.article)
                    break


def _titled(articles: Iterable[Article]) -> Iterator[_Base]:
    for article in articles:
        yield _Base(KnownQuestion(article.id, article.title, style="title"), article)


def _made(
    base: _Base, names: Names, coverage: Coverage, drawn: random.Random, id_: str
) -> _Test | None:
    """A test of a text with one thing replaced; None when nothing of it can be."""
    text, article = base.known.question, base.article
    standing = fold(f"{article.title}\n{article.text}")
    swaps = [*_name_swaps(text, standing, names), *_number_swaps(text, standing, coverage)]
    if not swaps:
        return None
    swap = drawn.choice(swaps)
    new = drawn.choice(swap.instead)
    changed = f"{text[: swap.start]}{new}{text[swap.end :]}"
    known = KnownQuestion(id_, changed, kind=swap.kind, answerable=False, style=base.known.style)
    return _Test(known, new)


def _name_swaps(
    text: str, standing: str, names: Mapping[tuple[str, int], list[str]]
) -> list[_Swap]:
    swaps = []
    for match in _NAME.finditer(text):
        before, name = match.groups()
        if fold(name) in standing:
            others = names.get((before, len(name.split())), [])
            absent = tuple(one for one in others if fold(one) not in standing)
            swaps += [_Swap("other-entity", match.start(2), match.end(2), absent)]
    return [swap for swap in swaps if swap.instead]


def _number_swaps(text: str, standing: str, coverage: Coverage) -> list[_Swap]:
    swaps = []
    for match in _NUMBER.finditer(text):
        number = int(match[0])
        year = len(match[0]) == 4 and number in _YEARS
        others = _years_outside(coverage) if year else range(max(2, number // 2), 2 * number + 3)
        absent = tuple(str(one) for one in others if str(one) not in standing)[:200]
        kind = "other-period" if year else "other-number"
        swaps += [_Swap(kind, match.start(), match.end(), absent)] if absent else []
    return swaps


def _years_outside(coverage: Coverage) -> list[int]:
    first = coverage.first.year if coverage.first else _YEARS[-1]
    last = coverage.last.year if coverage.last else _YEARS[-1]
    return [*range(first - 30, first - 1), *range(last + 2, last + 12)]


def _may_be_answered(app: Kiosque, base: _Base, test: _Test) -> bool:
    """Whether a found passage holds the new word beside half of the question's other words."""
    others = set(analyse(base.known.question)) & set(analyse(test.known.question))
    passages = [one.passage.text for one in searched(app, test.known, _DEPTH, reader=False)]
    return any(
        fold(test.new) in fold(text) and len(others & set(analyse(text))) * 2 >= len(others)
        for text in passages
    )

"""Tests of refusal made from an archive: what is replaced, and that it stands nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.evaluation.questions import KnownQuestion, read_questions
from bot.evaluation.refusal_tests import made_unanswerable
from config.settings import Settings
from retrieval.change import Silent
from retrieval.text.analysis import fold
from tests.sample_home import DATA, TODAY

QUESTIONS = read_questions(DATA / "questions.jsonl")
KINDS = {"other-entity", "other-period", "other-number"}


@pytest.fixture(scope="module")
def app(sample_home: Path) -> Iterator[Kiosque]:
    """Kiosque over the sample articles."""
    with Kiosque(Settings(home=sample_home), lambda: TODAY) as app:
        yield app


def texts(app: Kiosque) -> dict[str, str]:
    """The sample articles, by file name."""
    found = {}
    for entry in app.reader.entries():
        article = app.reader.article(entry.id)
        found[entry.source.rpartition("/")[2]] = fold(f"{article.title}\n{article.text}")
    return found


def new_words(test: KnownQuestion, base: KnownQuestion) -> str:
    """What a test has in the place where its question had something else."""
    one, other = test.question, base.question
    start = next(at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    end = 0
    while one[-1 - end] == other[-1 - end] and end < min(len(one), len(other)) - start - 1:
        end += 1
    start = one.rfind(" ", 0, start) + 1
    return one[start : len(one) - end]


def origin(test: KnownQuestion) -> KnownQuestion:
    """The question that a test was made of: the one that shares most of its words."""
    words = set(test.question.split())
    return max(QUESTIONS, key=lambda known: len(words & set(known.question.split())))


def test_tests_are_made_of_questions(app: Kiosque) -> None:
    """Each is another question, unanswerable, with a kind; nothing new stands in the article."""
    made = made_unanswerable(app, QUESTIONS, 12, 0, Silent())
    asked = {known.question for known in QUESTIONS}
    assert len(made) == 12
    assert len({test.question for test in made} - asked) == 12
    assert len({test.id for test in made}) == 12
    assert not any(test.answerable for test in made)
    assert {test.kind for test in made} <= KINDS
    archive = texts(app)
    for test in made:
        base = origin(test)
        assert all(fold(new_words(test, base)) not in archive[name] for name in base.articles)


def test_same_seed_makes_the_same_tests(app: Kiosque) -> None:
    """A run can be repeated; another seed makes other tests."""
    first, again, other = (
        [test.question for test in made_unanswerable(app, QUESTIONS, 8, seed, Silent())]
        for seed in (3, 3, 4)
    )
    assert first == again != other


def test_without_questions_titles_are_changed(app: Kiosque) -> None:
    """An archive that nobody has written questions for gives tests from its titles."""
    titles = {entry.title for entry in app.reader.entries()}
    made = made_unanswerable(app, (), 5, 0, Silent())
    assert made
    assert not titles & {test.question for test in made}
    assert {test.style for test in made} == {"title"}


def test_archive_gives_only_so_many(app: Kiosque) -> None:
    """When no more can be made, fewer are given rather than the same ones again."""
    made = made_unanswerable(app, QUESTIONS[:3], 10_000, 0, Silent())
    assert len(made) <= 9
    assert len({test.question for test in made}) == len(made)


def test_year_outside_the_archive(app: Kiosque) -> None:
    """A year is replaced by one that the archive does not cover."""
    known = KnownQuestion(
        "1",
        "Combien de stations la ligne T2 votée en 2019 aura-t-elle ?",
        articles=("tramway-t2-vote.txt",),
    )
    coverage = app.reader.coverage()
    assert coverage.first
    assert coverage.last
    years = [
        int(test.question.partition(" en ")[2][:4])
        for seed in range(8)
        for test in made_unanswerable(app, [known], 1, seed, Silent())
        if test.kind == "other-period"
    ]
    assert years
    assert all(not coverage.first.year <= year <= coverage.last.year for year in years)

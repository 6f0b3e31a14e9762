"""The gap report: questions that the archive did not answer, grouped by subject, without names.

Two questions are of one subject when their vectors are near and they share words; without
vectors, when they share enough words. Privacy: a group shows one of its questions only
when enough different people asked it; smaller groups are counted, not shown. In what is shown,
addresses, user names and long numbers are masked.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.memory.values import TERMINAL
from retrieval.errors import Failed
from retrieval.text.analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from bot.memory.reports import UnansweredQuestion
    from retrieval.embedding.embedder import Embedder

    Vector = NDArray[np.float32]

NEAR = 0.955
"""Cosine, and half the share of words, of two questions of one subject: chosen on train
(`tests.benchmarks.gaps`)."""

_ENOUGH_WORDS = 0.2
"""The share of words that decides where there are no vectors; chosen likewise."""
_MIN_WORDS = 2
"""A question of fewer ("et combien ?") follows another, and has no subject of its own."""
_MAX_READ = 1_000
_MAX_CHARS = 200
_MASK = "…"
_MASKED = re.compile(
    r"""[\w.+-]+@[\w-]+(?:\.[\w-]+)+       # an address of mail
    | (?:https?://|www\.)\S+               # an address of the web
    | (?<!\w)@\w{3,}                       # a user name
    | (?<!\w)\+?\d(?:[\s.()/-]{0,2}\d){5,} # six digits or more: a phone, an account, a card
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A subject that readers asked about in vain.

    Args:
        question: the wording that is nearest to all others, masked.
        questions: how many questions.
        people: how many different people asked.
        refused: how many were refused; the others had an unsure answer.
        last: the day of the newest.
    """

    question: str
    questions: int
    people: int
    refused: int
    last: date


@dataclass(frozen=True, slots=True)
class GapReport:
    """What readers asked in vain.

    Args:
        since: the first moment of the report.
        questions: how many questions were refused or unsure.
        gaps: the subjects, the most asked first.
        withheld: questions of subjects that too few people asked about to be shown.
    """

    since: datetime
    questions: int = 0
    gaps: tuple[Gap, ...] = ()
    withheld: int = 0


@dataclass(slots=True)
class _Subject:
    """Questions of one subject, while they are grouped."""

    members: list[_Asked] = field(default_factory=list)
    total: Vector | None = None

    def add(self, asked: _Asked) -> None:
        self.members.append(asked)
        if asked.vector is not None:
            self.total = asked.vector if self.total is None else self.total + asked.vector

    def nearness(self, asked: _Asked) -> float:
        """How near a question is to the middle of the group; 0 when it is of another subject."""
        shared = max(share_of_words(one.words, asked.words) for one in self.members)
        if self.total is None or asked.vector is None:
            return shared if shared >= _ENOUGH_WORDS else 0.0
        near = _cosine(self.total, asked.vector) + shared / 2
        return near if shared and near >= NEAR else 0.0


@dataclass(frozen=True, slots=True)
class _Asked:
    question: UnansweredQuestion
    words: frozenset[str]
    vector: Vector | None


def gap_report(
    questions: Sequence[UnansweredQuestion],
    since: datetime,
    min_people: int,
    embedder: Callable[[], Embedder] | None = None,
    *,
    own: bool = False,
) -> GapReport:
    """Group the questions that were not answered.

    Args:
        questions: any order.
        since: the first moment of the report.
        min_people: of groups of fewer people nothing is shown.
        embedder: gives the embedding model; without one, or when it is away, words alone decide.
        own: show what was asked in a terminal of this machine, whoever else asked it.
    """
    subjects = _subjects(questions, embedder)
    shown = [one for one in subjects if _may_be_shown(one, min_people, own=own)]
    gaps = sorted(map(_gap, shown), key=lambda gap: (-gap.people, -gap.questions, gap.question))
    withheld = len(questions) - sum(gap.questions for gap in gaps)
    return GapReport(since, len(questions), tuple(gaps), withheld)


def by_subject(
    questions: Sequence[UnansweredQuestion], embedder: Callable[[], Embedder] | None = None
) -> list[list[UnansweredQuestion]]:
    """The questions that name a subject, in groups; see `gap_report`."""
    return [[one.question for one in subject.members] for subject in _subjects(questions, embedder)]


def _subjects(
    questions: Sequence[UnansweredQuestion], embedder: Callable[[], Embedder] | None
) -> list[_Subject]:
    """Group questions, oldest first: each joins the nearest group, or begins one."""
    subjects: list[_Subject] = []
    for asked in sorted(_asked(questions, embedder), key=lambda one: one.question.at):
        if len(asked.words) < _MIN_WORDS:
            continue
        near = max(subjects, key=lambda subject: subject.nearness(asked), default=None)
        if near is None or near.nearness(asked) <= 0:
            near = _Subject()
            subjects.append(near)
        near.add(asked)
    return subjects


def weekly_moment(now: datetime, weekday: int, hour: int) -> datetime:
    """The last moment at which a weekly report was due.

    Args:
        now: with the time zone in which the hour is meant.
        weekday: 0 is Monday.
        hour: by the clock of that zone, in summer and in winter.
    """
    day = now.date() - timedelta(days=(now.weekday() - weekday) % 7)
    moment = datetime.combine(day, time(hour), now.tzinfo)
    if moment > now:
        moment = datetime.combine(day - timedelta(days=7), time(hour), now.tzinfo)
    return moment


def masked_question(text: str) -> str:
    """A question on a line, without what may point to a person; shortened."""
    line = " ".join(text.split())
    if len(line) > _MAX_READ:  # without half a word at its end, which might not be masked
        line = line[:_MAX_READ].rpartition(" ")[0] or _MASK
    shown = _MASKED.sub(_MASK, line)
    return shown if len(shown) <= _MAX_CHARS else shown[: _MAX_CHARS - 1].rstrip() + _MASK


def _asked(
    questions: Sequence[UnansweredQuestion], embedder: Callable[[], Embedder] | None
) -> list[_Asked]:
    """Each question with its words and its vector."""
    texts = dict.fromkeys(" ".join(question.text.split()) for question in questions)
    vectors: dict[str, Vector] = {}
    if embedder is not None and texts:
        with suppress(Failed):  # the endpoint is away: words alone decide, for all alike
            model = embedder()
            vectors = {text: model.embed_query(text) for text in texts}
    return [
        _Asked(
            question,
            frozenset(analyse(question.text, question.language)),
            vectors.get(" ".join(question.text.split())),
        )
        for question in questions
    ]


def _may_be_shown(subject: _Subject, min_people: int, *, own: bool) -> bool:
    people = {one.question.asker for one in subject.members}
    return len(people) >= min_people or (own and TERMINAL in people)


def _gap(subject: _Subject) -> Gap:
    members = subject.members
    typical = max(members, key=lambda one: _typical(one, subject))
    return Gap(
        masked_question(typical.question.text),
        len(members),
        len({one.question.asker for one in members}),
        sum(one.question.refused for one in members),
        max(one.question.at for one in members).date(),
    )


def _typical(asked: _Asked, subject: _Subject) -> float:
    if subject.total is not None and asked.vector is not None:
        return _cosine(subject.total, asked.vector)
    return sum(share_of_words(asked.words, one.words) for one in subject.members)


def share_of_words(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of their words that two questions have in common."""
    return len(one & other) / len(one | other) if one | other else 0.0


def _cosine(one: Vector, other: Vector) -> float:
    lengths = float((one @ one) ** 0.5 * (other @ other) ** 0.5)
    return float(one @ other) / lengths if lengths else 0.0

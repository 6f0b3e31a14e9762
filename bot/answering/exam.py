"""The test that is put to a model: its items, how they are asked, and how they are graded.

The items are in ``config/trust.jsonl``, over articles made for Kiosque, in French and English:
supported and altered sentences, which the model verifies; answerable and unanswerable
questions, which it answers in writing (the verifier then checks each statement) and by choosing
among sentences. The reader chooses among the same sentences, as the baseline.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Protocol

from bot.answering.model_claims import Claim, ClaimStream, DeclinedAnswer
from bot.answering.verifying import parse_choice, parse_verdict
from bot.messages.catalogue import Catalogue
from config import data
from prompts import rendering
from prompts.rendering import PromptPassage, PromptQuestion
from retrieval.errors import AnswerFailed, WriterUnavailable
from retrieval.text.analysis import fold
from retrieval.vocabulary import PublicationDate

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence

    from bot.answering.model.protocol import ChatModel

    _Ask = Callable[[], Coroutine[None, None, "Grade"]]
    _Item = tuple[str, _Ask]  # the id of an item, and what asks it of the model

_GROUPED = re.compile(r"(?<=\d)[\s.,](?=\d{3}(?!\d))")


class Grade(StrEnum):
    """The grade of one item of the test.

    `MISSED`: nothing was said, where something was to be said, or nothing that can be read.
    """

    RIGHT = "right"
    MISSED = "missed"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class ExamSentence:
    """A sentence to verify.

    Args:
        id: of the item.
        language: of the sentence.
        passages: what it is verified against.
        text: the sentence.
        supported: whether they say all of it.
    """

    id: str
    language: str
    passages: tuple[PromptPassage, ...]
    text: str
    supported: bool


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """A question to answer.

    Args:
        id: of the item.
        posed: the question, as it is put.
        passages: the writer's.
        answerable: whether they answer it.
        accepted: groups of words; a right answer has one of each. Of an unanswerable question:
            those of a rightly corrected premise; none when nothing is to be said.
        sentences: what is chosen from, each with its title and with where it comes from.
        right: the numbers, from 1, of those that answer, or that correct the premise.
    """

    id: str
    posed: PromptQuestion
    passages: tuple[PromptPassage, ...]
    answerable: bool
    accepted: tuple[tuple[str, ...], ...]
    sentences: tuple[tuple[str, str, str], ...]
    right: frozenset[int]

    def written(self, said: str) -> Grade:
        """Grade a written answer; ``""`` is no answer."""
        if not said:
            return self.silence
        plain = _plain(said)
        right = bool(self.accepted) and all(
            any(_has(plain, word) for word in group) for group in self.accepted
        )
        return Grade.RIGHT if right else Grade.WRONG

    def selected(self, number: int | None) -> Grade:
        """Grade a choice; None is no choice."""
        if number is None:
            return self.silence
        return Grade.RIGHT if number in self.right else Grade.WRONG

    @property
    def silence(self) -> Grade:
        """The grade of giving no answer."""
        return Grade.MISSED if self.answerable else Grade.RIGHT


@dataclass(frozen=True, slots=True)
class TrustExam:
    """The items of the test; another version is another test."""

    version: int
    sentences: tuple[ExamSentence, ...]
    questions: tuple[ExamQuestion, ...]


@cache
def load_exam() -> TrustExam:
    """The test that comes with Kiosque."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in data.load_rows("trust.jsonl"):
        by_kind.setdefault(row["kind"], []).append(row)
    (head,) = by_kind["test"]
    passages = {row["id"]: row for row in by_kind["passage"]}
    today = PublicationDate.parse(head["today"])
    return TrustExam(
        head["version"],
        tuple(_sentence(row, passages) for row in by_kind["sentence"]),
        tuple(_question(row, passages, today) for row in by_kind["question"]),
    )


def _sentence(row: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> ExamSentence:
    fenced = _fenced(row, passages)
    return ExamSentence(row["id"], row["language"], fenced, row["text"], row["supported"])


def _question(
    row: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]], today: PublicationDate
) -> ExamQuestion:
    texts = Catalogue(row["language"])
    listed = [(passages[name], text) for name, text in row["sentences"]]
    return ExamQuestion(
        row["id"],
        PromptQuestion(row["text"], row["language"], texts.date(today)),
        _fenced(row, passages),
        row["answerable"],
        tuple(tuple(_plain(word) for word in group) for group in row["accepted"]),
        tuple((p["title"], f"{p['title']}, {_date(p, texts)}", text) for p, text in listed),
        frozenset(row["right"]),
    )


def _fenced(
    row: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]
) -> tuple[PromptPassage, ...]:
    texts = Catalogue(row["language"])
    return tuple(
        PromptPassage(number, one["title"], one["outlet"], _date(one, texts), one["text"])
        for number, one in enumerate((passages[name] for name in row["passages"]), 1)
    )


def _date(passage: Mapping[str, Any], texts: Catalogue) -> str:
    return texts.date(PublicationDate.parse(passage["published"]))


def _plain(text: str) -> str:
    """A text to search for words: folded, with the thousands of numbers joined."""
    return _GROUPED.sub("", fold(text.replace("’", "'")))


def _has(plain: str, word: str) -> bool:
    """Whether a folded text has a word or a word that starts with it; a number only whole."""
    end = r"(?![.,]?\d)" if word[-1:].isdigit() else ""
    return re.search(rf"(?<![\w.,]){re.escape(word)}{end}", plain) is not None


_WRITE_TOKENS, _SELECT_TOKENS, _VERIFY_TOKENS = 600, 16, 5
_STATEMENTS = 6
"""Statements of an answer that are read."""
_FAILED_IN_A_ROW = 5
"""An endpoint that gives no answer so many times in a row is away."""


class Relevance(Protocol):
    """The reader: how probably each text answers a question. Blocking; safe from a thread."""

    def relevance(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """A probability for each pair of a title and a text.

        Raises:
            KiosqueError: the reader cannot be used.
        """


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of grades."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def total(self) -> int:
        """The number of graded items."""
        return self.right + self.missed + self.wrong


@dataclass(frozen=True, slots=True)
class Marks:
    """The result of a model's test.

    Args:
        supported: supported sentences; right: let through.
        altered: altered sentences; right: stopped.
        written: questions answered in writing, as the verifier lets statements through.
        selected: the same questions, answered by choosing a sentence.
        read: the same choice by the reader alone; None without a reader.
        gained: questions that the model's choice has right, and the reader's has not.
        lost: questions that the reader's choice has right, and the model's has not.
    """

    supported: Tally
    altered: Tally
    written: Tally
    selected: Tally
    read: Tally | None = None
    gained: int = 0
    lost: int = 0


class Examination:
    """Puts the test to a model.

    Args:
        writer: the model that writes and chooses.
        verifier: the model that verifies; the same or another.
        reader: what the model's choice is compared with; None when there is none.
        sure: from which probability on the reader alone would show a sentence.
        parallel: items asked at a time.
        timeout_s: seconds for one item.
        exam: what is asked.
    """

    def __init__(
        self,
        writer: ChatModel,
        verifier: ChatModel,
        reader: Relevance | None,
        *,
        sure: float,
        parallel: int = 2,
        timeout_s: float = 60.0,
        exam: TrustExam | None = None,
    ) -> None:
        self._writer = writer
        self._verifier = verifier
        self._reader = reader
        self._sure = sure
        self._parallel = parallel
        self._timeout = timeout_s
        self._exam = exam or load_exam()
        self._failed_in_a_row = 0

    async def run(
        self,
        before: Mapping[str, Grade],
        note: Callable[[str, Grade], None],
        report: Callable[[int, int], None] | None = None,
    ) -> Marks:
        """Ask the items that have no grade yet, and count the grades.

        An item that fails counts as missed, and is asked again if the test is interrupted.

        Args:
            before: the grades of what was asked before the test was interrupted, by item.
            note: keeps a grade, so that an interrupted test goes on; called in a thread.
            report: called with the number of items done and of all items.

        Raises:
            WriterUnavailable: the endpoint is away: there are no marks.
            KiosqueError: the reader cannot be used, or a grade cannot be kept.
        """
        grades = dict(before)
        items = list(self._items())
        left = [item for item in items if item[0] not in grades]
        done = len(items) - len(left)
        one_at_a_time = asyncio.Lock()
        self._failed_in_a_row = 0

        async def work(queue: Iterator[_Item]) -> None:
            nonlocal done
            for name, ask in queue:
                grade = await self._graded(ask)
                grades[name] = grade or Grade.MISSED
                if grade is not None:
                    async with one_at_a_time:
                        await asyncio.to_thread(note, name, grade)
                done += 1
                if report is not None:
                    report(done, len(items))

        await _at_a_time(self._parallel, work, iter(left))
        read = await asyncio.to_thread(self._read)
        return self._counted(grades, read)

    def _items(self) -> Iterator[_Item]:
        for sentence in self._exam.sentences:
            yield sentence.id, partial(self._verify, sentence)
        for question in self._exam.questions:
            yield _written(question), partial(self._write, question)
            yield _selected(question), partial(self._select, question)

    async def _graded(self, ask: _Ask) -> Grade | None:
        """An item's grade; None when it failed.

        Raises:
            WriterUnavailable: the endpoint is away, or gives no answer time after time.
        """
        try:
            async with asyncio.timeout(self._timeout):
                grade = await ask()
        except (AnswerFailed, TimeoutError) as error:
            self._failed_in_a_row += 1
            if self._failed_in_a_row < _FAILED_IN_A_ROW:
                return None
            if isinstance(error, AnswerFailed):
                raise
            raise WriterUnavailable("llm_too_slow", model=self._writer.name) from None
        self._failed_in_a_row = 0
        return grade

    async def _verify(self, sentence: ExamSentence) -> Grade:
        found = await self._supports(sentence.text, sentence.language, sentence.passages)
        if found is None:
            return Grade.MISSED
        return Grade.RIGHT if found is sentence.supported else Grade.WRONG

    async def _supports(
        self, text: str, language: str, passages: Sequence[PromptPassage]
    ) -> bool | None:
        messages = rendering.verify(text, language, passages)
        return parse_verdict(await self._verifier.complete(messages, max_tokens=_VERIFY_TOKENS))

    async def _write(self, question: ExamQuestion) -> Grade:
        """Grade what is left of a written answer after its statements are verified."""
        shown: list[str] = []
        for claim in await self._claims(question):
            numbers = {proof.number for proof in claim.proofs}
            cited = [passage for passage in question.passages if passage.number in numbers]
            if cited and await self._supports(claim.text, question.posed.language, cited):
                shown.append(claim.text)
        return question.written(" ".join(shown))

    async def _claims(self, question: ExamQuestion) -> list[Claim]:
        stream = ClaimStream()
        found: list[Claim | DeclinedAnswer] = []
        messages = rendering.write(question.posed, question.passages)
        async with aclosing(self._writer.stream(messages, max_tokens=_WRITE_TOKENS)) as pieces:
            async for piece in pieces:
                found += stream.feed(piece)
                if len(found) >= _STATEMENTS:
                    break
        found += stream.finish()
        if found and isinstance(found[0], DeclinedAnswer):
            return []
        return [claim for claim in found if isinstance(claim, Claim)][:_STATEMENTS]

    async def _select(self, question: ExamQuestion) -> Grade:
        listed = [(origin, text) for _, origin, text in question.sentences]
        messages = rendering.select(question.posed.text, question.posed.language, listed)
        written = await self._writer.complete(messages, max_tokens=_SELECT_TOKENS)
        numbers = parse_choice(written, len(listed))
        if numbers is None:
            return Grade.MISSED
        return question.selected(numbers[0] if numbers else None)

    def _read(self) -> dict[str, Grade] | None:
        """The grades of the reader alone, by question."""
        if self._reader is None:
            return None
        grades = {}
        for question in self._exam.questions:
            pairs = [(title, text) for title, _, text in question.sentences]
            found = self._reader.relevance(question.posed.text, pairs)
            best = max(range(len(found)), key=found.__getitem__)
            grades[question.id] = question.selected(best + 1 if found[best] >= self._sure else None)
        return grades

    def _counted(self, grades: Mapping[str, Grade], read: Mapping[str, Grade] | None) -> Marks:
        exam, right = self._exam, Grade.RIGHT
        pairs = [
            (grades[_selected(question)] is right, read[question.id] is right)
            for question in exam.questions
            if read is not None
        ]
        return Marks(
            _tally(grades[one.id] for one in exam.sentences if one.supported),
            _tally(grades[one.id] for one in exam.sentences if not one.supported),
            _tally(grades[_written(one)] for one in exam.questions),
            _tally(grades[_selected(one)] for one in exam.questions),
            None if read is None else _tally(read.values()),
            pairs.count((True, False)),
            pairs.count((False, True)),
        )


def _written(question: ExamQuestion) -> str:
    return f"{question.id}/written"


def _selected(question: ExamQuestion) -> str:
    return f"{question.id}/selected"


def _tally(grades: Iterable[Grade]) -> Tally:
    found = list(grades)
    return Tally(*(found.count(grade) for grade in (Grade.RIGHT, Grade.MISSED, Grade.WRONG)))


async def _at_a_time(
    parallel: int,
    work: Callable[[Iterator[_Item]], Coroutine[None, None, None]],
    queue: Iterator[_Item],
) -> None:
    """Work through a queue with several workers; the first failure ends all and is raised alone."""
    try:
        async with asyncio.TaskGroup() as hands:
            for _ in range(parallel):
                hands.create_task(work(queue))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None

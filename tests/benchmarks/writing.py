"""Answers through a chat model, beside answers without one, on the same questions.

    python -m tests.benchmarks writing             the development questions of the press
    python -m tests.benchmarks.writing HOME FILE   other questions, put to the archive of a home
    python -m tests.benchmarks.writing HOME FILE --split train --most 40

Wants ``KIOSQUE_TEST_LLM_BASE_URL``, and ``KIOSQUE_TEST_LLM_MODEL`` where the endpoint serves
several; ``KIOSQUE_TEST_LLM_CALLED`` is what the section calls it. A server that replays recorded
answers will do: ``KIOSQUE_TEST_LLM_TRUST=write`` then stands for the test, which it cannot pass.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from bot.answering.model.endpoint import ChatEndpoint
from bot.answering.model.protocol import ModelChoice
from bot.answering.request import Finished, Request, Verified
from bot.answering.trust import TrustSetting
from bot.app import Endpoints, Kiosque
from bot.evaluation.measures import answer_figures, compared
from bot.evaluation.outcomes import AnswerOutcome, as_values, judged
from bot.evaluation.questions import KnownQuestion, read_questions
from bot.messages.answers import answer_text
from bot.messages.catalogue import Catalogue
from config.settings import LlmSettings, Settings
from prompts.rendering import Message
from retrieval.text.analysis import guess_language
from retrieval.vocabulary import Answer
from tests.benchmarks import press
from tests.benchmarks.common import AbsentError, Setup, caption, percentile
from tests.benchmarks.results import table, with_interval

TITLE = "Answers through a model"
_TIMEOUT_S = 600.0
_SHARES = ("right", "cited", "wrong_when_said", "shown", "refused_rightly")
_COUNTS = ("said", "inexact_quotes", "p50_ms")
_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:[.\u202f ]\d{3})*(?![\d.,]\d|\d)")


@dataclass(frozen=True, slots=True)
class Timed:
    """When things came while a question was answered, in seconds since it was asked.

    Args:
        outcome: of the question.
        first: the first verified statement; None when none came before the whole answer.
        written: the end of what the model wrote; None when it wrote no statements.
        whole: the whole answer.
        statements: how many were verified.
    """

    outcome: AnswerOutcome
    first: float | None
    written: float | None
    whole: float
    statements: int


class Watched(ChatEndpoint):
    """An endpoint that is looked at: when it ended what it streamed last."""

    ended: float | None = None

    async def stream(
        self, messages: Sequence[Message], *, max_tokens: int
    ) -> AsyncGenerator[str, None]:
        """What the model writes, piece by piece."""
        try:
            async with aclosing(super().stream(messages, max_tokens=max_tokens)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self.ended = time.perf_counter()


class Watching(Kiosque):
    """Kiosque as it is, but for the model that is looked at."""

    @cached_property
    def endpoints(self) -> Endpoints:
        """Those of the settings; the writer is watched."""
        llm = self.settings.llm
        if not llm.base_url:
            return Endpoints()
        choice = ModelChoice(llm.base_url, llm.model, None, llm.timeout_s, llm.parallel)
        watched = Watched(choice)
        return Endpoints(watched, watched)


def report(setup: Setup) -> str:
    """The section: the development questions, and the archive against the model's memory.

    Raises:
        AbsentError: no model is named, or the data are not there.
    """
    llm = named_model()
    known = read_questions(setup.data(press.QUESTIONS), press.SPLIT)
    home = press.press_home(setup)
    llm = _trusted(home, llm)
    body = compare(home, known, llm)
    changed, kept = _memory(setup, llm)
    return (
        f"{caption('langchain-openai')} Model: {model_title(llm)}. The questions of the split "
        f"`{press.SPLIT}` of `{press.QUESTIONS}`, as under “Press questions”.\n\n{body}\n\n"
        f"A figure changed in an article of the five, indexed and asked: {changed} of "
        f"{changed + kept} answers say the new one and none says the old one."
    )


def compare(home: Path, known: Sequence[KnownQuestion], llm: LlmSettings) -> str:
    """The tables of some questions, put to the archive of a home without and with a model."""
    without = [one.outcome for one in _put(home, known, LlmSettings())]
    llm = _trusted(home, llm)
    timed = _put(home, known, llm)
    outcomes = [one.outcome for one in timed]
    against = compared(outcomes, as_values(without))
    first, then = answer_figures(without), answer_figures(outcomes)
    rows: list[tuple[object, ...]] = [
        *((name, with_interval(first, name), with_interval(then, name)) for name in _SHARES),
        *((name, first[name], then[name]) for name in _COUNTS),
    ]
    return (
        f"What the model does: *{llm.trust}*. {first['answerable']} answerable questions, "
        f"{first['unanswerable']} others.\n\n{table(('what', 'without a model', 'with'), rows)}\n\n"
        f"Only with the model right or rightly refused: {against['only_this']}; only "
        f"without: {against['only_that']} (McNemar's exact p {against['p']}). {_told(timed)}"
    )


def named_model() -> LlmSettings:
    """The model that the environment names.

    Raises:
        AbsentError: it names none.
    """
    url = os.environ.get("KIOSQUE_TEST_LLM_BASE_URL", "")
    if not url:
        raise AbsentError("KIOSQUE_TEST_LLM_BASE_URL names no model to measure with")
    name = (
        os.environ.get("KIOSQUE_TEST_LLM_MODEL")
        or asyncio.run(ChatEndpoint(ModelChoice(url, "")).models())[0]
    )
    trust = cast("TrustSetting", os.environ.get("KIOSQUE_TEST_LLM_TRUST", "auto"))
    return LlmSettings(base_url=url, model=name, timeout_s=_TIMEOUT_S, trust=trust)


def model_title(llm: LlmSettings) -> str:
    """What a section calls a model."""
    return os.environ.get("KIOSQUE_TEST_LLM_CALLED") or llm.model


def _trusted(home: Path, llm: LlmSettings) -> LlmSettings:
    """The model's settings with its mode in the place of ``auto``: its test is put to it first."""
    if llm.trust != "auto":
        return llm
    with Kiosque(Settings(home=home, llm=llm)) as app:
        examiner = app.answering.examiner
        if examiner is None:
            return llm
        asyncio.run(examiner.examine())
        return llm.model_copy(update={"trust": examiner.mode.value})


def _put(home: Path, known: Sequence[KnownQuestion], llm: LlmSettings) -> list[Timed]:
    """Put questions one after the other, each alone, so that its times are its own."""
    with Watching(Settings(home=home, llm=llm)) as app:

        async def all_of() -> list[Timed]:
            return [await _timed(app, one) for one in known]

        return asyncio.run(all_of())


async def _timed(app: Watching, known: KnownQuestion) -> Timed:
    model = app.endpoints.writer
    if isinstance(model, Watched):
        model.ended = None
    begun, first, statements = time.perf_counter(), None, 0
    answer: Answer | None = None
    async for event in app.answering.events(Request(known.question, app.today(), known.history)):
        if isinstance(event, Verified):
            first = first or time.perf_counter() - begun
            statements += 1
        elif isinstance(event, Finished):
            answer = event.answer
    whole = time.perf_counter() - begun
    if answer is None:
        raise RuntimeError("the events ended without an answer")
    ended = model.ended if isinstance(model, Watched) else None
    written = None if ended is None else ended - begun
    return Timed(judged(known, answer, app.reader), first, written, whole, statements)


def _told(timed: Sequence[Timed]) -> str:
    """When the first statement was verified, beside when the model was done."""
    pairs = [(one.first, one.written, one) for one in timed if one.first and one.written]
    if not pairs:
        return "No statement was written."
    ahead = [written - first for first, written, one in pairs if one.statements > 1]
    firsts = [first for first, _, _ in pairs]
    after = [one.whole - written for _, written, one in pairs]
    several = (
        f"In {sum(a > 0 for a in ahead)} of {len(ahead)} answers of two statements and more it "
        f"came before the model's end, {percentile(ahead, 0.5):.1f} s before in the median. "
        if ahead
        else ""
    )
    return (
        f"The first verified statement came after {_seconds(firsts)} s (median, 95 %). {several}"
        f"From the model's end to the whole answer: {_seconds(after)} s."
    )


def _seconds(values: Sequence[float]) -> str:
    return f"{percentile(values, 0.5):.2f}, {percentile(values, 0.95):.2f}"


def _memory(setup: Setup, llm: LlmSettings) -> tuple[int, int]:
    """Answers that follow a changed figure, and those that do not."""
    changed = kept = 0
    for known in read_questions(setup.data("eval/questions.jsonl")):
        figures = _NUMBER.findall(known.quotes[0]) if known.quotes else []
        if known.kind != "number" or not figures or guess_language(known.question) != "fr":
            continue
        old, new = figures[-1], _other(figures[-1])
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "articles"
            shutil.copytree(setup.data("articles"), copy)
            for path in copy.glob("*.txt"):
                text = path.read_text(encoding="utf-8")
                path.write_text(re.sub(rf"(?<![\d.,]){re.escape(old)}(?!\d)", new, text), "utf-8")
            said = _said(setup, copy, known, llm)
        follows = new in said and not re.search(rf"(?<![\d.,]){re.escape(old)}(?!\d)", said)
        changed, kept = changed + follows, kept + (not follows)
    return changed, kept


def _other(figure: str) -> str:
    """Another figure of the same shape: each digit three further."""
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 9 + 1), figure)


def _said(setup: Setup, articles: Path, known: KnownQuestion, llm: LlmSettings) -> str:
    with (
        setup.temporary_home() as home,
        Kiosque(Settings(home=home, llm=llm)) as app,
    ):
        app.indexer().index([articles])
        request = Request(known.question, app.today(), known.history)
        return answer_text(Catalogue("fr"), asyncio.run(app.answering.answer(request)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Put the questions of a file, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("home", type=Path, help="the folder of an archive")
    parser.add_argument("questions", type=Path, help="as `kiosque evaluate` reads them")
    parser.add_argument("--split", default="", help="only those of this part of the set")
    parser.add_argument("--most", type=int, default=0, help="so many, the first; 0 for all")
    given = parser.parse_args(arguments)
    known = read_questions(given.questions, given.split)[: given.most or None]
    print(compare(given.home, known, named_model()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

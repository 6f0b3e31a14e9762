"""Answers through a real chat model, beside answers without one, on the same archives.

Wants ``KIOSQUE_TEST_LLM_BASE_URL``, and ``KIOSQUE_TEST_LLM_MODEL`` where the endpoint serves
several. Its figures are that model's own.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answering.events import Finished, Request, Verified
from bot.answering.model.endpoint import ChatEndpoint
from bot.answering.model.protocol import ModelChoice
from bot.app import Kiosque
from bot.evaluation.measures import answer_figures
from bot.evaluation.outcomes import AnswerOutcome
from bot.evaluation.questions import Known, read_questions
from bot.evaluation.run import answered, answered_by
from bot.messages.catalogue import Catalogue
from bot.messages.wording import answer_text
from config.settings import Llm, Settings
from retrieval.analysis import guess_language
from retrieval.indexing.progress import Silent
from tests.benchmarks.common import ROOT, AbsentError, Setup, caption, percentile
from tests.benchmarks.results import table

TITLE = "Answers through a model"
_OWN = ROOT / "tests/data"
_TIMEOUT_S = 600.0
_FIGURES = ("right", "cited", "refusal_recall", "refusal_precision", "inexact_quotes", "p50_ms")
_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:[.\u202f ]\d{3})*(?![\d.,]\d|\d)")


@dataclass(frozen=True, slots=True)
class Timed:
    """When an answer's first verified sentence came and when it was whole, in seconds.

    ``others`` is what it took besides the model; ``sentences`` how many were verified.
    """

    first: float
    whole: float
    others: float
    sentences: int


def report(setup: Setup) -> str:
    """The section: quality with and without, times, and the archive against memory."""
    llm = _model()
    questions = {
        "the five articles": (setup.data("articles"), setup.data("eval/questions.jsonl")),
        "our sample articles": (_OWN / "articles", _OWN / "questions.jsonl"),
    }
    rows: list[tuple[object, ...]] = []
    for name, (articles, file) in questions.items():
        with _archive(setup, articles) as home:
            known = read_questions(file)
            without, with_model = (_figures(home, known, choice) for choice in (Llm(), llm))
            rows += [(name, key, without[key], with_model[key]) for key in _FIGURES]
    with _archive(setup, setup.data("articles")) as home:
        times = _times(home, read_questions(setup.data("eval/questions.jsonl")), llm)
    changed, kept = _memory(setup, llm)
    return (
        f"{caption('langchain-openai')} Model: {_named(llm)}. Both sets were among the questions "
        "that the weights were calibrated on.\n\n"
        f"{table(('questions', 'what', 'without a model', 'with'), rows)}\n\n{_told(times)}\n\n"
        f"A figure changed in an article, indexed and asked: {changed} of {changed + kept} answers "
        "say the new one and none says the old one."
    )


def _model() -> Llm:
    url = os.environ.get("KIOSQUE_TEST_LLM_BASE_URL", "")
    if not url:
        raise AbsentError("KIOSQUE_TEST_LLM_BASE_URL names no model to measure with")
    name = (
        os.environ.get("KIOSQUE_TEST_LLM_MODEL")
        or asyncio.run(ChatEndpoint(ModelChoice(url, "")).models())[0]
    )
    return Llm(base_url=url, model=name, timeout_s=_TIMEOUT_S)


def _named(llm: Llm) -> str:
    return os.environ.get("KIOSQUE_TEST_LLM_CALLED") or llm.model


@contextmanager
def _archive(setup: Setup, articles: Path) -> Iterator[Path]:
    with setup.temporary_home() as home:
        with Kiosque(Settings(home=home)) as app:
            app.indexer().index([articles])
        yield home


def _figures(home: Path, known: Sequence[Known], llm: Llm) -> dict[str, Any]:
    with Kiosque(Settings(home=home, llm=llm)) as app:
        outcomes: list[AnswerOutcome] = answered(app, known, Silent())
    return answer_figures(outcomes)


def _times(home: Path, known: Sequence[Known], llm: Llm) -> list[Timed]:
    with Kiosque(Settings(home=home, llm=llm)) as app:

        async def timed(one: Known) -> Timed:
            begun, first, sentences, others = time.perf_counter(), 0.0, 0, 0.0
            async for event in app.chain.astream(Request(one.question, app.today(), one.history)):
                if isinstance(event, Verified):
                    first = first or time.perf_counter() - begun
                    sentences += 1
                elif isinstance(event, Finished):
                    spent = event.answer.timings_ms
                    others = (spent["total"] - spent.get("model", 0.0)) / 1000
            return Timed(first, time.perf_counter() - begun, others, sentences)

        async def all_of() -> list[Timed]:
            return [await timed(one) for one in known]

        return asyncio.run(all_of())


def _told(times: Sequence[Timed]) -> str:
    others = [one.others * 1000 for one in times]
    several = [one for one in times if one.sentences > 1]
    ahead = [one.whole - one.first for one in several]
    first = (
        f"The first verified sentence came before the end in {sum(a > 0 for a in ahead)} of "
        f"{len(several)} answers of two sentences and more, {min(ahead):.1f} s before at the least."
        if several
        else "No answer had two verified sentences."
    )
    return (
        "Search, judging and gate took besides the model: median "
        f"{percentile(others, 0.5):.0f} ms, 95 % below {percentile(others, 0.95):.0f} ms. {first}"
    )


def _memory(setup: Setup, llm: Llm) -> tuple[int, int]:
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


def _said(setup: Setup, articles: Path, known: Known, llm: Llm) -> str:
    with (
        _archive(setup, articles) as home,
        Kiosque(Settings(home=home, llm=llm)) as app,
    ):
        answer = answered_by(app, Request(known.question, app.today(), known.history))
        return answer_text(Catalogue("fr"), answer)

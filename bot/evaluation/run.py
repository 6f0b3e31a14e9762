"""Puts known questions to an archive, and measures what comes back."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.evidence import query_of
from bot.answering.request import Request
from bot.answering.understanding import understand
from bot.app import Kiosque
from bot.evaluation.measures import answer_figures, ranking_figures
from bot.evaluation.outcomes import AnswerOutcome, RankedOutcome, failures, holds_gold, judged
from retrieval.reranker import rerank
from retrieval.scope import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.evaluation.questions import KnownQuestion, SquadSet
    from retrieval.change import Progress
    from retrieval.vocabulary import Answer, Evidence

_DEPTH = 10
_PASSAGES = 30
"""Passages asked for where whole paragraphs are ranked: a long one has several."""
_OF_REFUSALS = ("refused_rightly", "inexact_quotes", "unanswerable")


def ranked(
    app: Kiosque,
    questions: Sequence[KnownQuestion],
    progress: Progress,
    *,
    reader: bool = True,
    paragraphs: bool = False,
) -> list[RankedOutcome]:
    """Where each answerable question's gold quote is found among the passages.

    Args:
        app: with the archive.
        questions: those without a gold quote are passed over.
        progress: is advanced by each question.
        reader: rank as the reader does; else as search alone does.
        paragraphs: look for the paragraph of a SQuAD set among its paragraphs instead.
    """
    outcomes = []
    asked = [known for known in questions if known.answerable and (known.quotes or paragraphs)]
    progress.stage("questions", len(asked))
    for known in asked:
        evidence = searched(app, known, _PASSAGES if paragraphs else _DEPTH, reader=reader)
        if paragraphs:
            names = dict.fromkeys(one.article.source.rpartition("#")[2] for one in evidence)
            places = [at for at, name in enumerate(names) if name in known.articles]
        else:
            places = [at for at, one in enumerate(evidence) if holds_gold(known, one)]
        outcomes.append(RankedOutcome(known.id, known.question, min(places, default=None)))
        progress.advance(1)
    return outcomes


def searched(app: Kiosque, known: KnownQuestion, k: int, *, reader: bool) -> tuple[Evidence, ...]:
    """The passages for a question, best first: the one place where an order is chosen.

    Args:
        app: with the archive.
        known: the question.
        k: how many.
        reader: in the reader's order; else in that of search.
    """
    asked = understand(known.question, app.today(), known.history)
    found = app.search.search(query_of(asked, EVERYTHING), k)
    if not reader:
        return found.evidence
    return rerank(found.evidence, app.search.read(asked.search_text, found))


def answered(
    app: Kiosque, questions: Sequence[KnownQuestion], progress: Progress
) -> list[AnswerOutcome]:
    """How each question is answered; a model is asked as many at a time as is set."""
    progress.stage("questions", len(questions))
    answers = asyncio.run(_all_answers(app, questions, progress))
    return [
        judged(known, answer, app.reader) for known, answer in zip(questions, answers, strict=True)
    ]


async def _all_answers(
    app: Kiosque, questions: Sequence[KnownQuestion], progress: Progress
) -> list[Answer]:
    places = asyncio.Semaphore(app.settings.llm.parallel if app.settings.llm.base_url else 1)

    async def one(known: KnownQuestion) -> Answer:
        async with places:
            request = Request(known.question, app.today(), known.history)
            answer = await app.answering.answer(request)
        progress.advance(1)
        return answer

    return list(await asyncio.gather(*(one(known) for known in questions)))


@contextmanager
def temporary_archive(app: Kiosque, squad: SquadSet, progress: Progress) -> Iterator[Kiosque]:
    """The paragraphs of a SQuAD set, indexed in an archive that is gone afterwards.

    The models of the real home are used.
    """
    with tempfile.TemporaryDirectory(prefix="kiosque-evaluate-") as folder:
        home = Path(folder)
        export = home / "paragraphs.jsonl"
        with export.open("w", encoding="utf-8") as file:
            for one in squad.paragraphs:
                row = {"id": one.id, "title": one.title, "text": one.text, "language": "fr"}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        settings = app.settings.model_copy(update={"home": home})
        with Kiosque(settings, app.today, shared=app.models) as inside:
            inside.indexer("evaluate").index([export], progress=progress)
            yield inside


class Trial:
    """The measurements of one evaluation; each method adds its figures.

    Args:
        app: with the archive.
        progress: is advanced by each question.

    Attributes:
        figures: as ``evaluate --json`` gives them.
        outcomes: of the questions that were answered.
        failures: the questions that did not succeed.
    """

    def __init__(self, app: Kiosque, progress: Progress) -> None:
        self._app = app
        self._progress = progress
        self.figures: dict[str, Any] = {}
        self.outcomes: list[AnswerOutcome] = []
        self.failures: list[dict[str, Any]] = []

    def rank(self, questions: Sequence[KnownQuestion], *, paragraphs: bool = False) -> None:
        """Search for questions: ``retrieval``, and ``retrieval_without_reader``."""
        passages = sum(entry.passages for entry in self._app.reader.entries(withdrawn=False))
        for name, reader in (("retrieval", True), ("retrieval_without_reader", False)):
            outcomes = ranked(
                self._app, questions, self._progress, reader=reader, paragraphs=paragraphs
            )
            self.figures[name] = ranking_figures(outcomes, passages)
            self.failures += failures(outcomes, ()) if reader else []

    def answer(self, questions: Sequence[KnownQuestion]) -> None:
        """Put questions: ``answers``."""
        outcomes = answered(self._app, questions, self._progress)
        self.figures["answers"] = answer_figures(outcomes)
        self._add(outcomes)

    def refuse(self, tests: Sequence[KnownQuestion]) -> None:
        """Put tests of refusal made from the archive: ``refusal_tests``."""
        outcomes = answered(self._app, tests, self._progress)
        figures = answer_figures(outcomes)
        self.figures["refusal_tests"] = {
            **{name: figures[name] for name in _OF_REFUSALS},
            "intervals": {"refused_rightly": figures["intervals"]["refused_rightly"]},
            "by_unanswerable": figures["by_unanswerable"],
        }
        self._add(outcomes)

    def _add(self, outcomes: list[AnswerOutcome]) -> None:
        self.outcomes += outcomes
        self.failures += failures((), outcomes)

"""A trial: questions put to an archive, with the figures of what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.evaluation import run
from bot.evaluation.measures import answer_figures, ranking_figures
from bot.evaluation.outcomes import failures
from bot.evaluation.refusal_tests import made_unanswerable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Kiosque
    from bot.evaluation.outcomes import AnswerOutcome
    from bot.evaluation.questions import KnownQuestion
    from retrieval.change import Progress

_OF_REFUSALS = ("refused_rightly", "inexact_quotes", "unanswerable")


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
            ranked = run.ranked(
                self._app, questions, self._progress, reader=reader, paragraphs=paragraphs
            )
            self.figures[name] = ranking_figures(ranked, passages)
            self.failures += failures(ranked, ()) if reader else []

    def answer(self, questions: Sequence[KnownQuestion]) -> None:
        """Put questions: ``answers``."""
        outcomes = run.answered(self._app, questions, self._progress)
        self.figures["answers"] = answer_figures(outcomes)
        self._add(outcomes)

    def refuse(self, questions: Sequence[KnownQuestion], max_tests: int, seed: int) -> None:
        """Put tests of refusal made from the archive: ``refusal_tests``.

        Args:
            questions: that they are made of; none, to make them of titles.
            max_tests: how many.
            seed: chooses them.
        """
        tests = made_unanswerable(self._app, questions, max_tests, seed, self._progress)
        outcomes = run.answered(self._app, tests, self._progress)
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

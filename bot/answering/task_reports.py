"""What is made of a task: a check of its text, or a search for its quote."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.intents import Intent

if TYPE_CHECKING:
    from bot.answering.checking.checker import Checker
    from bot.answering.evidence import GatheredEvidence
    from bot.answering.quotation.finder import QuoteFinder
    from retrieval.vocabulary import Answer


@dataclass(frozen=True, slots=True)
class Tasks:
    """Does the tasks of `bot.answering.tasks`. Safe for several at once."""

    checker: Checker
    quotes: QuoteFinder

    async def report(self, gathered: GatheredEvidence, *, with_model: bool) -> Answer:
        """The report of a task.

        Args:
            gathered: a task that was understood.
            with_model: whether the chat model is trusted to judge.

        Raises:
            BadQuestion: the text asserts nothing that can be checked.
            KiosqueError: the archive or a model cannot be used.
        """
        if gathered.asked.intent is Intent.QUOTE:
            return await asyncio.to_thread(self.quotes.report, gathered)
        return await self.checker.report(gathered, with_model=with_model)

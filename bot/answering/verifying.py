"""The verifier: is all that a statement says written in the passages that it cites?

A model is asked one short question for each statement and answers with a word. Whether its
word counts is measured beforehand (`bot.answering.trust`).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.verdicts import verdict
from prompts import rendering
from retrieval.errors import WriterUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.model.protocol import ChatModel
    from prompts.rendering import Fenced

_LOG = logging.getLogger(__name__)
_TOKENS = 5


@dataclass(frozen=True, slots=True)
class Verifier:
    """Asks a model whether statements are supported. Safe for several statements at once.

    Args:
        model: the model that is asked.
        timeout_s: seconds for one statement.
    """

    model: ChatModel
    timeout_s: float

    async def supports(
        self, statement: str, language: str, passages: Sequence[Fenced]
    ) -> bool | None:
        """Whether passages say all of a statement; None when the model gives no verdict."""
        messages = rendering.verify(statement, language, passages)
        try:
            async with asyncio.timeout(self.timeout_s):
                written = await self.model.complete(messages, max_tokens=_TOKENS)
        except (WriterUnavailable, TimeoutError) as error:
            _LOG.warning("A statement was not verified: %s", str(error) or "it took too long")
            return None
        return verdict(written)

"""The verifier: does a cited passage support all that a statement says?

A model is asked one short question for each statement and answers with a word. Whether its
word counts is measured beforehand (`bot.answering.trust`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import data
from prompts import rendering
from retrieval.errors import WriterUnavailable
from retrieval.text.analysis import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.model.protocol import ChatModel
    from prompts.rendering import PromptPassage

_YES = frozenset(data.load("words/writing.toml")["yes"])
_NO = frozenset(data.load("words/writing.toml")["no"])
_READ_CHARS = 200
_MAX_NUMBERS = 3
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)")


def parse_verdict(written: str) -> bool | None:
    """A yes or a no, as the first word of what a model wrote; None when it is neither."""
    first = _WORD.search(fold(written[:_READ_CHARS]))
    if first is None:
        return None
    return True if first[0] in _YES else False if first[0] in _NO else None


def parse_choice(written: str, listed: int) -> tuple[int, ...] | None:
    """The numbers that a model chose, the best first; none of them when it wrote 0.

    Args:
        written: what the model wrote, of which the start is read.
        listed: how many there were to choose from, from 1.

    Returns:
        None when no number that could be meant is there.
    """
    found = [int(number) for number in _NUMBER.findall(written[:_READ_CHARS])]
    meant = [number for number in dict.fromkeys(found) if number <= listed]
    if not meant:
        return None
    return () if meant[0] == 0 else tuple(number for number in meant if number)[:_MAX_NUMBERS]


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
        self, statement: str, language: str, passages: Sequence[PromptPassage]
    ) -> bool | None:
        """Whether passages say all of a statement; None when the model gives no verdict."""
        messages = rendering.verify(statement, language, passages)
        try:
            async with asyncio.timeout(self.timeout_s):
                written = await self.model.complete(messages, max_tokens=_TOKENS)
        except (WriterUnavailable, TimeoutError) as error:
            _LOG.warning("A statement was not verified: %s", str(error) or "it took too long")
            return None
        return parse_verdict(written)

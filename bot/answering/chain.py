"""The chain from a question to its answer, as a LangChain Runnable (LCEL).

    chain = answer_chain(answerer)
    async for event in chain.astream(Request("combien de soldats en irak ?", date.today())):
        ...

Searching and judging run in threads, so that the event loop goes on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from langchain_core.runnables import Runnable, RunnableGenerator

from bot.answering.answerer import Answerer, Prepared, Understood
from bot.answering.events import Event, Finished, Request, Retrieved, Searching, Verified
from retrieval.vocabulary import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Stage = Event | Understood | Prepared


def answer_chain(answerer: Answerer) -> Runnable[Request, Event]:
    """The chain over an archive.

    Args:
        answerer: finds the evidence, and answers with the articles' own sentences.
    """
    stages = _Stages(answerer)
    return (
        RunnableGenerator(stages.understand)
        | RunnableGenerator(stages.retrieve)
        | RunnableGenerator(stages.write)
    )


class _Stages:
    """What is said on the way passes through; the last thing a stage gives is the next one's."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer

    async def understand(self, requests: AsyncIterator[Request]) -> AsyncIterator[Stage]:
        async for request in requests:
            understood = await asyncio.to_thread(self._answerer.understand, request)
            if isinstance(understood, Answer):
                yield Finished(understood)
            else:
                yield Searching(understood.asked[0].question)
                yield understood

    async def retrieve(self, stages: AsyncIterator[Stage]) -> AsyncIterator[Stage]:
        async for stage in stages:
            if isinstance(stage, Understood):
                prepared = await asyncio.to_thread(self._answerer.prepare, stage)
                evidence = prepared.evidence
                yield Retrieved(len(evidence), len({one.article.id for one in evidence}))
                yield prepared
            else:
                yield stage

    async def write(self, stages: AsyncIterator[Stage]) -> AsyncIterator[Event]:
        async for stage in stages:
            if isinstance(stage, Prepared):
                answer = await asyncio.to_thread(self._answerer.extractive, stage)
                for statement in answer.statements:
                    yield Verified(statement)
                yield Finished(answer)
            elif not isinstance(stage, Understood):
                yield stage

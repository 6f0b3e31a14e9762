"""The chain from a question to its answer, as a LangChain Runnable (LCEL).

    chain = answer_chain(answerer, writer)
    async for event in chain.astream(Request("combien de soldats en irak ?", date.today())):
        ...
    answer = (await chain.ainvoke(request)).answer

Three stages, each a generator: what is said on the way passes through, and the last thing that
a stage gives is what the next works on. Searching and judging run in threads, so that the event
loop goes on. Closing the stream stops the model.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from langchain_core.runnables import Runnable, RunnableGenerator

from bot.answering.answerer import Answerer
from bot.answering.events import Event, Finished, Request, Retrieved, Searching
from bot.answering.model.offline import refuse_tracing
from bot.answering.prepared import Prepared, Understood
from retrieval.vocabulary import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.answering.writing import Writer

Chain = Runnable[Request, Event]
Stage = Event | Understood | Prepared


def answer_chain(answerer: Answerer, writer: Writer | None) -> Chain:
    """The chain over an archive.

    Args:
        answerer: finds the evidence, and answers with the articles' own sentences.
        writer: has a model write the answer; None for the articles' sentences.
    """
    refuse_tracing()
    stages = _Stages(answerer, writer)
    return (
        RunnableGenerator(stages.understand)
        | RunnableGenerator(stages.retrieve)
        | RunnableGenerator(stages.write)
    )


class _Stages:
    """The three stages; each takes what the one before gives."""

    def __init__(self, answerer: Answerer, writer: Writer | None) -> None:
        self._answerer = answerer
        self._writer = writer

    async def understand(self, requests: AsyncIterator[Request]) -> AsyncIterator[Stage]:
        async for request in requests:
            alone = await self._writer.standing_alone(request) if self._writer else request
            understood = await asyncio.to_thread(self._answerer.understand, alone)
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
            if not isinstance(stage, Understood | Prepared):
                yield stage
            elif isinstance(stage, Prepared):
                async for event in self._written(stage):
                    yield event

    async def _written(self, prepared: Prepared) -> AsyncIterator[Event]:
        if self._writer is None:
            yield Finished(await asyncio.to_thread(self._answerer.extractive, prepared))
            return
        async with aclosing(self._writer.write(prepared)) as events:
            async for event in events:
                yield event

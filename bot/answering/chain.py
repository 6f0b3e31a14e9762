"""The chain from a question to its answer, as a LangChain Runnable (LCEL).

    chain = answer_chain(pipeline)
    async for event in chain.astream(Request("combien de soldats en irak ?", date.today())):
        ...
    answer = (await chain.ainvoke(request)).answer

The stages are those of `bot.answering.pipeline`, joined by LangChain: what is said on the way
passes through, and the last thing that a stage gives is what the next works on. Closing the
stream stops the model.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from langchain_core.runnables import Runnable, RunnableGenerator

from bot.answering.evidence import GatheredEvidence, UnderstoodRequest
from bot.answering.model.tracing import refuse_tracing
from bot.answering.pipeline import Pipeline, retrieved
from bot.answering.request import Event, Finished, Request, Searching
from retrieval.vocabulary import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Chain = Runnable[Request, Event]
Stage = Event | UnderstoodRequest | GatheredEvidence


def answer_chain(pipeline: Pipeline) -> Chain:
    """The stages of a pipeline as a Runnable."""
    refuse_tracing()
    stages = _Stages(pipeline)
    return (
        RunnableGenerator(stages.understand)
        | RunnableGenerator(stages.retrieve)
        | RunnableGenerator(stages.answer)
    )


class _Stages:
    """The three stages; each consumes the output of the one before."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def understand(self, requests: AsyncIterator[Request]) -> AsyncIterator[Stage]:
        async for request in requests:
            understood = await self._pipeline.understand(request)
            if isinstance(understood, Answer):
                yield Finished(understood)
            else:
                yield Searching(understood.asked.question)
                yield understood

    async def retrieve(self, stages: AsyncIterator[Stage]) -> AsyncIterator[Stage]:
        async for stage in stages:
            if isinstance(stage, UnderstoodRequest):
                gathered = await self._pipeline.gather(stage)
                yield retrieved(gathered)
                yield gathered
            else:
                yield stage

    async def answer(self, stages: AsyncIterator[Stage]) -> AsyncIterator[Event]:
        async for stage in stages:
            if isinstance(stage, GatheredEvidence):
                async with aclosing(self._pipeline.answer(stage)) as events:
                    async for event in events:
                        yield event
            elif not isinstance(stage, UnderstoodRequest):
                yield stage

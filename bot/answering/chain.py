"""The chain from a request to the events of its answer, as a LangChain Runnable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda

from bot.answering.answerer import Answerer, Understood
from bot.answering.events import Event, Finished, Request, Retrieved, Searching, Verified
from retrieval.vocabulary import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


Chain = Runnable[Request, Event]


def build_chain(answerer: Answerer) -> Chain:
    """Answer with the sentences of the archive, event by event.

    Args:
        answerer: understands, searches and says; its work is done in threads.
    """

    async def answered(understandings: AsyncIterator[Understood | Answer]) -> AsyncIterator[Event]:
        async for understood in understandings:
            if isinstance(understood, Answer):
                yield Finished(understood)
                continue
            yield Searching(understood.asked[0].question)
            prepared = await asyncio.to_thread(answerer.prepare, understood)
            articles = {one.article.id for one in prepared.evidence}
            yield Retrieved(len(prepared.evidence), len(articles))
            answer = await asyncio.to_thread(answerer.extractive, prepared)
            for statement in answer.statements:
                yield Verified(statement)
            yield Finished(answer)

    async def understood(request: Request) -> Understood | Answer:
        return await asyncio.to_thread(answerer.understand, request)

    return RunnableLambda(understood) | RunnableGenerator(answered)

"""Questions put to the sample archive through a scripted model, and what happened."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answering.events import Event, Finished, Request, Verified
from bot.app import Kiosque
from bot.messages.catalogue import Catalogue
from bot.messages.wording import answer_text
from config.settings import Llm, Settings
from retrieval.vocabulary import Answer, Turn
from tests.fake_llm import Asked, FakeLlm, Reply, Script, says
from tests.sample_home import TODAY

YES, NO = {"oui": 0.9, "non": 0.1}, {"oui": 0.02, "non": 0.98}


@dataclass(frozen=True, slots=True)
class Happened:
    """The events of an answer, and what the model was asked."""

    events: tuple[Event, ...]
    asked: tuple[Asked, ...]

    @property
    def answer(self) -> Answer:
        """The whole answer, the last event."""
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last.answer

    @property
    def said(self) -> str:
        """What a person reads of it."""
        return answer_text(Catalogue("fr"), self.answer)

    @property
    def verified(self) -> list[str]:
        """The sentences that were shown before the end."""
        return [one.statement.text for one in self.events if isinstance(one, Verified)]

    @property
    def notices(self) -> set[str]:
        """The keys of the answer's notices."""
        return {one.key for one in self.answer.notices}


def script(answer: Reply, likely: dict[str, float] | None = None) -> Script:
    """A model that finds the answer likely to be there, and then writes a reply."""
    verdict = says("oui", likely=likely or YES)
    return lambda asked: verdict if asked.wants_odds else answer


def put(home: Path, url: str, *requests: Request, **llm: Any) -> list[tuple[Event, ...]]:  # noqa: ANN401
    """The events of the answers to questions, asked at once."""
    llm = {"timeout_s": 20, "retries": 0, **llm}

    async def all_of(app: Kiosque) -> list[tuple[Event, ...]]:
        async def one(request: Request) -> tuple[Event, ...]:
            return tuple([event async for event in app.chain.astream(request)])

        return list(await asyncio.gather(*(one(request) for request in requests)))

    with Kiosque(Settings(home=home, llm=Llm(base_url=url, model="fake", **llm))) as app:
        return asyncio.run(asyncio.wait_for(all_of(app), 60))


def happened(
    home: Path,
    model: Script | Reply,
    question: str,
    *turns: Turn,
    **llm: Any,  # noqa: ANN401 - settings of the model
) -> Happened:
    """What happens when a question is put to an archive and a scripted model."""
    with FakeLlm(model) as server:
        (events,) = put(home, server.url, Request(question, TODAY, turns), **llm)
        return Happened(events, tuple(server.asked))

"""Questions put to the sample archive through a scripted model, and what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answering.request import Event, Finished, Request, Verified
from bot.app import Kiosque
from bot.messages.answers import answer_text
from bot.messages.catalogue import Catalogue
from config.settings import LlmSettings, Settings
from retrieval.vocabulary import Answer, Turn
from tests.fake_llm import Asked, FakeLlm, Reply, Script, says
from tests.sample_home import TODAY

_KINDS = {
    "Phrase à vérifier": "verify",
    "Sentence to check": "verify",
    "autres recherches": "reword",
    "other searches": "reword",
    "Dernière question": "standalone",
    "Last question": "standalone",
    "Lesquelles de ces phrases": "select",
    "Which of these sentences": "select",
}
NOTHING = "RIEN : les articles parlent d'autre chose."


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

    def prompts(self, kind: str) -> list[str]:
        """The prompts of a kind that the model was asked."""
        return [one.prompt for one in self.asked if kind_of(one) == kind]


def kind_of(asked: Asked) -> str:
    """What a prompt asks for: write, verify, reword, select or standalone."""
    return next((kind for words, kind in _KINDS.items() if words in asked.prompt), "write")


def claim(sentence: str, quote: str, number: int = 1) -> str:
    """A statement in the form that models are asked for, on a line of its own."""
    return f"[{number}] « {quote} » => {sentence}\n"


Said = Reply | str | Callable[[Asked], Reply]


def script(write: Said, **others: Said) -> Script:
    """A model that writes this, and says yes to all that it is asked to verify.

    Args:
        write: what it writes as an answer.
        others: what it writes when it is asked something else, by kind.
    """
    replies: dict[str, Said] = {
        "verify": "oui",
        "reword": "",
        "standalone": "",
        "select": "0",
        **others,
    }
    replies["write"] = write

    def reply(asked: Asked) -> Reply:
        found = replies[kind_of(asked)]
        if isinstance(found, str):
            return says(found)
        return found if isinstance(found, Reply) else found(asked)

    return reply


def put(home: Path, url: str, *requests: Request, **llm: Any) -> list[tuple[Event, ...]]:  # noqa: ANN401
    """The events of the answers to questions, asked at once."""
    llm = {"timeout_s": 20, "retries": 0, "trust": "write", **llm}

    async def all_of(app: Kiosque) -> list[tuple[Event, ...]]:
        async def one(request: Request) -> tuple[Event, ...]:
            return tuple([event async for event in app.answering.events(request)])

        return list(await asyncio.gather(*(one(request) for request in requests)))

    with Kiosque(Settings(home=home, llm=LlmSettings(base_url=url, model="fake", **llm))) as app:
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

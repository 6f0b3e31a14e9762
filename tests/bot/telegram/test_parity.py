"""The same question has the same answer in Telegram and on the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from bot.memory.values import StoredAnswer, StoredSource
from tests.bot.cli.conftest import Kiosque
from tests.bot.cli.conftest import kiosque as command
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.people import Person
from tests.sample_home import DATA

__all__ = ["command"]

QUESTIONS = [
    *(
        json.loads(line)["question"]
        for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    ),
    "Qui a inventé le phare de Kerluz ?",
    "Que sait-on de la ligne T2 ?",
    "Bonjour",
]


def test_same_answer_and_sources(command: Kiosque, sample_home: Path, start: Start) -> None:
    """Word for word, number for number: statements, what comes near, and refusals alike."""
    told = [command(sample_home, "ask", question, "--json").json for question in QUESTIONS]
    read = asyncio.run(_read(start))
    assert {one["status"] for one in told} > {"extractive", "refused"}
    for one, (kept, cited, shown) in zip(told, read, strict=True):
        assert (kept.status, kept.text) == (one["status"], one["text"])
        assert " ".join(shown.split()).startswith(" ".join(kept.text.split()))
        assert [_source(source) for source in cited] == [
            {name: source[name] for name in _source(cited[0])}
            for source in one["sources"] or one["passages"]
        ]


async def _read(start: Start) -> list[tuple[StoredAnswer, list[StoredSource], str]]:
    """What a reader of the bot gets, and what the bot keeps of it."""
    read = []
    async with start() as bench:
        memory = bench.context.memory
        for question in QUESTIONS:
            reader = Person(bench.fake, "Ana")
            reader.say(question)
            await bench.idle()
            (message,) = reader.private.shown
            kept = await memory.do(memory.store.answer_shown_in, reader.id, message["message_id"])
            assert kept is not None
            cited = await memory.do(memory.store.sources, kept.id)
            read.append((kept, cited, reader.private.texts[0]))
    return read


def _source(cited: StoredSource) -> dict[str, Any]:
    """A source by the names that programs know."""
    words = cited.answer
    return {
        "n": cited.number,
        "article_id": cited.article_id,
        "title": cited.title,
        "outlet": cited.outlet,
        "published": cited.published,
        "url": cited.url,
        "quote": cited.quote,
        "start": cited.start,
        "end": cited.end,
        "answer": words and {"start": words.start, "end": words.end},
    }

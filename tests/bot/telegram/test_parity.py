"""The same question has the same statements and citations in Telegram and in a terminal."""

from __future__ import annotations

import json

from bot.app import Kiosque
from bot.messages.catalogue import Catalogue
from bot.messages.wording import answer_text
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.people import Person
from tests.sample_home import DATA, TODAY

QUESTIONS = [
    json.loads(line)["question"]
    for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()
][:12]


async def test_same_statements_and_citations(kiosque: Kiosque, start: Start) -> None:
    """Word for word, number for number; refusals have the same reasons."""
    async with start() as bench:
        for question in QUESTIONS:
            reader = Person(bench.fake, "Ana")
            reader.say(question)
            await bench.idle()
            answer = kiosque.answerer.answer(question, TODAY)
            store = bench.desk.memory.store
            (message,) = reader.private.shown
            kept = await bench.desk.memory.do(
                store.answer_shown_in, reader.id, message["message_id"]
            )
            assert kept is not None
            texts = Catalogue(kept.language)
            assert kept.text == answer_text(texts, answer)
            assert " ".join(reader.private.texts[0].split()).startswith(" ".join(kept.text.split()))
            cited = await bench.desk.memory.do(store.sources, kept.id)
            assert [(c.number, c.article_id, c.start, c.end, c.quote) for c in cited] == [
                (c.number, c.article.id, c.start, c.end, c.quote) for c in answer.sources
            ]

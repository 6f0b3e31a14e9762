"""The test is put to a model: what it gives, and what happens when the model does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.answering.exam import Examination, Grade, Marks, Tally
from bot.answering.model.endpoint import ChatEndpoint
from bot.answering.model.protocol import ModelChoice
from bot.answering.trust import Examinee, Mode, TrustStore, choose, load_limits
from retrieval.errors import WriterUnavailable
from retrieval.text.analysis import analyse
from tests.fake_llm import FakeLlm, closed_port, fails, hangs, html, in_turn, says
from tests.fake_llm.examinee import GARBAGE, chooses, mistaken, perfect, says_yes
from tests.fake_llm.server import Script

LIMITS = load_limits()
ALL = Tally(right=20)
EXAMINEE = Examinee("here", "fake", "here", "fake")


class SharedWords:
    """A reader of sorts: the share of the question's words that a text has."""

    def relevance(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """That share for each text."""
        wanted = set(analyse(question, "fr"))
        return [len(wanted & set(analyse(text, "fr"))) / len(wanted) for _, text in pairs]


def examination(url: str, *, parallel: int = 4, timeout_s: float = 20.0) -> Examination:
    """The test, of the model behind an address."""
    model = ChatEndpoint(ModelChoice(url, "fake", None, timeout_s, parallel, 0))
    return Examination(
        model, model, SharedWords(), sure=0.5, parallel=parallel, timeout_s=timeout_s
    )


Note = Callable[[str, Grade], None]


def noted(folder: Path) -> tuple[dict[str, Grade], Note]:
    """The grades that a folder keeps, and what keeps another."""
    store = TrustStore(folder / "trust.json")
    return store.grades(EXAMINEE), partial(store.note, EXAMINEE)


async def marks_of(script: Script, folder: Path) -> Marks:
    """What a script gives."""
    with FakeLlm(script) as server:
        return await examination(server.url).run(*noted(folder))


async def test_perfect_model_writes(tmp_path: Path) -> None:
    """A model without a mistake has all marks, and writes."""
    marks = await marks_of(perfect, tmp_path)
    assert (marks.supported, marks.altered, marks.written, marks.selected) == (ALL,) * 4
    assert marks.read is not None
    assert marks.gained == 20 - marks.read.right
    assert marks.lost == 0
    assert choose(marks, LIMITS) is Mode.WRITE


async def test_two_mistakes_are_forgiven_three_are_not(tmp_path: Path) -> None:
    """The threshold is where the binomials put it."""
    for every, wrong in ((10, 2), (9, 3)):
        marks = await marks_of(mistaken(every), tmp_path / str(every))
        assert marks.supported == Tally(20 - wrong, 0, wrong)
        assert (choose(marks, LIMITS) is Mode.WRITE) == (wrong == 2)


async def test_model_that_always_says_yes_does_not_write(tmp_path: Path) -> None:
    """It lets through what is altered: it may choose at best."""
    marks = await marks_of(says_yes, tmp_path)
    assert (marks.supported, marks.altered) == (ALL, Tally(wrong=20))
    assert marks.written == ALL
    assert choose(marks, LIMITS) is Mode.SELECT


async def test_model_that_only_chooses(tmp_path: Path) -> None:
    """What it writes has no proof and is not shown: silent on all that is answerable."""
    marks = await marks_of(chooses, tmp_path)
    assert marks.written == Tally(right=8, missed=12)
    assert choose(marks, LIMITS) is Mode.SELECT


@pytest.mark.parametrize("written", [GARBAGE, "oui", "non", "0", "1", "[1] oui => oui"])
async def test_model_of_no_use(written: str, tmp_path: Path) -> None:
    """The same words to everything earn nothing."""
    assert choose(await marks_of(lambda _: says(written), tmp_path), LIMITS) is Mode.OFF


async def test_without_a_reader_there_is_no_choice(tmp_path: Path) -> None:
    """A choice that cannot be compared is not trusted."""
    with FakeLlm(says_yes) as server:
        model = ChatEndpoint(ModelChoice(server.url, "fake", None, 20, 4, 0))
        marks = await Examination(model, model, None, sure=0.5).run(*noted(tmp_path))
    assert marks.read is None
    assert choose(marks, LIMITS) is Mode.OFF


async def test_test_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    """What was asked is not asked again, and the marks are the same."""
    enough = asyncio.Event()

    def report(done: int, _total: int) -> None:
        if done == 33:
            enough.set()

    with FakeLlm(perfect) as server:
        begun = asyncio.create_task(
            examination(server.url, parallel=1).run(*noted(tmp_path), report)
        )
        await enough.wait()
        begun.cancel()
        await asyncio.gather(begun, return_exceptions=True)
        kept = noted(tmp_path)[0]
        assert 32 <= len(kept) < 80
        server.asked.clear()
        reported: list[tuple[int, int]] = []
        marks = await examination(server.url).run(
            *noted(tmp_path), lambda done, total: reported.append((done, total))
        )
    assert marks.written == marks.supported == ALL
    first = reported[0][0]
    assert first > len(kept)
    assert reported == [(done, 80) for done in range(first, 81)]
    assert len(server.asked) <= 80 - len(kept) + 12  # twelve written statements are verified


async def test_endpoint_that_is_away_gives_no_marks(tmp_path: Path) -> None:
    """Nothing is held against a model whose endpoint is away; nothing is kept of it."""
    with closed_port() as url, pytest.raises(WriterUnavailable) as failure:
        await examination(url).run(*noted(tmp_path))
    assert failure.value.key == "llm_unreachable"
    assert noted(tmp_path)[0] == {}


@pytest.mark.parametrize("reply", [fails(500), fails(429), fails(401), html(502), html(200)])
async def test_endpoint_that_fails_gives_no_marks(reply: object, tmp_path: Path) -> None:
    """A server's error is no answer of the model's."""
    with pytest.raises(WriterUnavailable):
        await marks_of(reply, tmp_path)  # type: ignore[arg-type]  # one reply for all
    assert noted(tmp_path)[0] == {}


async def test_slow_model_is_not_waited_for(tmp_path: Path) -> None:
    """Nothing in time, five times in a row, ends the test without marks."""
    with FakeLlm(hangs()) as server, pytest.raises(WriterUnavailable):
        await examination(server.url, parallel=5, timeout_s=0.3).run(*noted(tmp_path))
    assert len(server.asked) < 15


async def test_one_answer_that_fails_counts_as_missed(tmp_path: Path) -> None:
    """The test goes on after an answer that breaks off, and does not keep it as a grade."""
    script = in_turn(says("oui", finish=None), says("oui"))
    with FakeLlm(script) as server:
        marks = await examination(server.url, parallel=1).run(*noted(tmp_path))
    assert marks.supported == Tally(right=19, missed=1)
    assert len(noted(tmp_path)[0]) == 79


async def test_items_are_asked_some_at_a_time(tmp_path: Path) -> None:
    """As many as allowed, never more."""
    with FakeLlm(lambda _: says("oui", delay=0.01)) as server:
        await examination(server.url, parallel=3).run(*noted(tmp_path))
    assert server.at_once == 3


def test_grades_are_counted_apart() -> None:
    """What is missed is not what is wrong."""
    assert Tally(1, 2, 3).total == 6
    assert {grade.value for grade in Grade} == {"right", "missed", "wrong"}

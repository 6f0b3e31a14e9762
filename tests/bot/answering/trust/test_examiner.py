"""The examiner tests a model in the background, and gives the mode that is in force."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answering.exam import Examination
from bot.answering.model.endpoint import ChatEndpoint
from bot.answering.model.protocol import ModelChoice
from bot.answering.trust import Examinee, Examiner, Mode, TrustSetting, TrustStore, load_limits
from tests.fake_llm import FakeLlm, fails, hangs, says
from tests.fake_llm.examinee import perfect

LIMITS = load_limits()


def examiner(
    url: str, home: Path, setting: TrustSetting = "auto", *, pause_s: float = 0.05
) -> Examiner:
    """Of the model behind an address."""
    model = ChatEndpoint(ModelChoice(url, "fake", "sk-of-no-worth", 20, 8, 0))
    return Examiner(
        setting,
        Examinee(model.host, model.name, model.host, model.name),
        TrustStore(home / "trust.json"),
        Examination(model, model, None, sure=0.5, parallel=8),
        LIMITS,
        pause_s=pause_s,
    )


def until(true: Callable[[], bool]) -> bool:
    """Whether something comes true within a minute."""
    end = time.monotonic() + 60
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


async def test_model_is_used_once_it_is_tested(tmp_path: Path) -> None:
    """Before, it is not, and that is said; afterwards it is, for whoever comes next too."""
    with FakeLlm(perfect) as server:
        found = examiner(server.url, tmp_path)
        assert (found.mode, found.notice) == (Mode.OFF, "model_untested")
        await found.run()
        assert (found.mode, found.notice) == (Mode.WRITE, None)
        asked = len(server.asked)
        later = examiner(server.url, tmp_path)
        assert later.mode is Mode.WRITE
        await later.run()
        assert await later.examine() == later.marks
        assert len(server.asked) == asked
        await later.examine(again=True)
        assert len(server.asked) == 2 * asked
    assert "sk-of-no-worth" not in (tmp_path / "trust.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", ["write", "select", "off"])
async def test_forced_mode_asks_nothing(setting: TrustSetting, tmp_path: Path) -> None:
    """The administrator's word needs no test."""
    with FakeLlm(says("oui")) as server:
        found = examiner(server.url, tmp_path, setting)
        await found.run()
        assert (found.mode, found.notice) == (Mode(setting), None)
        assert server.asked == []


async def test_endpoint_that_comes_back_is_tested(tmp_path: Path) -> None:
    """An endpoint that is away is asked again later."""
    with FakeLlm(fails(500)) as server:
        found = examiner(server.url, tmp_path)
        running = asyncio.create_task(found.run())
        assert await asyncio.to_thread(until, lambda: bool(server.asked))
        server.script = perfect
        await running
    assert found.mode is Mode.WRITE


async def test_marks_that_cannot_be_kept_end_the_test(tmp_path: Path) -> None:
    """A home that cannot be written is logged, and nothing is raised."""
    (tmp_path / "home").write_text("", encoding="utf-8")
    with FakeLlm(perfect) as server:
        found = examiner(server.url, tmp_path / "home")
        await found.run()
    assert found.mode is Mode.OFF


def test_thread_of_its_own(tmp_path: Path) -> None:
    """A front without a running loop sees the mode change all the same."""
    with FakeLlm(perfect) as server:
        found = examiner(server.url, tmp_path)
        with found.in_background():
            assert until(lambda: found.mode is Mode.WRITE)


def test_leaving_does_not_wait_for_the_model(tmp_path: Path) -> None:
    """Whoever leaves in the middle of the test leaves at once; what was asked is kept."""
    with FakeLlm(perfect) as server:
        found = examiner(server.url, tmp_path)
        with found.in_background():
            assert until(lambda: len(server.asked) > 20)
            server.script = hangs()
            asked = len(server.asked)
            assert until(lambda: len(server.asked) > asked)
        assert server.left.wait(5)
    assert found.mode is Mode.OFF
    kept = TrustStore(tmp_path / "trust.json").grades(found.examinee)
    assert kept

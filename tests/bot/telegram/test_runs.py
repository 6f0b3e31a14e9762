"""Supervised tasks: none is left, none ends another, and no error is lost."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.telegram.runs import Runs, Taken, WorkResult, logged, repeated, result_of, until


async def _fails() -> None:
    raise OSError("broken")


async def test_work_ends_or_is_stopped() -> None:
    """Work that an event may stop gives its value, its error, or says that it was stopped."""
    stop, cancelled, before = asyncio.Event(), asyncio.Event(), asyncio.all_tasks()

    async def forever() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return ""

    async def quick() -> str:
        return "done"

    assert await until(stop, quick()) == WorkResult("done")
    failed = await until(stop, _fails())
    assert isinstance(failed.error, OSError)
    asyncio.get_running_loop().call_soon(stop.set)
    assert (await until(stop, forever())).stopped
    assert cancelled.is_set()
    assert asyncio.all_tasks() == before


async def test_repeated_work_goes_on_after_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """An error of one round is logged, and the next round comes."""
    rounds = 0
    thrice = asyncio.Event()

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            thrice.set()
        await _fails()

    stopped = await until(thrice, repeated("sweeping", 0.0, work))
    assert stopped.stopped
    assert "sweeping failed" in caplog.text
    await logged("tidying", _fails())
    assert "tidying failed" in caplog.text
    assert isinstance((await result_of(_fails())).error, OSError)


async def test_runs_end_together(caplog: pytest.LogCaptureFixture) -> None:
    """An answer that fails ends itself alone; at the end all are asked to stop, then cancelled."""
    caplog.set_level(logging.ERROR)
    before = asyncio.all_tasks()
    async with Runs(concurrent=2, waiting=1) as runs:
        began = await runs.start(1, lambda _stop: _fails())
        assert (began, await runs.start(1, lambda _stop: _fails())) == (Taken.STARTED, Taken.BUSY)
    assert "an answer failed" in caplog.text
    async with Runs(concurrent=2, waiting=1) as runs:

        async def obeys(stop: asyncio.Event) -> None:
            await stop.wait()

        async def does_not(_stop: asyncio.Event) -> None:
            await asyncio.Event().wait()

        for user, work in ((1, obeys), (2, does_not), (3, obeys)):
            assert await runs.start(user, work) is Taken.STARTED
        assert await runs.start(4, obeys) is Taken.FULL
        assert (runs.count, runs.waiting) == (3, 1)
        await runs.close(0.01)
        assert await runs.start(5, obeys) is Taken.FULL
    assert runs.count == 0
    assert asyncio.all_tasks() == before


async def test_a_question_in_the_moment_of_delivery_waits_for_its_place() -> None:
    """Who has read an answer may ask at once, though its place is not free yet."""
    async with Runs(concurrent=2, waiting=1) as runs:
        sent = asyncio.Event()

        async def delivers(_stop: asyncio.Event) -> None:
            runs.delivers(1)
            await sent.wait()

        async def quick(_stop: asyncio.Event) -> None:
            return

        assert await runs.start(1, delivers) is Taken.STARTED
        await asyncio.sleep(0)
        next_one = asyncio.create_task(runs.start(1, quick))
        await asyncio.sleep(0)
        assert not next_one.done()
        sent.set()
        assert await next_one is Taken.STARTED

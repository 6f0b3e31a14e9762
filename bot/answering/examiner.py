"""Who examines a model: puts the test where there are no marks, and gives the mode in force."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.answering.trust import UNTESTED, Mode, StoredNotes, mode_of
from retrieval.errors import KiosqueError, WriterUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.answering.examination import Examination, Marks
    from bot.answering.trust import Examinee, TrustLimits, TrustSetting, TrustStore

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _LEAVE_SECONDS = 60.0, 3600.0, 10.0


class Examiner:
    """Gives the mode of a model, and puts the test to it where it has none.

    Safe from several threads: the mode may be asked for while the test goes on.

    Args:
        setting: ``llm.trust``.
        examinee: the model, its verifier, and where they are.
        store: keeps the marks.
        examination: the test, ready to be put.
        limits: what the marks must reach.
        pause_s: seconds before an endpoint that was away is asked again; doubled each time.
    """

    def __init__(
        self,
        setting: TrustSetting,
        examinee: Examinee,
        store: TrustStore,
        examination: Examination,
        limits: TrustLimits,
        *,
        pause_s: float = _FIRST_PAUSE_S,
    ) -> None:
        self.setting = setting
        self.limits = limits
        self.examinee = examinee
        self._store = store
        self._examination = examination
        self._pause = pause_s
        self._marks = store.marks(examinee)

    @property
    def marks(self) -> Marks | None:
        """What the test gave; None before it is over."""
        return self._marks

    @property
    def mode(self) -> Mode:
        """What the model does now."""
        return mode_of(self.setting, self._marks, self.limits)

    @property
    def notice(self) -> str | None:
        """The key of what a reader should know: the model is not tested yet."""
        return UNTESTED if self.setting == "auto" and self._marks is None else None

    async def examine(
        self, report: Callable[[int, int], None] | None = None, *, again: bool = False
    ) -> Marks:
        """The marks: those that are kept, else those of the test, which is put now.

        Args:
            report: told how many items are done, and of how many.
            again: whether the test is put anew though there are marks.

        Raises:
            WriterUnavailable: the endpoint is away; what was asked is kept.
            KiosqueError: the reader cannot be used, or the marks cannot be kept.
        """
        if again:
            await asyncio.to_thread(self._store.forget, self.examinee)
        elif self._marks is not None:
            return self._marks
        notes = StoredNotes(self._store, self.examinee)
        marks = await self._examination.run(notes, report)
        self._marks = marks
        await asyncio.to_thread(self._store.conclude, self.examinee, marks)
        return marks

    async def run(self) -> None:
        """Put the test in the background, if the setting asks for it; ends when it is over.

        An endpoint that is away is asked again later. Nothing else is raised: what goes wrong
        is logged, and the model stays untested.
        """
        pause = self._pause
        while self.notice is not None:
            try:
                await self.examine()
                _LOG.info("The model %s was tested: %s", self.examinee.model, self.mode)
                return
            except WriterUnavailable as error:
                _LOG.warning("The model cannot be tested yet: %s", error)
            except KiosqueError as error:
                _LOG.warning("The model is not tested: %s", error)
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Put the test in a thread of its own, for a front whose event loop does not always run.

        To leave ends it; what was asked is kept.
        """
        loop = asyncio.new_event_loop()
        task = loop.create_task(self.run())
        thread = threading.Thread(target=_worked, args=(loop, task), name="examiner", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with contextlib.suppress(RuntimeError):  # it is over, and its loop closed
                loop.call_soon_threadsafe(task.cancel)
            thread.join(_LEAVE_SECONDS)


def _worked(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    """Run a loop until its task is over, and close it."""
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    except Exception:
        _LOG.exception("The test of the model broke")
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

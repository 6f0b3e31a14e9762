"""How far a model is trusted: its test results, stored and turned into a mode.

A model that verifies well writes statements in its own words; one whose choice among sentences
beats the reader's only chooses; another is not used. The test is put once to each model of an
endpoint (`bot.answering.exam`), and its marks are kept in the home's ``trust.json``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from importlib.resources import files
from math import comb
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout

from bot.answering.exam import Grade, Marks, Tally, load_exam
from config import data
from config.settings_file import write
from retrieval.errors import KiosqueError, StorageFull, WriterUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from bot.answering.exam import Examination, Marks

_PROMPTS = ("write", "verify", "select")
_MOST_TESTS, _MOST_BYTES, _NAME_CHARS = 50, 2_000_000, 200
_LOCK_SECONDS = 30.0

TrustSetting = Literal["auto", "write", "select", "off"]
UNTESTED = "model_untested"
"""The notice of an answer that was made without the model, whose test is not over."""


class Mode(StrEnum):
    """How a model is used.

    `WRITE`: statements in its own words. `SELECT`: it chooses among the articles' sentences.
    `OFF`: it is not asked.
    """

    WRITE = "write"
    SELECT = "select"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class TrustLimits:
    """What the marks must reach, from ``config/thresholds.toml``, with how it was chosen.

    Args:
        supported: supported sentences let through.
        altered: altered sentences stopped.
        written: questions answered rightly in writing, or rightly not answered.
        luck: the probability, by luck alone, of what a choice gains on the reader.
    """

    supported: int
    altered: int
    written: int
    luck: float


def load_limits() -> TrustLimits:
    """The limits that come with Kiosque."""
    return TrustLimits(**data.load("thresholds.toml")["trust_test"])


def choose(marks: Marks, limits: TrustLimits) -> Mode:
    """The mode that the marks allow."""
    if verifies(marks, limits) and marks.written.right >= limits.written:
        return Mode.WRITE
    return Mode.SELECT if _beats_the_reader(marks, limits) else Mode.OFF


def verifies(marks: Marks, limits: TrustLimits) -> bool:
    """Whether a verifier's word counts."""
    enough = marks.supported.right >= limits.supported
    return enough and marks.altered.right >= limits.altered


def _beats_the_reader(marks: Marks, limits: TrustLimits) -> bool:
    """Whether the choice is right more often than by luck, and not wrong more often (paired)."""
    if marks.read is None or marks.selected.wrong > marks.read.wrong:
        return False
    return sign_test(marks.gained, marks.lost) <= limits.luck


def sign_test(gained: int, lost: int) -> float:
    """The probability to gain at least as often by luck alone: one-sided, exact, ties left out."""
    pairs = gained + lost
    ways = sum(comb(pairs, k) for k in range(gained, pairs + 1))
    return ways / float(2**pairs)


def mode_of(setting: TrustSetting, marks: Marks | None, limits: TrustLimits) -> Mode:
    """The mode in force: the setting's, else by the marks; an untested model is not used."""
    if setting != "auto":
        return Mode(setting)
    return Mode.OFF if marks is None else choose(marks, limits)


@dataclass(frozen=True, slots=True)
class Examinee:
    """Whose marks they are. Hosts without name or password, and no key.

    Args:
        host: the endpoint's, with its port.
        model: that writes and chooses.
        verifier_host: the verifier's endpoint's.
        verifier: the model that verifies.
    """

    host: str
    model: str
    verifier_host: str
    verifier: str

    def record(self) -> dict[str, object]:
        """What is kept of it, with the test that it is asked."""
        named = {name: str(value)[:_NAME_CHARS] for name, value in asdict(self).items()}
        return {**named, "version": load_exam().version, "prompts": prompts_digest()}


def prompts_digest() -> str:
    """What tells the prompts of the test apart from what they were, or will be."""
    digest = hashlib.sha256()
    for name in _PROMPTS:
        for language in ("fr", "en"):
            digest.update(files("prompts").joinpath(f"{name}.{language}.md").read_bytes())
    return digest.hexdigest()[:16]


class TrustStore:
    """The marks of models, in a file of the home. Safe from several threads and processes.

    A file that is damaged is taken for an empty one; so nothing waits for the disk here.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def marks(self, examinee: Examinee) -> Marks | None:
        """The marks of a model; None before its test is over."""
        return _marks(self._found(examinee).get("marks"))

    def grades(self, examinee: Examinee) -> dict[str, Grade]:
        """The grades of a test that was begun, by item."""
        kept = self._found(examinee).get("grades")
        rows = kept.items() if isinstance(kept, dict) else ()
        known = [grade.value for grade in Grade]  # a list: what is damaged may not be hashable
        return {str(item): Grade(grade) for item, grade in rows if grade in known}

    def note(self, examinee: Examinee, item: str, grade: Grade) -> None:
        """Keep one grade of a test.

        Raises:
            StorageFull: it cannot be kept.
        """
        with self._changed(examinee) as row:
            row["grades"] = {**row.get("grades", {}), item: grade.value}

    def conclude(self, examinee: Examinee, marks: Marks) -> None:
        """Keep the marks of a test.

        Raises:
            StorageFull: they cannot be kept.
        """
        with self._changed(examinee) as row:
            row["marks"] = asdict(marks)
            row.pop("grades", None)

    def forget(self, examinee: Examinee) -> None:
        """Let the test be put again.

        Raises:
            StorageFull: the file cannot be written.
        """
        with self._changed(examinee) as row:
            row.pop("marks", None)
            row.pop("grades", None)

    def _found(self, examinee: Examinee) -> dict[str, Any]:
        wanted = examinee.record()
        return next((row for row in self._rows() if _is_of(row, wanted)), {})

    def _rows(self) -> list[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                held = json.loads(file.read(_MOST_BYTES))
            rows = held["tests"]
        except (OSError, ValueError, RecursionError, LookupError, TypeError):
            return []
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    @contextmanager
    def _changed(self, examinee: Examinee) -> Iterator[dict[str, Any]]:
        """The row of a model, to be changed and written back; the latest are kept."""
        wanted = examinee.record()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                rows = self._rows()
                row = next((one for one in rows if _is_of(one, wanted)), dict(wanted))
                others = [one for one in rows if not _is_of(one, wanted)]
                if not isinstance(row.get("grades", {}), dict):
                    del row["grades"]
                yield row
                tests = {"tests": [*others[-_MOST_TESTS + 1 :], row]}
                write(self._path, json.dumps(tests, indent=1), private=True)
        except (OSError, Timeout) as error:
            detail = getattr(error, "strerror", None) or str(error)
            raise StorageFull("trust_failed", path=self._path, detail=detail) from error


def _is_of(row: Mapping[str, Any], wanted: Mapping[str, object]) -> bool:
    return all(row.get(name) == value for name, value in wanted.items())


def _marks(row: object) -> Marks | None:
    """Marks as they were kept; None when they are not whole."""
    try:
        kept = dict(row)  # type: ignore[call-overload]  # whatever the file holds
        tallies = {
            name: Tally(**{key: int(count) for key, count in kept[name].items()})
            for name in ("supported", "altered", "written", "selected")
        }
        read = None if kept["read"] is None else Tally(**kept["read"])
        return Marks(**tallies, read=read, gained=int(kept["gained"]), lost=int(kept["lost"]))
    except (TypeError, ValueError, LookupError, AttributeError):
        return None


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
            report: called with the number of items done and of all items.
            again: whether the test is put anew though there are marks.

        Raises:
            WriterUnavailable: the endpoint is away; what was asked is kept.
            KiosqueError: the reader cannot be used, or the marks cannot be kept.
        """
        if again:
            await asyncio.to_thread(self._store.forget, self.examinee)
        elif self._marks is not None:
            return self._marks
        note = partial(self._store.note, self.examinee)
        marks = await self._examination.run(self._store.grades(self.examinee), note, report)
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

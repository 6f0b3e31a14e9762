"""A fault at each write: a full disk, an I/O error, a disk that has become read-only.

An operation is run once to count the calls that write under the home (in all the processes
it starts). Then it is run again and again on the same archive, each time with another of
those calls failing: that one alone, or it and all that follow. It must end with a sentence of
ours or with its work done; what is there must be as before or as after, and sound, with
nothing repaired; and the same operation must then succeed.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.common import Setup, caption, in_memory
from tests.benchmarks.faulty_write import ERRORS, FROM_THEN_ON, NO_ROOM, ONCE, Faults, server
from tests.benchmarks.feeding import Feed, State, feed_once
from tests.benchmarks.results import table
from tests.benchmarks.soundness import Findings, examine

TITLE = "Failing writes"
_TIMES = 300
_SECONDS = 120
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Operation:
    """From one state to another; ``before`` is None where there is no archive yet."""

    name: str
    before: State | None
    after: State


_TEN: State = dict.fromkeys(range(10), 1)
_MANY: State = dict.fromkeys(range(420), 1)
OPERATIONS = (
    Operation("the first articles", None, {1: 1, 2: 1, 3: 1}),
    Operation("adding 2 articles and changing 1", _TEN, _TEN | {3: 2, 10: 2, 11: 2}),
    Operation("withdrawing 2 articles", _TEN, dict.fromkeys(range(2, 10), 1)),
    Operation("replacing 420 articles, a worker beside", _MANY, dict.fromkeys(range(420), 2)),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Which call fails, how, and whether all after it do."""

    at: int
    name: str
    mode: int


@dataclass(slots=True)
class Tally:
    """What came of the faults of one operation."""

    calls: int = 0
    faults: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def starved(operation: Operation, times: int) -> Tally:
    """Meet so many faults, spread evenly over the calls of an operation.

    Raises:
        AbsentError: this machine cannot make writes fail.
    """
    context, tally = server(), Tally()
    with in_memory() as folder:
        work = _Bench(context, folder, operation)
        tally.calls = work.calls()
        for fault in _spread(tally.calls, times):
            tally.faults += 1
            end, wrong = work.met(fault)
            tally.ends[end] += 1
            tally.wrong += wrong
    return tally


def asked_starving() -> Findings:
    """Ask a process that starts on a disk without any room.

    Raises:
        AbsentError: this machine cannot make writes fail.
    """
    with in_memory() as folder:
        work = _Bench(server(), folder, OPERATIONS[1])
        return work.asked()


def _spread(calls: int, times: int) -> Iterator[Fault]:
    """Each call once or, if there are too many, calls evenly apart; the kinds in turn."""
    kinds = cycle((name, mode) for mode in (ONCE, FROM_THEN_ON) for name in ERRORS)
    step = max(1.0, calls / times)
    for turn in range(min(times, calls)):
        name, mode = next(kinds)
        yield Fault(int(turn * step) + 1, name, mode)


class _Bench:
    """An archive in the state before an operation, made again for every fault.

    Args:
        context: starts processes.
        folder: to work in.
        operation: what is done.
    """

    def __init__(self, context: ForkServerContext, folder: Path, operation: Operation) -> None:
        self._context = context
        self._folder = folder
        self._operation = operation
        self._home, self._kept = folder / "home", folder / "kept"
        if operation.before is not None:
            self._expect_done(operation.before, None)
            self._home.rename(self._kept)

    def calls(self) -> int:
        """How many calls write when nothing fails."""
        self._reset()
        counter = Faults(self._folder / "faults", self._home)
        self._expect_done(self._operation.after, counter.file)
        return counter.count

    def met(self, fault: Fault) -> tuple[str, list[str]]:
        """How the operation ends with a fault, and all that is wrong then and afterwards."""
        self._reset()
        shared = Faults(
            self._folder / "faults", self._home, fault.at, ERRORS[fault.name], fault.mode
        )
        end = self._run(self._operation.after, shared.file)
        where = f"{fault.name} at {fault.at}{'…' if fault.mode else ''} ({shared.met}): "
        wrong = [] if end == "done" or end.startswith("error ") else [end]
        before, after = self._operation.before or {}, self._operation.after
        found = self._examined([after] if end == "done" else [before, after])
        wrong += [f"right after, {end}: {said}" for said in found.wrong]
        again = self._run(after, None)
        if again != "done":
            wrong.append(f"the next run: {again}")
        else:
            wrong += [f"after the next run: {said}" for said in self._examined([after]).wrong]
        return end, [where + said for said in wrong]

    def asked(self) -> Findings:
        """What a process finds that has no room to write anything."""
        self._reset()
        shared = Faults(self._folder / "faults", self._home, 1, ERRORS["ENOSPC"], NO_ROOM)
        return self._examined([self._operation.before or {}], shared.file)

    def _reset(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        if self._kept.exists():
            shutil.copytree(self._kept, self._home)

    def _expect_done(self, state: State, faults: Path | None) -> None:
        end = self._run(state, faults)
        if end != "done":
            raise RuntimeError(f"{self._operation.name}: {end}")

    def _run(self, state: State, faults: Path | None) -> str:
        folder = self._folder
        order = Feed(self._home, folder / "in", folder / "journal", state, 0, faults=faults)
        return self._in_a_process(attempt, order)

    def _examined(self, allowed: list[State], faults: Path | None = None) -> Findings:
        return self._in_a_process(examine, self._home, allowed, 0, faults)

    def _in_a_process(self, work: Callable[..., Result], *arguments: object) -> Result:
        with ProcessPoolExecutor(1, mp_context=self._context) as process:
            return process.submit(work, *arguments).result(_SECONDS)


def attempt(order: Feed) -> str:
    """Bring an archive to a state; ``done``, or how it ended instead.

    ``error`` and a key stand for an error of ours with its sentences in the catalogue.
    """
    from bot.cli.failures import explained
    from bot.messages.catalogue import Catalogue
    from retrieval.errors import KiosqueError

    texts = Catalogue("fr")
    try:
        feed_once(order)
    except KiosqueError as error:
        listed = explained(error, texts).message and texts.has(f"error.{error.key}")
        return f"error {error.key}" if listed and error.exit_code == 1 else f"unlisted {error}"
    except BaseException as error:
        return f"traceback {error!r}"
    return "done"


def report(_setup: Setup, times: int = _TIMES) -> str:
    """The section's text, after so many faults in each operation.

    Raises:
        AbsentError: this machine cannot make writes fail.
    """
    rows: list[tuple[object, ...]] = []
    wrong: list[str] = []
    for operation in OPERATIONS:
        tally = starved(operation, times if len(operation.after) < 100 else max(1, times // 6))
        rows.append(
            (
                operation.name,
                tally.calls,
                tally.faults,
                ", ".join(f"{name}: {count}" for name, count in tally.ends.most_common()),
                len(tally.wrong),
            )
        )
        wrong += [f"{operation.name}: {said}" for said in tally.wrong]
    found = asked_starving()
    rows.append(
        ("asking on a full disk, in a new process", "", "", f"asked: {found.asked}", _unsaid(found))
    )
    head = ("operation", "calls that write", "faults met", "how it ended", "**wrong**")
    told = "\n".join(f"- {said}" for said in wrong[:40])
    body = f"{caption('chromadb', 'tantivy')}\n\n{table(head, rows)}"
    return body + (f"\n\n{told}" if told else "")


def _unsaid(found: Findings) -> int:
    """What is wrong beside what doctor says of the disk."""
    return sum("index_unopened" not in said for said in found.wrong)

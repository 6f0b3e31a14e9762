"""A fault at each write: a full disk, an I/O error, a disk that has become read-only.

An operation is run once to count the calls that write under the home (in all the processes
it starts). Then it is run again and again on the same archive, each time with another of
those calls failing: that one alone, or it and all that follow. It must end with a sentence of
ours or with its work done; what is there must be as before or as after, and sound, with
nothing repaired; and the same operation must then succeed.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TypeVar

from retrieval.storage import writer_lock
from tests.benchmarks.acting import Act, Actor
from tests.benchmarks.common import Setup, caption, in_memory
from tests.benchmarks.dossiers import State
from tests.benchmarks.faulty_write import ERRORS, FROM_THEN_ON, NO_ROOM, ONCE, Faults, arm, server
from tests.benchmarks.results import table
from tests.benchmarks.soundness import Findings, examine

TITLE = "Failing writes"
_TIMES = 300
_SECONDS = 120
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Operation:
    """An act that is to meet faults, and those that lead to the state before it.

    ``share`` of the faults are met: less where one takes long.
    """

    name: str
    acts: tuple[Act, ...]
    act: Act
    share: float = 1.0

    @property
    def before(self) -> State:
        """The state before it."""
        return self.acts[-1].to if self.acts else {}


_TEN: State = dict.fromkeys(range(10), 1)
_MORE: State = _TEN | {3: 2, 10: 2, 11: 2}
_LESS: State = dict.fromkeys(range(2, 10), 1)
_MANY: State = dict.fromkeys(range(420), 1)
_BASE = (Act("index", _TEN),)
OPERATIONS = (
    Operation("the first articles", (), Act("index", {1: 1, 2: 1, 3: 1})),
    Operation("adding 2 articles, changing 1", _BASE, Act("index", _MORE)),
    Operation("pruning 2 articles", _BASE, Act("index", _LESS)),
    Operation("withdrawing an article", _BASE, Act("withdraw", dict.fromkeys(range(9), 1), 9)),
    Operation("correcting an article", _BASE, Act("correct", _TEN | {4: 2}, 4)),
    Operation("taking a change back", (*_BASE, Act("index", _MORE)), Act("rollback", _TEN)),
    Operation("making everything anew", _BASE, Act("rebuild", _TEN)),
    Operation(
        "making the base anew, a tail upon the old one",
        (*_BASE, Act("index", _MORE)),
        Act("compact", _MORE),
        0.3,
    ),
    Operation("a backup", _BASE, Act("backup", _TEN)),
    Operation(
        "bringing a backup back",
        (*_BASE, Act("backup", _TEN), Act("index", _MORE)),
        Act("restore", _TEN),
    ),
    Operation(
        "replacing 420 articles, a worker beside",
        (Act("index", _MANY),),
        Act("index", dict.fromkeys(range(420), 2)),
        0.1,
    ),
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


def locked_out() -> dict[str, tuple[str, float]]:
    """How a change ends, and after how many seconds, while another program holds something."""
    ends = {}
    with in_memory() as folder:
        work = _Bench(server(), folder, OPERATIONS[1])
        home = work.prepared()
        begun = time.perf_counter()
        with writer_lock(home):
            ends["the writer's lock"] = (work.ended(), time.perf_counter() - begun)
        with closing(sqlite3.connect(home / "archive.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            begun = time.perf_counter()
            ends["the file archive.db"] = (work.ended(), time.perf_counter() - begun)
        ends["nothing any more"] = (work.ended(), 0.0)
    return ends


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
        self._operation = operation
        self._area, self._kept = folder / "area", folder / "kept"
        self._faults = folder / "faults"
        self._area.mkdir()
        for act in operation.acts:
            self._expect_done(act, None)
        self._area.rename(self._kept)

    def calls(self) -> int:
        """How many calls write when nothing fails."""
        self._reset()
        counter = Faults(self._faults, self._area)
        self._expect_done(self._operation.act, counter.file)
        return counter.count

    def met(self, fault: Fault) -> tuple[str, list[str]]:
        """How the operation ends with a fault, and all that is wrong then and afterwards."""
        self._reset()
        error = ERRORS[fault.name]
        shared = Faults(self._faults, self._area, fault.at, error, fault.mode)
        act, before = self._operation.act, self._operation.before
        end = self._run(act, shared.file)
        wrong = [] if end == "done" or end.startswith("error ") else [end]
        found = self._examined([act.to] if end == "done" else [before, act.to])
        wrong += [f"right after, {end}: {said}" for said in found.wrong]
        # What is live in spite of an error is not to be done twice.
        next_act = act if found.at == 0 and end != "done" else Act("index", act.to)
        again = self._run(next_act, None)
        if again != "done":
            wrong.append(f"the next run: {again}")
        wrong += [f"after the next run: {said}" for said in self._examined([act.to]).wrong]
        where = f"{fault.name} at {fault.at}{'…' if fault.mode else ''} ({shared.met}): "
        return end, [where + said for said in wrong]

    def asked(self) -> Findings:
        """What a process finds that has no room to write anything."""
        self._reset()
        shared = Faults(self._faults, self._area, 1, ERRORS["ENOSPC"], NO_ROOM)
        return self._examined([self._operation.before], shared.file)

    def prepared(self) -> Path:
        """The home, in the state before the operation."""
        self._reset()
        return self._area / "home"

    def ended(self) -> str:
        """How the operation ends on what is there."""
        return self._run(self._operation.act, None)

    def _reset(self) -> None:
        shutil.rmtree(self._area, ignore_errors=True)
        shutil.copytree(self._kept, self._area)

    def _expect_done(self, act: Act, faults: Path | None) -> None:
        end = self._run(act, faults)
        if end != "done":
            raise RuntimeError(f"{self._operation.name}: {end}")

    def _run(self, act: Act, faults: Path | None) -> str:
        return self._in_a_process(attempt, self._area, act, faults)

    def _examined(self, allowed: list[State], faults: Path | None = None) -> Findings:
        return self._in_a_process(examine, self._area / "home", allowed, 0, faults)

    def _in_a_process(self, work: Callable[..., Result], *arguments: object) -> Result:
        with ProcessPoolExecutor(1, mp_context=self._context) as process:
            return process.submit(work, *arguments).result(_SECONDS)


def attempt(area: Path, act: Act, faults: Path | None) -> str:
    """Do an act; ``done``, or how it ended instead.

    ``error`` and a key stand for an error of ours with its sentences in the catalogue.
    """
    from bot.messages.catalogue import Catalogue
    from bot.messages.errors import explained
    from retrieval.errors import KiosqueError

    texts = Catalogue("fr")
    actor = Actor(area)
    actor.prepare(act)
    arm(faults)
    try:
        actor.do(act)
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
        tally = starved(operation, max(1, int(times * operation.share)))
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
    for held, (end, seconds) in locked_out().items():
        wanted = "done" if held.startswith("nothing") else "error archive_"
        name = f"another program holds {held}"
        rows.append((name, "", "", f"{end}, {seconds:.1f} s", int(not end.startswith(wanted))))
    head = ("operation", "calls that write", "faults met", "how it ended", "**wrong**")
    told = "\n".join(f"- {said}" for said in wrong[:40])
    body = f"{caption('chromadb', 'tantivy')}\n\n{table(head, rows)}"
    return body + (f"\n\n{told}" if told else "")


def _unsaid(found: Findings) -> int:
    """What is wrong beside what doctor says of the disk."""
    return sum("index_unopened" not in said for said in found.wrong)

"""Feeding an archive without end, with a journal of what was begun and what was acknowledged."""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.errors import Failed
from retrieval.index.entries import Form
from tests.benchmarks.acting import Act, Actor
from tests.benchmarks.dossiers import State
from tests.benchmarks.faulty_write import arm

_KINDS = {
    "index": 10,
    "correct": 2,
    "withdraw": 2,
    "rollback": 3,
    "rebuild": 1,
    "compact": 2,
    "backup": 2,
    "restore": 4,
}
"""What is done, and how often."""


class Journal:
    """What a feeder began and what it finished; written through, read after its death.

    It is progress, too, for who waits for a stage.

    Args:
        path: one JSON line an event.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(self, **event: object) -> None:
        """Add an event."""
        os.write(self._file, json.dumps(event).encode() + b"\n")

    def stage(self, name: str, total: int | None) -> None:
        """Tell it."""
        self.tell(stage=name, total=total)

    def advance(self, steps: int) -> None:
        """Nothing is told."""


@dataclass(slots=True)
class Told:
    """What a journal says.

    Args:
        acknowledged: the state after the last change that was finished.
        begun: the state that the one under way leads to.
        kind: what was under way.
        changes: how many were finished, of each kind.
        closed: dossiers that a person withdrew, or was about to: they do not come back.
    """

    acknowledged: State
    begun: State | None = None
    kind: str = ""
    changes: Counter[str] = field(default_factory=Counter)
    closed: set[int] = field(default_factory=set)


def read_journal(path: Path, start: State) -> Told:
    """What a feeder did that began with a state."""
    told = Told(start)
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        event = json.loads(line)
        if "to" in event:
            told.begun = {int(number): version for number, version in event["to"].items()}
            told.kind = event["kind"]
            if told.kind == "withdraw":
                told.closed.add(event["number"])
        elif "done" in event and told.begun is not None:
            told.acknowledged, told.begun = told.begun, None
            told.changes[told.kind] += 1
    return told


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feeder is to do.

    Args:
        area: of the archive and its files, which the feeder owns.
        journal: where it tells what it does.
        start: the state of the archive.
        seed: of its choices.
        most: the number of dossiers that there are about.
        share: how much of them one change touches at most.
        closed: dossiers that cannot come back.
        changes: after so many it ends; 0 for none.
        faults: what is to happen to its writes.
    """

    area: Path
    journal: Path
    start: State
    seed: int
    most: int = 24
    share: float = 0.2
    closed: frozenset[int] = frozenset()
    changes: int = 0
    faults: Path | None = None


def feed(order: Feed) -> None:
    """Change the archive again and again, until killed."""
    journal = Journal(order.journal)
    form = Form("passages" if order.seed % 2 else "windows")  # each stands on what the others made
    actor, chooser = Actor(order.area, journal, form=form), Chooser(order)
    arm(order.faults)
    done = 0
    while not order.changes or done < order.changes:
        act = chooser.next()
        actor.prepare(act)
        journal.tell(kind=act.kind, to=act.to, number=act.number)
        try:
            actor.do(act)
        except Failed as error:
            if error.key != "builder_died" or order.faults is None:
                raise
            os.kill(os.getpid(), signal.SIGKILL)  # the kill met the builder: it is one machine
        journal.tell(done=True)
        done += 1


class Chooser:
    """Draws what is done next.

    Args:
        order: where it begins, and how much a change may touch.
    """

    def __init__(self, order: Feed) -> None:
        self._order = order
        self._dice = random.Random(order.seed)  # noqa: S311 - no secret
        self._state = dict(order.start)
        self._version = max([0, *order.start.values()])
        self._closed = set(order.closed)
        self._before: State | None = None  # what a rollback leads to
        self._kept: State | None = None  # what the backup holds

    def next(self) -> Act:
        """The next act, which is taken for done."""
        while True:
            (kind,) = self._dice.choices(list(_KINDS), list(_KINDS.values()))
            act = self._drawn(kind)
            if act is not None:
                break
        self._before = self._state if act.kind in ("index", "correct", "withdraw") else None
        self._kept = act.to if act.kind == "backup" else self._kept
        self._state = act.to
        return act

    def _drawn(self, kind: str) -> Act | None:
        """An act of a kind, if there can be one now."""
        state = self._state
        if kind == "index":
            return Act(kind, self._altered())
        if kind == "rollback":
            return Act(kind, self._before) if self._before else None
        if kind == "restore":
            return Act(kind, self._kept) if self._kept else None
        if len(state) <= self._order.most // 4:
            return None
        number = self._dice.choice(sorted(state))
        if kind == "correct":
            self._version += 1
            return Act(kind, state | {number: self._version}, number)
        if kind == "withdraw":
            self._closed.add(number)
            return Act(kind, {n: v for n, v in state.items() if n != number}, number)
        return Act(kind, state)

    def _altered(self) -> State:
        """Some dossiers added, some in another version, some gone."""
        order, dice, state = self._order, self._dice, self._state
        self._version += 1
        some = max(1, int(order.most * order.share))
        after = dict(state)
        absent = [n for n in range(order.most * 8) if n not in state and n not in self._closed]
        if len(state) > order.most // 2:
            for number in dice.sample(sorted(state), min(len(state), dice.randint(0, some))):
                del after[number]
        for number in dice.sample(sorted(after), dice.randint(0, min(some, len(after)))):
            after[number] = self._version
        room = max(0, order.most * 3 // 2 - len(after))
        wanted = dice.randint(0, min(some, room)) if after != state else 1
        for number in dice.sample(absent, min(wanted, len(absent))):
            after[number] = self._version
        return after

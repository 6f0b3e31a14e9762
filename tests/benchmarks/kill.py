"""``kill -9`` while articles are added, changed and withdrawn, and what is there right after.

Each time a process that feeds the archive is killed: at a moment drawn uniformly, just after
it began a stage of its work, or before (or half through) one of its writes. Another process
then opens the archive as the bot does, asks at once, with nothing repaired, and compares all
there is with what must be there. The next feeder goes on with what it finds.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from retrieval.archive.reader import ArchiveReader
from retrieval.errors import KiosqueError
from retrieval.index.generations import Places
from tests.benchmarks.common import Setup, caption, in_memory
from tests.benchmarks.dossiers import State
from tests.benchmarks.faulty_write import KILL, TEAR, Faults, server
from tests.benchmarks.feeding import Feed, Told, feed, read_journal
from tests.benchmarks.results import table
from tests.benchmarks.soundness import Findings, examine

TITLE = "Killed at any moment"
_TIMES, _BIG_TIMES = 200, 24
_PATIENCE_S = 60.0
_KEPT = 2
_SOON_S = 0.03
_AIMS = ("at a moment", "at a write", "half through a write", "in a stage", "after a flip")
_STAGES = ("read", "embed", "build")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is fed.

    Args:
        name: for the table.
        most: articles that there are about.
        share: of them touched by one change at most.
        seconds: within which a moment is drawn.
        writes: within which a write is drawn.
        changes: within which the change is drawn that is cut short.
    """

    name: str
    most: int
    share: float
    seconds: float
    writes: int
    changes: int


SMALL = Extent("about 24 articles, a tail upon a base", 24, 0.2, 1.5, 4_000, 6)
BIG = Extent("about 500 articles, a generation made afresh by a worker", 500, 0.9, 5.0, 3_000, 2)


@dataclass(slots=True)
class Tally:
    """What came of the kills of one extent."""

    kills: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)


def killed(extent: Extent, times: int, seed: int) -> Tally:
    """Kill so many feeders of one archive, one after the other.

    Raises:
        AbsentError: this machine cannot aim at writes.
    """
    context, tally, dice = server(), Tally(), random.Random(seed)  # noqa: S311 - no secret
    with in_memory() as folder:
        state: State = {}
        closed: set[int] = set()
        for turn in range(times):
            order = _order(folder, state, closed, extent, seed * 1_000 + turn)
            aim = _AIMS[turn % len(_AIMS)]
            _kill(context, order, aim, extent, dice)
            told = read_journal(order.journal, state)
            allowed = [told.acknowledged, *([told.begun] if told.begun is not None else [])]
            findings = _examined(context, order.area / "home", allowed, turn)
            _count(tally, aim, told, findings)
            closed |= told.closed
            state = allowed[findings.at] if findings.at is not None else told.acknowledged
        tally.wrong += _left_over(context, _order(folder, state, closed, extent, seed=0))
    return tally


def _left_over(context: ForkServerContext, order: Feed) -> list[str]:
    """What is wrong once a last feeder was let alone."""
    feeder = context.Process(target=feed, args=(replace(order, changes=2),))
    feeder.start()
    feeder.join()
    told = read_journal(order.journal, order.start)
    folders = len(Places(order.area / "home").numbers())
    wrong = [
        f"in the end: {fault}"
        for fault in _examined(context, order.area / "home", [told.acknowledged], 0).wrong
    ]
    return [*wrong, *([f"{folders} generations are left"] if folders > _KEPT else [])]


def _order(folder: Path, state: State, closed: set[int], extent: Extent, seed: int) -> Feed:
    return Feed(
        area=folder,
        journal=folder / f"journal-{seed}",
        start=state,
        seed=seed,
        most=extent.most,
        share=extent.share,
        closed=frozenset(closed),
    )


def _kill(
    context: ForkServerContext, order: Feed, aim: str, extent: Extent, dice: random.Random
) -> None:
    """Start a feeder, and have it killed."""
    if "write" in aim:
        error = TEAR if "half" in aim else KILL
        order = replace(order, faults=order.area / "faults")
        Faults(order.area / "faults", order.area / "home", dice.randint(1, extent.writes), error)
    feeder = context.Process(target=feed, args=(order,))
    feeder.start()
    if aim == "at a moment":
        _wait_for(order.journal, "to", 1, feeder)
        time.sleep(dice.uniform(0, extent.seconds))
    elif aim == "in a stage":
        _wait_for(order.journal, dice.choice(_STAGES), dice.randint(1, extent.changes), feeder)
        time.sleep(dice.uniform(0, _SOON_S))
    elif aim == "after a flip":
        _wait_for_flip(order.area / "home", dice.randint(1, extent.changes), feeder)
    else:
        feeder.join(_PATIENCE_S)
    if feeder.is_alive():
        feeder.kill()
    feeder.join()
    if feeder.exitcode != -signal.SIGKILL:
        raise RuntimeError(f"the feeder ended by itself: {feeder.exitcode}")


def _wait_for(journal: Path, word: str, times: int, feeder: BaseProcess) -> None:
    """Wait until a feeder has told of something so many times."""
    limit = time.monotonic() + _PATIENCE_S
    while time.monotonic() < limit and feeder.is_alive():
        if journal.exists() and journal.read_text("utf-8").count(f'"{word}"') >= times:
            return
        time.sleep(0.002)


def _wait_for_flip(home: Path, times: int, feeder: BaseProcess) -> None:
    """Wait until so many more changes have become live, watching the archive as a bot does."""
    limit = time.monotonic() + _PATIENCE_S
    seen: set[int | None] = set()
    while len(seen) <= times and time.monotonic() < limit and feeder.is_alive():
        with suppress(KiosqueError), ArchiveReader(Places(home).archive) as reader:
            while len(seen) <= times and time.monotonic() < limit and feeder.is_alive():
                seen.add(reader.live_generation())


def _examined(context: ForkServerContext, home: Path, allowed: list[State], seed: int) -> Findings:
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(examine, home, allowed, seed).result()


def _count(tally: Tally, aim: str, told: Told, findings: Findings) -> None:
    tally.kills[aim] += 1
    tally.changes += told.changes
    tally.cut[told.kind if told.begun is not None else "between"] += 1
    tally.asked += findings.asked
    tally.found["before" if findings.at == 0 else "after" if findings.at else "neither"] += 1
    tally.wrong += [f"killed {aim}, {told.kind}: {fault}" for fault in findings.wrong]


def report(_setup: Setup, times: int = _TIMES) -> str:
    """The section's text, after so many kills of each small archive.

    Raises:
        AbsentError: this machine cannot aim at writes.
    """
    rows: list[tuple[object, ...]] = []
    wrong: list[str] = []
    for extent, count in ((SMALL, times), (BIG, max(4, times * _BIG_TIMES // _TIMES))):
        tally = killed(extent, count, seed=1)
        wrong += tally.wrong
        rows += [
            (extent.name, "kills", _listed(tally.kills)),
            ("", "what was cut short", _listed(tally.cut)),
            ("", "changes acknowledged before, which must stand", _listed(tally.changes)),
            ("", "found as before / as after the change under way", _ends(tally.found)),
            ("", "questions asked right after, unrepaired", tally.asked),
            ("", "**articles lost, doubled, half there; complaints of doctor**", len(tally.wrong)),
        ]
    told = "\n".join(f"- {fault}" for fault in wrong[:20])
    body = table(("archive", "what", "measured"), rows)
    return f"{caption('chromadb', 'tantivy')}\n\n{body}" + (f"\n\n{told}" if told else "")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _ends(found: Counter[str]) -> str:
    return " / ".join(str(found[name]) for name in ("before", "after")) + (
        f"; neither: {found['neither']}" if found["neither"] else ""
    )

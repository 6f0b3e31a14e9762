"""Feeding an archive without end, with a journal of what was begun and what was acknowledged.

The articles are dossiers of known numbers, each in some version that all its paragraphs
name, so that half an article, or a mixture of two versions, shows.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.faulty_write import arm
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer

if TYPE_CHECKING:
    from retrieval.indexing import Indexer

State = dict[int, int]
"""The live dossiers, and the version of each."""
DIMENSION = 256
_SUBJECTS = ("musée", "tramway", "port", "lycée", "forêt", "hôpital", "marché", "théâtre")
_POINTS = ("premier", "deuxième", "troisième", "quatrième")


def embedder() -> HashedEmbedder:
    """What makes the vectors: quick, and enough to tell dossiers apart."""
    return HashedEmbedder(f"hashed-{DIMENSION}", DIMENSION)


def paragraphs(number: int, version: int) -> list[str]:
    """The text of a dossier in a version."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    return [
        f"Le dossier k{number} du {subject} en est au {point} point. La mairie publie la version "
        f"v{version} du rapport k{number} sur le {subject}. Un riverain lit la version v{version} "
        f"du {point} point et s'en étonne."
        for point in _POINTS
    ]


def question(number: int) -> str:
    """What its first sentence answers, in any version."""
    return f"Où en est le premier point du dossier k{number} du {_SUBJECTS[number % 8]} ?"


def title(number: int) -> str:
    """The title of a dossier."""
    return f"Dossier {number}"


def file_of(folder: Path, number: int) -> Path:
    """The file that a dossier is read from."""
    return folder / f"dossier-{number}.md"


def write(folder: Path, state: State) -> None:
    """Make the files of a folder those of a state."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for number, version in state.items():
        head = f"---\ntitle: {title(number)}\npublished: 2017-05-{number % 28 + 1:02d}\n---\n"
        text = head + "\n\n".join(paragraphs(number, version)) + "\n"
        file_of(folder, number).write_text(text, encoding="utf-8")


class Journal:
    """What a feeder began and what it finished; written through, read after its death.

    Args:
        path: one JSON line an event.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(self, **event: object) -> None:
        """Add an event."""
        os.write(self._file, json.dumps(event).encode() + b"\n")


@dataclass(frozen=True, slots=True)
class Told:
    """What a journal says: the last state that is acknowledged, the one after it if any was
    begun, and how many changes were acknowledged."""

    acknowledged: State
    begun: State | None
    changes: int


def read_journal(path: Path, start: State) -> Told:
    """What a feeder did that began with a state."""
    acknowledged, begun, changes = start, None, 0
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        event = json.loads(line)
        if "to" in event:
            begun = {int(number): version for number, version in event["to"].items()}
        elif "done" in event and begun is not None:
            acknowledged, begun, changes = begun, None, changes + 1
    return Told(acknowledged, begun, changes)


class Stages:
    """Progress that goes to the journal, for who waits for a moment."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def stage(self, name: str, total: int | None) -> None:
        """Tell it."""
        self._journal.tell(stage=name, total=total)

    def advance(self, steps: int) -> None:
        """Nothing is told."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feeder is to do.

    Args:
        home: of the archive.
        folder: of the files, which it owns.
        journal: where it tells what it does.
        start: the state of the archive.
        seed: of its choices.
        most: the number of dossiers that there are about.
        share: how much of them one change touches at most.
        changes: after so many it ends; 0 for none.
        faults: what is to happen to its writes.
    """

    home: Path
    folder: Path
    journal: Path
    start: State
    seed: int
    most: int = 24
    share: float = 0.2
    changes: int = 0
    faults: Path | None = None


def feed(order: Feed) -> None:
    """Change the archive again and again, until killed."""
    journal, dice = Journal(order.journal), random.Random(order.seed)  # noqa: S311
    state, version = dict(order.start), max([0, *order.start.values()])
    taking_in = indexer(order.home, embedder())
    arm(order.faults)
    done = 0
    while not order.changes or done < order.changes:
        version += 1
        state = altered(state, version, dice, order)
        apply(taking_in, order.folder, state, journal)
        done += 1


def feed_once(order: Feed) -> None:
    """Bring an archive to the state of an order, and end.

    Raises:
        KiosqueError: it cannot be done.
    """
    taking_in = indexer(order.home, embedder())
    write(order.folder, order.start)
    arm(order.faults)
    taking_in.index([order.folder], prune=True)


def apply(taking_in: Indexer, folder: Path, state: State, journal: Journal) -> None:
    """Bring the archive to a state, and tell before and after."""
    write(folder, state)
    journal.tell(to=state)
    taking_in.index([folder], prune=True, progress=Stages(journal))
    journal.tell(done=True)


def altered(state: State, version: int, dice: random.Random, order: Feed) -> State:
    """The next state: some dossiers added, some changed, some withdrawn."""
    some = max(1, int(order.most * order.share))
    after = dict(state)
    absent = sorted(set(range(order.most * 2)) - set(state))
    if len(state) > order.most // 2:
        for number in dice.sample(sorted(state), dice.randint(0, min(some, len(state) // 2))):
            del after[number]
    for number in dice.sample(sorted(after), dice.randint(0, min(some, len(after)))):
        after[number] = version
    room = max(0, order.most * 3 // 2 - len(after))
    wanted = dice.randint(0, min(some, room)) if after != state else 1
    for number in dice.sample(absent, min(wanted, len(absent))):
        after[number] = version
    return after

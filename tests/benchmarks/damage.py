"""Damaged indexes: what a question meets, what doctor says, what a repair costs.

Each index of a sound archive is deleted, cut short, sprinkled with wrong bytes, or made to
claim a terabyte. A process that starts then asks (and may have the index made anew, as the
bot does); doctor looks at another copy, repairs it, and must have embedded nothing.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, TimeoutError
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from pathlib import Path

from retrieval.archive.reader import ArchiveReader
from retrieval.change import heal, rebuild_generation, verify
from retrieval.errors import IndexDamaged, KiosqueError
from retrieval.index.base import CHROMA, TABLE
from retrieval.index.entries import Form
from retrieval.index.generations import LEXICAL, Places
from retrieval.index.tail import TAIL
from retrieval.search import HybridSearch, Query, SearchOptions
from tests.benchmarks.common import AbsentError, Setup, caption, in_memory
from tests.benchmarks.dossiers import State, embedder, question, title, write
from tests.benchmarks.faulty_write import server
from tests.benchmarks.results import table
from tests.benchmarks.soundness import examine
from tests.retrieval.library import indexer

TITLE = "Damaged indexes"
STATE: State = dict.fromkeys(range(40), 1)
_TIMES = 4
WINDOWS, PASSAGES = Form("windows"), Form("passages")
_SECONDS = 120
_TERABYTE = 1 << 40
_FLIPS = 8

Damage = Callable[[Path, random.Random], None]


def _deleted(path: Path, _dice: random.Random) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _lost_file(folder: Path, dice: random.Random) -> None:
    dice.choice(_files(folder)).unlink()


def _cut(folder: Path, dice: random.Random) -> None:
    file = dice.choice(_files(folder))
    with file.open("r+b") as opened:
        opened.truncate(dice.randrange(file.stat().st_size))


def _flipped(folder: Path, dice: random.Random) -> None:
    file = dice.choice(_files(folder))
    content = bytearray(file.read_bytes())
    for _ in range(_FLIPS):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(content)


def _terabyte(folder: Path, dice: random.Random) -> None:
    links = sorted(folder.rglob("link_lists.bin"))
    file = links[0] if links else dice.choice(_files(folder))
    with file.open("r+b") as opened:
        opened.truncate(_TERABYTE)


DAMAGES: dict[str, Damage] = {
    "the folder deleted": _deleted,
    "a file deleted": _lost_file,
    "a file cut short": _cut,
    f"{_FLIPS} bits flipped in a file": _flipped,
    "a sparse file of a terabyte": _terabyte,
}
BASE_MANIFEST, MANIFEST = "the base's manifest", "the manifest"
PARTS = {
    CHROMA: (True, CHROMA),
    LEXICAL: (False, LEXICAL),
    TABLE: (True, TABLE),
    TAIL: (False, TAIL),
    BASE_MANIFEST: (True, "seal.json"),
    MANIFEST: (False, "seal.json"),
}
"""Whether they are of the base, and their names in its folder, or in that of the live one."""
_NEWEST = (3, 38)
"""Dossiers that came upon the base."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one damage; ``wrong`` is what must not be."""

    asking: str
    doctor: str
    wrong: tuple[str, ...]


class Patient:
    """A sound archive, copied for each damage.

    Args:
        folder: to work in.
        form: of its base.
    """

    def __init__(self, folder: Path, form: Form = WINDOWS) -> None:
        self._folder = folder
        self._kept = folder / "kept"
        for state in ({n: v for n, v in STATE.items() if n not in _NEWEST}, STATE):
            write(folder / "in", state)
            indexer(self._kept, embedder(), form=form).index([folder / "in"])

    def damaged(self, part: str, damage: Damage, seed: int) -> Seen:
        """Damage an index twice in the same way: for who asks, and for doctor."""
        homes = [self._copy(name, part, damage, seed) for name in ("asked", "examined")]
        asking = _in_a_process(partial(ask, homes[0]))
        doctor = _in_a_process(partial(repair, homes[1]))
        wrong = [f"asking: {asking}"] if asking not in ("answered", "healed", "said") else []
        wrong += [f"doctor: {doctor}"] if not doctor.startswith(("repaired", "well")) else []
        for home in homes:
            shutil.rmtree(home)
        return Seen(asking, doctor, tuple(wrong))

    def _copy(self, name: str, part: str, damage: Damage, seed: int) -> Path:
        home = self._folder / name
        shutil.copytree(self._kept, home)
        places = Places(home)
        base, live = places.numbers()
        of_base, name_there = PARTS[part]
        owner = places.generation(base if of_base else live)
        damage(owner / name_there, random.Random(seed))  # noqa: S311
        return home


def ask(home: Path) -> str:
    """Ask as the bot does: ``answered``, ``healed`` on the way, or ``said`` what is wrong."""
    places, healed = Places(home), []

    def put_right(damage: IndexDamaged) -> None:
        healed.append(damage)
        heal(places, damage)

    with ArchiveReader(places.archive) as reader:
        for exact_below in (0, 2_000):
            options = SearchOptions(k=5, exact_below=exact_below)
            search = HybridSearch(places, reader, embedder(), options, put_right)
            for number in (3, 17):
                try:
                    evidence = search.search(Query(question(number))).evidence
                except KiosqueError:
                    return "said"
                if title(number) not in [one.article.title for one in evidence]:
                    return f"{title(number)} is not found"
                for one in evidence:
                    quote = one.article.text[one.window.start : one.window.end]
                    if quote != one.window.text or quote not in one.passage.text:
                        return f"{one.window.text} is no quote"
            search.close()
    return "healed" if healed else "answered"


def repair(home: Path) -> str:
    """What doctor does: ``repaired`` what, or ``well`` if it finds nothing."""
    places, embedding = Places(home), embedder()
    problems = verify(places)
    if not problems:
        return "well"
    if not all(isinstance(problem, IndexDamaged) for problem in problems):
        return f"not to be rebuilt: {problems}"
    rebuild_generation(places, embedder=embedding)
    if embedding.embedded:
        return f"{embedding.embedded} texts were embedded"
    wrong = examine(home, [STATE]).wrong
    return f"left: {wrong}" if wrong else f"repaired: {problems[0].key}"


def _files(path: Path) -> list[Path]:
    found = [path] if path.is_file() else path.rglob("*")
    return sorted(p for p in found if p.is_file() and p.stat().st_size)


def _in_a_process(work: Callable[[], str]) -> str:
    """What work gives in a process of its own, which damage may crash."""
    with ProcessPoolExecutor(1, mp_context=_context()) as process:
        try:
            return process.submit(work).result(_SECONDS)
        except TimeoutError:
            return "hangs"
        except Exception as error:
            return f"{type(error).__name__}: {error}"


def _context() -> BaseContext:
    """What starts processes quickly, where there can be one."""
    try:
        return server()
    except AbsentError:
        return get_context("spawn")


def report(_setup: Setup, times: int = _TIMES) -> str:
    """The section's text, after so many damages of each kind to each index."""
    rows: list[tuple[object, ...]] = []
    wrong: list[str] = []
    for form in (WINDOWS, PASSAGES):
        with in_memory() as folder:
            patient = Patient(folder, form)
            for part, (name, damage) in _cases(form):
                seen = [patient.damaged(part, damage, seed) for seed in range(times)]
                asking, doctor = (Counter(getattr(one, side) for one in seen) for side in _SIDES)
                faults = [fault for one in seen for fault in one.wrong]
                where = part if form == WINDOWS else f"{part}, of {form.vectors}"
                wrong += [f"{where}, {name}: {fault}" for fault in faults]
                rows.append((where, name, _listed(asking), _listed(doctor), len(faults)))
    head = ("index", "damage", "the next question", "doctor, nothing embedded", "**wrong**")
    told = "\n".join(f"- {said}" for said in wrong[:20])
    body = f"{caption('chromadb', 'tantivy')}\n\n{table(head, rows)}"
    return body + (f"\n\n{told}" if told else "")


_SIDES = ("asking", "doctor")


def _cases(form: Form) -> Iterator[tuple[str, tuple[str, Damage]]]:
    """All of a base of windows, and what is other in one of passages."""
    for part in PARTS if form == WINDOWS else (CHROMA, TABLE, TAIL):
        for case in DAMAGES.items():
            yield part, case


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.most_common())

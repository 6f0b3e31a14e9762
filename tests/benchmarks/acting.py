"""All that changes an archive, each as one act that leads from a state to another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrieval.archive.reader import ArchiveReader
from retrieval.change import Progress, rebuild
from retrieval.change.backup import backup, restore
from retrieval.change.compaction import compact
from retrieval.index.entries import Form
from retrieval.index.generations import Places
from retrieval.index.server import ChromaServer
from tests.benchmarks.dossiers import State, embedder, title, write, write_one
from tests.retrieval.library import SIZES, editor, indexer


@dataclass(frozen=True, slots=True)
class Act:
    """What is done, and the state that it leads to.

    Args:
        kind: ``index``, ``correct``, ``withdraw``, ``rollback``, ``rebuild``, ``compact``,
            ``backup`` or ``restore``.
        to: the state afterwards.
        number: the dossier that is corrected or withdrawn.
    """

    kind: str
    to: State
    number: int = 0


class Actor:
    """Does acts on one archive.

    Args:
        area: holds the archive (``home``), the files that it is made from, and the backup.
        progress: told of the stages.
        server: holds the windows.
        form: of the bases that it makes.
    """

    def __init__(
        self,
        area: Path,
        progress: Progress | None = None,
        server: ChromaServer | None = None,
        form: Form | None = None,
    ) -> None:
        self.home = area / "home"
        self._files = area / "files"
        self._kept = area / "backup"
        self._correction = area / "correction.md"
        self._progress = progress
        self._indexer = indexer(self.home, embedder(), server=server, form=form)
        self._editor = editor(self.home, embedder(), server, form)
        self._places = Places(self.home, server, form or Form())

    def prepare(self, act: Act) -> None:
        """Write the files that an act reads."""
        if act.kind == "index":
            write(self._files, act.to)
        elif act.kind == "correct":
            write_one(self._correction, act.number, act.to[act.number])

    def do(self, act: Act) -> None:
        """Do it.

        Raises:
            KiosqueError: it cannot be done.
        """
        getattr(self, f"_{act.kind}")(act)

    def _index(self, _act: Act) -> None:
        self._indexer.index([self._files], prune=True, progress=self._progress)

    def _correct(self, act: Act) -> None:
        self._editor.correct(self._id(act.number), self._correction, self._progress)

    def _withdraw(self, act: Act) -> None:
        self._editor.withdraw([self._id(act.number)], "Dossier clos.", self._progress)

    def _rollback(self, _act: Act) -> None:
        self._editor.rollback(self._progress)

    def _rebuild(self, _act: Act) -> None:
        rebuild(self._places, embedder(), SIZES, self._progress)

    def _compact(self, _act: Act) -> None:
        compact(self._places, SIZES, self._progress)

    def _backup(self, _act: Act) -> None:
        backup(self._places, self._kept, (), replaced=True)

    def _restore(self, _act: Act) -> None:
        restore(self._places, self._kept, (), SIZES, self._progress)

    def _id(self, number: int) -> str:
        with ArchiveReader(self._places.archive) as reader:
            entries = reader.entries()
        (found,) = (entry.id for entry in entries if entry.title == title(number))
        return found

"""Small folders of articles, and archives made of them, for tests."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import Note, draft_digest
from retrieval.archive.writer import ArchiveStore, Staged, stage
from retrieval.change import Editor, Indexer, Options, Report
from retrieval.index.entries import Form
from retrieval.index.generations import Generation, Places
from retrieval.index.server import ChromaServer
from retrieval.reading import CleaningRules
from retrieval.search import HybridSearch, Query
from retrieval.vocabulary import Draft, Evidence
from tests.retrieval.hashed_embedder import HashedEmbedder

SUBJECTS = ("musée", "tramway", "port", "lycée", "forêt", "hôpital", "marché", "théâtre")


def write_article(folder: Path, number: int, said: str = "") -> Path:
    """An article of four paragraphs about a subject of its own; ``said`` is added to it."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    paragraphs = [
        f"Le {subject} numéro {number} a fait parler de lui. Un riverain {part} s'en étonne. "
        f"La mairie répond au point {part} que le {subject} restera ouvert toute l'année."
        for part in ("premier", "deuxième", "troisième", "quatrième")
    ]
    header = (
        f"---\ntitle: Le {subject} {number}\npublished: 2017-05-{number % 28 + 1:02d}\n"
        f"outlet: {'Le Courrier' if number % 2 else 'La Gazette'}\n---\n"
    )
    path = folder / f"article-{number:03d}.md"
    path.write_text(header + "\n\n".join([*paragraphs, said]) + "\n", encoding="utf-8")
    return path


def write_folder(folder: Path, count: int) -> Path:
    """A folder of so many articles."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        write_article(folder, number)
    return folder


def keep(home: Path, drafts: Iterable[Draft]) -> None:
    """Have an archive hold some articles without indexes, each under the number of its origin."""
    with ArchiveStore(home / "archive.db") as store:
        change = store.begin("index", "tests")
        stage(store, change, [staged(draft) for draft in drafts])
        store.publish(change, {})


def staged(draft: Draft, file: str = "") -> Staged:
    """A draft as an article of its own."""
    id_ = f"{zlib.crc32(draft.origin.encode()):08x}"
    return Staged(id_, draft, draft_digest(draft), file, (), Note())


@dataclass
class Meanwhile:
    """Progress that does something once, when the base is being made."""

    act: Callable[[], object]
    done: bool = False

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins."""

    def advance(self, steps: int) -> None:  # noqa: ARG002
        """The first windows are in: the base is of the moment before."""
        if not self.done:
            self.done = True
            self.act()


SIZES = Options(passage_chars=300, window_chars=120, by="tests")


def indexer(
    home: Path,
    embedder: HashedEmbedder | None = None,
    options: Options = SIZES,
    server: ChromaServer | None = None,
    form: Form | None = None,
) -> Indexer:
    """An indexer of an archive, with an embedder that costs nothing."""
    places = Places(home, server, form or Form())
    return Indexer(places, embedder or HashedEmbedder(), CleaningRules(), options)


def editor(
    home: Path,
    embedder: HashedEmbedder | None = None,
    server: ChromaServer | None = None,
    form: Form | None = None,
) -> Editor:
    """An editor of the same archive."""
    chosen = embedder or HashedEmbedder()
    return Editor(Places(home, server, form or Form()), lambda: chosen, CleaningRules(), SIZES)


def search(home: Path, question: str, embedder: HashedEmbedder | None = None) -> list[Evidence]:
    """The evidence that a reader finds who opens the archive now."""
    with (
        ArchiveReader(home / "archive.db") as reader,
        closing(HybridSearch(Places(home), reader, embedder or HashedEmbedder())) as searching,
    ):
        return list(searching.search(Query(question)).evidence)


def reachable(generation: Generation, near: Sequence[int] | None = None) -> list[int]:
    """The windows that a question may find by meaning, of those that Chroma holds or finds."""
    table = generation.table
    ids = sorted(generation.vectors.ids()) if near is None else near
    held = table.of_passages(ids) if generation.base.kind == "passages" else table.places(ids)
    rows = np.union1d(held, table.beside)
    return sorted(table.ids_of(rows).tolist())


def counted(report: Report) -> tuple[int, int, int, int, int]:
    """The numbers of a report."""
    return (
        report.added,
        report.changed,
        report.unchanged,
        report.removed,
        report.near_duplicates,
    )


def ids_in(home: Path) -> list[str]:
    """The ids of the live articles."""
    with ArchiveReader(home / "archive.db") as reader:
        return [entry.id for entry in reader.entries(withdrawn=False)]


def live(home: Path) -> list[str]:
    """The names of the sources of the live articles."""
    with ArchiveReader(home / "archive.db") as reader:
        entries = reader.entries(withdrawn=False)
    return sorted(Path(entry.source).stem for entry in entries)

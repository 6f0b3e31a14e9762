"""Where a plan that changes nothing keeps the texts that it has read: an archive to throw away.

Later sources of a run are compared with earlier ones; memory does not hold them.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from retrieval.archive.rows import Note
from retrieval.archive.similar import SimilarArticles, put_lacking
from retrieval.archive.staging import Staged, stage
from retrieval.archive.store import ArchiveStore
from retrieval.vocabulary import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.vocabulary import Article

_BATCH = 64


@contextmanager
def rehearsal(archive: Path | None) -> Iterator[tuple[ArchiveStore, int, list[SimilarArticles]]]:
    """A store to stage in, its change, and the shelves to compare on: the archive's too.

    The articles of the archive that have no signature yet are signed in the store.

    Args:
        archive: the file ``archive.db``; None when there is none yet.

    Raises:
        StorageFull: no room, or no right, to write temporary files.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="kiosque-"))
        store = stack.enter_context(ArchiveStore(Path(folder) / "archive.db"))
        store.connection.execute("PRAGMA synchronous = OFF")  # it is not to last
        shelves = [stack.enter_context(SimilarArticles(archive))] if archive else []
        if archive:
            _sign(store, shelves[0])
        change = store.begin("index", "")
        shelves.append(stack.enter_context(SimilarArticles(store.path, change)))
        yield store, change, shelves


def _sign(store: ArchiveStore, shelf: SimilarArticles) -> None:
    unsigned = shelf.unsigned()
    if unsigned:
        change = store.begin("index", "")
        for start in range(0, len(unsigned), _BATCH):
            articles = map(shelf.before, unsigned[start : start + _BATCH])
            stage(store, change, [_copy(article) for article in articles if article])
        store.flip(change, {})
    put_lacking(store)


def _copy(article: Article) -> Staged:
    draft = Draft(
        article.id,  # no other origin is like it
        article.source,
        article.title,
        article.text,
        article.published,
        article.outlet,
        article.author,
        article.url,
        article.language,
    )
    return Staged(article.id, draft, article.digest, "", (), Note())

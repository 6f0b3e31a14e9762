"""The vector index: windows in a Chroma collection, embedded here (see `server` for the other).

The collection holds all that another Chroma or LangChain client needs (vector, text,
metadata); we ask it for ids and distances only and take everything else from the archive,
which is faster, and cannot be stale. ``where`` is never used: it costs a hundred times a
query. Chroma is imported when an index is opened, not before: it takes most of a second.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from retrieval.errors import IndexDamaged, KiosqueError, StorageFull
from retrieval.process import is_failure
from retrieval.storage import Closing, is_full

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chromadb import Collection
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from numpy.typing import NDArray

Told = TypeVar("Told")
BATCH = 2_000
_CLOUD, _CLOUD_QUOTA = "trychroma.com", 300
_PERSIST_EVERY = 10_000
_AT_ONCE = 100
_NEAR = 20
"""More than the windows of one vector that are put in."""
# ef_search 400: recall@50 .97 at 100,000 windows, where the default has .83.
HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_search": 400,
    "ef_construction": 100,
    "max_neighbors": 16,
}


@dataclass(frozen=True, slots=True)
class VectorRecord:
    """A window or a passage as a collection holds it.

    Args:
        id: its own; that of the entry.
        text: None: the collection is not to hold it.
        article_id: whose it is.
        passage: the place of the passage in the article.
        title: of the article.
        outlet: of the article.
        language: of the article.
        published: its first day, YYYYMMDD.
    """

    id: int
    text: str | None
    article_id: str
    passage: int
    title: str
    outlet: str | None
    language: str
    published: int | None

    def metadata(self) -> dict[str, str | int]:
        """What a client may filter by or show; what is unknown is left out."""
        fields: dict[str, str | int | None] = {
            "article_id": self.article_id,
            "passage": self.passage,
            "title": self.title,
            "outlet": self.outlet,
            "language": self.language,
            "published": self.published,
        }
        return {key: value for key, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an index takes and gives at a time.

    Args:
        records: windows of one write.
        results: windows of one answer.
    """

    records: int = BATCH
    results: int = 1_000_000

    @classmethod
    def of_server(cls, host: str, batch: int) -> Bounds:
        """Those of a server; Chroma Cloud's quotas are known, and it does not say them.

        Args:
            host: its name.
            batch: how many records it says that it takes.
        """
        records = min(BATCH, batch)
        is_cloud = host == _CLOUD or host.endswith(f".{_CLOUD}")
        return cls(min(records, _CLOUD_QUOTA), _CLOUD_QUOTA) if is_cloud else cls(records)


class VectorIndex(Closing):
    """A collection of windows and their vectors.

    Queries are safe from several threads and leave the GIL to others; writing does not.

    Args:
        collection: Chroma's.
        where: what to call the place in errors.
        bounds: of one write and one answer.
    """

    def __init__(self, collection: Collection, where: str, bounds: Bounds) -> None:
        self._collection = collection
        self.where = where
        self.bounds = bounds

    def query(self, vector: NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        """The ``n`` nearest windows by cosine, best first.

        Returns:
            Pairs of window id and cosine; fewer when there are fewer, or a server gives fewer.

        Raises:
            IndexDamaged: the index cannot be read.
            ServerUnreachable: its server does not answer.
        """
        found = self._asked(
            lambda: self._collection.query(
                query_embeddings=np.asarray(vector, dtype=np.float32).reshape(1, -1),
                n_results=min(n, self.bounds.results),
                include=["distances"],
            )
        )
        distances = found["distances"] or [[]]
        pairs = zip(found["ids"][0], distances[0], strict=True)
        return [(int(id_), 1.0 - distance) for id_, distance in pairs]

    def unreached(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> list[int]:
        """The windows, of some that are in, that the graph does not find by their own vectors.

        Raises:
            IndexDamaged: the index cannot be read.
            ServerUnreachable: its server does not answer.
        """
        lost = []
        for start in range(0, len(ids), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            rows = np.ascontiguousarray(vectors[part], dtype=np.float32)
            query = partial(self._collection.query, rows, n_results=_NEAR, include=[])
            pairs = zip(ids[part], self._asked(query)["ids"], strict=True)
            lost += [id_ for id_, near in pairs if str(id_) not in near]
        return lost

    def add(self, records: Sequence[VectorRecord], vectors: NDArray[np.float32]) -> None:
        """Put windows in; one that is there already is replaced.

        Raises:
            IndexDamaged: the index refuses them.
            StorageFull: no room, or no right, to write.
            ServerUnreachable: its server does not answer.
        """
        for start in range(0, len(records), self.bounds.records):
            part = slice(start, start + self.bounds.records)
            self._put(records[part], vectors[part])

    def _put(self, records: Sequence[VectorRecord], vectors: NDArray[np.float32]) -> None:
        metadatas: Any = [record.metadata() for record in records]
        texts = [record.text for record in records if record.text is not None]
        documents = texts if len(texts) == len(records) else None
        self._asked(
            lambda: self._collection.upsert(
                ids=[str(record.id) for record in records],
                embeddings=np.ascontiguousarray(vectors, dtype=np.float32),
                documents=documents,
                metadatas=metadatas,
            )
        )

    def delete(self, ids: Sequence[int]) -> None:
        """Take windows out; their room in the file is not used again."""
        for start in range(0, len(ids), self.bounds.records):
            part = [str(id_) for id_ in ids[start : start + self.bounds.records]]
            self._asked(partial(self._collection.delete, ids=part))

    def count(self) -> int:
        """How many windows there are."""
        return self._asked(self._collection.count)

    def settle(self) -> None:
        """From here on, write every change through, so that an opening has none to repeat."""
        with chroma_faults(self.where), warnings.catch_warnings():
            # Chroma calls a collection that embeds nothing itself "legacy".
            warnings.simplefilter("ignore", DeprecationWarning)
            self._collection.modify(configuration={"hnsw": {"sync_threshold": 2}})

    def ids(self) -> set[int]:
        """Every window that is in."""
        found: set[int] = set()
        while True:
            page, offset = self.bounds.results, len(found)
            get = partial(self._collection.get, include=[], limit=page, offset=offset)
            part = self._asked(get)["ids"]
            found.update(map(int, part))
            if len(part) < page:
                return found

    def _asked(self, call: Callable[[], Told]) -> Told:
        """What Chroma answers to a call, its errors translated."""
        with chroma_faults(self.where):
            return call()


class EmbeddedIndex(VectorIndex):
    """The collection of a folder.

    Args:
        client: of the folder; closed with it.
        where: the folder.
        name: of the collection.
    """

    def __init__(self, client: ClientAPI, where: str, name: str) -> None:
        self._client = client
        with chroma_faults(where):
            collection = client.get_collection(name, embedding_function=None)
        super().__init__(collection, where, Bounds())

    def close(self) -> None:
        """Let the files go."""
        self._client.close()  # type: ignore[attr-defined]  # missing in its protocol


def persisted_batches(total: int) -> Iterator[int]:
    """The sizes in which to add ``total`` windows to a new embedded index.

    Chroma writes its graph whenever ``sync_threshold`` windows have come since the last
    time, and repeats the rest at every opening, at 3,000 a second. So the windows go in
    equal shares of that threshold (see `create_vectors`), and nothing is left to repeat.
    """
    for share in _split(total, _shares(total)):
        yield from _split(share, -(-share // BATCH))


def _shares(total: int) -> int:
    return max(1, -(-total // _PERSIST_EVERY))


def _split(total: int, parts: int) -> list[int]:
    """``total`` in ``parts`` that differ by one at most, the greater ones first."""
    return [total // parts + (part < total % parts) for part in range(parts)] if total else []


def create_vectors(folder: Path, total: int, name: str) -> VectorIndex:
    """A new embedded index that is going to hold ``total`` entries.

    Args:
        folder: where it is going to be.
        total: how many there will be.
        name: of its collection.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with chroma_faults(str(folder)):
        client = _embedded(folder)
        threshold = max(2, total // _shares(total))
        client.create_collection(
            name,
            embedding_function=None,
            configuration={"hnsw": {**HNSW, "sync_threshold": threshold}},
        )
    return EmbeddedIndex(client, str(folder), name)


def open_vectors(folder: Path, name: str) -> VectorIndex:
    """The embedded index of a folder.

    Args:
        folder: where it is.
        name: of its collection.

    Raises:
        IndexDamaged: there is none, or it cannot be read.
    """
    if not (folder / "chroma.sqlite3").is_file():
        raise IndexDamaged("index_missing", path=str(folder))
    with chroma_faults(str(folder)):
        client = _embedded(folder)
    return EmbeddedIndex(client, str(folder), name)


def _embedded(folder: Path) -> ClientAPI:
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    except BaseException:
        # Chroma would go on handing out the half-started engine of this folder.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


@contextmanager
def chroma_faults(where: str) -> Iterator[None]:
    """Translate what Chroma raises: its errors tell little, and change with its releases.

    Raises:
        StorageFull: no room, or no right, to write.
        IndexDamaged: anything else.
    """
    try:
        yield
    except KiosqueError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        detail = f"{type(error).__name__}: {error}"
        if any(word in detail.lower() for word in _NO_ROOM) or is_full(Path(where)):
            raise StorageFull("storage_full", path=where) from error
        raise IndexDamaged("index_damaged", path=where, detail=detail) from error


_NO_ROOM = ("disk is full", "no space left", "file too large", "readonly database", "disk i/o")

"""The vector index: windows in a Chroma collection, embedded or on a server.

The collection holds all that another Chroma or LangChain client needs (vector, text,
metadata); we ask it for ids and distances only and take everything else from the archive,
which is faster, and cannot be stale. ``where`` is never used: it costs a hundred times a
query. Chroma is imported when an index is opened, not before: it takes most of a second.
"""

from __future__ import annotations

import urllib.request
import warnings
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

import numpy as np

from retrieval.errors import IndexDamaged, KiosqueError, ServerUnreachable, StorageFull
from retrieval.process import is_failure
from retrieval.storage import Closing, is_full

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from numpy.typing import NDArray

COLLECTION = "windows"
BATCH = 2_000
_CLOUD, _CLOUD_QUOTA = "trychroma.com", 300
_SERVER_SECONDS = 30.0
_PERSIST_EVERY = 10_000
# ef_search 400: recall@50 .97 at 100,000 windows, where the default has .83.
_HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_search": 400,
    "ef_construction": 100,
    "max_neighbors": 16,
}


@dataclass(frozen=True, slots=True)
class WindowRecord:
    """A window as the collection holds it; ``published`` is YYYYMMDD, its first day."""

    id: int
    text: str
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

    Made by `create_vectors`, `open_vectors` or `open_server`. Queries are safe from several
    threads and leave the GIL to others; writing does not.
    """

    def __init__(self, client: ClientAPI, name: str, where: str, bounds: Bounds) -> None:
        self._client = client
        self._where = where
        self.bounds = bounds
        with chroma_faults(where):
            self._collection = client.get_collection(name, embedding_function=None)

    def query(self, vector: NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        """The ``n`` nearest windows by cosine, best first.

        Returns:
            Pairs of window id and cosine; fewer when there are fewer, or when the server gives
            no more.

        Raises:
            IndexDamaged: the index cannot be read.
            ServerUnreachable: its server does not answer.
        """
        with chroma_faults(self._where):
            found = self._collection.query(
                query_embeddings=np.asarray(vector, dtype=np.float32).reshape(1, -1),
                n_results=min(n, self.bounds.results),
                include=["distances"],
            )
        distances = found["distances"] or [[]]
        pairs = zip(found["ids"][0], distances[0], strict=True)
        return [(int(id_), 1.0 - distance) for id_, distance in pairs]

    def add(self, records: Sequence[WindowRecord], vectors: NDArray[np.float32]) -> None:
        """Put windows in; one that is there already is replaced.

        Raises:
            IndexDamaged: the index refuses them.
            StorageFull: no room, or no right, to write.
        """
        for start in range(0, len(records), self.bounds.records):
            part = slice(start, start + self.bounds.records)
            self._upsert(records[part], vectors[part])

    def _upsert(self, records: Sequence[WindowRecord], vectors: NDArray[np.float32]) -> None:
        metadatas: Any = [record.metadata() for record in records]
        with chroma_faults(self._where):
            self._collection.upsert(
                ids=[str(record.id) for record in records],
                embeddings=np.ascontiguousarray(vectors, dtype=np.float32),
                documents=[record.text for record in records],
                metadatas=metadatas,
            )

    def delete(self, ids: Sequence[int]) -> None:
        """Take windows out; their room in the file is not used again."""
        with chroma_faults(self._where):
            for start in range(0, len(ids), self.bounds.records):
                part = ids[start : start + self.bounds.records]
                self._collection.delete(ids=[str(id_) for id_ in part])

    def count(self) -> int:
        """How many windows there are."""
        with chroma_faults(self._where):
            return self._collection.count()

    def settle(self) -> None:
        """From here on, write every change through, so that an opening has none to repeat."""
        with chroma_faults(self._where), warnings.catch_warnings():
            # Chroma calls a collection that embeds nothing itself "legacy".
            warnings.simplefilter("ignore", DeprecationWarning)
            self._collection.modify(configuration={"hnsw": {"sync_threshold": 2}})

    def ids(self) -> set[int]:
        """Every window that is in."""
        found: set[int] = set()
        while True:
            with chroma_faults(self._where):
                part = self._collection.get(
                    include=[], limit=self.bounds.results, offset=len(found)
                )["ids"]
            found.update(map(int, part))
            if len(part) < self.bounds.results:
                return found

    def close(self) -> None:
        """Let the files, or the connections to the server, go."""
        for session in _sessions(self._client):
            session.close()  # Chroma forgets to
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


def create_vectors(folder: Path, total: int) -> VectorIndex:
    """A new embedded index that is going to hold ``total`` windows.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with chroma_faults(str(folder)):
        client = _embedded(folder)
        threshold = max(2, total // _shares(total))
        client.create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {**_HNSW, "sync_threshold": threshold}},
        )
    return VectorIndex(client, COLLECTION, str(folder), Bounds())


def open_vectors(folder: Path) -> VectorIndex:
    """The embedded index of a folder.

    Raises:
        IndexDamaged: there is none, or it cannot be read.
    """
    if not (folder / "chroma.sqlite3").is_file():
        raise IndexDamaged("index_missing", path=str(folder))
    with chroma_faults(str(folder)):
        client = _embedded(folder)
    return VectorIndex(client, COLLECTION, str(folder), Bounds())


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


def open_server(url: str, name: str, *, seconds: float = _SERVER_SECONDS) -> VectorIndex:
    """A collection of a Chroma server; it is made if the server has none of that name.

    Args:
        url: ``http://host:8000``, or ``https://name:password@host`` for a server, or a proxy
            before it, that asks who is there (basic authentication).
        name: the collection; it names the embedding model, so that two never mix.
        seconds: how long one request may take before the server is given up.

    Raises:
        ServerUnreachable: the server does not answer.
    """
    import chromadb
    from chromadb.config import Settings

    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    headers = _who(parts)
    beat = urllib.request.Request(f"{bare.rstrip('/')}/api/v2/heartbeat", headers=headers)  # noqa: S310
    with chroma_faults(bare):
        # Chroma sets no timeout and offers no setting: a frozen server would block for ever.
        with urllib.request.urlopen(beat, timeout=seconds):  # noqa: S310
            pass
        client = chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if parts.scheme == "https" else 8000),
            ssl=parts.scheme == "https",
            headers=headers,
            settings=Settings(anonymized_telemetry=False),
        )
        for session in _sessions(client):
            session.timeout = seconds
        client.get_or_create_collection(
            name,
            embedding_function=None,
            configuration={"hnsw": _HNSW},
        )
        bounds = Bounds.of_server(parts.hostname or "", client.get_max_batch_size())
    return VectorIndex(client, name, bare, bounds)


def _who(parts: SplitResult) -> dict[str, str]:
    """The header of basic authentication (RFC 7617) for the name and password of an address."""
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _sessions(client: ClientAPI) -> Iterator[Any]:
    """The connections (httpx.Client) of a client to its server; Chroma has no way to them."""
    for part in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(part, "_server", None), "_session", None)
        if session is not None:
            yield session


@contextmanager
def chroma_faults(where: str) -> Iterator[None]:
    """Translate what Chroma raises: its errors tell little, and change with its releases.

    Raises:
        StorageFull: no room, or no right, to write.
        ServerUnreachable: anything that a server answers, or that keeps it from answering.
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
        if where.startswith("http"):
            raise ServerUnreachable(
                "chroma_unreachable", url=where, detail=_brief(error)
            ) from error
        if any(word in detail.lower() for word in _NO_ROOM) or is_full(Path(where)):
            raise StorageFull("storage_full", path=where) from error
        raise IndexDamaged("index_damaged", path=where, detail=detail) from error


def _brief(error: BaseException) -> str:
    """Why a server cannot be reached, without the layers that the reason came through."""
    reason = getattr(error, "reason", None) or error
    cause = getattr(reason, "strerror", None) or str(reason) or type(error).__name__
    return str(cause).splitlines()[0][:120]


_NO_ROOM = ("disk is full", "no space left", "file too large", "readonly database", "disk i/o")

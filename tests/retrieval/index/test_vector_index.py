"""The vector index, embedded and on a server, and what other clients see of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.archive.archive_after import COPIES, ArchiveAfter
from retrieval.archive.reader import ArchiveReader
from retrieval.change import verify
from retrieval.errors import IndexDamaged, ServerUnreachable
from retrieval.index.generations import Generation, Places
from retrieval.index.vectors import (
    BATCH,
    Bounds,
    VectorIndex,
    WindowRecord,
    create_vectors,
    open_server,
    open_vectors,
    persisted_batches,
)
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer, write_article, write_folder


def vectors_of(count: int) -> NDArray[np.float32]:
    """So many vectors of length 1, the same every time."""
    found = np.random.default_rng(7).standard_normal((count, 16)).astype(np.float32)
    lengths: NDArray[np.float32] = np.linalg.norm(found, axis=1, keepdims=True)
    return found / lengths


def record(id_: int, published: int | None = 20170524) -> WindowRecord:
    """A window of an article."""
    return WindowRecord(id_, f"Phrase {id_}.", "0a1b2c3d4e", 0, "Titre", None, "fr", published)


def fill(index: VectorIndex, count: int) -> NDArray[np.float32]:
    """Put windows 1 to ``count`` in."""
    vectors = vectors_of(count)
    index.add([record(id_) for id_ in range(1, count + 1)], vectors)
    return vectors


def test_nearest_first_with_cosines(tmp_path: Path) -> None:
    """A window's own vector finds it with cosine 1; an opening later finds the same."""
    with create_vectors(tmp_path / "chroma", 40) as index:
        vectors = fill(index, 40)
        index.settle()
    with open_vectors(tmp_path / "chroma") as index:
        found = index.query(vectors[4], 3)
        assert found[0][0] == 5
        assert found[0][1] == pytest.approx(1.0, abs=1e-5)
        assert [cosine for _, cosine in found] == sorted((c for _, c in found), reverse=True)
        assert found[1][1] == pytest.approx(float(np.sort(vectors @ vectors[4])[-2]), abs=1e-5)
        assert len(index.query(vectors[0], 500)) == index.count() == 40


def test_deleted_windows_are_gone(tmp_path: Path) -> None:
    """What was deleted is found no more, also after an opening."""
    with create_vectors(tmp_path / "chroma", 10) as index:
        vectors = fill(index, 10)
        index.settle()
    with open_vectors(tmp_path / "chroma") as index:
        index.delete([3, 4])
    with open_vectors(tmp_path / "chroma") as index:
        assert index.ids() == set(range(1, 11)) - {3, 4}
        assert {id_ for id_, _ in index.query(vectors[2], 10)}.isdisjoint({3, 4})


def test_other_clients_can_read_the_collection(tmp_path: Path) -> None:
    """Texts and metadata are there, the date as an integer, the unknown left out."""
    import chromadb
    from chromadb.config import Settings

    with create_vectors(tmp_path / "chroma", 2) as index:
        index.add([record(1), record(2, None)], vectors_of(2))
    client = chromadb.PersistentClient(
        str(tmp_path / "chroma"), settings=Settings(anonymized_telemetry=False)
    )
    found = client.get_collection("windows", embedding_function=None).get(ids=["1", "2"])
    client.close()  # type: ignore[attr-defined]
    assert found["documents"] == ["Phrase 1.", "Phrase 2."]
    assert found["metadatas"] is not None
    assert found["metadatas"][0]["published"] == 20170524
    assert "published" not in found["metadatas"][1]
    assert "outlet" not in found["metadatas"][1]


@pytest.mark.parametrize("total", [0, 1, 2, 1_999, 10_000, 10_001, 25_007, 110_000])
def test_batches_leave_nothing_to_repeat_at_an_opening(total: int) -> None:
    """They add up, stay small, and each share of them reaches Chroma's threshold."""
    batches = list(persisted_batches(total))
    threshold = total // max(1, -(-total // 10_000))
    assert sum(batches) == total
    assert max(batches, default=0) <= 2_000
    waiting = 0
    for batch in batches:
        waiting += batch
        waiting = 0 if waiting >= threshold else waiting
    assert waiting == 0


def test_missing_index_is_named(tmp_path: Path) -> None:
    """Opening what is not there is an error with its path, and makes nothing."""
    with pytest.raises(IndexDamaged) as caught:
        open_vectors(tmp_path / "none")
    assert caught.value.key == "index_missing"
    assert not (tmp_path / "none").exists()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1"]
    folder = tmp_path_factory.mktemp("server")
    running = subprocess.Popen(
        [*command, "--port", str(port), "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(1_200):  # a minute: a busy machine takes its time to import Chroma
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    else:
        pytest.fail("the Chroma server did not start")
    yield f"http://127.0.0.1:{port}"
    running.kill()
    running.wait()


def test_server_holds_the_windows_of_an_archive(tmp_path: Path, server: str) -> None:
    """With a server the same changes give the same answers, and stale windows leave it."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 6)
    embedder, places = HashedEmbedder(), Places(home, server)
    indexer(home, embedder, server).index([folder])
    write_article(folder, 1, "Une girafe traverse la place.")
    indexer(home, embedder, server).index([folder])
    assert verify(places) == []
    with ArchiveReader(places.archive) as reader:
        number = reader.live_generation() or 0
        with Generation(places, number) as generation:
            query = embedder.embed_query("Le tramway 1. Une girafe traverse la place.")
            found = [window for window, _ in generation.vectors.query(query, 3)]
            assert generation.vectors.ids() == set(generation.table.ids.tolist())
        rows = reader.windows(found)  # as a search does, for a server may name what is gone
        row = next(rows[window] for window in found if window in rows)
        assert "girafe" in reader.article(row.article_id).text[row.start : row.end]
    assert not (places.generation(number) / "chroma").exists()


def test_server_takes_a_few_windows_of_one_vector(tmp_path: Path, server: str) -> None:
    """When the copies that it holds are withdrawn, others are put in, and none stays too many."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 20)
    places, said = Places(home, server), "Le phare mesure 61 mètres. " * 300
    for name in ("phare-1", "phare-2"):
        (folder / f"{name}.md").write_text(f"---\ntitle: Le phare\n---\n{said}\n", "utf-8")
    for step in ("indexed", "withdrawn", "restored"):
        if step == "withdrawn":
            (folder / "phare-1.md").rename(tmp_path / "aside.md")
        if step == "restored":
            (tmp_path / "aside.md").rename(folder / "phare-1.md")
        report = indexer(home, url=server).index([folder], prune=True)
        assert verify(places) == []
        with ArchiveAfter(places.archive, 0) as archive:
            expected = archive.ids() - archive.surplus().keys()
        assert len(expected) < report.windows - 2 * COPIES
        with places.open_vectors(places.numbers()[-1]) as vectors:
            assert vectors.ids() == expected


def test_archive_made_without_a_server_says_that_its_index_is_missing(
    tmp_path: Path, server: str
) -> None:
    """Naming a server later calls for a rebuild, which fills it from the archive."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    indexer(home).index([folder])
    (problem,) = verify(Places(home, server))
    assert (type(problem), problem.key) == (IndexDamaged, "index_missing")


def test_asks_keep_to_what_a_server_gives() -> None:
    """Chroma Cloud gives 300 at a time, any other server what it says, and no name is like it."""
    assert Bounds.of_server("api.trychroma.com", 1_000) == Bounds(300, 300)
    assert Bounds.of_server("chroma.example", 5_461).records == BATCH
    assert Bounds.of_server("chroma.example", 166).records == 166
    assert Bounds.of_server("nottrychroma.com", 5_461).results > 300


def test_small_batches_and_pages_hold_the_same(tmp_path: Path) -> None:
    """What is written, listed and deleted in parts is whole."""
    with create_vectors(tmp_path, 40) as index:
        index.bounds = Bounds(records=7, results=9)
        rows = np.random.default_rng(1).standard_normal((40, 8)).astype(np.float32)
        index.add([record(number) for number in range(40)], rows)
        assert index.ids() == set(range(40))
        assert len(index.query(rows[3], 40)) == 9
        index.delete(list(range(20)))
        assert index.ids() == set(range(20, 40))


def test_silent_server_is_named() -> None:
    """A server that is away is an error with its address."""
    with pytest.raises(ServerUnreachable) as caught:
        open_server("http://127.0.0.1:9", "kiosque")
    assert caught.value.key == "chroma_unreachable"
    assert caught.value.facts["url"] == "http://127.0.0.1:9"
    assert "Error" not in str(caught.value.facts["detail"])
    assert "<" not in str(caught.value.facts["detail"])


class _Recorder(BaseHTTPRequestHandler):
    """Answers the heartbeat, and keeps who was said to be there."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Any address."""
        self.seen.append(self.headers.get("Authorization", ""))
        self.send_response(200 if self.path.endswith("heartbeat") else 401)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_password_of_a_server_is_used_and_never_shown() -> None:
    """An address with a name and a password signs in by them; errors leave them out."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Recorder) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        with pytest.raises(ServerUnreachable) as caught:
            open_server(f"http://ana:s%20cret@127.0.0.1:{http.server_port}", "kiosque")
        http.shutdown()
    assert set(_Recorder.seen) == {"Basic " + b64encode(b"ana:s cret").decode()}
    assert len(_Recorder.seen) > 1
    assert "cret" not in str(caught.value.facts)
    assert "ana" not in str(caught.value.facts["url"])


def test_frozen_server_is_given_up() -> None:
    """A server that takes the connection and says nothing does not block for ever."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with pytest.raises(ServerUnreachable):
            open_server(f"http://127.0.0.1:{port}", "kiosque", seconds=0.5)

"""The windows on a Chroma server: the same answers as here, whatever becomes of the server."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import httpx
import numpy as np
import pytest

from retrieval.archive.archive_after import COPIES, ArchiveAfter
from retrieval.archive.reader import ArchiveReader
from retrieval.change import Indexer, Options, rebuild_generation, verify
from retrieval.change.backup import backup, restore
from retrieval.change.commit import dropped_if_unfinished
from retrieval.change.compaction import compact
from retrieval.change.repair import heal
from retrieval.errors import Failed, IndexDamaged, ServerRefuses, ServerUnreachable
from retrieval.index.build import build_next_base
from retrieval.index.entries import Form
from retrieval.index.generations import SERVER, Generation, Places
from retrieval.index.server import ChromaServer
from retrieval.index.vectors import BATCH, Bounds
from retrieval.reading import CleaningRules
from retrieval.search import HybridSearch, Query, SearchOptions
from tests.chroma_server import ChromaProcess
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.index.test_vector_index import record, vectors_of
from tests.retrieval.library import SIZES, Meanwhile, write_article, write_folder

ALWAYS_CHROMA = SearchOptions(exact_below=0)
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"
QUESTION = "Que dit un riverain du tramway ?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """A Chroma server on this machine."""
    running = ChromaProcess(tmp_path_factory.mktemp("server")).start()
    yield ChromaServer(running.url)
    running.kill()


def feed(places: Places, folder: Path) -> None:
    """Take a folder in, and withdraw what has gone from it."""
    Indexer(places, HashedEmbedder(), CleaningRules(), SIZES).index([folder], prune=True)


def asked(places: Places, question: str = QUESTION, *, healing: bool = False) -> list[str]:
    """The texts that a reader is shown who opens the archive now; Chroma is always asked."""
    with ArchiveReader(places.archive) as reader:
        mend = (lambda damage: heal(places, damage)) if healing else None
        search = HybridSearch(places, reader, HashedEmbedder(), ALWAYS_CHROMA, mend)
        with closing(search):
            return [one.window.text for one in search.search(Query(question)).evidence]


def collections(server: ChromaServer) -> set[str]:
    """The names of all that the server holds."""
    return {one["name"] for one in httpx.get(server.url + COLLECTIONS).json()}


def test_same_questions_have_the_same_answers_as_without_a_server(
    tmp_path: Path, server: ChromaServer
) -> None:
    """Through additions, changes and withdrawals, and a base made anew."""
    folder = write_folder(tmp_path / "in", 12)
    here, there = Places(tmp_path / "here"), Places(tmp_path / "there", server)
    questions = [
        f"Le {subject} numéro {n}" for n, subject in enumerate(("musée", "port", "girafe"))
    ]
    for step in range(3):
        if step == 1:
            write_article(folder, 1, "Une girafe traverse la place.")
            (folder / "article-003.md").unlink()
        if step == 2:
            compact(here, SIZES)
            compact(there, SIZES)
        for places in (here, there):
            feed(places, folder)
            assert verify(places) == []
        assert [asked(there, each) for each in questions] == [
            asked(here, each) for each in questions
        ]
    assert not (there.generation(there.numbers()[-1]) / "chroma").exists()


def test_a_small_change_needs_no_server(tmp_path: Path, server: ChromaServer) -> None:
    """What comes upon the base is kept beside it: a server that is away delays nobody."""
    folder = write_folder(tmp_path / "in", 12)
    places = Places(tmp_path / "home", server)
    feed(places, folder)
    write_article(folder, 1, "Une girafe traverse la place.")
    away = replace(places, server=ChromaServer("http://127.0.0.1:9", retry_s=0))
    feed(away, folder)
    assert any("girafe" in text for text in asked(places, "Une girafe traverse la place"))
    assert verify(places) == []


def test_base_leaves_out_copies_of_one_text(tmp_path: Path, server: ChromaServer) -> None:
    """The server holds a few windows of one vector, and no base differs from what it says."""
    folder, places = write_folder(tmp_path / "in", 6), Places(tmp_path / "home", server)
    (folder / "phare.md").write_text(
        f"---\ntitle: Le phare\n---\n{'Le phare mesure 61 mètres. ' * 300}\n", "utf-8"
    )
    feed(places, folder)
    assert verify(places) == []
    with ArchiveAfter(places.archive, 0) as archive:
        held = archive.ids() - archive.surplus("windows").keys()
        assert len(archive.surplus("windows")) > COPIES
    with places.open_vectors(places.numbers()[-1]) as vectors:
        assert vectors.ids() == held


def test_passages_on_a_server(tmp_path: Path, server: ChromaServer) -> None:
    """A collection of passages answers as windows do here, keeps to bounds, and is mended."""
    folder = write_folder(tmp_path / "in", 6)
    for number in range(COPIES + 2):
        text = f"---\ntitle: Le phare\n---\nLe phare {'de Brume ' * 9}mesure 61 mètres.\n"
        (folder / f"phare-{number}.md").write_text(text, "utf-8")
    here = Places(tmp_path / "here")
    there = Places(tmp_path / "there", replace(server, max_records=7), Form("passages"))
    for places in (here, there):
        Indexer(places, HashedEmbedder(), CleaningRules(), replace(SIZES, linking=False)).index(
            [folder]
        )
    assert verify(there) == []
    with Generation(there, there.numbers()[-1]) as generation:
        passages = np.unique(generation.base.table.passages)
        assert generation.vectors.count() == len(passages) - 2
        assert generation.vectors.ids() < set(passages.tolist())
        generation.vectors.delete(passages[:3].tolist())
    assert asked(there, healing=True) == asked(here)
    assert verify(there) == []
    assert [name for name in collections(server) if f"{_identity(there)}-passages-" in name]


def test_questions_are_answered_while_the_server_is_away(
    tmp_path: Path, server: ChromaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Every window is scored here instead, and the log says so once; doctor says it too."""
    places = Places(tmp_path / "home", server)
    feed(places, write_folder(tmp_path / "in", 12))
    away = replace(places, server=ChromaServer("http://127.0.0.1:9"))
    with caplog.at_level(logging.WARNING):
        assert asked(away) == asked(places)
    assert "every window is scored" in caplog.text
    assert [type(problem) for problem in verify(away)] == [ServerUnreachable]


def test_deleted_or_emptied_collection_is_made_again(tmp_path: Path, server: ChromaServer) -> None:
    """What somebody deleted, or took windows out of, is never asked as if it were whole."""
    places = Places(tmp_path / "home", server)
    feed(places, write_folder(tmp_path / "in", 6))
    before, expected = collections(server), asked(places)
    (name,) = [name for name in before if _identity(places) in name]
    httpx.delete(f"{server.url}{COLLECTIONS}/{name}")
    assert [problem.key for problem in verify(places)] == ["index_missing"]
    assert asked(places, healing=True) == expected
    with places.open_vectors(places.numbers()[-1]) as vectors:
        vectors.delete(sorted(vectors.ids())[:3])
    assert [problem.key for problem in verify(places)] == ["index_incomplete"]
    assert asked(places, healing=True) == expected
    assert verify(places) == []


def _identity(places: Places) -> str:
    with ArchiveAfter(places.archive, 0) as archive:
        return archive.collection()


def test_collections_leave_with_their_generations(tmp_path: Path, server: ChromaServer) -> None:
    """The server keeps what a generation stands on; what it was away for goes with the next."""
    places = Places(tmp_path / "home", server)
    feed(places, write_folder(tmp_path / "in", 6))
    for _ in range(3):
        rebuild_generation(places)
    mine = _identity(places)
    assert len([name for name in collections(server) if mine in name]) == 1
    old = places.numbers()[0]
    replace(places, server=ChromaServer("http://127.0.0.1:9")).drop(old)
    assert len([name for name in collections(server) if mine in name]) == 1
    places.drop(old)
    assert not [name for name in collections(server) if mine in name]
    assert old not in places.numbers()


def test_base_is_made_anew_on_a_server(tmp_path: Path, server: ChromaServer) -> None:
    """With what changed meanwhile upon it; no collection of an earlier attempt is forgotten."""
    folder, places = write_folder(tmp_path / "in", 12), Places(tmp_path / "home", server)
    feed(places, folder)
    places.next_base.mkdir()
    # What one that was killed leaves:
    places.create_vectors(places.next_base, _identity(places), "windows", 7).close()
    away = replace(places, server=ChromaServer("http://127.0.0.1:9", retry_s=0))
    with pytest.raises(ServerUnreachable):
        compact(away, SIZES)
    assert len([name for name in collections(server) if _identity(places) in name]) == 2

    def change() -> None:
        write_article(folder, 1, "Une girafe traverse la place.")
        (folder / "article-003.md").unlink()
        feed(places, folder)

    assert compact(places, SIZES, Meanwhile(change)).after > 0
    assert len([name for name in collections(server) if _identity(places) in name]) == 1
    assert verify(places) == []
    assert any("girafe" in text for text in asked(places, "Une girafe traverse la place"))


def test_base_whose_collection_is_lost_as_it_is_made_is_dropped(
    tmp_path: Path, server: ChromaServer
) -> None:
    """Somebody deletes it there: the disk is not blamed, and neither folder nor name is left."""
    places = Places(tmp_path / "home", server)
    feed(places, write_folder(tmp_path / "in", 12))
    left = places.next_base

    def lose(_: int) -> None:
        told = json.loads((left / SERVER).read_text("utf-8"))
        httpx.delete(f"{server.url}{COLLECTIONS}/{told['collection']}")

    # In this process: a child may have made the whole base before anybody deletes anything.
    left.mkdir()
    with pytest.raises(Failed, match="build_lost"), dropped_if_unfinished(places, left):
        build_next_base(places, lose)
    assert not left.exists()
    assert verify(places) == []
    assert len([name for name in collections(server) if _identity(places) in name]) == 1


def test_two_homes_of_one_archive_do_not_mix(tmp_path: Path, server: ChromaServer) -> None:
    """A backup brought back beside has a collection of its own, made from the archive's vectors."""
    one, two = Places(tmp_path / "one", server), Places(tmp_path / "two", server)
    folder = write_folder(tmp_path / "in", 6)
    feed(one, folder)
    backup(one, tmp_path / "backup.zip", ())
    two.home.mkdir()
    restore(two, tmp_path / "backup.zip", (), Options())
    assert asked(two) == asked(one)
    shutil.rmtree(folder)
    feed(two, write_folder(tmp_path / "other", 3))
    rebuild_generation(two)
    assert verify(one) == verify(two) == []


def test_bounds_of_a_server_are_kept(server: ChromaServer) -> None:
    """Writes are cut, and queries ask for no more than is given."""
    bounded = replace(server, max_records=7, max_results=5)
    with bounded.create("bounded", "there") as index:
        index.add([record(id_) for id_ in range(1, 31)], vectors_of(30))
        assert index.count() == 30
        assert index.ids() == set(range(1, 31))
        assert len(index.query(vectors_of(30)[3], 30)) == 5
        assert index.unreached(list(range(1, 31)), vectors_of(30)) == []
        assert index.unreached([3], -vectors_of(30)[2:3]) == [3]
        index.delete(list(range(1, 21)))
    with server.open("bounded", "there") as index:
        assert index.count() == 10
        assert len(index.query(vectors_of(30)[3], 30)) == 10
    server.drop("bounded")
    server.drop("bounded")
    with pytest.raises(IndexDamaged):
        server.open("bounded", "there")


def test_bounds_that_are_set_win_over_what_a_server_says() -> None:
    """Chroma Cloud gives more to who pays for it."""
    cloud = ChromaServer("https://api.trychroma.com", max_results=1_000)
    assert cloud.bounds(5_000) == Bounds(300, 1_000)
    assert ChromaServer("http://localhost:8000").bounds(-1).records == BATCH


def test_tenant_and_database_that_are_unknown_are_named(server: ChromaServer) -> None:
    """Not as a missing index, which would be made again and again."""
    about = server.about()
    assert about[1:] == ("default_tenant", "default_database")
    for other in (replace(server, tenant="nobody"), replace(server, database="nothing")):
        with pytest.raises(ServerRefuses) as caught:
            other.create("anything", "there")
        assert caught.value.key == "chroma_place_unknown"


def test_archive_made_without_a_server_says_that_its_index_is_missing(
    tmp_path: Path, server: ChromaServer
) -> None:
    """Naming a server later calls for a rebuild, which fills it from the archive."""
    places = Places(tmp_path / "home", server)
    feed(replace(places, server=None), write_folder(tmp_path / "in", 2))
    (problem,) = verify(places)
    assert (type(problem), problem.key) == (IndexDamaged, "index_missing")
    assert asked(places, healing=True)
    assert verify(places) == []


def test_silent_server_is_named() -> None:
    """A server that is away is an error with its address."""
    with pytest.raises(ServerUnreachable) as caught:
        ChromaServer("http://127.0.0.1:9").open("kiosque", "there")
    assert caught.value.key == "chroma_unreachable"
    assert caught.value.facts["url"] == "http://127.0.0.1:9"
    assert "<" not in str(caught.value.facts["detail"])


class _Recorder(BaseHTTPRequestHandler):
    """Answers all with one status, after some first ones, and keeps who was said to be there."""

    status: ClassVar[int] = 401
    first: ClassVar[list[int]] = []
    seen: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        """Any address."""
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(self.first.pop() if self.first else self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def recorder(status: int, certificate: Path | None = None) -> Iterator[str]:
    """A server that is no Chroma; its host and port."""
    _Recorder.status = status
    _Recorder.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Recorder) as http:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            http.socket = context.wrap_socket(http.socket, server_side=True)
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{http.server_port}"
        http.shutdown()


def test_secrets_of_a_server_are_sent_and_never_shown() -> None:
    """Basic authentication and tokens go into headers; no error and no repr has them."""
    basic = "Basic " + b64encode(b"ana:s cret").decode()
    with recorder(401) as host:
        for server, header, value in (
            (ChromaServer(f"http://ana:s%20cret@{host}"), "authorization", basic),
            (ChromaServer(f"http://{host}", "ana", "s cret"), "authorization", basic),
            (ChromaServer(f"http://{host}", token="s cret"), "authorization", "Bearer s cret"),
            (
                ChromaServer(f"http://{host}", token="s cret", header="X-Chroma-Token"),
                "x-chroma-token",
                "s cret",
            ),
        ):
            with pytest.raises(ServerRefuses) as caught:
                server.open("kiosque", "there")
            assert caught.value.key == "chroma_refused"
            assert _Recorder.seen[-1][header] == value
            shown = f"{caught.value} {caught.value.facts} {server!r}"
            assert "cret" not in shown
            assert "ana" not in str(caught.value.facts)


def test_malformed_key_of_a_server_is_never_quoted() -> None:
    """What stands around a key is left out; a key that no header may have is named, not shown."""
    with recorder(401) as host:
        for token, key in (("s3cret\n", "chroma_refused"), ("s3\ncret", "chroma_key_malformed")):
            with pytest.raises(ServerRefuses) as caught:
                ChromaServer(f"http://{host}", token=token).open("kiosque", "there")
            assert caught.value.key == key
            assert "cret" not in str(caught.value.facts)
        assert {seen["authorization"] for seen in _Recorder.seen} == {"Bearer s3cret"}


def test_certificates_of_ones_own_are_trusted_when_set(tmp_path: Path) -> None:
    """Over https the server's certificate is checked, against the file that is set if one is."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    file = tmp_path / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch"
    names = "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(
        [*command.split(), *names.split(), "-keyout", file, "-out", tmp_path / "ca.pem"],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + (tmp_path / "ca.pem").read_text())
    with recorder(401, file) as host:
        for ca_file, key in (("", "chroma_unreachable"), (tmp_path / "ca.pem", "chroma_refused")):
            with pytest.raises(ServerUnreachable) as caught:
                ChromaServer(f"https://{host}", ca_file=str(ca_file)).open("kiosque", "there")
            assert caught.value.key == key


@pytest.mark.parametrize("status", [200, 404, 410])
def test_server_of_another_version_is_named(status: int) -> None:
    """What answers as no Chroma 1 does is said to be another version, or another program."""
    with recorder(status) as host, pytest.raises(ServerRefuses) as caught:
        ChromaServer(f"http://{host}").open("kiosque", "there")
    assert caught.value.key == "chroma_other_version"


def test_writer_waits_for_a_server_that_comes_back() -> None:
    """A change goes on asking for a while; a question is not kept waiting."""
    with recorder(503) as host:
        with pytest.raises(ServerUnreachable):
            ChromaServer(f"http://{host}").open("kiosque", "there")
        asked_by_a_question = len(_Recorder.seen)
        _Recorder.first += [503] * asked_by_a_question
        _Recorder.status = 401
        with pytest.raises(ServerRefuses):  # by the one that came back
            ChromaServer(f"http://{host}", retry_s=600).create("kiosque", "there")


def test_frozen_server_is_given_up() -> None:
    """A server that takes the connection and says nothing does not block for ever."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with pytest.raises(ServerUnreachable):
            ChromaServer(f"http://127.0.0.1:{port}", query_timeout_s=0.2).open("kiosque", "there")


def test_generation_probes_what_the_server_holds(tmp_path: Path, server: ChromaServer) -> None:
    """A collection whose vectors are others' is found by doctor, though its count is right."""
    places = Places(tmp_path / "home", server)
    feed(places, write_folder(tmp_path / "in", 6))
    with Generation(places, places.numbers()[-1]) as generation:
        table = generation.base.table
        records = [record(id_) for id_ in table.ids.tolist()]
        generation.vectors.add(records, np.roll(table.vectors_of(slice(None)) * -1, 1, axis=0))
    assert [problem.key for problem in verify(places)] == ["index_lossy"]

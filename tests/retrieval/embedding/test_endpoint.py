"""An endpoint is used as it answers, and its failures are said without the key."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import numpy as np
import pytest

from retrieval.embedding import Embedder, EmbeddingChoice, open_embedder
from retrieval.errors import BadSettings, KiosqueError, ModelUnavailable
from tests.retrieval.embedding.embedding_server import EmbeddingServer, Reply, good, serving, vector

KEY = "sk-of-no-worth-123"


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """A real HTTP server on loopback."""
    with serving() as state:
        yield state


@pytest.fixture
def embedder(server: EmbeddingServer) -> Iterator[Embedder]:
    """An embedder of that server, with a key."""
    choice = EmbeddingChoice(base_url=server.url, model="bge-m3", api_key=KEY, timeout=5)
    opened = open_embedder(choice, Path("unused"))
    yield opened
    opened.close()
    opened.close()


def failure(embedder: Embedder) -> KiosqueError:
    """How a question fails; nothing that is shown of it may hold the key."""
    with pytest.raises(ModelUnavailable) as caught:
        embedder.embed_query("Où ?")
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown + str(caught.value) + repr(caught.value.facts)
    return caught.value


def test_vectors_come_in_the_order_of_the_texts(
    server: EmbeddingServer, embedder: Embedder
) -> None:
    """Many texts go in batches, and each gets its own vector, of length 1."""
    texts = ["x" * (n + 1) for n in range(70)]
    found = embedder.embed_passages(texts)
    expected = np.array([vector(text) for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32
    assert sorted(len(body["input"]) for body in server.bodies) == [6, 32, 32]


def test_several_requests_are_made_at_a_time(server: EmbeddingServer) -> None:
    """A server that can do more at once is asked for as much as is set."""
    together = Barrier(3)

    def answer(body: dict[str, Any]) -> Reply:
        together.wait(timeout=30)  # goes on only when three are asked for at the same time
        return good(body)

    server.answer = answer
    choice = EmbeddingChoice(base_url=server.url, model="m", batch=10, parallel=3)
    opened = open_embedder(choice, Path("unused"))
    texts = ["x" * (n + 1) for n in range(90)]
    expected = np.array([vector(text) for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(opened.embed_passages(texts), expected, atol=1e-6)
    assert [len(body["input"]) for body in server.bodies] == [10] * 9
    opened.close()


def test_indexing_waits_for_a_server_that_is_busy(
    server: EmbeddingServer, embedder: Embedder
) -> None:
    """Many texts survive more failures in a row than a question, whose reader waits."""
    server.answer = lambda body: good(body) if len(server.bodies) > 3 else (503, b"busy")
    choice = EmbeddingChoice(base_url=server.url, model="bge-m3", batch=64)
    opened = open_embedder(choice, Path("unused"))
    assert opened.embed_passages(["x"] * 64).shape == (64, 3)
    opened.close()
    server.bodies.clear()
    server.answer = lambda _body: (503, b"busy")
    failure(embedder)
    assert len(server.bodies) == 3


def test_one_batch_that_is_refused_ends_the_waiting_for_others(server: EmbeddingServer) -> None:
    """An indexing that has failed, or was interrupted, does not wait minutes for what is busy."""
    met = Event()

    def answer(body: dict[str, Any]) -> Reply:
        if body["input"][0] == "refused":
            met.wait(timeout=30)
            return 400, b"no"
        met.set()
        return 429, b"busy"

    server.answer, server.headers["Retry-After"] = answer, "2"
    choice = EmbeddingChoice(base_url=server.url, model="m", batch=32)
    opened = open_embedder(choice, Path("unused"))
    with pytest.raises(ModelUnavailable) as caught:
        opened.embed_passages(["refused"] * 32 + ["x"] * 32)
    opened.close()
    assert caught.value.facts["status"] == 400
    assert sum(body["input"][0] == "x" for body in server.bodies) < 10  # all attempts


def test_a_server_says_how_long_to_wait(server: EmbeddingServer, embedder: Embedder) -> None:
    """``Retry-After`` is kept to: asking sooner would only be refused again."""
    server.headers["Retry-After"] = "1"
    server.answer = lambda body: good(body) if len(server.bodies) > 1 else (429, b"busy")
    begun = time.monotonic()
    embedder.embed_query("Où ?")
    assert time.monotonic() - begun >= 1


def test_the_request_is_what_openai_specifies(server: EmbeddingServer, embedder: Embedder) -> None:
    """Path, model, key, and no empty text, which many servers refuse."""
    embedder.embed_query("")
    assert server.paths == ["/v1/embeddings"]
    assert server.keys == [f"Bearer {KEY}"]
    assert server.bodies == [{"model": "bge-m3", "input": [" "], "encoding_format": "float"}]


def test_e5_gets_its_prefixes(server: EmbeddingServer) -> None:
    """A served e5 wants the same prefixes as the one that is built in."""
    choice = EmbeddingChoice(base_url=server.url + "/", model="intfloat/multilingual-e5-large")
    opened = open_embedder(choice, Path("unused"))
    opened.embed_query("a")
    opened.embed_passages(["b"])
    opened.close()
    assert [body["input"] for body in server.bodies] == [["query: a"], ["passage: b"]]
    assert opened.model_id == "endpoint-intfloat-multilingual-e5-large"


def test_the_dimension_is_asked_once(server: EmbeddingServer, embedder: Embedder) -> None:
    """The width of the vectors is the server's to say."""
    assert (embedder.dimension, embedder.dimension) == (3, 3)
    assert len(server.bodies) == 1
    assert embedder.embed_passages([]).shape == (0, 3)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_fails_for_a_moment_is_tried_again(
    server: EmbeddingServer, embedder: Embedder, status: int
) -> None:
    """A busy or restarting server costs a moment, not the work."""
    server.answer = lambda body: good(body) if len(server.bodies) > 1 else (status, b"busy")
    assert embedder.embed_query("Où ?").shape == (3,)
    assert len(server.bodies) == 2


def test_what_keeps_failing_is_said(server: EmbeddingServer, embedder: Embedder) -> None:
    """Three attempts, then the status."""
    server.answer = lambda _body: (500, KEY.encode())
    error = failure(embedder)
    assert (error.key, error.facts["status"]) == ("embedding_endpoint_failed", 500)
    assert len(server.bodies) == 3


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_said_at_once(
    server: EmbeddingServer, embedder: Embedder, status: int
) -> None:
    """A wrong key is not tried again."""
    server.answer = lambda _body: (status, f'{{"error": "bad key {KEY}"}}'.encode())
    error = failure(embedder)
    assert (error.key, error.facts["status"]) == ("embedding_endpoint_refused", status)
    assert len(server.bodies) == 1


def test_a_redirection_is_not_followed(server: EmbeddingServer, embedder: Embedder) -> None:
    """The key goes nowhere but where it was set to go."""
    server.answer = lambda _body: (302, b"")
    assert failure(embedder).facts["status"] == 302


def test_a_frozen_server_is_left(server: EmbeddingServer) -> None:
    """The timeout holds, and is said as such."""

    def answer(body: dict[str, Any]) -> Reply:
        time.sleep(0.4)
        return good(body)

    server.answer = answer
    choice = EmbeddingChoice(base_url=server.url, model="m", api_key=KEY, timeout=0.1)
    opened = open_embedder(choice, Path("unused"))
    assert failure(opened).key == "embedding_endpoint_timeout"
    assert len(server.bodies) == 1
    opened.close()


def test_a_server_that_is_away_is_said() -> None:
    """A refused connection names the host and the model."""
    choice = EmbeddingChoice(base_url="http://127.0.0.1:9", model="m", api_key=KEY)
    opened = open_embedder(choice, Path("unused"))
    error = failure(opened)
    assert error.key == "embedding_endpoint_unreachable"
    assert error.facts == {"host": "127.0.0.1:9", "model": "m"}
    opened.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>It works</html>",
        b"[]",
        b"null",
        b'{"data": []}',
        b'{"data": [{"index": 0}]}',
        b'{"data": [{"index": 1, "embedding": [1, 2]}]}',
        b'{"data": [{"index": 0, "embedding": []}]}',
        b'{"data": [{"index": 0, "embedding": "AAAA"}]}',
        b'{"data": [{"index": 0, "embedding": [1, null]}]}',
        b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}',
        b'{"data": [{"index": 0, "embedding": [1e999, 1]}]}',
        b'{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_nonsense_is_said(server: EmbeddingServer, embedder: Embedder, content: bytes) -> None:
    """An answer that is not one finite vector a text is never taken for one."""
    server.answer = lambda _body: (200, content)
    assert failure(embedder).key == "embedding_endpoint_nonsense"


def test_a_change_of_dimension_is_said(server: EmbeddingServer, embedder: Embedder) -> None:
    """A server that swaps its model in mid-work is found out."""
    assert embedder.dimension == 3
    server.answer = lambda body: good(body, width=5)
    error = failure(embedder)
    assert error.key == "embedding_endpoint_dimension"
    assert (error.facts["expected"], error.facts["found"]) == (3, 5)


@pytest.mark.parametrize(
    ("choice", "key"),
    [
        (EmbeddingChoice(base_url="http://h/v1"), "embedding_model_unnamed"),
        (EmbeddingChoice(base_url="nowhere", model="m"), "embedding_url_malformed"),
        (EmbeddingChoice(base_url="ftp://h", model="m"), "embedding_url_malformed"),
        (EmbeddingChoice(base_url="http://h:port", model="m"), "embedding_url_malformed"),
        (
            EmbeddingChoice(base_url="http://h", model="m", api_key=f"{KEY}\nx"),
            "embedding_key_malformed",
        ),
        (
            EmbeddingChoice(base_url="http://h", model="m", api_key=f"{KEY}é"),
            "embedding_key_malformed",
        ),
    ],
)
def test_settings_without_meaning_are_refused(choice: EmbeddingChoice, key: str) -> None:
    """What can never work is said before anything is sent, without the key."""
    with pytest.raises(BadSettings) as caught:
        open_embedder(choice, Path("unused"))
    assert caught.value.key == key
    assert KEY not in str(caught.value) + repr(choice)


def test_a_bare_host_gets_its_version(server: EmbeddingServer) -> None:
    """People leave ``/v1`` out."""
    choice = EmbeddingChoice(base_url=server.url.removesuffix("/v1"), model="m")
    opened = open_embedder(choice, Path("unused"))
    opened.embed_query("a")
    opened.close()
    assert server.paths == ["/v1/embeddings"]


def test_the_key_is_not_logged(
    server: EmbeddingServer, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even at the lowest level, on success or failure."""
    for name in ("", "httpx"):  # the bot silences httpx for its whole process
        caplog.set_level(logging.DEBUG, logger=name)
    embedder.embed_query("a")
    server.answer = lambda _body: (401, b"")
    failure(embedder)
    assert caplog.text
    assert KEY not in caplog.text


def test_two_sizes_at_once_are_not_both_taken(server: EmbeddingServer, embedder: Embedder) -> None:
    """Of two first answers that come together, the one of another size fails."""
    together = Barrier(2)

    def unlike(body: dict[str, Any]) -> Reply:
        together.wait(timeout=30)
        return good(body, width=3 if body["input"][0].endswith("a") else 4)

    server.answer = unlike

    def outcome(text: str) -> str:
        try:
            return str(embedder.embed_query(text).shape)
        except ModelUnavailable as error:
            return error.key

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(outcome, ["a", "b"]))
    assert found[0] in ("(3,)", "(4,)")
    assert found[1] == "embedding_endpoint_dimension"

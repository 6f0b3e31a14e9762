"""Embeds through an OpenAI-compatible ``/v1/embeddings`` endpoint.

What fails for a moment (no connection, 429, 5xx) is tried three times, but not beyond the
time that one request may take: a frozen server is waited for once. Indexing, which may take
hours, waits for a server for minutes, and as long as it says itself (``Retry-After``). The key
goes into one header and nowhere else: an `httpx` error is never chained to ours, since
some quote the header.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import httpx
import numpy as np
import tenacity
from numpy.typing import NDArray

from retrieval.embedding.embedder import EmbeddingChoice
from retrieval.errors import BadSettings, ModelUnavailable

_MANY_TEXTS = 64
"""So many come from indexing, not from a question."""
_FIRST_WAIT = 0.2


@dataclass(frozen=True, slots=True)
class _Patience:
    """How a server that fails for a moment is tried again: waits are in seconds.

    ``timeouts`` is how long to go on, in times that one request may take. Once ``given_up`` is
    set, nothing more is waited for.
    """

    attempts: int
    longest_wait: float
    timeouts: float
    given_up: threading.Event = field(default_factory=threading.Event)

    def pause(self, state: tenacity.RetryCallState) -> float:
        """How long to wait before the next attempt: twice the last time, or as the server says."""
        wait = min(_FIRST_WAIT * 2.0 ** (state.attempt_number - 1), self.longest_wait)
        outcome = state.outcome
        answer = outcome.result() if outcome and not outcome.failed else None
        told = answer.headers.get("Retry-After", "") if answer is not None else ""
        return max(wait, min(float(told), self.longest_wait)) if told.isdecimal() else wait


_OF_A_QUESTION = _Patience(attempts=3, longest_wait=2.0, timeouts=1)
_OF_INDEXING = _Patience(attempts=10, longest_wait=60.0, timeouts=10)
_TOO_MANY, _SERVER_ERROR = 429, 500


class EndpointEmbedder:
    """An `Embedder` that asks a server.

    Args:
        choice: names the endpoint, its model and key.

    Raises:
        BadSettings: no model is named, the URL is no URL, or the key cannot be sent.
    """

    def __init__(self, choice: EmbeddingChoice) -> None:
        self._url = _address(choice.base_url or "")
        if not choice.model:
            raise BadSettings("embedding_model_unnamed", host=self._url.host)
        self._model = choice.model
        self._query_prefix, self._passage_prefix = choice.prefixes(choice.model)
        self._timeout = choice.timeout
        self._batch, self._parallel = choice.batch, choice.parallel
        self._client = httpx.Client(headers=_headers(choice.api_key), timeout=choice.timeout)
        self._known_dimension = 0
        self._lock = threading.Lock()

    @property
    def model_id(self) -> str:
        """The vector space: the model's name, and not the server's, which may move."""
        return re.sub(r"[^A-Za-z0-9.]+", "-", f"endpoint-{self._model}").strip("-.")

    @cached_property
    def dimension(self) -> int:
        """How many numbers a vector has; asks the server, once.

        Raises:
            ModelUnavailable: it does not answer.
        """
        return len(self.embed_query("?"))

    def warm(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question.

        Raises:
            ModelUnavailable: the server fails, refuses or answers nonsense.
        """
        vectors = self._embed([self._query_prefix + text], _OF_A_QUESTION)
        vector: NDArray[np.float32] = vectors[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages, in their order.

        Raises:
            ModelUnavailable: the server fails, refuses or answers nonsense.
        """
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        prefixed = [self._passage_prefix + text for text in texts]
        patience = _OF_INDEXING if len(texts) >= _MANY_TEXTS else _OF_A_QUESTION
        patience = replace(patience, given_up=threading.Event())
        starts = range(0, len(prefixed), self._batch)
        pool = ThreadPoolExecutor(self._parallel, "endpoint")
        try:
            found = pool.map(
                lambda at: self._embed(prefixed[at : at + self._batch], patience), starts
            )
            return np.concatenate(list(found))
        finally:
            patience.given_up.set()  # what failed once is not asked for the rest
            pool.shutdown(cancel_futures=True)

    def _embed(self, texts: list[str], patience: _Patience) -> NDArray[np.float32]:
        answer = self._ask([text if text.strip() else " " for text in texts], patience)
        try:
            vectors = _vectors(answer.json(), len(texts))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise self._failed("embedding_endpoint_nonsense") from None
        self._check_dimension(vectors.shape[1])
        return vectors

    def _check_dimension(self, found: int) -> None:
        """A server that changes its model in mid-work must not spoil an index."""
        with self._lock:
            expected = self._known_dimension = self._known_dimension or found
        if found != expected:
            raise self._failed("embedding_endpoint_dimension", expected=expected, found=found)

    def _ask(self, texts: list[str], patience: _Patience) -> httpx.Response:
        """The server's answer to one batch, after as many attempts as it takes."""
        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(httpx.TransportError)
            | tenacity.retry_if_result(_is_passing),
            stop=tenacity.stop_after_attempt(patience.attempts)
            | tenacity.stop_after_delay(patience.timeouts * self._timeout)
            | tenacity.stop_when_event_set(patience.given_up),
            wait=patience.pause,
            sleep=tenacity.sleep_using_event(patience.given_up),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        try:
            answer: httpx.Response = retrying(self._client.post, self._url, json=body)
        except httpx.TimeoutException:
            raise self._failed("embedding_endpoint_timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise self._failed("embedding_endpoint_unreachable") from None
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise self._failed("embedding_endpoint_refused", status=answer.status_code)
        if not answer.is_success:
            raise self._failed("embedding_endpoint_failed", status=answer.status_code)
        return answer

    def _failed(self, key: str, **facts: object) -> ModelUnavailable:
        return ModelUnavailable(key, host=self._url.netloc.decode(), model=self._model, **facts)


def _address(base_url: str) -> httpx.URL:
    """Where to post: ``/v1`` is added to a bare host, as people forget it."""
    try:
        url = httpx.URL(base_url.strip().rstrip("/"))
    except httpx.InvalidURL:
        raise BadSettings("embedding_url_malformed") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise BadSettings("embedding_url_malformed")
    path = url.path.rstrip("/") or "/v1"
    return url.copy_with(path=f"{path}/embeddings")


def _headers(api_key: str | None) -> dict[str, str]:
    key = (api_key or "").strip()
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()):
        raise BadSettings("embedding_key_malformed")
    return {"Authorization": f"Bearer {key}"}


def _is_passing(answer: httpx.Response) -> bool:
    """Whether this failure may be over in a moment."""
    return answer.status_code == _TOO_MANY or answer.status_code >= _SERVER_ERROR


def _vectors(answer: dict[str, Any], count: int) -> NDArray[np.float32]:
    """The vectors of an answer, in the order of the texts, of length 1.

    Raises:
        ValueError, TypeError, KeyError: the answer is not one vector a text.
    """
    entries = sorted(answer["data"], key=lambda entry: int(entry["index"]))
    if [entry["index"] for entry in entries] != list(range(count)):
        raise ValueError("not one vector a text")
    vectors: NDArray[np.float32] = np.array([entry["embedding"] for entry in entries], np.float32)
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError("not vectors")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    vectors /= lengths
    return vectors

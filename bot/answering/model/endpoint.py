"""The chat model behind an OpenAI-compatible endpoint; the only user of `langchain_openai`.

Everything that LangChain and its client would take from the environment (key, organisation,
proxy of its own, tracing, gateway) is given or refused here: a prompt goes to the endpoint of
the settings and nowhere else. Redirections are not followed, for the same reason.

Each answer has its own connections, closed with it: to leave an answer ends it at the server,
and no connection outlives its event loop. Importing takes two seconds: `ChatEndpoint.warm`
does it in another thread, or the first use.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import warnings
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, cast
from urllib.parse import SplitResult, unquote, urlsplit
from weakref import WeakKeyDictionary

from bot.answering.model.protocol import OnCall, nobody, told
from bot.answering.model.reading import Reading
from retrieval.errors import AnswerFailed, BadSettings, ModelUnknown, WriterUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    import openai
    from langchain_core.messages import AIMessageChunk
    from langchain_openai import ChatOpenAI

    from bot.answering.model.http import ResponseWatch
    from bot.answering.model.protocol import ModelChoice
    from prompts.rendering import Message

_BYTES, _BYTES_A_TOKEN = 100_000, 8_000
"""A response beyond these does not end by itself."""


class ChatEndpoint:
    """A `ChatModel` that asks a server. Safe from several event loops and threads.

    Args:
        choice: names the endpoint, its model and key.

    Raises:
        BadSettings: the URL is no URL, or the key cannot be sent.
    """

    def __init__(self, choice: ModelChoice) -> None:
        self.name = choice.model
        self.on_call: OnCall = nobody
        url = split(choice.base_url)
        self.host = url.netloc.rpartition("@")[2]
        self._base_url = address(url)
        self._authorization = authorization(url, choice.api_key)
        self._timeout = choice.timeout_s
        self._retries = choice.retries
        self._parallel = choice.parallel
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )
        self._certificates: ssl.SSLContext | None = None
        self._warming = Lock()

    def warm(self) -> None:
        """Import the libraries, once; from any thread."""
        with self._warming:
            if self._certificates is not None:
                return
            # These are imported for the time that they take.
            import langchain_openai.chat_models  # noqa: F401
            import openai.resources.chat.completions  # noqa: F401

            from bot.answering.model.http import certificates
            from bot.answering.model.tracing import refuse_tracing

            refuse_tracing()
            # Said of an answer that is not the protocol's, beside the failure that it is.
            warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
            self._certificates = certificates()

    async def ready(self) -> None:
        """Import the libraries beside the event loop."""
        if self._certificates is None:
            await asyncio.to_thread(self.warm)

    async def stream(
        self, messages: Sequence[Message], *, max_tokens: int
    ) -> AsyncGenerator[str, None]:
        """What the model writes, piece by piece, without what it thinks aloud.

        Raises:
            WriterUnavailable: the model cannot be used; what came before may have been cut.
        """
        with told(self.on_call):
            async with aclosing(self._said(messages, max_tokens)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _said(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str, None]:
        """As `stream`."""
        reading = Reading(max_tokens)
        async with aclosing(self._chunks(messages, max_tokens)) as chunks:
            async for chunk in chunks:
                if piece := reading.said(
                    chunk.text, last=bool(chunk.response_metadata.get("finish_reason"))
                ):
                    yield piece
                if reading.endless:
                    raise self._failed("llm_endless")
        if rest := reading.rest():
            yield rest
        if reading.failure:
            raise self._failed(reading.failure)

    async def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        """What the model writes, once it is whole.

        Raises:
            WriterUnavailable: the model cannot be used.
        """
        async with aclosing(self.stream(messages, max_tokens=max_tokens)) as pieces:
            return "".join([piece async for piece in pieces])

    async def models(self) -> tuple[str, ...]:
        """The names of the models that the endpoint offers, in its order.

        Raises:
            WriterUnavailable: it cannot be used, or does not say.
        """
        await self.ready()
        watch = self._watch(_BYTES * 100)
        try:
            async with asyncio.timeout(self._timeout), self._client(watch) as client:
                page = await client.models.list()
                return tuple(str(model.id) for model in page.data)
        except Exception as error:
            raise self._translated(error, watch) from None

    async def _chunks(
        self,
        messages: Sequence[Message],
        max_tokens: int,
    ) -> AsyncGenerator[AIMessageChunk, None]:
        """The pieces of one answer as LangChain gives them, under one deadline."""
        await self.ready()
        deadline = asyncio.get_running_loop().time() + self._timeout
        watch = self._watch(_BYTES + _BYTES_A_TOKEN * max_tokens)
        sent = [{"role": message.role, "content": message.text} for message in messages]
        async with self._turn(deadline), self._client(watch) as client:
            model = self._model(client, max_tokens)
            answer = cast("AsyncGenerator[AIMessageChunk, None]", model.astream(sent))
            async with aclosing(answer) as chunks:
                while True:
                    try:
                        async with asyncio.timeout_at(deadline):
                            chunk = await anext(chunks, None)
                    except Exception as error:
                        raise self._translated(error, watch) from None
                    if chunk is None:
                        return
                    yield chunk

    @asynccontextmanager
    async def _turn(self, deadline: float) -> AsyncIterator[None]:
        """One of the places for answers at a time."""
        turns = self._turns.setdefault(
            asyncio.get_running_loop(), asyncio.Semaphore(self._parallel)
        )
        try:
            async with asyncio.timeout_at(deadline):
                await turns.acquire()
        except TimeoutError:
            raise self._failed("llm_busy") from None
        try:
            yield
        finally:
            turns.release()

    @asynccontextmanager
    async def _client(self, watch: ResponseWatch) -> AsyncIterator[openai.AsyncOpenAI]:
        """A client for one answer."""
        import openai

        from bot.answering.model.http import http_client

        http = http_client(self._timeout, self._certificates or True, self._authorization, watch)
        client = openai.AsyncOpenAI(
            api_key="none",
            admin_api_key="",
            webhook_secret="",
            base_url=self._base_url,
            max_retries=self._retries,
            timeout=http.timeout,
            http_client=http,
        )
        async with http:
            yield client

    def _model(self, client: openai.AsyncOpenAI, max_tokens: int) -> ChatOpenAI:
        from langchain_openai import ChatOpenAI

        return ChatOpenAI(
            model=self.name,
            temperature=0,
            api_key=_no_key,
            base_url=self._base_url,
            async_client=client.chat.completions,
            root_async_client=client,
            openai_proxy=None,
            use_responses_api=False,
            stream_usage=False,
            stream_chunk_timeout=None,
            output_version=None,
            cache=False,
            extra_body={length_limit(self.host): max_tokens},
        )

    def _watch(self, limit: int) -> ResponseWatch:
        from bot.answering.model.http import ResponseWatch

        return ResponseWatch(limit, lambda: self._failed("llm_endless"))

    def _failed(self, key: str, **facts: object) -> WriterUnavailable:
        kind = _CLASSES.get(key, WriterUnavailable)
        return kind(key, host=self.host, model=self.name, **facts)

    def _translated(self, error: Exception, watch: ResponseWatch) -> Exception:
        """What a failure of the libraries means; one that means nothing to us stays itself."""
        if isinstance(error, WriterUnavailable):
            return error
        key = named(error, answered=watch.answered)
        return self._failed(key[0], **key[1]) if key else error


async def _no_key() -> str:
    """Keep LangChain from looking for a key; the HTTP client has it."""
    return "none"


_OPENAI = "api.openai.com"


def split(base_url: str) -> SplitResult:
    """The parts of an endpoint's address.

    Raises:
        BadSettings: it is no web address.
    """
    try:
        url = urlsplit(base_url.strip())
        if url.scheme in ("http", "https") and url.hostname and url.port != 0:
            return url
    except ValueError:  # brackets that do not match, a port that is no number
        pass
    raise BadSettings("llm_url_malformed") from None


def address(url: SplitResult) -> str:
    """Where to ask: ``/v1`` is added to a bare host, as people forget it; no name, no password."""
    path = url.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    host = url.netloc.rpartition("@")[2]
    return url._replace(netloc=host, path=path, fragment="").geturl()


def authorization(url: SplitResult, api_key: str | None) -> str:
    """What the endpoint is shown: the key, else the name and password of the address.

    Without either it is a word: local servers want nothing, but no other program's key.

    Raises:
        BadSettings: no header can carry the key.
    """
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise BadSettings("llm_key_malformed")
    if not key and url.username is not None:
        pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return f"Bearer {key or 'none'}"


def length_limit(host: str) -> str:
    """How a request bounds the answer's tokens.

    Ollama ignores ``max_completion_tokens`` and Mistral refuses it; OpenAI's newer models
    refuse ``max_tokens``.
    """
    return "max_completion_tokens" if host == _OPENAI else "max_tokens"


NONSENSE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the libraries raise on an answer that is not the protocol's."""
_CLASSES: Mapping[str, type[WriterUnavailable]] = {
    "llm_model_unknown": ModelUnknown,
    # After these the same endpoint may well give the next answer.
    "llm_timeout": AnswerFailed,
    "llm_too_long": AnswerFailed,
    "llm_nonsense": AnswerFailed,
    "llm_cut": AnswerFailed,
    "llm_endless": AnswerFailed,
}
"""What a failure is, where it is more than `WriterUnavailable`."""
_KEYS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "llm_refused",
    HTTPStatus.FORBIDDEN: "llm_refused",
    HTTPStatus.TOO_MANY_REQUESTS: "llm_busy",
}
_UNKNOWN_MODEL = {"model_not_found", "invalid_model"}
_LONGEST_CODE = 40
_BAD_PARAMETER = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


def named(error: Exception, *, answered: bool) -> tuple[str, dict[str, object]] | None:
    """The catalogue's key of a failure, and its facts; None for what is no failure of a server.

    Args:
        error: what was raised.
        answered: whether the server had begun to answer.
    """
    import openai

    match error:
        case openai.APITimeoutError() | TimeoutError():
            return "llm_timeout", {}
        case openai.APIConnectionError():
            return "llm_cut" if answered else "llm_unreachable", {}
        case openai.APIStatusError() if _is_of_the_model(error):
            return "llm_model_unknown", {}
        case openai.APIStatusError() if _is_of_the_length(error):
            return "llm_too_long", {}
        case openai.APIStatusError():
            return _KEYS.get(error.status_code, "llm_failed"), {"status": error.status_code}
        case openai.APIError():  # said in the middle of a stream
            return "llm_failed", {"status": str(error.code or "error")[:_LONGEST_CODE]}
    return ("llm_nonsense", {}) if isinstance(error, NONSENSE) else None


def _is_of_the_model(error: openai.APIStatusError) -> bool:
    """Whether the server has no such model, rather than no such address."""
    if error.code in _UNKNOWN_MODEL or error.type in _UNKNOWN_MODEL:
        return True
    return error.status_code == HTTPStatus.NOT_FOUND and "model" in error.message.lower()


def _is_of_the_length(error: openai.APIStatusError) -> bool:
    """Whether the prompt is longer than what the model reads at once."""
    said = f"{error.message} {error.code} {error.type}".lower()
    return error.status_code in _BAD_PARAMETER and "context" in said

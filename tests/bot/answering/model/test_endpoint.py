"""A chat model is used as its endpoint answers, and its failures are said without the key."""

from __future__ import annotations

import asyncio
import logging
import os
import time
import traceback
from collections.abc import Coroutine, Iterator
from contextlib import aclosing
from typing import Any, TypeVar

import pytest

from bot.answering.model.endpoint import ChatEndpoint, length_limit
from bot.answering.model.protocol import ModelChoice
from bot.messages.catalogue import LANGUAGES, Catalogue
from bot.messages.errors import explained
from prompts.rendering import Message
from retrieval.errors import BadSettings, WriterUnavailable
from tests.fake_llm import (
    FakeLlm,
    Reply,
    answers,
    closed_port,
    cut,
    endless,
    fails,
    flood,
    hangs,
    html,
    in_turn,
    redirects,
    says,
    unknown_model,
)

KEY = "sk-of-no-worth-123"
ASKED = (Message("system", "Réponds."), Message("user", "Où ?"))
YES, NO = ("oui", "yes"), ("non", "no")
REAL_URL = os.environ.get("KIOSQUE_TEST_LLM_BASE_URL", "")
REAL_MODEL = os.environ.get("KIOSQUE_TEST_LLM_MODEL", "")
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run in an event loop of its own, closed afterwards."""
    return asyncio.run(asyncio.wait_for(work, 60))


def model(
    url: str, *, timeout: float = 20, parallel: int = 4, retries: int = 2, key: str | None = KEY
) -> ChatEndpoint:
    """The model of a server, with a key."""
    return ChatEndpoint(ModelChoice(url, "fake", key, timeout, parallel, retries))


async def pieces(chat: ChatEndpoint, max_tokens: int = 50) -> list[str]:
    """All that the model writes."""
    async with aclosing(chat.stream(ASKED, max_tokens=max_tokens)) as stream:
        return [piece async for piece in stream]


def failure(chat: ChatEndpoint, max_tokens: int = 50) -> WriterUnavailable:
    """How an answer fails; nothing that is shown of it may hold the key."""
    with pytest.raises(WriterUnavailable) as caught:
        run(pieces(chat, max_tokens))
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown + repr(caught.value) + repr(caught.value.facts)
    assert caught.value.facts["model"] == "fake"
    for language in LANGUAGES:
        said = explained(caught.value, Catalogue(language))
        assert "?" not in said.message + said.do  # every fact is there
    return caught.value


@pytest.fixture
def server() -> Iterator[FakeLlm]:
    """A server that says two words, until it is told otherwise."""
    with FakeLlm(says("Bonjour [1].")) as serving:
        yield serving


def test_text_comes_as_it_is_written(server: FakeLlm) -> None:
    """All of it, in its pieces, and the first is there while the last is minutes away."""
    server.script = says(["Un ", "deux ", "trois."], delay=0.15)

    async def all_of() -> list[str]:
        async with aclosing(model(server.url).stream(ASKED, max_tokens=50)) as stream:
            return [piece async for piece in stream]

    assert run(all_of()) == ["Un ", "deux ", "trois."]
    server.script = says(["Un "] * 2_000, delay=0.15)

    async def first() -> str:
        slow = model(server.url, timeout=600)
        async with aclosing(slow.stream(ASKED, max_tokens=5_000)) as stream:
            return await anext(stream)

    assert run(first()) == "Un "


def test_request_is_what_every_server_takes(server: FakeLlm) -> None:
    """Nothing that Mistral refuses (extra fields) or Ollama ignores (max_completion_tokens)."""
    assert run(model(server.url).complete(ASKED, max_tokens=7)) == "Bonjour [1]."
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "fake",
        "messages": [
            {"role": "system", "content": "Réponds."},
            {"role": "user", "content": "Où ?"},
        ],
        "temperature": 0.0,
        "max_tokens": 7,
        "stream": True,
    }


@pytest.mark.parametrize(
    ("base", "path"), [("", "/v1"), ("/", "/v1"), ("/v1/", "/v1"), ("/v1/chat/completions", "/v1")]
)
def test_address_is_taken_as_people_write_it(server: FakeLlm, base: str, path: str) -> None:
    """A bare host, a last slash, or the whole path: all mean the same endpoint."""
    run(pieces(model(server.url.removesuffix("/v1") + base)))
    assert server.asked[0].path == f"{path}/chat/completions"


def test_openai_is_told_the_length_in_its_own_words() -> None:
    """Its newer models refuse ``max_tokens``, which is what every other server understands."""
    assert length_limit(model("https://api.openai.com/v1").host) == "max_completion_tokens"
    assert length_limit(model("https://api.mistral.ai/v1").host) == "max_tokens"


@pytest.mark.parametrize("url", ["nowhere", "ftp://h", "http://h:port", "http://[h", "http://"])
def test_malformed_address_is_bad_use(url: str) -> None:
    """What is no web address is said before anything is asked."""
    with pytest.raises(BadSettings, match="llm_url_malformed"):
        model(url)


@pytest.mark.parametrize("key", [f"{KEY}\nx", f"{KEY}é"])
def test_malformed_key_is_bad_use(key: str) -> None:
    """A key that no header can carry is said, and not shown."""
    with pytest.raises(BadSettings, match="llm_key_malformed") as caught:
        model("http://h", key=key)
    assert KEY not in str(caught.value)


def test_name_and_password_of_an_address_are_no_part_of_it(
    server: FakeLlm, caplog: pytest.LogCaptureFixture
) -> None:
    """They are sent as a header, and stay out of facts and logs."""
    caplog.set_level(logging.DEBUG)
    url = server.url.replace("http://", "http://user:p%40ss@")
    run(pieces(model(url, key=None)))
    assert server.asked[0].headers["authorization"] == "Basic dXNlcjpwQHNz"
    server.script = fails(400)
    error = failure(model(url, key=None))
    assert "@" not in str(error)
    assert "p%40ss" not in caplog.text
    assert "dXNlcjpwQHNz" not in caplog.text


def test_environment_changes_nothing(server: FakeLlm, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, organisation, address or format of another program is used or sent."""
    foreign = {
        "OPENAI_API_KEY": "sk-foreign",
        "OPENAI_ADMIN_KEY": "sk-foreign",
        "OPENAI_ORG_ID": "org-foreign",
        "OPENAI_ORGANIZATION": "org-foreign",
        "OPENAI_PROJECT_ID": "proj-foreign",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/foreign",
        "OPENAI_API_BASE": "http://127.0.0.1:9/foreign",
        "OPENAI_PROXY": "http://127.0.0.1:9/foreign",
        "OPENAI_CUSTOM_HEADERS": "X-Foreign: foreign",
        "LC_OUTPUT_VERSION": "v1",
        "LANGSMITH_GATEWAY": "true",
        "LANGSMITH_GATEWAY_API_KEY": "lsv2_foreign",
        "LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S": "0.0001",
    }
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    assert run(pieces(model(server.url, key=None))) == ["Bonjour ", "[1]."]
    headers = server.asked[0].headers
    assert headers["authorization"] == "Bearer none"
    assert "foreign" not in str(headers) + str(server.asked[0].body)
    assert set(headers) <= {
        "host", "accept", "accept-encoding", "authorization", "content-length", "content-type",
        "user-agent",
    }  # fmt: skip


def test_nothing_is_traced(server: FakeLlm, monkeypatch: pytest.MonkeyPatch) -> None:
    """LangSmith is sent nothing, whatever the environment says: what is offline stays so."""
    with FakeLlm(says("")) as smith:
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGCHAIN_TRACING", "true")
        for prefix in ("LANGSMITH", "LANGCHAIN"):
            monkeypatch.setenv(f"{prefix}_TRACING_V2", "true")
            monkeypatch.setenv(f"{prefix}_API_KEY", "lsv2_x")
            monkeypatch.setenv(f"{prefix}_ENDPOINT", smith.url)
        chat = model(server.url)
        run(pieces(chat))

        from langchain_core.tracers.langchain import wait_for_all_tracers

        wait_for_all_tracers()
        assert smith.asked == []


def test_leaving_ends_the_answer_at_the_server(server: FakeLlm) -> None:
    """To close the iterator closes the connection at once: no model goes on for nobody."""
    server.script = endless()

    async def leave() -> None:
        stream = model(server.url).stream(ASKED, max_tokens=10_000)
        assert await anext(stream) == "encore "
        await stream.aclose()
        assert await asyncio.to_thread(server.left.wait, 5)

    run(leave())


def test_cancelling_ends_the_answer_at_the_server(server: FakeLlm) -> None:
    """A deadline of the caller's does the same, and stays a deadline."""
    server.script = hangs()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await pieces(model(server.url))
        assert await asyncio.to_thread(server.left.wait, 5)

    model(server.url).warm()
    run(give_up())


def test_answers_at_a_time_are_limited(server: FakeLlm) -> None:
    """Two places: six questions are all answered, never three at a time."""
    server.script = says("Un deux.", delay=0.05)

    async def ask_all(chat: ChatEndpoint) -> list[list[str]]:
        return await asyncio.gather(*(pieces(chat) for _ in range(6)))

    chat = model(server.url, parallel=2)
    for _ in range(2):  # one loop after the other: neither knows the places of the other
        assert run(ask_all(chat)) == [["Un ", "deux."]] * 6
    assert server.at_once == 2


def test_waiting_for_a_place_ends(server: FakeLlm) -> None:
    """Who gets no place in time is told so, and a place that is left is free again."""
    server.script = says("Un deux.", delay=0.5)

    async def crowd(chat: ChatEndpoint) -> None:
        stream = chat.stream(ASKED, max_tokens=50)
        await anext(stream)
        with pytest.raises(WriterUnavailable, match="llm_busy"):
            await pieces(chat)
        await stream.aclose()
        server.script = says("Un.")
        assert await pieces(chat) == ["Un."]

    run(crowd(model(server.url, timeout=0.8, parallel=1)))


# --- what goes wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "key", "facts"),
    [
        (fails(401, f"bad key {KEY}"), "llm_refused", {"status": 401}),
        (fails(403), "llm_refused", {"status": 403}),
        (unknown_model(), "llm_model_unknown", {}),
        (fails(404, "model 'fake' not found, try pulling it first"), "llm_model_unknown", {}),
        (fails(400, "Invalid model: fake", type="invalid_model"), "llm_model_unknown", {}),
        (answers(b"404 page not found", 404, "text/plain"), "llm_failed", {"status": 404}),
        (fails(400, "temperature: unsupported value"), "llm_failed", {"status": 400}),
        (fails(400, "the request exceeds the available context size"), "llm_too_long", {}),
        (fails(400, "no", code="context_length_exceeded"), "llm_too_long", {}),
        (answers(b"", 302), "llm_failed", {"status": 302}),
        (html(200), "llm_nonsense", {}),
        (answers(b""), "llm_nonsense", {}),
        (answers(b"data: [DONE]\n\n"), "llm_nonsense", {}),
        (answers(b"data: {not json\n\n"), "llm_nonsense", {}),
        (answers(b"data: []\n\n"), "llm_nonsense", {}),
        (answers(b"data: null\n\n"), "llm_nonsense", {}),
        (answers(b'data: "text"\n\n'), "llm_nonsense", {}),
        (answers(b'data: {"choices": []}\n\n'), "llm_nonsense", {}),
        (answers(b'data: {"choices": [{}]}\n\n'), "llm_nonsense", {}),
        (answers(b'data: {"choices": [{"delta": 3}]}\n\n'), "llm_nonsense", {}),
        (answers(b'data: {"choices": [{"delta": {"content": 3}}]}\n\n'), "llm_nonsense", {}),
        (answers(b"data: " + b"[" * 50_000 + b"\n\n"), "llm_nonsense", {}),
        (answers(b"\xff\xfe\n\n"), "llm_nonsense", {}),
        (answers(b'data: {"error": {"message": "out of memory"}}\n\n'), "llm_failed", {}),
        (says(""), "llm_nonsense", {}),
        (says(["  ", "\n"]), "llm_nonsense", {}),
        (says("<think>Voyons.</think>"), "llm_nonsense", {}),
        (says("", reasoning="Voyons."), "llm_nonsense", {}),
        (says("Bonjour.", finish=None), "llm_cut", {}),
        (cut("Bonjour à"), "llm_cut", {}),
        (endless(), "llm_endless", {}),
        (endless(""), "llm_endless", {}),
        (flood(), "llm_endless", {}),
    ],
)
def test_what_fails_is_told_apart(
    server: FakeLlm, reply: Reply, key: str, facts: dict[str, object]
) -> None:
    """Each failure has its sentence, and is not tried again when it would fail again."""
    server.script = reply
    error = failure(model(server.url))
    assert error.key == key
    assert str(error.facts["host"]) in server.url
    assert facts.items() <= error.facts.items()
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "key"),
    [(fails(429), "llm_busy"), (fails(500), "llm_failed"), (html(502), "llm_failed")],
)
def test_what_keeps_failing_is_said(server: FakeLlm, reply: Reply, key: str) -> None:
    """One attempt more than there are retries, each a little later, then the failure."""
    server.script = reply
    started = time.perf_counter()
    assert failure(model(server.url, retries=2)).key == key
    assert len(server.asked) == 3
    assert 1.0 < time.perf_counter() - started < 8
    assert failure(model(server.url, retries=0)).key == key
    assert len(server.asked) == 4


@pytest.mark.parametrize("reply", [fails(429, retry_after=0.2), fails(503), html(502)])
def test_what_fails_for_a_moment_is_tried_again(server: FakeLlm, reply: Reply) -> None:
    """A busy or restarting server costs a moment, not the answer."""
    server.script = in_turn(reply, says("Bonjour."))
    assert run(pieces(model(server.url))) == ["Bonjour."]
    assert len(server.asked) == 2


def test_a_pause_that_is_asked_for_is_kept(server: FakeLlm) -> None:
    """``Retry-After`` is obeyed: a server that says when is not asked before."""
    server.script = in_turn(fails(429, retry_after=1.5), says("Bonjour."))
    started = time.perf_counter()
    assert run(pieces(model(server.url))) == ["Bonjour."]
    assert time.perf_counter() - started > 1.5


@pytest.mark.parametrize("pause", [60, 1e400, "Wed, 01 Jan 2020 00:00:00 GMT"])
def test_a_long_pause_is_not_waited_for(server: FakeLlm, pause: float | str) -> None:
    """Nobody waits a minute for a model that is busy: the answer is made without one."""
    server.script = fails(429, retry_after=pause)
    started = time.perf_counter()
    assert failure(model(server.url)).key == "llm_busy"
    assert time.perf_counter() - started < 5
    assert len(server.asked) == 1


@pytest.mark.parametrize("reply", [hangs(), says("un deux trois", delay=0.3), fails(500)])
def test_one_deadline_holds_for_all(server: FakeLlm, reply: Reply) -> None:
    """Silence, a trickle, retries: whatever takes the time, the answer ends in time."""
    server.script = reply
    chat = model(server.url, timeout=0.5, retries=10)
    chat.warm()
    started = time.perf_counter()
    assert failure(chat).key == "llm_timeout"
    assert 0.4 < time.perf_counter() - started < 3


def test_a_server_that_is_away_is_said() -> None:
    """A refused connection names the host and the model."""
    with closed_port() as url:
        error = failure(model(url, retries=1))
    assert error.key == "llm_unreachable"
    assert str(error.facts["host"]) in url


def test_a_redirection_is_not_followed(server: FakeLlm) -> None:
    """Key and prompt go nowhere but where they were set to go."""
    with FakeLlm(says("Bonjour.")) as other:
        server.script = redirects(f"{other.url}/chat/completions")
        assert failure(model(server.url)).facts["status"] == 307
        assert other.asked == []


def test_logs_hold_no_key(server: FakeLlm, caplog: pytest.LogCaptureFixture) -> None:
    """Not even when everything is logged, and things go wrong."""
    caplog.set_level(logging.DEBUG)
    run(pieces(model(server.url)))
    server.script = in_turn(fails(500), fails(401, f"bad key {KEY}"))
    failure(model(server.url))
    assert "chat/completions" in caplog.text
    assert KEY not in caplog.text
    assert KEY not in repr(model(server.url)) + repr(ModelChoice("http://h", "m", KEY))


# --- what is thought, and yes against no ----------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["<think>Voyons.</think>Oui."], "Oui."),
        (["<th", "ink>Voy", "ons.</t", "hink", ">Oui", "."], "Oui."),
        (list("<think>a < b</think>1 < 2 <th"), "1 < 2 <th"),
        (["Oui <think>mais</think>non."], "Oui non."),
        (["Oui <t", "hé>."], "Oui <thé>."),
        (["Oui.<think>sans fin"], "Oui."),
    ],
)
def test_what_is_thought_is_not_said(server: FakeLlm, written: list[str], said: str) -> None:
    """Text between the marks of thinking is dropped, wherever the stream cuts them."""
    server.script = says(written, reasoning="En secret.")
    assert "".join(run(pieces(model(server.url)))) == said


def test_half_a_character_ends_no_answer(server: FakeLlm) -> None:
    """What JSON allows and no database can store is replaced."""
    server.script = says("Le port \ud800 rouvre.")
    assert "".join(run(pieces(model(server.url)))) == "Le port ? rouvre."


def test_models_are_listed(server: FakeLlm) -> None:
    """The names that the server offers, in its order."""
    server.models = ("qwen2.5:3b", "mistral-small")
    assert run(model(server.url).models()) == ("qwen2.5:3b", "mistral-small")


# --- a real one -----------------------------------------------------------------------------


@pytest.mark.skipif(not REAL_URL, reason="no real model: KIOSQUE_TEST_LLM_BASE_URL is not set")
def test_real_model() -> None:
    """A real server lists its models and streams a text."""

    async def ask(name: str) -> list[str]:
        chat = ChatEndpoint(ModelChoice(REAL_URL, name, timeout_s=300))
        question = Message("user", "Compte de un à cinq, en toutes lettres.")
        return [piece async for piece in chat.stream([question], max_tokens=40)]

    name = REAL_MODEL or run(ChatEndpoint(ModelChoice(REAL_URL, "")).models())[0]
    written = asyncio.run(ask(name))
    assert len(written) > 1
    assert "trois" in "".join(written).casefold()

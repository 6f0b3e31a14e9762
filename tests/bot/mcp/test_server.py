"""The archive's tools against the official client, over standard input and output.

A client that lies gets errors of the protocol, and the server goes on.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import Kiosque
from config.settings import Settings
from tests.bot.cli.conftest import QUESTION

pytest.importorskip("mcp", reason="make dev installs it")

from mcp import Client, StdioServerParameters, stdio_client

TOOLS = {"search", "ask", "quote", "check", "chronology", "article"}
FIELDS = {"article_id", "title", "outlet", "published", "url", "quote", "start", "end"}


@asynccontextmanager
async def connected(home: Path, log: Path) -> AsyncIterator[Client]:
    """The official client of a ``kiosque mcp`` of its own process, in French."""
    settings = {"KIOSQUE_HOME": str(home), "LC_ALL": "fr_FR.UTF-8"}
    environment = {**os.environ, **settings, "PYTHONPATH": str(Path(__file__).parents[3])}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "bot.cli", "mcp"], env=environment, cwd=log.parent
    )
    with log.open("w", encoding="utf-8") as errors:
        async with Client(stdio_client(server, errors)) as client:
            yield client


def told(result: Any) -> str:  # noqa: ANN401 - a result of the library
    """The sentence of an error."""
    assert result.is_error, result
    return str(result.content[0].text)


async def test_tools_and_their_results(sample_home: Path, tmp_path: Path) -> None:
    """All tools are there; quotes stand letter for letter; answers say who made them."""
    async with connected(sample_home, tmp_path / "err.txt") as client:
        listed = await client.list_tools()
        assert {tool.name for tool in listed.tools} == TOOLS
        assert all(tool.output_schema and tool.description for tool in listed.tools)
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed.tools)
        answer = (await client.call_tool("ask", {"question": QUESTION})).structured_content
        found = await client.call_tool("search", {"question": QUESTION, "limit": 3})
        dated = (await client.call_tool("chronology", {"subject": "ligne T2"})).structured_content
    assert answer is not None
    assert answer["status"] == "extractive"
    assert answer["generated"] == {"by": "program", "written": False, "model": None}
    assert dated is not None
    assert len(dated["sources"]) >= 3
    passages = found.structured_content["passages"]
    assert len(passages) == 3
    quotes = [*(one["source"] for one in answer["sources"] + dated["sources"]), *passages]
    with Kiosque(Settings(home=sample_home)) as kiosque:
        for quote in quotes:
            assert set(quote) == FIELDS
            text = kiosque.reader.article(quote["article_id"]).text
            assert text[quote["start"] : quote["end"]] == quote["quote"]


async def test_article_page_by_page(sample_home: Path, tmp_path: Path) -> None:
    """A text from any offset; out of range is its end."""
    with Kiosque(Settings(home=sample_home)) as kiosque:
        article = kiosque.reader.article(kiosque.reader.entries()[0].id)
    async with connected(sample_home, tmp_path / "err.txt") as client:
        whole = await client.call_tool("article", {"article_id": article.id})
        part = await client.call_tool("article", {"article_id": article.id, "start": 10})
        past = await client.call_tool("article", {"article_id": article.id, "start": 10**15})
    assert whole.structured_content["text"] == article.text
    assert whole.structured_content["next_start"] is None
    assert part.structured_content["text"] == article.text[10:]
    assert (past.structured_content["text"], past.structured_content["next_start"]) == ("", None)


async def test_client_that_lies(sample_home: Path, tmp_path: Path) -> None:
    """Wrong types, unknown tools, huge and strange arguments: an error each, and it goes on."""
    async with connected(sample_home, tmp_path / "err.txt") as client:
        assert "vide" in told(await client.call_tool("ask", {"question": "  "}))
        assert "2 000 au plus" in told(
            await client.call_tool("ask", {"question": "a" * 5_000_000})
        ).replace("\u202f", " ").replace("\u00a0", " ")
        assert "nope" in told(await client.call_tool("article", {"article_id": "nope"}))
        told(await client.call_tool("article", {"article_id": "x" * 1_000_000}))
        told(await client.call_tool("ask", {"question": ["a", {"b": 1}]}))
        told(await client.call_tool("ask", {}))
        told(await client.call_tool("search", {"question": "T2", "limit": "many"}))
        bounded = await client.call_tool("search", {"question": "T2", "limit": 10**9})
        assert len(bounded.structured_content["passages"]) <= 20
        told(await client.call_tool("withdraw", {"article_id": "x"}))
        answer = await client.call_tool("ask", {"question": QUESTION})
        assert not answer.is_error


async def test_quote_and_check(sample_home: Path, tmp_path: Path) -> None:
    """Words that stand are found where they stand, and a claim of them is checked."""
    words = "La ligne transporte 38 500 personnes par jour."
    async with connected(sample_home, tmp_path / "err.txt") as client:
        quote = (await client.call_tool("quote", {"quote": words})).structured_content
        check = (await client.call_tool("check", {"text": words})).structured_content
        told(await client.call_tool("quote", {"quote": "…"}))
        told(await client.call_tool("check", {"text": ""}))
    assert quote is not None
    assert check is not None
    assert quote["publication"] == "exact"
    assert set(quote["matches"][0]["source"]) == FIELDS
    assert len(check["claims"]) == 1
    assert check["generated"]["by"] == "program"


async def test_no_archive_yet(empty_home: Path, tmp_path: Path) -> None:
    """The server starts, and each call says what to do."""
    async with connected(empty_home, tmp_path / "err.txt") as client:
        assert "kiosque index" in told(await client.call_tool("ask", {"question": QUESTION}))


async def test_nothing_but_the_protocol_is_written(sample_home: Path, tmp_path: Path) -> None:
    """Each line of standard output is a message, after garbage on standard input too."""
    import asyncio

    environment = {**os.environ, "KIOSQUE_HOME": str(sample_home)}
    environment["PYTHONPATH"] = str(Path(__file__).parents[3])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "mcp"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        cwd=tmp_path,
    )
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    hello["clientInfo"] = {"name": "test", "version": "0"}
    first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    sent = f"garbage\n\xff\n{{\n{json.dumps(first)}\n".encode("latin-1")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(sent)
    await process.stdin.drain()
    lines: list[str] = []
    while not any('"id":1' in line for line in lines):
        lines.append((await process.stdout.readline()).decode())
    process.stdin.close()
    rest, errors = await process.communicate()
    for line in [*lines, *rest.decode().splitlines()]:
        assert json.loads(line)["jsonrpc"] == "2.0"
    assert b"Traceback" not in errors
    assert process.returncode == 0

"""First minutes: `kiosque setup` on a fresh machine, and the archive in an assistant's hands."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client

from tests.benchmarks.common import ROOT, Setup, caption
from tests.benchmarks.results import table
from tests.bot.cli.respondent import Respondent, TelegramAside
from tests.bot.cli.typist import typing
from tests.fake_llm import FakeLlm
from tests.fake_llm.examinee import perfect
from tests.fake_telegram.people import Person
from tests.sample_home import ARTICLES

TITLE = "First minutes"
_CALLS = 5
_QUOTE = "La ligne transporte 38 500 personnes par jour."
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "search": {"question": "Combien de stations aura la ligne T2 ?"},
    "ask": {"question": "Combien de stations aura la ligne T2 ?"},
    "quote": {"quote": _QUOTE},
    "check": {"text": _QUOTE},
    "chronology": {"subject": "ligne T2"},
    "article": {},
}
_LIES: list[tuple[str, dict[str, Any]]] = [
    ("ask", {"question": "  "}),
    ("ask", {"question": "a" * 5_000_000}),
    ("ask", {"question": ["a", {"b": 1}]}),
    ("ask", {}),
    ("search", {"question": "T2", "limit": "many"}),
    ("quote", {"quote": "…"}),
    ("check", {"text": ""}),
    ("chronology", {"subject": " "}),
    ("article", {"article_id": "nope"}),
    ("article", {"article_id": "x" * 1_000_000}),
    ("withdraw", {"article_id": "x"}),
]


def report(_setup: Setup) -> str:
    """The text of the section."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        seconds, questions, articles = _set_up(home)
        first, medians, refused = asyncio.run(_assisted(home))
    about = (
        f"{caption('mcp')} `kiosque setup` in a terminal, in a home without models, against the "
        "fake servers of Telegram and of a model, which passes the trust test; each question is "
        "answered at once. Then the official client of MCP over standard input and output, on the "
        "archive that setup made, without the model."
    )
    rows: list[tuple[object, ...]] = [
        ("setup, from nothing to an archive", f"{seconds:.1f} s"),
        ("questions asked", questions),
        ("articles indexed", articles),
        ("MCP: first answer of a new process", f"{first:.1f} s"),
        *((f"MCP: `{name}`, median of {_CALLS}", f"{ms:.0f} ms") for name, ms in medians.items()),
        ("MCP: lies answered as errors", f"{refused} of {len(_LIES)}"),
    ]
    return f"{about}\n\n{table(('what', 'figure'), rows)}"


def _set_up(home: Path) -> tuple[float, int, int]:
    """Set up everything; seconds, questions, and articles indexed."""
    telegram = TelegramAside()
    ana = Person(telegram.fake, "Ana")
    with telegram.served() as server, FakeLlm(perfect, models=["petit", "grand"]) as model:
        os.environ["KIOSQUE_TELEGRAM__BASE_URL"] = server.base_url
        os.environ["KIOSQUE_TELEGRAM__BASE_FILE_URL"] = server.base_file_url
        begun = time.perf_counter()
        with typing(home, "-m", "bot.cli", "setup") as typist:
            somebody = Respondent(typist)
            for reply in ("", model.url, "", "2", "", telegram.fake.token, ""):
                somebody.answers(reply)
            code = re.search(r"(\d{6})", typist.reads("start="))
            assert code is not None
            telegram.says(ana, code[1])
            somebody.answers(str(ARTICLES))
            rest = typist.reads("kiosque doctor.", 300)
            assert typist.ends() == 0
        seconds = time.perf_counter() - begun
    indexed = re.search(r"(\d+) articles", rest)
    return seconds, somebody.questions, int(indexed[1]) if indexed else 0


async def _assisted(home: Path) -> tuple[float, dict[str, float], int]:
    """Seconds to the first answer, milliseconds a tool, and lies that were answered as errors."""
    begun = time.perf_counter()
    async with _connected(home) as client:
        answer = await client.call_tool("ask", _ARGUMENTS["ask"])
        first = time.perf_counter() - begun
        assert answer.structured_content is not None
        source = answer.structured_content["sources"][0]["source"]
        article = {"article_id": source["article_id"]}
        medians = {}
        for name, arguments in _ARGUMENTS.items():
            times = [await _timed(client, name, arguments or article) for _ in range(_CALLS)]
            medians[name] = 1_000 * median(times)
        refused = [(await client.call_tool(name, lie)).is_error for name, lie in _LIES]
    return first, medians, sum(refused)


async def _timed(client: Client, name: str, arguments: dict[str, Any]) -> float:
    begun = time.perf_counter()
    result = await client.call_tool(name, arguments)
    assert not result.is_error, (name, result)
    return time.perf_counter() - begun


@asynccontextmanager
async def _connected(home: Path) -> AsyncIterator[Client]:
    own = {"KIOSQUE_HOME": str(home), "KIOSQUE_LLM__TRUST": "off", "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **own}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "bot.cli", "mcp"], env=environment, cwd=home
    )
    async with Client(stdio_client(server)) as client:
        yield client

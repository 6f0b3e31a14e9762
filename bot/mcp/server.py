"""The tools of the archive on standard input and output, for one assistant on this machine.

The library turns everything else that is written to standard output away from the protocol.
What an assistant sends is checked by the types of the tools; what a tool raises becomes an error
of the protocol with one of our sentences.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from bot.answering.intents import Intent
from bot.mcp.results import (
    ToolAnswer,
    ToolArticle,
    ToolCheckReport,
    ToolPassages,
    ToolQuoteReport,
    tool_answer,
    tool_article,
    tool_check_report,
    tool_passages,
    tool_quote_report,
)
from bot.messages.errors import explained
from bot.version import installed
from retrieval.errors import Failed, KiosqueError
from retrieval.scope import EVERYTHING
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.app import Kiosque
    from bot.messages.catalogue import Catalogue
    from bot.messages.errors import Failure
    from retrieval.search import Found
    from retrieval.vocabulary import Answer

T = TypeVar("T")

_SECONDS = 180.0
"""A call takes no longer."""
_AT_ONCE = 4
"""Calls that are answered at the same time; others wait."""
_MAX_PASSAGES = 20
_TOOLS = ("search", "ask", "quote", "check", "chronology", "article")


class ArchiveTools:
    """What an assistant may ask of the archive.

    The parts are opened at the first call, so that the protocol answers at once, also where
    there is no archive yet.

    Args:
        parts: of Kiosque.
        texts: the language of the sentences.
        unexpected: puts a fault of ours into the log, and into a sentence.
    """

    def __init__(
        self, parts: Kiosque, texts: Catalogue, unexpected: Callable[[BaseException], Failure]
    ) -> None:
        self._parts = parts
        self._texts = texts
        self._unexpected = unexpected
        self._opening = asyncio.Lock()
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def search(self, question: str, limit: int = 8) -> ToolPassages:
        """The passages that come nearest to a question."""
        return await self._told(self._found(question, limit))

    async def ask(self, question: str) -> ToolAnswer:
        """The answer to a question."""
        return await self._told(self._answered(question, chronology=False))

    async def chronology(self, subject: str) -> ToolAnswer:
        """The dated lines of a subject."""
        return await self._told(self._answered(subject, chronology=True))

    async def quote(self, quote: str) -> ToolQuoteReport:
        """Whether words were published so, and where."""
        answer = await self._told(self._task(Intent.QUOTE, quote))
        return tool_quote_report(answer, self._texts, quote)

    async def check(self, text: str) -> ToolCheckReport:
        """What the archive says of the claims of a text."""
        answer = await self._told(self._task(Intent.CLAIM, text))
        return tool_check_report(answer, self._texts)

    async def article(self, article_id: str, start: int = 0) -> ToolArticle:
        """An article, or a part of its text."""
        return await self._told(self._shown(article_id, start))

    async def _told(self, work: Coroutine[object, object, T]) -> T:
        """The result of a call in its turn and time.

        Raises:
            ToolError: with a sentence that says what went wrong, and what to do.
        """
        try:
            async with asyncio.timeout(_SECONDS), self._places:
                return await work
        except TimeoutError:
            failure = explained(Failed("tool_late", seconds=int(_SECONDS)), self._texts)
        except KiosqueError as error:
            failure = explained(error, self._texts)
        except Exception as error:
            failure = self._unexpected(error)
        finally:
            work.close()
        raise ToolError(f"{failure.message} {failure.do}")

    async def _opened(self, part: str) -> None:
        """Open a part in a thread, once: loading it would hold up the protocol."""
        async with self._opening:
            await asyncio.to_thread(getattr, self._parts, part)

    async def _answered(self, text: str, *, chronology: bool) -> ToolAnswer:
        from bot.answering.request import Request

        await self._opened("answering")
        request = Request(text, self._parts.today(), chronology=chronology)
        answer = await self._parts.answering.answer(request)
        return tool_answer(answer, self._texts, self._parts.settings.llm.model)

    async def _task(self, intent: Intent, text: str) -> Answer:
        from bot.answering.request import Request
        from bot.answering.tasks import worded

        await self._opened("answering")
        request = Request(worded(intent, text, self._texts.language), self._parts.today())
        return await self._parts.answering.answer(request)

    async def _found(self, question: str, limit: int) -> ToolPassages:
        await self._opened("search")
        found = await asyncio.to_thread(self._searched, question, limit)
        return tool_passages(question, found.evidence)

    def _searched(self, question: str, limit: int) -> Found:
        from bot.answering.evidence import query_of
        from bot.answering.pipeline import checked
        from bot.answering.understanding import understand

        text = checked(question, self._parts.settings.answers.max_question_chars)
        asked = understand(text, self._parts.today())
        query = query_of(asked, EVERYTHING, listing=True)
        return self._parts.search.search(query, max(1, min(limit, _MAX_PASSAGES)))

    async def _shown(self, article_id: str, start: int) -> ToolArticle:
        await self._opened("reader")
        article = await asyncio.to_thread(self._parts.reader.article, article_id[:100])
        return tool_article(article, start, withdrawn=article.state is State.WITHDRAWN)


def archive_server(tools: ArchiveTools, texts: Catalogue) -> MCPServer:
    """The server of the tools; none of them changes anything."""
    server = MCPServer(
        "kiosque",
        instructions=texts.text("mcp.instructions"),
        version=installed("kiosque"),
        log_level="CRITICAL",  # what goes wrong is in our own log, without secrets
    )
    for name in _TOOLS:
        server.add_tool(
            getattr(tools, name),
            name,
            description=texts.text(f"mcp.{name}"),
            annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )
    return server


def serve(parts: Kiosque, texts: Catalogue, unexpected: Callable[[BaseException], Failure]) -> None:
    """Serve the tools until standard input ends."""
    archive_server(ArchiveTools(parts, texts, unexpected), texts).run()

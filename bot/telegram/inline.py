"""Inline mode: ``@bot some words`` in any chat gives quotes of the archive to drop there.

Each key is a query of its own, so one is searched for only when no other came for a moment, and
each search is counted. Nothing of it is remembered. What is dropped is a message of the person:
the exact quote, where it comes from, and that a program found it.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import math
from typing import TYPE_CHECKING

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.error import TelegramError
from telegram.ext import InlineQueryHandler

from bot.telegram.limits import Priority, Rates
from bot.telegram.rich import TextRun, shown
from bot.telegram.view import line_of, quote_to_copy
from retrieval.errors import KiosqueError
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from telegram import InlineQuery, Update
    from telegram.ext import ContextTypes

    from bot.answering.quotation.suggestions import QuoteSuggestions
    from bot.messages.catalogue import Catalogue
    from bot.telegram.context import BotContext
    from retrieval.vocabulary import Citation

logger = logging.getLogger(__name__)

MAX_RESULTS = 20
_SEARCHES_A_QUESTION = 6
"""So many times as many searches as questions: people pause while they type."""
_SEARCH_S = 8.0
_AT_ONCE = 2
_CACHE_S = 10
"""Seconds for which Telegram may give the same results again: articles are withdrawn."""
_MIN_CHARS = 2
_TITLE_CHARS, _QUOTE_CHARS = 80, 1_000
_MAX_START_BYTES = 48
"""Bytes of a question that fit into a deep link."""
_NOWHERE = "inline"
"""A deep link that asks nothing: no text has this base64."""


class InlineHandler:
    """Handles inline queries.

    Args:
        context: what the work is done with.
        suggestions: finds quotes.
        rates: how many questions a user may ask; searches are counted apart.
    """

    def __init__(self, context: BotContext, suggestions: QuoteSuggestions, rates: Rates) -> None:
        self._context = context
        self._suggestions = suggestions
        self._rates = Rates(
            rates.per_minute * _SEARCHES_A_QUESTION, rates.per_hour * _SEARCHES_A_QUESTION
        )
        self._newest: dict[int, str] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)

    def handlers(self) -> list[InlineQueryHandler[Any, Any]]:
        """What PTB is to call."""
        return [InlineQueryHandler(self.on_query)]

    async def begin(self) -> None:
        """Say in the log when BotFather was not told of the inline mode: no query comes then."""
        if not self._context.bot.supports_inline_queries:
            logger.warning("telegram.inline is set, but not with BotFather: send it /setinline")

    async def on_query(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer a query, unless another of the same person comes at once."""
        query = update.inline_query
        if query is None:
            return
        user = query.from_user.id
        self._newest[user] = query.id
        try:
            await self._answered(query)
        finally:
            if self._newest.get(user) == query.id:
                del self._newest[user]

    async def _answered(self, query: InlineQuery) -> None:
        user, typed = query.from_user.id, " ".join(query.query.split())
        texts = await self._context.texts_for(query.from_user)
        if not self._context.access.admits(user, user):
            await self._answer(query, button=texts.text("telegram.inline.not_admitted"))
            return
        if len(typed) < _MIN_CHARS:
            await self._answer(query, button=texts.text("telegram.inline.hint"))
            return
        await asyncio.sleep(self._context.times.typed)
        if self._is_overtaken(query):
            return
        wait = self._rates.wait(user, self._context.clock())
        if wait > 0:
            said = texts.text("telegram.inline.too_many", seconds=math.ceil(wait))
            await self._answer(query, button=said)
            return
        await self._search(query, typed, texts)

    def _is_overtaken(self, query: InlineQuery) -> bool:
        return self._newest.get(query.from_user.id) != query.id

    async def _search(self, query: InlineQuery, typed: str, texts: Catalogue) -> None:
        try:
            async with asyncio.timeout(_SEARCH_S), self._places:
                if self._is_overtaken(query):
                    return
                today = self._context.today()
                found = await asyncio.to_thread(self._suggestions.found, typed, today, MAX_RESULTS)
        except (TimeoutError, KiosqueError) as error:
            logger.warning("quotes were not searched for: %s", str(error) or "it took too long")
            await self._answer(query, button=texts.text("telegram.inline.failed"))
            return
        results = [result(one, texts, self._context.bot.username) for one in found]
        button = "" if results else texts.text("telegram.inline.nothing")
        await self._answer(query, results, button, started_by(typed), _CACHE_S)

    async def _answer(
        self,
        query: InlineQuery,
        results: Sequence[InlineQueryResultArticle] = (),
        button: str = "",
        start: str = _NOWHERE,
        cache_time: int = 0,
    ) -> None:
        """Answer a query; one that Telegram has given up is no harm."""
        try:
            await self._context.bot.answer_inline_query(
                query.id,
                results,
                cache_time=cache_time,
                is_personal=True,
                button=InlineQueryResultsButton(button, start_parameter=start) if button else None,
                rate_limit_args=Priority.CONTROL,
            )
        except TelegramError as error:
            logger.info("an inline query was not answered: %s", error)


def started_by(typed: str) -> str:
    """The deep link that asks in private what was typed, if it holds it."""
    raw = typed.encode()
    if len(raw) > _MAX_START_BYTES or not typed.isprintable():
        return _NOWHERE
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def result(citation: Citation, texts: Catalogue, username: str) -> InlineQueryResultArticle:
    """A quote to choose: its beginning, its source, and the message that it becomes."""
    article, quote = citation.article, " ".join(citation.quote.split())
    copied = quote_to_copy(article, Span(citation.start, citation.end), texts, _QUOTE_CHARS)
    mark = texts.text("telegram.inline.mark", bot=f"@{username}")
    message = shown([TextRun(copied), TextRun("\n\n"), TextRun(mark, "i")])
    return InlineQueryResultArticle(
        f"{article.id[:40]}-{citation.start}",
        quote if len(quote) <= _TITLE_CHARS else f"{quote[:_TITLE_CHARS].rstrip()}…",
        InputTextMessageContent(
            message.html,
            parse_mode="HTML",
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
        description=line_of(texts, article.title, article.outlet, article.published),
    )

"""Buttons under answers, and the viewer of a source: its article, its passage, its quote marked.

The words that answer are in bold and the rest of the quote in italics; a quote without such
words is in bold.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from telegram import Message
from telegram.error import TelegramError

from bot.answering.notices import nearest
from bot.messages.answers import coverage_line, source_line
from bot.telegram.admin.confirmation import ACTIONS
from bot.telegram.admin.order import OrderKind
from bot.telegram.buttons import Button, data, pressed, rows, turn_row
from bot.telegram.limits import Priority
from bot.telegram.post import Content, GoneError, Post, Target, UnreachableError, say
from bot.telegram.rich import LIMIT, MessageText, TextRun, block, messages, shown, units
from retrieval.errors import NotFound
from retrieval.vocabulary import PublicationDate, Span, State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from telegram import CallbackQuery, Update
    from telegram.ext import ContextTypes

    from bot.memory.values import StoredAnswer, StoredSource
    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.admin.inbox import Requests
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.buttons import ButtonPress, Rows
    from bot.telegram.context import BotContext
    from bot.telegram.post import Content
    from retrieval.vocabulary import Article, Passage

_ROOM = LIMIT - 600  # for the title and what is said beside the passage


@dataclass(frozen=True, slots=True)
class SourceView:
    """What is to be seen.

    Args:
        answer: its number.
        source: which of its sources.
        others: the numbers of the others.
        article: as it is now; None when it is not there any more.
        passages: those of the article, in their order.
        reason: why the article was withdrawn.
        at: which of them is shown, by its place; None for the one with the quote.
        keeps: whether who looks may correct and withdraw the article.
    """

    answer: int
    source: StoredSource
    others: Sequence[int]
    article: Article | None
    passages: Sequence[Passage] = ()
    reason: str = ""
    at: int | None = None
    keeps: bool = False


def viewed(view: SourceView, texts: Catalogue) -> Content:
    """The message of a viewer."""
    source, article = view.source, view.article
    if article is None or article.state is State.WITHDRAWN or not view.passages:
        said = [TextRun(texts.text("telegram.withdrawn", line=remembered(source, texts)))]
        if view.reason:
            said.append(TextRun(f"\n{texts.text('since.why', reason=view.reason)}"))
        return Content(shown(said), _rows(view, None, texts))
    quote = _quote_now(source, article)
    at = _nearest(view) if quote is None else _passage_at(view, quote.start)
    head = [
        TextRun(f"[{source.number}] {article.title}", "b"),
        TextRun(f"\n{_origin(article, texts)}"),
    ]
    if quote is None:
        changed = texts.text("telegram.changed_since", quote=source.quote)
        head += [TextRun(f"\n{changed}", "i"), TextRun(f"\n{texts.text('since.now')}")]
    passage = _marked(view.passages[at], quote, source)
    return Content(_shown(head, passage), _rows(view, at, texts))


def _origin(article: Article, texts: Catalogue) -> str:
    line = source_line(texts, article)
    return line.removeprefix(article.title).lstrip(" —–-")


def remembered(source: StoredSource, texts: Catalogue) -> str:
    """A source in a line, as it was when it was cited."""
    published = PublicationDate.parse(source.published) if source.published else None
    return line_of(texts, source.title, source.outlet, published)


def line_of(
    texts: Catalogue, title: str, outlet: str | None, published: PublicationDate | None
) -> str:
    """An article in a line: title, outlet, date."""
    outlet = outlet or texts.text("source.unknown_outlet")
    return texts.text("source.line", title=title, outlet=outlet, date=texts.date(published))


def _quote_now(source: StoredSource, article: Article) -> Span | None:
    """Where the quote stands today; None when the article says it no more."""
    if article.text[source.start : source.end] == source.quote:
        return Span(source.start, source.end)
    start = article.text.find(source.quote)
    return Span(start, start + len(source.quote)) if start >= 0 else None


def _passage_at(view: SourceView, start: int) -> int:
    if view.at is not None:
        return min(view.at, len(view.passages) - 1)
    within = (n for n, p in enumerate(view.passages) if p.start <= start < p.end)
    return next(within, 0)


def _nearest(view: SourceView) -> int:
    """The passage that has most of the words of a quote which is not there any more."""
    if view.at is not None:
        return min(view.at, len(view.passages) - 1)
    return nearest(view.source.quote, [passage.text for passage in view.passages])


def _marked(passage: Passage, quote: Span | None, source: StoredSource) -> list[TextRun]:
    """A passage, or what a message holds of it, with the quote marked."""
    bold = quote = quote or Span(passage.start, passage.start)
    if source.answer is not None and quote.end > quote.start:
        moved = quote.start - source.start
        bold = Span(source.answer.start + moved, source.answer.end + moved)
    seen = _seen(passage, quote)
    edges = (seen.start, quote.start, bold.start, bold.end, quote.end, seen.end)
    inside = [max(seen.start, min(edge, seen.end)) - passage.start for edge in edges]
    parts = [passage.text[start:end] for start, end in pairwise(inside)]
    if seen.start > passage.start:
        parts[0] = f"…{parts[0]}"
    if seen.end < passage.end:
        parts[-1] += "…"
    return [TextRun(text, tag) for text, tag in zip(parts, ("", "i", "b", "i", ""), strict=True)]


def _seen(passage: Passage, quote: Span) -> Span:
    """What a message holds of a passage, around the quote."""
    if units(passage.text) <= _ROOM:
        return Span(passage.start, passage.end)
    room = _ROOM // 2  # a character takes two units at most
    start = max(passage.start, min(quote.start, passage.end))
    end = max(start, min(quote.end, passage.end, start + room))
    side = (room - (end - start)) // 2
    return Span(max(passage.start, start - side), min(passage.end, end + side))


def _shown(head: Sequence[TextRun], passage: Sequence[TextRun]) -> MessageText:
    above, within = shown(head), shown(passage)
    return MessageText(
        f"{above.html}\n<blockquote>{within.html}</blockquote>", f"{above.plain}\n{within.plain}"
    )


def _rows(view: SourceView, at: int | None, texts: Catalogue) -> Rows:
    answer, number = view.answer, view.source.number
    pages = () if at is None else turn_row(at, len(view.passages), texts, "p", answer, number)
    others = [Button(f"[{n}]", data("s", answer, n)) for n in view.others if n != number]
    last = [Button(texts.text("telegram.button.close"), data("c", answer))]
    url = (view.article.url if view.article and at is not None else None) or ""
    if is_link(url):
        last.insert(0, Button(texts.text("telegram.button.link"), url=url))
    keeping = []
    if view.keeps and at is not None:
        keeping = [
            Button(texts.text("telegram.button.correct"), data("k", answer, number)),
            Button(texts.text("telegram.button.withdraw"), data("w", answer, number)),
        ]
    return tuple(row for row in (pages, *rows(others), tuple(last), tuple(keeping)) if row)


def is_link(url: str) -> bool:
    """Whether an address of an article may stand behind a button: the web's only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = len(url) <= 2000 and not any(c.isspace() or not c.isprintable() for c in url)
    return plain and parts.scheme in {"http", "https"} and "." in (parts.hostname or "")


async def article_list(
    context: BotContext, texts: Catalogue, page: int, *, with_ids: bool
) -> Content:
    """What the archive covers, and a page of its articles, newest first.

    Args:
        context: what the bot works with.
        texts: the reader's language.
        page: counted from 0; a page that there is no more is the last one.
        with_ids: show the id of each article.
    """
    reader = context.reader
    coverage = await asyncio.to_thread(reader.coverage)
    pages = max(1, -(-coverage.articles // _LISTED))
    at = max(0, min(page, pages - 1))
    entries = await asyncio.to_thread(
        lambda: reader.entries(withdrawn=False, limit=_LISTED, offset=at * _LISTED)
    )
    lines = [block(coverage_line(texts, coverage))]
    for place, entry in enumerate(entries):
        line = f"– {line_of(texts, entry.title, entry.outlet, entry.published)}"
        line = line if len(line) <= _LINE_CHARS else f"{line[:_LINE_CHARS]}…"
        line = f"{line} · {entry.id}" if with_ids else line
        lines.append(block(line, gap="\n" if place else "\n\n"))
    left = coverage.articles - at * _LISTED - len(entries)
    if left > 0:
        lines.append(block(texts.text("telegram.more_articles", count=left), "i"))
    turns = turn_row(at, pages, texts, "e")
    return Content(messages(lines)[0], (turns,) if turns else ())


logger = logging.getLogger(__name__)

_LISTED = 20
_LINE_CHARS = 150
"""20 lines of that length fit into one message, which turning pages changes."""


class Clicks:
    """Handles buttons under answers and viewers.

    Args:
        context: what the work is done with.
        orders: what administrators confirm or cancel.
        requests: what they ask for by buttons.
        asking: answers what turned out to be a question.
    """

    def __init__(
        self, context: BotContext, orders: Orders, requests: Requests, asking: QuestionHandler
    ) -> None:
        self._context = context
        self._orders = orders
        self._requests = requests
        self._asking = asking
        self._viewers: dict[int, asyncio.Lock] = {}
        self._actions: dict[
            str, Callable[[CallbackQuery, ButtonPress, StoredAnswer], Awaitable[None]]
        ] = {
            "s": self._view,
            "p": self._view,
            "c": self._close,
            "u": self._vote,
            "d": self._vote,
            "k": self._edit,
            "w": self._edit,
        }

    async def on_click(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A click on any button."""
        query = update.callback_query
        if query is None:
            return
        button = pressed(query.data or "")
        if button is not None and button.action == "l":
            await self._speak(query, button)
            return
        if button is not None and button.action == "e":
            await self._turn(query, button)
            return
        if button is not None and button.action in {*ACTIONS, *"fiq"} and self._may_keep(query):
            await self._answer(query, await self._keep(query, button))
            return
        answer = await self._admitted(query, button)
        if button is None or answer is None:
            texts = await self._context.texts_for(query.from_user)
            await self._answer(query, texts.text("telegram.button_expired"))
            return
        await self._actions[button.action](query, button, answer)

    async def _keep(self, query: CallbackQuery, button: ButtonPress) -> str:
        """Do what an administrator's button says; what to tell the one who clicked."""
        if button.action == "f":
            return await self._requests.commands.on_feed_click(query, button)
        if button.action in "iq":
            return await self._requests.sharing.on_click(query, button, self._asking)
        return await self._orders.on_click(query, button)

    async def _admitted(
        self, query: CallbackQuery, button: ButtonPress | None
    ) -> StoredAnswer | None:
        """The answer that a button belongs to, if it is stored and shown to those who click."""
        if button is None or button.action not in self._actions or query.message is None:
            return None
        chat, user = query.message.chat.id, query.from_user.id
        if not self._context.access.admits(chat, user):
            return None
        memory = self._context.memory
        answer = await memory.do(memory.store.answer, button.id)
        return answer if answer is not None and answer.place.chat == chat else None

    def _may_keep(self, query: CallbackQuery) -> bool:
        """Whether who clicked may change the archive, here: in private only."""
        private = query.message is not None and query.message.chat.type == "private"
        return private and self._context.access.is_admin(query.from_user.id)

    async def _edit(self, query: CallbackQuery, button: ButtonPress, answer: StoredAnswer) -> None:
        """Begin to correct or to withdraw the article of a source."""
        texts = await self._context.texts_for(query.from_user)
        memory = self._context.memory
        sources = await memory.do(memory.store.sources, answer.id)
        source = next((s for s in sources if s.number == button.number), None)
        if source is None or not self._may_keep(query):
            await self._answer(query, texts.text("telegram.button_expired"))
            return
        kind = OrderKind.CORRECT if button.action == "k" else OrderKind.WITHDRAW
        said = await self._requests.commands.on_source_click(query, kind, source.article_id)
        await self._answer(query, said)

    async def _answer(self, query: CallbackQuery, text: str = "") -> None:
        """Tell Telegram that the click was seen: too late is no harm."""
        with suppress(TelegramError):
            await query.answer(text[:200] or None)

    async def _speak(self, query: CallbackQuery, button: ButtonPress) -> None:
        memory = self._context.memory
        if button.subject in {"fr", "en"}:
            await memory.do(memory.store.set_language, query.from_user.id, button.subject)
        texts = await self._context.texts_for(query.from_user)
        await self._answer(query, texts.text("telegram.language_chosen"))

    async def _turn(self, query: CallbackQuery, button: ButtonPress) -> None:
        """Show another page of the list of articles."""
        texts, message = await self._context.texts_for(query.from_user), query.message
        if message is None or not self._context.access.admits(message.chat.id, query.from_user.id):
            await self._answer(query, texts.text("telegram.button_expired"))
            return
        await self._answer(query)
        keeps = self._may_keep(query)
        content = await article_list(self._context, texts, button.id, with_ids=keeps)
        target = Target(message.chat.id)
        await say(Post(self._context.bot, target, self._context.ids, message.message_id), content)

    async def _vote(self, query: CallbackQuery, button: ButtonPress, answer: StoredAnswer) -> None:
        memory, user = self._context.memory, query.from_user.id
        good = button.action == "u"
        await memory.do(memory.store.vote, answer.id, user, self._context.now(), good=good)
        texts = await self._context.texts_for(query.from_user)
        await self._answer(query, texts.text("telegram.thanks"))

    async def _close(
        self, query: CallbackQuery, _button: ButtonPress, answer: StoredAnswer
    ) -> None:
        await self._answer(query)
        memory = self._context.memory
        async with self._viewer(answer.id):
            if query.message is not None:
                with suppress(TelegramError):
                    await self._context.bot.delete_message(
                        answer.place.chat,
                        query.message.message_id,
                        rate_limit_args=Priority.CONTROL,
                    )
            await memory.do(memory.store.set_viewer, answer.id, 0)

    async def _view(self, query: CallbackQuery, button: ButtonPress, answer: StoredAnswer) -> None:
        await self._answer(query)
        memory = self._context.memory
        texts = await self._context.texts_for(query.from_user)
        async with self._viewer(answer.id):
            again = await memory.do(memory.store.answer, answer.id)
            sources = await memory.do(memory.store.sources, answer.id)
            source = next((s for s in sources if s.number == button.number), None)
            if again is None or source is None:
                return
            view = await self._seen(query, button, source, sources)
            content = viewed(view, texts)
            shown = await self._show(query, again, content)
            if shown != again.viewer:
                await memory.do(memory.store.set_viewer, answer.id, shown)

    async def _seen(
        self,
        query: CallbackQuery,
        button: ButtonPress,
        source: StoredSource,
        sources: list[StoredSource],
    ) -> SourceView:
        found = await asyncio.to_thread(self._looked_up, source.article_id)
        at = button.passage if button.action == "p" else None
        others = [one.number for one in sources]
        keeps = self._may_keep(query)
        return SourceView(button.id, source, others, *found, at=at, keeps=keeps)

    def _looked_up(self, article_id: str) -> tuple[Article | None, list[Passage], str]:
        """An article, its passages, and the reason why it was withdrawn, if it was."""
        reader = self._context.reader
        try:
            with reader.snapshot():
                article = reader.article(article_id)
                if article.state is State.WITHDRAWN:
                    return article, [], reader.known_as(article.id).note.reason
                return article, reader.passages_of(article_id), ""
        except NotFound:
            return None, [], ""

    async def _show(self, query: CallbackQuery, answer: StoredAnswer, content: Content) -> int:
        """Show it in the viewer of the answer, or in a new one; the viewer's number."""
        message = query.message
        thread = 0
        if isinstance(message, Message) and message.is_topic_message:
            thread = message.message_thread_id or 0
        reply_to = message.message_id if message is not None else 0
        target = Target(answer.place.chat, thread, reply_to)
        if message is not None and message.message_id == answer.viewer:
            target = Target(answer.place.chat, thread)
        post = Post(self._context.bot, target, self._context.ids, answer.viewer)
        try:
            try:
                await post.say(content)
            except GoneError:
                post = Post(self._context.bot, target, self._context.ids)
                await post.say(content)
        except (UnreachableError, GoneError, TelegramError) as error:
            logger.info("a source could not be shown: %s", error)
        return post.id

    def _viewer(self, answer: int) -> asyncio.Lock:
        """One click after the other: two at once would open two viewers."""
        if len(self._viewers) > 1_000:
            self._viewers = {n: lock for n, lock in self._viewers.items() if lock.locked()}
        return self._viewers.setdefault(answer, asyncio.Lock())

"""What administrators send in private: documents, addresses, replies to what was asked."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.messages.wording import source_line
from bot.telegram.keeping.batches import Batch, Batches
from bot.telegram.keeping.lists import feed_key, feed_lines, feed_rows, history_lines
from bot.telegram.keeping.values import Kind, Order, State
from bot.telegram.posting import Content, Post, Target
from bot.telegram.replies import reply, reply_with, say
from bot.telegram.rich import block, messages
from bot.telegram.uploads import FOLDER, is_as_named, refusal
from retrieval.errors import KiosqueError
from retrieval.vocabulary import State as ArticleState

if TYPE_CHECKING:
    from typing import Any

    from telegram import CallbackQuery, Document, Message, Update, User
    from telegram.ext import ContextTypes

    from bot.messages.catalogue import Catalogue
    from bot.telegram.buttons import Pressed
    from bot.telegram.desk import Desk
    from bot.telegram.keeping.orders import Orders
    from retrieval.vocabulary import Article

_FETCH = 60.0
_LIST = 60.0
_MOST_LISTED = 10
_MOST_REASON = 500
_MOST_NAMED = 3
_URL = re.compile(r"https?://[^\s<>\"]{3,2000}", re.ASCII | re.IGNORECASE)
_CORRECT = re.compile(r"/(?:correct|corriger)(?:@\w+)?(?:\s+(\S{1,64}))?\s*", re.ASCII)


class Requests:
    """Turns what administrators send into orders.

    Args:
        desk: what the bot works with.
        orders: plans them.
        gather: seconds without a further document that make those sent one plan.
    """

    def __init__(self, desk: Desk, orders: Orders, gather: float = 2.0) -> None:
        self._desk = desk
        self._orders = orders
        self._kit = orders.kit
        self._batches = Batches(gather, self._kit.boxes.new, self._whole)

    # --- documents --------------------------------------------------------------------

    async def on_document(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A file in private: taken from administrators only."""
        message = update.message
        if message is None or message.document is None or message.from_user is None:
            return
        user, document = message.from_user, message.document
        if not self._desk.access.is_admin(user.id):
            await reply(self._desk, message, "telegram.admins_only")
            return
        why = refusal(document.file_name or "", document.file_size or 0)
        if why is not None:
            await reply(self._desk, message, why)
            return
        asked = await self._asked_by(message)
        captioned = _CORRECT.fullmatch(message.caption or "")
        if captioned is not None or (asked is not None and asked.kind is Kind.CORRECT):
            id_ = captioned[1] if captioned else asked.facts["article"] if asked else None
            await self._correction(message, document, id_ or "")
            return
        await self._batches.add(user.id, message, lambda box: self._brought(message, document, box))

    async def _brought(self, message: Message, document: Document, box: str) -> str | None:
        """Fetch a document into a box; None when it is not what it is called, or does not come."""
        name = document.file_name or ""
        try:
            async with asyncio.timeout(_FETCH):
                file = await document.get_file()
                content = bytes(await file.download_as_bytearray())
        except (TimeoutError, TelegramError):
            await reply(self._desk, message, "telegram.upload.not_fetched", name=name)
            return None
        if not is_as_named(name, content):
            await reply(self._desk, message, "telegram.upload.wrong_type")
            return None
        return await asyncio.to_thread(self._kit.boxes.put, box, name, content)

    async def _whole(self, batch: Batch) -> None:
        """All that was sent together is there."""
        if not batch.names:
            await asyncio.to_thread(self._kit.boxes.discard, batch.box)
            return
        name = ", ".join(batch.names[:_MOST_NAMED])
        if len(batch.names) > _MOST_NAMED and batch.message.from_user is not None:
            texts = await self._desk.texts_for(batch.message.from_user)
            left = len(batch.names) - _MOST_NAMED
            name = texts.text("telegram.order.names_more", names=name, count=left)
        await self._orders.plan(batch.message, Kind.INDEX, name, {"box": batch.box})

    # --- texts ------------------------------------------------------------------------

    async def on_text(self, message: Message) -> bool:
        """A text in private; whether it was for us: a reply to what was asked, or an address."""
        user = message.from_user
        private = message.chat.type == "private"
        if user is None or not private or not self._desk.access.is_admin(user.id):
            return False
        text = (message.text or "").strip()
        asked = await self._asked_by(message)
        if asked is not None:
            await self._answered(message, asked, text)
            return True
        if _URL.fullmatch(text) is None:
            return False
        await self._orders.plan(message, Kind.INDEX, text, {"sources": [text]})
        return True

    async def _asked_by(self, message: Message) -> Order | None:
        """What the bot asked in the message that this one replies to."""
        replied = message.reply_to_message
        if replied is None:
            return None
        memory, book = self._desk.memory, self._kit.book
        found = await memory.do(book.shown_in, message.chat_id, replied.message_id)
        return found if found is not None and found.state is State.ASKED else None

    async def _answered(self, message: Message, asked: Order, text: str) -> None:
        if asked.kind is Kind.CORRECT:
            await reply(self._desk, message, "telegram.ask.file_please")
            return
        await self._desk.memory.do(self._kit.book.settle, asked.id, State.DONE)
        await self._withdrawal(message, asked.facts["article"], asked.name, text)

    # --- commands ---------------------------------------------------------------------

    async def reindex(self, message: Message) -> None:
        """Read all the uploads again."""
        folder = self._kit.boxes.uploads
        if not await asyncio.to_thread(folder.is_dir):
            await reply(self._desk, message, "telegram.upload.none")
            return
        await self._orders.plan(message, Kind.REINDEX, FOLDER, {"sources": [str(folder)]})

    async def add(self, message: Message) -> None:
        """Index what an address gives."""
        url = _argument(message)
        if _URL.fullmatch(url) is None:
            await reply(self._desk, message, "telegram.ask.url")
            return
        await self._orders.plan(message, Kind.INDEX, url, {"sources": [url]})

    async def feed(self, message: Message) -> None:
        """Index a feed and follow it; without an address, list those that are followed."""
        url = _argument(message)
        if not url:
            await self._list_feeds(message)
        elif _URL.fullmatch(url) is None:
            await reply(self._desk, message, "telegram.ask.url")
        else:
            await self._orders.plan(message, Kind.FEED, url, {"sources": [url]})

    async def _list_feeds(self, message: Message) -> None:
        if message.from_user is None:
            return
        texts = await self._desk.texts_for(message.from_user)
        ended = await self._kit.command(["feeds", "--json"], texts.language, _LIST)
        if ended.problem:
            await reply_with(self._desk, message, [block(ended.problem)])
            return
        lines = [block(line) for line in feed_lines(ended.report, texts)]
        await reply_with(self._desk, message, lines, feed_rows(ended.report, texts))

    async def correct(self, message: Message) -> None:
        """Ask for the corrected file of an article."""
        article, texts = await self._named(message, _argument(message).partition(" ")[0])
        if article is not None and message.from_user is not None:
            target = Target(message.chat_id, 0, message.message_id)
            await self._ask(message.from_user, target, Kind.CORRECT, article, texts)

    async def withdraw(self, message: Message) -> None:
        """Withdraw an article; ask for the reason when none is given."""
        id_, _, reason = _argument(message).partition(" ")
        article, texts = await self._named(message, id_)
        if article is None or message.from_user is None:
            return
        if reason.strip():
            await self._withdrawal(message, article.id, article.title, reason)
            return
        target = Target(message.chat_id, 0, message.message_id)
        await self._ask(message.from_user, target, Kind.WITHDRAW, article, texts)

    async def rollback(self, message: Message) -> None:
        """Plan to take the last change back."""
        if message.from_user is None:
            return
        texts = await self._desk.texts_for(message.from_user)
        last = await asyncio.to_thread(self._desk.reader.last_undoable)
        if last is None:
            await reply(self._desk, message, "error.nothing_to_undo")
            return
        name = texts.text("telegram.order.rollback_name", id=last.id)
        await self._orders.plan(message, Kind.ROLLBACK, name, {"change": last.id})

    async def history(self, message: Message) -> None:
        """The last changes: who, when, what."""
        if message.from_user is None:
            return
        texts = await self._desk.texts_for(message.from_user)
        changes = await asyncio.to_thread(self._desk.reader.changes, _MOST_LISTED)
        names = await self._desk.memory.do(self._kit.book.names)
        lines = history_lines(changes, names, texts)
        await reply_with(self._desk, message, [block(line) for line in lines])

    # --- buttons ----------------------------------------------------------------------

    async def on_feed_click(self, query: CallbackQuery, button: Pressed) -> str:
        """Plan to follow a feed no more."""
        texts = await self._desk.texts_for(query.from_user)
        ended = await self._kit.command(["feeds", "--json"], texts.language, _LIST)
        feeds: list[dict[str, Any]] = ended.report if isinstance(ended.report, list) else []
        url = next((f["url"] for f in feeds if feed_key(f["url"]) == button.id), None)
        if url is None or query.message is None:
            return texts.text("telegram.button_expired")
        target = Target(query.message.chat.id, 0, query.message.message_id)
        facts = {"sources": [url]}
        await self._orders.plan_for(query.from_user, target, Kind.UNFEED, url, facts)
        return ""

    async def on_source_click(self, query: CallbackQuery, kind: Kind, article_id: str) -> str:
        """Ask for the corrected file of the article of a source, or why it is withdrawn."""
        texts = await self._desk.texts_for(query.from_user)
        article, problem = await self._found(article_id, texts)
        if article is None or query.message is None:
            return problem
        target = Target(query.message.chat.id, 0, query.message.message_id)
        await self._ask(query.from_user, target, kind, article, texts)
        return ""

    # --- in common --------------------------------------------------------------------

    async def _correction(self, message: Message, document: Document, id_: str) -> None:
        """Plan what a document would make of an article."""
        article, _ = await self._named(message, id_)
        if article is None:
            return
        box = await asyncio.to_thread(self._kit.boxes.new)
        if await self._brought(message, document, box) is None:
            await asyncio.to_thread(self._kit.boxes.discard, box)
            return
        facts = {"box": box, "article": article.id}
        await self._orders.plan(message, Kind.CORRECT, article.title, facts)

    async def _withdrawal(self, message: Message, id_: str, title: str, reason: str) -> None:
        reason = " ".join(reason.split())[:_MOST_REASON]
        facts = {"article": id_, "reason": reason}
        await self._orders.plan(message, Kind.WITHDRAW, title, facts)

    async def _named(self, message: Message, id_: str) -> tuple[Article | None, Catalogue]:
        """The article of an id that may be changed; who wrote it is told why there is none."""
        assert message.from_user is not None  # noqa: S101 - an administrator
        texts = await self._desk.texts_for(message.from_user)
        article, problem = await self._found(id_, texts)
        if article is None:
            await reply_with(self._desk, message, [block(problem)])
        return article, texts

    async def _found(self, id_: str, texts: Catalogue) -> tuple[Article | None, str]:
        if not id_:
            return None, texts.text("telegram.ask.id")
        try:
            article = await asyncio.to_thread(self._desk.reader.article, id_)
        except KiosqueError as error:
            return None, texts.text(f"error.{error.key}", **error.facts)
        if article.state is ArticleState.WITHDRAWN:
            facts = {"title": article.title, "id": article.id}
            return None, texts.text("error.article_withdrawn", **facts)
        return article, ""

    async def _ask(
        self, user: User, target: Target, kind: Kind, article: Article, texts: Catalogue
    ) -> None:
        """Ask for what an order needs; the reply to it goes on."""
        line = texts.text(f"telegram.ask.{kind}", line=source_line(texts, article))
        post = Post(self._desk.bot, target, self._desk.ids)
        if not await say(post, Content(messages([block(line)])[0], asks=True)):
            return
        order = Order(
            0,
            self._desk.now(),
            target.chat,
            post.id,
            user.id,
            user.first_name,
            texts.language,
            kind,
            State.ASKED,
            article.title,
            {"article": article.id},
        )
        await self._desk.memory.do(self._kit.book.add, order)


def _argument(message: Message) -> str:
    """What follows a command."""
    return (message.text or "").partition(" ")[2].strip()

"""Addresses, forwarded posts and pasted texts of administrators: planned, or asked about."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from telegram import MessageEntity

from bot.answering.intents import Intent
from bot.answering.tasks import worded
from bot.memory.values import Place
from bot.telegram.addressing import Addressed, addressed
from bot.telegram.admin.captions import pasted
from bot.telegram.admin.message_contents import (
    PART,
    MessageContent,
    Purpose,
    content_of,
    content_of_parts,
    join_parts,
    purpose_of,
)
from bot.telegram.admin.order import Order, OrderKind, OrderState
from bot.telegram.admin.plans import told_lines
from bot.telegram.admin.uploads import row_of
from bot.telegram.buttons import Button, data
from bot.telegram.post import Content, Post, Target
from bot.telegram.rich import block, messages
from retrieval.reading.text.titles import title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import CallbackQuery, Message, User

    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.buttons import ButtonPress, Rows
    from bot.telegram.context import BotContext

_MAX_NAMED, _MAX_NAME = 3, 100
_TEXT, _LINKS = 0, 1
_CHECK = 1
_TOGETHER_S = 2.0
"""Seconds between the parts of a text at most."""


class TextParts:
    """Joins a text that Telegram cut for its length into messages that follow each other.

    Args:
        wait: seconds without a further part that end a text.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._open: dict[int, list[Message]] = {}

    async def whole(self, user: int, message: Message) -> list[Message]:
        """All the parts of a text, in order; empty when an earlier part has them."""
        parts = self._open.get(user)
        if parts is not None and _goes_on(parts[-1], message):
            parts.append(message)
            return []
        if not _may_go_on(message):
            return [message]
        parts = self._open[user] = [message]
        came = 0
        while came != len(parts):
            came = len(parts)
            await asyncio.sleep(self._wait)
        if self._open.get(user) is parts:
            del self._open[user]
        return sorted(parts, key=lambda part: part.message_id)


class Sharing:
    """Plans or asks about addresses and texts that an administrator sends.

    Args:
        context: what the bot works with.
        orders: plans them.
        gather: seconds without a further part that end a text of several messages.
    """

    def __init__(self, context: BotContext, orders: Orders, gather: float) -> None:
        self._context = context
        self._orders = orders
        self._admin = orders.admin
        self._parts = TextParts(gather)

    async def on_message(self, message: Message, user: User) -> bool:
        """Handle a private message of an administrator; False when it is a question."""
        if any(e.type == MessageEntity.BOT_COMMAND and not e.offset for e in message.entities):
            return False
        parts = await self._parts.whole(user.id, message)
        if not parts:
            return True
        content = _of_all([content_of(part) for part in parts])
        purpose = purpose_of(content)
        if purpose is Purpose.QUESTION:
            return False
        new = [await self._orders.is_new(part) for part in parts]
        if not any(new):
            return True
        facts: dict[str, Any] = {"origins": [part.message_id for part in parts]}
        texts = await self._context.texts_for(user)
        if purpose is Purpose.INDEX:
            name = named(content.addresses, texts)
            facts["sources"] = content.addresses
            await self._orders.plan(parts[0], OrderKind.INDEX, name, facts)
        else:
            asked = addressed(parts[0], self._context.bot.bot) or Addressed("")
            whole = replace(asked, text=content.text)  # with its lines, which a check needs
            await self._ask(parts[0], user, content, {**facts, "asked": asdict(whole)})
        return True

    async def _ask(
        self, message: Message, user: User, content: MessageContent, facts: dict[str, Any]
    ) -> None:
        """Store what a message holds, and ask what it is for."""
        texts = await self._context.texts_for(user)
        name = named(content.addresses, texts)
        if content.links:
            facts["sources"] = content.addresses
        if content.is_article:
            name, kept = await self._boxed(content.text)
            facts |= kept
        chat, kind, state = message.chat_id, OrderKind.INDEX, OrderState.ASKED
        order = self._admin.new_order(user, texts, chat, kind, state, name, facts)
        order = replace(order, id=await self._context.memory.do(self._admin.book.add, order))
        post = Post(self._context.bot, Target(order.chat, 0, message.message_id), self._context.ids)
        await self._admin.put(order, post, choice(order, texts))

    async def _boxed(self, text: str) -> tuple[str, dict[str, Any]]:
        """Put a pasted text into a box, with what its first lines say; its name, and the facts."""
        outlets = (await asyncio.to_thread(self._context.reader.coverage)).outlets
        said, body = pasted(text, outlets)
        boxes = self._admin.boxes
        box = boxes.new()
        file = await asyncio.to_thread(boxes.put, box, file_name(body), body.encode())
        if said:
            await asyncio.to_thread(boxes.label, box, {file: row_of(said.columns)})
        name = (said.title or title_of(body))[:_MAX_NAME]
        told = [{"name": "", "said": said.columns}] if said else []
        return name, {"box": box, "told": told}

    # --- the choice -------------------------------------------------------------------

    async def on_click(
        self, query: CallbackQuery, button: ButtonPress, asking: QuestionHandler
    ) -> str:
        """Index or answer a message; the text that the click is answered with."""
        texts = await self._context.texts_for(query.from_user)
        order = await self._context.memory.do(self._admin.book.order, button.id)
        if order is not None and order.state is OrderState.EXPIRED:
            return texts.text("telegram.order.expired")
        if order is None or not is_choice(order):
            return texts.text("telegram.button_expired")
        if button.action == "q":
            way = button.number or 0
            return await self._answered(order, query.from_user, asking, texts, way)
        self._orders.plan_chosen(order, chosen(order, button.number or 0))
        return ""

    async def _answered(
        self, order: Order, user: User, asking: QuestionHandler, texts: Catalogue, way: int
    ) -> str:
        """Answer it as a question, or check it, and delete the order and its text."""
        origin = order.facts["origins"][0]
        asked = Addressed(**order.facts["asked"])
        if way == _CHECK:
            asked = Addressed(worded(Intent.CLAIM, asked.text, texts.language))
        refused = await asking.begin(Place(order.chat, 0, user.id), origin, asked)
        if refused is not None:
            return texts.text(refused.key, **refused.facts)
        await self._context.memory.do(self._admin.book.remove, order.id)
        await self._admin.show(
            replace(order, id=0), self._admin.post(order), [texts.text("telegram.share.answering")]
        )
        self._orders.discard(order.box)
        return ""


# --- the choice between an article and a question ------------------------------------------


def is_choice(order: Order) -> bool:
    """Whether an order waits for a click that says whether to index or to answer."""
    return order.kind is OrderKind.INDEX and order.state is OrderState.ASKED


def choice(order: Order, texts: Catalogue) -> Content:
    """The question what a message is for, with its buttons."""
    key = "telegram.share.text" if order.box else "telegram.share.link"
    lines = [texts.text(key, name=order.name), *told_lines(order, texts)]
    return Content(messages([block(line) for line in lines])[0], choice_rows(order, texts))


def choice_rows(order: Order, texts: Catalogue) -> Rows:
    """The buttons of such a question; none for any other order."""
    if not is_choice(order):
        return ()
    sources = order.facts.get("sources") or ()
    answer = Button(texts.text("telegram.button.answer"), data("q", order.id))
    checked = texts.text("telegram.button.check")
    check = ((Button(checked, data("q", order.id, _CHECK)),),) if order.box else ()
    if not (order.box and sources):
        return ((Button(texts.text("telegram.button.index"), data("i", order.id)), answer), *check)
    text = Button(texts.text("telegram.button.index_text"), data("i", order.id, _TEXT))
    links = texts.text("telegram.button.index_links", count=len(sources))
    return ((text, Button(links, data("i", order.id, _LINKS))), (answer,), *check)


def chosen(order: Order, way: int) -> dict[str, Any]:
    """The facts of an order that is to be indexed: those of the text, or of the addresses.

    Args:
        order: with what the message holds.
        way: 1 for the addresses where there is a text too.
    """
    dropped = {"asked"}
    if order.box and order.facts.get("sources"):
        dropped |= {"box", "told"} if way == _LINKS else {"sources"}
    return {name: value for name, value in order.facts.items() if name not in dropped}


# --- names and parts ----------------------------------------------------------------------


def named(addresses: Sequence[str], texts: Catalogue) -> str:
    """Some addresses by the first of them."""
    names = ", ".join(addresses[:_MAX_NAMED])
    left = len(addresses) - _MAX_NAMED
    return texts.text("telegram.order.names_more", names=names, count=left) if left > 0 else names


def file_name(text: str) -> str:
    """The name of the file of a pasted text: the same text again is the same file."""
    return f"texte-{hashlib.sha256(text.encode()).hexdigest()[:12]}.txt"


def _of_all(parts: Sequence[MessageContent]) -> MessageContent:
    """The content of all parts of a text."""
    if len(parts) == 1:
        return parts[0]
    return content_of_parts(
        join_parts([part.text for part in parts]),
        [link for part in parts for link in part.links],
        join_parts([part.words for part in parts]),
        forwarded=any(part.forwarded for part in parts),
    )


def _may_go_on(message: Message) -> bool:
    return len(message.text or "") >= PART


def _goes_on(before: Message, message: Message) -> bool:
    """Whether a message is the next part of a text: sent with the one before, and no reply."""
    together = abs((message.date - before.date).total_seconds()) <= _TOGETHER_S
    return _may_go_on(before) and together and message.text is not None

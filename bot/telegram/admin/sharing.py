"""Addresses, forwarded posts and pasted texts of administrators: planned, or asked about."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from telegram import MessageEntity

from bot.memory.values import Place
from bot.telegram.admin.batches import TextParts
from bot.telegram.admin.captions import pasted
from bot.telegram.admin.choices import choice, chosen, is_choice
from bot.telegram.admin.labels import row_of
from bot.telegram.admin.order import Kind, Order, State
from bot.telegram.admin.shared import Brought, Meant, brought_by, joined, meant_by, of_parts
from bot.telegram.ask import Addressed, addressed
from bot.telegram.post import Post, Target
from retrieval.reading.text.titles import title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import CallbackQuery, Message, User

    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.orders import Orders
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.buttons import ButtonPress
    from bot.telegram.context import BotContext

_MOST_NAMED, _MOST_NAME = 3, 100


class Sharing:
    """Takes what may be something to index out of an administrator's messages.

    Args:
        context: what the bot works with.
        orders: plans them.
        gather: seconds without a further part that end a text of several messages.
    """

    def __init__(self, context: BotContext, orders: Orders, gather: float) -> None:
        self._context = context
        self._orders = orders
        self._kit = orders.kit
        self._parts = TextParts(gather)

    async def on_message(self, message: Message, user: User) -> bool:
        """A message in private of an administrator; False when it is a question."""
        if any(e.type == MessageEntity.BOT_COMMAND and not e.offset for e in message.entities):
            return False
        parts = await self._parts.whole(user.id, message)
        if not parts:
            return True
        brought = _of_all([brought_by(part) for part in parts])
        meant = meant_by(brought)
        if meant is Meant.QUESTION:
            return False
        new = [await self._orders.is_new(part) for part in parts]
        if not any(new):
            return True
        facts: dict[str, Any] = {"origins": [part.message_id for part in parts]}
        texts = await self._context.texts_for(user)
        if meant is Meant.INDEX:
            name = named(brought.addresses, texts)
            facts["sources"] = brought.addresses
            await self._orders.plan(parts[0], Kind.INDEX, name, facts)
        else:
            asked = addressed(parts[0], self._context.bot.bot) or Addressed("")
            whole = replace(asked, text=" ".join(brought.text.split()))
            await self._ask(parts[0], user, brought, {**facts, "asked": asdict(whole)})
        return True

    async def _ask(
        self, message: Message, user: User, brought: Brought, facts: dict[str, Any]
    ) -> None:
        """Keep what a message brings, and ask what it is meant as."""
        texts = await self._context.texts_for(user)
        name = named(brought.addresses, texts)
        if brought.links:
            facts["sources"] = brought.addresses
        if brought.is_article:
            name, kept = await self._boxed(brought.text)
            facts |= kept
        order = Order(
            0,
            self._context.now(),
            message.chat_id,
            0,
            user.id,
            user.first_name,
            texts.language,
            Kind.INDEX,
            State.ASKED,
            name,
            facts,
        )
        order = replace(order, id=await self._context.memory.do(self._kit.book.add, order))
        post = Post(self._context.bot, Target(order.chat, 0, message.message_id), self._context.ids)
        await self._kit.put(order, post, choice(order, texts))

    async def _boxed(self, text: str) -> tuple[str, dict[str, Any]]:
        """Put a pasted text into a box, with what its first lines say of it; what it is called."""
        outlets = (await asyncio.to_thread(self._context.reader.coverage)).outlets
        said, body = pasted(text, outlets)
        boxes = self._kit.boxes
        box = await asyncio.to_thread(boxes.new)
        file = await asyncio.to_thread(boxes.put, box, file_name(body), body.encode())
        if said:
            await asyncio.to_thread(boxes.label, box, {file: row_of(said.said)})
        name = (said.title or title_of(body))[:_MOST_NAME]
        told = [{"name": "", "said": said.said}] if said else []
        return name, {"box": box, "told": told}

    # --- the choice -------------------------------------------------------------------

    async def on_click(
        self, query: CallbackQuery, button: ButtonPress, asking: QuestionHandler
    ) -> str:
        """Index or answer what was sent; what to tell the one who clicked."""
        texts = await self._context.texts_for(query.from_user)
        order = await self._context.memory.do(self._kit.book.order, button.id)
        if order is not None and order.state is State.EXPIRED:
            return texts.text("telegram.order.expired")
        if order is None or not is_choice(order):
            return texts.text("telegram.button_expired")
        if button.action == "q":
            return await self._answered(order, query.from_user, asking, texts)
        self._orders.plan_chosen(order, chosen(order, button.number or 0))
        return ""

    async def _answered(
        self, order: Order, user: User, asking: QuestionHandler, texts: Catalogue
    ) -> str:
        """Have it answered as a question; the order is forgotten, and its text with it."""
        origin = order.facts["origins"][0]
        asked = Addressed(**order.facts["asked"])
        refused = await asking.begin(Place(order.chat, 0, user.id), origin, asked)
        if refused is not None:
            return texts.text(refused.key, **refused.facts)
        await self._context.memory.do(self._kit.book.remove, order.id)
        await self._kit.show(
            replace(order, id=0), self._kit.post(order), [texts.text("telegram.share.answering")]
        )
        self._orders.discard(order.box)
        return ""


def named(addresses: Sequence[str], texts: Catalogue) -> str:
    """Some addresses by the first of them."""
    names = ", ".join(addresses[:_MOST_NAMED])
    left = len(addresses) - _MOST_NAMED
    return texts.text("telegram.order.names_more", names=names, count=left) if left > 0 else names


def file_name(text: str) -> str:
    """The name of the file of a pasted text: the same text again is the same file."""
    return f"texte-{hashlib.sha256(text.encode()).hexdigest()[:12]}.txt"


def _of_all(parts: Sequence[Brought]) -> Brought:
    """What the parts of a text bring together."""
    if len(parts) == 1:
        return parts[0]
    return of_parts(
        joined([part.text for part in parts]),
        [link for part in parts for link in part.links],
        joined([part.words for part in parts]),
        forwarded=any(part.forwarded for part in parts),
    )

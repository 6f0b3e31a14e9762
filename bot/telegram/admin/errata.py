"""Errata for administrators: what is cited and changed, the messages before they are sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.desk.errata import suspects, variants
from bot.memory.values import AuditEntry
from bot.messages.catalogue import Catalogue
from bot.messages.errata import cited_lines, erratum_lines, preview_head, state_line
from bot.telegram.buttons import Button, data, pressed, rows, turn_row
from bot.telegram.errata import erratum_blocks, proposal_rows
from bot.telegram.post import Content, Post, Target, acknowledge, reply_with, say
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from telegram import CallbackQuery, Message, Update
    from telegram.ext import ContextTypes

    from bot.desk.errata import ProposedErratum
    from bot.telegram.buttons import ButtonPress
    from bot.telegram.context import BotContext
    from bot.telegram.errata import ErratumService

PATTERN = r"^v1:[jtg]:"
"""The data of the buttons that are handled here."""
_MAX_LISTED = 20
_SHOW, _SEND = "j", "g"


class ErratumHandler:
    """Handles ``/errata`` and the buttons of errata.

    Args:
        context: what the work is done with.
        service: knows whom an erratum concerns, and sends it.
    """

    def __init__(self, context: BotContext, service: ErratumService) -> None:
        self._context = context
        self._service = service

    async def listed(self, message: Message) -> None:
        """List the articles of which answers quote what does not stand any more."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        memory = self._context.memory
        cited = await memory.do(memory.errata.cited)
        ids = await asyncio.to_thread(suspects, cited, self._context.reader)
        every = [await self._service.proposal(id_) for id_ in ids]
        found = [one for one in every if not one.counts.stands]
        found.sort(key=lambda one: (not one.to_tell(), -one.counts.answers))
        if not found:
            await reply_with(self._context, message, [block(texts.text("erratum.none"))])
            return
        lines = [block(texts.text("erratum.listed"), "b")]
        for number, one in enumerate(found[:_MAX_LISTED], 1):
            lines.append(block(await self._line(one, number, texts), gap="\n\n"))
        below = [
            Button(str(number), data(_SHOW, one.erratum.id, 0))
            for number, one in enumerate(found[:_MAX_LISTED], 1)
            if one.to_tell()
        ]
        await reply_with(self._context, message, lines, rows(below))

    async def _line(self, one: ProposedErratum, number: int, texts: Catalogue) -> str:
        memory = self._context.memory
        outcomes = await memory.do(memory.errata.outcomes, one.erratum.id)
        lines = cited_lines(texts, one.article, one.counts)
        state = state_line(texts, one.erratum, outcomes)
        return f"{number}. " + " ".join([*lines, *filter(None, [state])])

    # --- buttons ----------------------------------------------------------------------

    async def on_click(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A click on a button that shows, turns or sends an erratum."""
        query = update.callback_query
        if query is None:
            return
        button = pressed(query.data or "")
        texts = await self._context.texts_for(query.from_user)
        if button is None or not self._context.may_keep(query):
            await acknowledge(query, texts.text("telegram.button_expired"))
            return
        memory = self._context.memory
        stored = await memory.do(memory.errata.erratum, button.id)
        if stored is None:
            await acknowledge(query, texts.text("erratum.gone"))
            return
        one = await self._service.proposal(stored.article_id)
        changed = one.erratum.id != stored.id
        if button.action == _SEND and not changed:
            await self._send(query, button, one, texts)
            return
        await acknowledge(query, texts.text("erratum.outdated") if changed else "")
        content = self._preview(one, button, texts)
        in_place = button.action != _SHOW
        await self._show(query, content, in_place=in_place)

    async def _send(
        self, query: CallbackQuery, button: ButtonPress, one: ProposedErratum, texts: Catalogue
    ) -> None:
        memory, now = self._context.memory, self._context.now()
        readers = one.to_tell(everybody=bool(button.number))
        user = query.from_user.id
        where = [reader.conversation for reader in readers]
        if not await memory.do(memory.errata.begin, one.erratum, user, now, where):
            await acknowledge(query, texts.text("erratum.nobody"))
            return
        await acknowledge(query)
        title = one.article.title
        await memory.do(memory.store.add_act, AuditEntry(now, user, "erratum", title))
        text = texts.text("erratum.sending", title=title)
        await self._show(query, Content(messages([block(text)])[0]), in_place=True)
        self._service.wake()

    def _preview(self, one: ProposedErratum, button: ButtonPress, texts: Catalogue) -> Content:
        """The messages of an erratum as they would be sent, one a page."""
        scope = button.number or 0
        readers = one.to_tell(everybody=bool(scope))
        if not readers:
            lines = cited_lines(texts, one.article, one.counts, len(one.told))
            return Content(messages(erratum_blocks(lines))[0], proposal_rows(one, texts))
        pages = variants(readers)
        at = min(button.passage or 0, len(pages) - 1)
        reader, _ = pages[at]
        now, zone = self._context.now(), self._service.zone
        lines = erratum_lines(Catalogue(reader.language), one.article, reader, now, zone)
        head = preview_head(texts, len(readers), at, [count for _, count in pages])
        heading, *others = erratum_blocks(lines)
        shown = messages([block(head, "i"), replace(heading, gap="\n\n"), *others])[0]
        turns = turn_row(at, len(pages), texts, "t", one.erratum.id, scope)
        label = texts.text("erratum.button.send", count=len(readers))
        send = (Button(label, data(_SEND, one.erratum.id, scope)),)
        return Content(shown, (turns, send) if turns else (send,))

    async def _show(self, query: CallbackQuery, content: Content, *, in_place: bool) -> None:
        message = query.message
        if message is None:
            return
        target = Target(message.chat.id, 0, 0 if in_place else message.message_id)
        id_ = message.message_id if in_place else 0
        await say(Post(self._context.bot, target, self._context.ids, id_), content)

"""Admission by code: a reader shows a code, an administrator admits them with a button.

The code is no secret: it tells an administrator that the person who stands before them, or
writes to them, is the one who asks. Only the button of an administrator admits.
"""

from __future__ import annotations

import logging
import re
import secrets
from typing import TYPE_CHECKING

from bot.memory.members import VALID, AdmissionRequest, AdmissionState, MemberStore
from bot.messages.catalogue import Catalogue
from bot.messages.desk import member_line, request_line
from bot.telegram.buttons import Button, data, pressed, rows
from bot.telegram.post import Content, Post, Target, acknowledge, reply, reply_with, say
from bot.telegram.rich import Block, block, clean, messages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import CallbackQuery, Message, Update, User
    from telegram.ext import ContextTypes

    from bot.telegram.buttons import ButtonPress, Rows
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

PATTERN = r"^v1:m:"
"""The data of the buttons that are handled here: admit, refuse, remove a member."""
_ADMIT, _REFUSE, _REMOVE = 1, 2, 3
_DECISIONS = {_ADMIT: AdmissionState.ADMITTED, _REFUSE: AdmissionState.REFUSED}
_LISTED = 1
_DIGITS = 6
_NAME_CHARS = 40
_MAX_MEMBERS, _MAX_REQUESTS = 15, 8
"""What one message shows; `kiosque members` shows all."""


class Admission:
    """Handles those who ask to be admitted, and the members.

    Args:
        context: what the work is done with.
    """

    def __init__(self, context: BotContext) -> None:
        self._context = context
        self._members = MemberStore(context.memory.store)

    # --- those who ask ----------------------------------------------------------------

    async def ask(self, message: Message) -> None:
        """Give somebody their code, and tell the administrators, at most once a day."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        request = await self._request(message.from_user, texts)
        if request is None:
            await reply(self._context, message, "admission.full")
        elif request.state is AdmissionState.REFUSED:
            await reply(self._context, message, "admission.was_refused")
        else:
            said = self._context.introduction(texts)
            facts = {"code": request.code, "disclosure": said, "days": VALID.days}
            await reply(self._context, message, "admission.code", **facts)
            await self._tell(request, message.from_user)

    async def _request(self, user: User, texts: Catalogue) -> AdmissionRequest | None:
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        now = self._context.now()
        asks = AdmissionRequest(0, user.id, name_of(user), texts.language, code, now)
        return await self._context.memory.do(self._members.ask, asks)

    async def _tell(self, request: AdmissionRequest, user: User) -> None:
        """Tell the administrators of a request, unless they were told today."""
        day = self._context.now().date().isoformat()
        memory = self._context.memory
        worker = self._context.worker
        if not await memory.do(self._members.begin_telling, request.id, day, worker):
            return
        told = False
        for admin in sorted(self._context.access.admins):
            now = await memory.do(self._members.request, request.id)
            if now is None or now.state is not AdmissionState.OPEN:
                return  # an administrator who was told before has decided
            texts = await self._context.texts_of(admin)
            post = Post(self._context.bot, Target(admin), self._context.ids)
            lines = [block(request_line(request, texts, user.username or ""))]
            lines.append(block(texts.text("admission.only_if_shown"), "i", "\n\n"))
            content = Content(messages(lines)[0], (_decision_buttons(request, texts),))
            if await say(post, content):
                told = True
                await memory.do(self._members.add_notice, request.id, (admin, post.id))
        if not told:
            await memory.do(self._members.not_told, request.id)

    async def resume(self) -> None:
        """Let a request be told of again whose telling a crash of this worker cut off.

        Others may be telling of theirs.
        """
        await self._context.memory.do(self._members.end_telling, self._context.worker)

    # --- the list ---------------------------------------------------------------------

    async def members(self, message: Message) -> None:
        """List the members and who asks to be one, with buttons."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        lines, buttons = await self._listed(texts)
        await reply_with(self._context, message, lines, buttons)

    async def _listed(self, texts: Catalogue) -> tuple[list[Block], Rows]:
        memory = self._context.memory
        members = await memory.do(self._members.members)
        waiting = await memory.do(self._members.open, self._context.now())
        lines = [block(texts.text("admission.members", count=len(members)), "b")]
        shown = members[:_MAX_MEMBERS]
        lines += [block(member_line(one, texts, number)) for number, one in enumerate(shown, 1)]
        if len(members) > len(shown):
            lines.append(block(texts.text("admission.more"), "i"))
        leave = [
            Button(f"✕ {number}", data("m", one.user, _REMOVE))
            for number, one in enumerate(shown, 1)
        ]
        if waiting:
            lines.append(block(texts.text("admission.waiting", count=len(waiting)), "b", "\n\n"))
        asked = waiting[:_MAX_REQUESTS]
        lines += [block(request_line(one, texts)) for one in asked]
        if not self._context.access.by_code:
            lines.append(block(texts.text("admission.off"), "i", "\n\n"))
        decisions = [_decision_buttons(one, texts, listed=True) for one in asked]
        return lines, (*rows(leave), *decisions)

    # --- buttons ----------------------------------------------------------------------

    async def on_click(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A click of an administrator, in private, on a button that admits, refuses or removes."""
        query = update.callback_query
        if query is None:
            return
        button, texts = pressed(query.data or ""), await self._context.texts_for(query.from_user)
        if button is None or not self._context.may_keep(query):
            await acknowledge(query, texts.text("telegram.button_expired"))
        elif button.number in _DECISIONS:
            await self._decide(query, button, _DECISIONS[button.number], texts)
        else:
            await self._remove(query, button, texts)

    async def _decide(
        self, query: CallbackQuery, button: ButtonPress, state: AdmissionState, texts: Catalogue
    ) -> None:
        """Admit or refuse somebody, once, whoever presses first; each message says so then."""
        memory = self._context.memory
        by, now = name_of(query.from_user), self._context.now()
        decided = await memory.do(self._members.decide, button.id, state, now, by)
        request = await memory.do(self._members.request, button.id)
        if request is None or (not decided and request.state is AdmissionState.OPEN):
            await acknowledge(query, texts.text("admission.expired"))
        elif query.message is None:
            return
        elif not decided:
            known = texts.text(f"admission.is_{request.state}", name=request.name)
            await acknowledge(query, known)
        else:
            logger.info("admission decided", extra={"user": request.user, "state": str(state)})
            await acknowledge(query, texts.text(f"admission.is_{state}", name=request.name))
            reached = await self._tell_reader(request)
            here = [] if button.passage else [(query.message.chat.id, query.message.message_id)]
            notices = {*request.notices, *here}  # one that was just sent may not be noted yet
            await self._show_decision(request, notices, by, reached=reached)
        if button.passage:
            await self._list_again(query, texts)

    async def _tell_reader(self, request: AdmissionRequest) -> bool:
        """Tell somebody that they are admitted; whether they could be reached."""
        if request.state is not AdmissionState.ADMITTED:
            return True  # who is refused learns it when they write again
        texts = Catalogue(request.language)
        post = Post(self._context.bot, Target(request.user), self._context.ids)
        return await say(post, Content(messages([block(texts.text("admission.admitted"))])[0]))

    async def _show_decision(
        self,
        request: AdmissionRequest,
        notices: Iterable[tuple[int, int]],
        by: str,
        *,
        reached: bool,
    ) -> None:
        """Have the messages that told of a request say what became of it, without buttons."""
        for admin, number in notices:
            texts = await self._context.texts_of(admin)
            lines = [block(request_line(request, texts))]
            said = texts.text(f"admission.by_{request.state}", name=by)
            lines.append(block(said, "b", "\n\n"))
            if not reached:
                lines.append(block(texts.text("admission.not_reached"), "i"))
            post = Post(self._context.bot, Target(admin), self._context.ids, number)
            await say(post, Content(messages(lines)[0]))

    async def _remove(self, query: CallbackQuery, button: ButtonPress, texts: Catalogue) -> None:
        removed = await self._context.memory.do(self._members.remove, button.id)
        if removed:
            self._context.runs.stop(button.id)
            logger.info("a member was removed", extra={"user": button.id})
        key = "admission.removed" if removed else "telegram.button_expired"
        await acknowledge(query, texts.text(key, id=button.id))
        await self._list_again(query, texts)

    async def _list_again(self, query: CallbackQuery, texts: Catalogue) -> None:
        """Have the list, which the button stands under, say how it is now."""
        if query.message is None:
            return
        lines, buttons = await self._listed(texts)
        target = Target(query.message.chat.id)
        post = Post(self._context.bot, target, self._context.ids, query.message.message_id)
        await say(post, Content(messages(lines)[0], buttons))


def name_of(user: User) -> str:
    """The name of somebody on one line, without what cannot be seen, cut where it is long."""
    name = " ".join(clean(user.full_name).split())
    name = re.sub(r"[\u200b-\u200f\u2060-\u2064\ufeff]", "", name) or str(user.id)
    return name if len(name) <= _NAME_CHARS else f"{name[: _NAME_CHARS - 1]}…"


def _decision_buttons(
    request: AdmissionRequest, texts: Catalogue, *, listed: bool = False
) -> tuple[Button, ...]:
    """The two buttons under a request; those of a list name its code, and say so to `_decide`."""
    more = (_LISTED,) if listed else ()
    code = f" {request.code}" if listed else ""
    return (
        Button(texts.text("admission.button.admit") + code, data("m", request.id, _ADMIT, *more)),
        Button(texts.text("admission.button.refuse") + code, data("m", request.id, _REFUSE, *more)),
    )

"""Buttons that ask a question again without what was understood beyond its words.

"[2017 ✕] [Le Fanal ✕] [Élargir]": its period, its newspaper, both. The answer is edited in place
and is a new answer of the same person; nobody else may change it. What was asked in the name of a
group, its administrators may change.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import ChatMember, Message
from telegram.error import TelegramError

from bot.answering.intents import Intent
from bot.answering.request import Limit, Request
from bot.messages.answers import period_text
from bot.telegram.buttons import Button, data

if TYPE_CHECKING:
    from datetime import date

    from telegram import CallbackQuery, MaybeInaccessibleMessage

    from bot.memory.values import Place, StoredAnswer
    from bot.messages.catalogue import Catalogue
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.buttons import ButtonPress, Rows
    from bot.telegram.context import BotContext
    from retrieval.vocabulary import Understanding

logger = logging.getLogger(__name__)

_LABEL_CHARS = 24
_ADMINISTERS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


def limits_of(known: Understanding, texts: Catalogue) -> list[tuple[Limit, str]]:
    """What limits the search for a question and may be left, each in a few words.

    The news of a day are nothing without the day.
    """
    found = []
    if known.period is not None and known.intent != Intent.DAY.value:
        found.append((Limit.PERIOD, known.period.words or period_text(texts, known.period)))
    if known.outlets:
        found.append((Limit.OUTLET, ", ".join(known.outlets)))
    return found


def limit_rows(answer: int, known: Understanding | None, texts: Catalogue) -> Rows:
    """A button for each limit, and one for all of them where there are several."""
    found = limits_of(known, texts) if known is not None else []
    buttons = [
        Button(
            texts.text("telegram.button.without", limit=_shortened(label)),
            data("z", answer, int(limit)),
        )
        for limit, label in found
    ]
    if len(found) > 1:
        buttons.append(Button(texts.text("telegram.button.widen"), data("z", answer, Limit.ALL)))
    return (tuple(buttons),) if buttons else ()


def _shortened(label: str) -> str:
    line = " ".join(label.split())
    return line if len(line) <= _LABEL_CHARS else f"{line[: _LABEL_CHARS - 1].rstrip()}…"


def left(known: Understanding, without: Limit) -> Understanding:
    """An understanding without some of its limits."""
    if Limit.PERIOD in without and known.intent != Intent.DAY.value:
        known = replace(known, period=None)
    return replace(known, outlets=()) if Limit.OUTLET in without else known


def asked_again(question: str, known: Understanding, today: date) -> Request:
    """The request for a question that is understood already.

    Args:
        question: as it was typed.
        known: how it is to be understood.
        today: the day on which it is asked.
    """
    text = question if known.carried else known.question
    return Request(text, today, typed=question, known=known)


async def widen(
    context: BotContext,
    asking: QuestionHandler,
    query: CallbackQuery,
    button: ButtonPress,
    answer: StoredAnswer,
) -> str:
    """Ask a question again without the limits of a button; what to tell the one who clicked.

    Args:
        context: what the work is done with.
        asking: answers it.
        query: the click.
        button: which limits.
        answer: the one under which the button stands.
    """
    texts, memory = await context.texts_for(query.from_user), context.memory
    if not await may_change(context, answer.place, query.from_user.id):
        return texts.text("telegram.not_yours")
    known = await memory.do(memory.understandings.of, answer.id)
    message = query.message
    if known is None or message is None or message.chat.id != answer.place.chat:
        return texts.text("telegram.button_expired")
    wider = left(known, Limit((button.number or 0) & Limit.ALL))
    shown = await memory.do(memory.understandings.shown_in, answer.id)
    messages = tuple(shown) or (message.message_id,)
    refused = await asking.again(answer, wider, messages, spoken=_spoken(message))
    return texts.text(refused.key, **refused.facts) if refused else ""


def _spoken(message: MaybeInaccessibleMessage) -> bool:
    """Whether an answer replies to a recording without a caption, whose words are the question."""
    asked = message.reply_to_message if isinstance(message, Message) else None
    if asked is None or asked.caption:
        return False
    return bool(asked.voice or asked.audio or asked.video_note)


async def may_change(context: BotContext, place: Place, user: int) -> bool:
    """Whether somebody asked a question, or administers the group in whose name it was asked."""
    if user == place.user:
        return True
    if place.user != place.chat:
        return False
    try:
        member = await context.bot.get_chat_member(place.chat, user)
    except TelegramError as error:
        logger.info("it is not known who administers a group: %s", error)
        return False
    return member.status in _ADMINISTERS

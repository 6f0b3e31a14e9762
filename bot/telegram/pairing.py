"""Before the bot runs: whose token it is, and who administers it, by a code that they send."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.app import new_bot
from bot.telegram.limits import seconds_of
from retrieval.errors import BadSettings, Failed

if TYPE_CHECKING:
    from telegram import Update

    from bot.telegram.app import Bot
    from config.settings import TelegramSettings

WAIT_S = 300.0
"""How long a code is waited for."""

_DIGITS = 6
_TRIES, _ALL_TRIES = 3, 60
"""Wrong codes of one sender, and of all together, after which none is looked at."""

_POLL_S, _PAUSE_S = 10, 1.0
_TOKEN = re.compile(r"[0-9]+:[\w-]+", re.ASCII)
_CODE = re.compile(rf"(?:/start(?:@\w+)?\s+)?([0-9]{{{_DIGITS}}})")


class PairingCode:
    """Six digits that one person is to send; not to be found by trying.

    Args:
        digits: the code; by chance unless a test gives it.
    """

    def __init__(self, digits: str = "") -> None:
        self.digits = digits or f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        self._wrong: Counter[int] = Counter()

    def admits(self, sender: int, text: str) -> bool:
        """Whether a message is the code, alone or after ``/start``; a wrong one is counted."""
        given = _CODE.fullmatch(text.strip())
        if given is None:
            return False
        if self._wrong[sender] >= _TRIES or self._wrong.total() >= _ALL_TRIES:
            return False
        if secrets.compare_digest(given[1].encode(), self.digits.encode()):
            return True
        self._wrong[sender] += 1
        return False


async def username(token: str, telegram: TelegramSettings) -> str:
    """The name of the bot that has a token.

    Raises:
        BadSettings: Telegram knows no such token.
        Failed: Telegram cannot be reached.
    """
    try:
        async with _bot(token, telegram) as bot:
            return bot.username
    except InvalidToken:
        raise BadSettings("telegram_token_refused") from None
    except TelegramError:
        raise Failed("telegram_unreachable") from None


async def administrator(
    token: str,
    telegram: TelegramSettings,
    code: PairingCode,
    thanks: str,
    wait_s: float = WAIT_S,
) -> int | None:
    """The id of who sends the code to the bot in private; None when nobody did in time.

    Args:
        token: the bot's, which Telegram knows.
        telegram: where Telegram is.
        code: what is to be sent.
        thanks: what the bot answers.
        wait_s: seconds until nobody is waited for.

    Raises:
        Failed: another program gets the messages of this bot, or Telegram cannot be reached.
    """
    try:
        async with _bot(token, telegram) as bot, asyncio.timeout(wait_s):
            return await _sender(bot, code, thanks)
    except TimeoutError:
        return None
    except Conflict:
        raise Failed("telegram_conflict") from None
    except TelegramError:
        raise Failed("telegram_unreachable") from None


def _bot(token: str, telegram: TelegramSettings) -> Bot:
    if not _TOKEN.fullmatch(token):  # nor is it one for an address that is asked
        raise BadSettings("telegram_token_refused")
    return new_bot(token, telegram.base_url, telegram.base_file_url)


async def _sender(bot: Bot, code: PairingCode, thanks: str) -> int:
    """Poll until the code comes; what was read is confirmed, so that the bot does not get it."""
    offset = 0
    while True:
        try:
            updates = await bot.get_updates(
                offset=offset, timeout=_POLL_S, allowed_updates=["message"]
            )
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
            continue
        except NetworkError:
            await asyncio.sleep(_PAUSE_S)
            continue
        for update in updates:
            offset = update.update_id + 1
            sender = _private_sender(update)
            if sender and code.admits(sender, (update.message and update.message.text) or ""):
                await bot.get_updates(offset=offset, timeout=0, allowed_updates=["message"])
                with suppress(TelegramError):  # it is known who it is, thanked or not
                    await bot.send_message(sender, thanks)
                return sender


def _private_sender(update: Update) -> int:
    """Who wrote a message of their own in private; 0 when nobody did."""
    message = update.message
    if message is None or message.chat.type != "private" or message.forward_origin is not None:
        return 0
    sender = message.from_user
    return 0 if sender is None or sender.is_bot else sender.id

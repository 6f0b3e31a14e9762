"""Files that people send: fetched from Telegram within a time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram.error import TelegramError

if TYPE_CHECKING:
    from telegram.ext import ExtBot

    from bot.telegram.limits import Priority

logger = logging.getLogger(__name__)

_FETCH_S = 60.0


async def fetched(bot: ExtBot[Priority], file_id: str) -> bytes | None:
    """The content of a file; None when Telegram does not give it, or not in time.

    Args:
        bot: asks for it.
        file_id: as Telegram names it; it gives no file of more than 20 MB.
    """
    try:
        async with asyncio.timeout(_FETCH_S):
            file = await bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())
    except (TimeoutError, TelegramError) as error:
        logger.info("a file was not fetched: %s", error)
        return None

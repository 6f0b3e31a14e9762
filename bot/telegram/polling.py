"""PTB's bot, which a single update that cannot be read does not stop for ever."""

from __future__ import annotations

import logging
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.telegram.limits import Priority

logger = logging.getLogger(__name__)


class Bot(ExtBot[Priority]):
    """A bot that steps over what it cannot read."""

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:  # noqa: ANN401
        """The next updates.

        PTB gives up on all of them when one cannot be read, does not confirm it, and so gets
        it again and again. Here they are then read one by one, and what cannot be read becomes
        an update without content, so that it is confirmed.
        """
        try:
            return await super().get_updates(*args, **kwargs)
        except TelegramError:
            raise
        except Exception:
            logger.exception("an update cannot be read; stepping over it")
            offset = kwargs.get("offset", args[0] if args else None)
            raw = await self.do_api_request("getupdates", api_kwargs={"offset": offset or 0})
            return tuple(self._read(one) for one in raw)

    def _read(self, raw: dict[str, Any]) -> Update:
        try:
            return Update.de_json(raw, self)
        except Exception as error:
            logger.warning("stepped over update %s: %s", raw.get("update_id"), error)
            return Update(int(raw["update_id"]))

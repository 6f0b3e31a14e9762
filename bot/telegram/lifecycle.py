"""The life of the bot: reach Telegram, get updates, end in order.

It ends by a signal, by a token that Telegram refuses, or by another bot with the same token.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.limits import seconds_of
from bot.telegram.runs import logged, until
from retrieval.errors import BadSettings, Failed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram.ext import Application

    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext
    from config.settings import TelegramSettings

logger = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
_POLL_SECONDS = 30
_CONFLICTS, _CONFLICT_SECONDS = 3, 120.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STOP_UPDATER, _STOP_WORK, _STOP_HANDLERS, _STOP_BOT = 1.5, 1.5, 0.5, 0.5


@dataclass(slots=True)
class Ending:
    """Why the bot is to end: a signal, or an error that nothing can be done about."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    error: Failed | None = None
    _conflicts: deque[float] = field(default_factory=lambda: deque(maxlen=_CONFLICTS))

    def now(self) -> None:
        """End."""
        self.event.set()

    def on_poll_error(self, error: TelegramError) -> None:
        """Count conflicts: two bots with one token share the questions between them for ever."""
        logger.warning("polling failed: %s", error)
        if not isinstance(error, Conflict):
            return
        self._conflicts.append(time.monotonic())
        if (
            len(self._conflicts) == _CONFLICTS
            and self._conflicts[-1] - self._conflicts[0] < _CONFLICT_SECONDS
        ):
            self.error = Failed("telegram_conflict")
            self.event.set()


async def serve(
    application: Application,  # type: ignore[type-arg]  # its six types say nothing here
    context: BotContext,
    asking: QuestionHandler,
    settings: TelegramSettings,
    when_ready: Callable[[], Awaitable[None]],
    ending: Ending | None = None,
) -> None:
    """Run the bot until a signal, or until it cannot go on.

    Args:
        application: PTB's, with the handlers.
        context: what the handlers work with.
        asking: goes on with what a crash left.
        settings: polling or webhook.
        when_ready: called once Telegram was reached.
        ending: ends the bot; signals do too.

    Raises:
        BadSettings: Telegram does not know the token.
        Failed: another bot runs with the same token.
    """
    ending = ending or Ending()
    _listen_to_signals(ending)
    async with context.runs:
        try:
            failed = await _run(application, context, asking, settings, when_ready, ending)
        finally:
            await _stop(application, context)
    if failed is not None:
        raise failed


async def _run(
    application: Application,  # type: ignore[type-arg]
    context: BotContext,
    asking: QuestionHandler,
    settings: TelegramSettings,
    when_ready: Callable[[], Awaitable[None]],
    ending: Ending,
) -> Exception | None:
    """Start and run until the end; the error that ended it, if one did."""
    reached = await until(ending.event, _reached(application))
    if reached.error is not None or reached.stopped:
        return reached.error
    await application.start()
    for opened in context.openers:
        await logged("going on after a stop", opened())
    await asking.resume()

    def noticed(error: TelegramError) -> None:
        kinds = ((Conflict, "conflict"), (NetworkError, "network"))
        kind = next((name for cls, name in kinds if isinstance(error, cls)), "other")
        context.metrics.polling_failed(kind)
        ending.on_poll_error(error)

    begun = await until(ending.event, _updates(application, settings, noticed))
    if begun.error is None and not begun.stopped:
        await when_ready()
        logger.info("the bot runs", extra={"bot": application.bot.username})
        await ending.event.wait()
    return begun.error or ending.error


def _listen_to_signals(ending: Ending) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError):  # Windows; a thread of a test
            loop.add_signal_handler(number, ending.now)


async def _reached(application: Application) -> None:  # type: ignore[type-arg]
    """Wait for Telegram.

    Raises:
        BadSettings: it does not know the token.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            await application.initialize()
        except InvalidToken as error:
            raise BadSettings("telegram_token_refused") from error
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
        except NetworkError as error:
            logger.warning("Telegram is away: %s", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return


async def _updates(
    application: Application,  # type: ignore[type-arg]
    settings: TelegramSettings,
    on_poll_error: Callable[[TelegramError], None],
) -> None:
    """Begin to get updates, by polling or at an address of ours."""
    updater = application.updater
    assert updater is not None  # noqa: S101 - the builder makes one
    if not settings.webhook_url:
        await updater.start_polling(
            timeout=_POLL_SECONDS,
            bootstrap_retries=-1,
            allowed_updates=allowed_updates(settings),
            error_callback=on_poll_error,
        )
        return
    await updater.start_webhook(
        listen=settings.webhook_listen,
        port=settings.webhook_port,
        url_path=urlsplit(settings.webhook_url).path.lstrip("/"),
        webhook_url=settings.webhook_url,
        secret_token=settings.webhook_secret.get_secret_value() or secrets.token_urlsafe(32),
        bootstrap_retries=-1,
        allowed_updates=allowed_updates(settings),
    )


def allowed_updates(settings: TelegramSettings) -> tuple[str, ...]:
    """The kinds of updates that are handled."""
    return (*ALLOWED_UPDATES, "inline_query") if settings.inline else ALLOWED_UPDATES


async def _stop(application: Application, context: BotContext) -> None:  # type: ignore[type-arg]
    """End in order, each step with a limit: no update more, the answers, the handlers, the bot."""
    updater = application.updater
    if updater is not None and updater.running:
        await _within(_STOP_UPDATER, updater.stop())
    await context.runs.close(context.times.stopping)
    for close in context.closers:
        await _within(_STOP_WORK, close())
    if application.running:
        await _within(_STOP_HANDLERS, application.stop())
    await _within(_STOP_BOT, application.shutdown())


async def _within(seconds: float, step: Awaitable[None]) -> None:
    try:
        await asyncio.wait_for(step, seconds)
    except TimeoutError:
        logger.warning("a step of stopping took too long")
    except (TelegramError, RuntimeError) as error:
        logger.warning("a step of stopping failed: %s", error)

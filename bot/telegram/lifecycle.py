"""The life of the bot: reach Telegram, get updates, end in order.

It ends by a signal, by a token that Telegram refuses, or by another bot with the same token.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.limits import seconds_of
from bot.telegram.runs import logged, until
from retrieval.errors import BadSettings, Failed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram.ext import Updater

    from bot.telegram.app import App
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext
    from config.settings import TelegramSettings

logger = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
_POLL_SECONDS = 30
_CONFLICTS, _CONFLICT_SECONDS = 3, 120.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STOP_INTAKE, _STOP_WORK, _STOP_HANDLERS, _STOP_BOT = 1.5, 1.5, 0.5, 0.5


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


class Intake(Protocol):
    """Where updates come from."""

    def attend(self) -> None:
        """Begin to notice that the bot is to end; before Telegram was reached."""

    async def start(self, application: App) -> None:
        """Begin to take updates."""

    async def stop(self) -> None:
        """Take no more."""


class Polling:
    """Asks Telegram for updates; goes on first with what a crash left.

    Args:
        context: what the handlers work with.
        asking: answers questions.
        settings: what is handled.
        ending: is told what goes wrong.
    """

    def __init__(
        self,
        context: BotContext,
        asking: QuestionHandler,
        settings: TelegramSettings,
        ending: Ending,
    ) -> None:
        self._context = context
        self._asking = asking
        self._settings = settings
        self._ending = ending
        self._updater: Updater | None = None

    def attend(self) -> None:
        """Signals alone end this process."""

    async def start(self, application: App) -> None:
        """Begin to poll."""
        await self._asking.resume()
        self._updater = application.updater
        assert self._updater is not None  # noqa: S101 - the builder makes one
        await self._updater.start_polling(
            timeout=_POLL_SECONDS,
            bootstrap_retries=-1,
            allowed_updates=allowed_updates(self._settings),
            error_callback=self._failed,
        )

    async def stop(self) -> None:
        """Poll no more."""
        if self._updater is not None and self._updater.running:
            await self._updater.stop()

    def _failed(self, error: TelegramError) -> None:
        kinds = ((Conflict, "conflict"), (NetworkError, "network"))
        kind = next((name for cls, name in kinds if isinstance(error, cls)), "other")
        self._context.metrics.polling_failed(kind)
        self._ending.on_poll_error(error)


async def serve(
    application: App,
    context: BotContext,
    intake: Intake,
    when_ready: Callable[[], Awaitable[None]],
    ending: Ending,
) -> None:
    """Run the bot until a signal, or until it cannot go on.

    Args:
        application: PTB's, with the handlers.
        context: what the handlers work with.
        intake: where updates come from.
        when_ready: called once Telegram was reached.
        ending: ends the bot; signals do too.

    Raises:
        BadSettings: Telegram does not know the token.
        Failed: another bot runs with the same token.
    """
    _listen_to_signals(ending)
    async with context.runs:
        try:
            failed = await _run(application, context, intake, when_ready, ending)
        finally:
            await _stop(application, context, intake)
    if failed is not None:
        raise failed


async def _run(
    application: App,
    context: BotContext,
    intake: Intake,
    when_ready: Callable[[], Awaitable[None]],
    ending: Ending,
) -> Exception | None:
    """Start and run until the end; the error that ended it, if one did."""
    intake.attend()
    reached = await until(ending.event, _reached(application))
    if reached.error is not None or reached.stopped:
        return reached.error
    await application.start()
    for opened in context.openers:
        await logged("going on after a stop", opened())
    begun = await until(ending.event, intake.start(application))
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


async def _reached(application: App) -> None:
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


def allowed_updates(settings: TelegramSettings) -> tuple[str, ...]:
    """The kinds of updates that are handled."""
    return (*ALLOWED_UPDATES, "inline_query") if settings.inline else ALLOWED_UPDATES


async def _stop(application: App, context: BotContext, intake: Intake) -> None:
    """End in order, each step with a limit: no update more, the answers, the handlers, the bot."""
    await _within(_STOP_INTAKE, intake.stop())
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

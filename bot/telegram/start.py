"""The composition of the bot, its background work and its log."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.desk.metrics import BotMetrics, served
from bot.logs import log_to_stream
from bot.memory.history import open_memory
from bot.memory.updates import UpdateStore
from bot.options import transcription_choice
from bot.telegram.admin.background import Compacting, Following, recover
from bot.telegram.admin.confirmation import Orders
from bot.telegram.admin.desk import DeskReports
from bot.telegram.admin.errata import ErratumHandler
from bot.telegram.admin.inbox import Requests
from bot.telegram.app import new_application, new_bot
from bot.telegram.ask import QuestionHandler
from bot.telegram.commands import set_menus
from bot.telegram.context import BotContext, Memory, Times
from bot.telegram.courier import Courier
from bot.telegram.errata import ErratumService
from bot.telegram.inline import InlineHandler
from bot.telegram.lifecycle import Ending, Polling, serve
from bot.telegram.limits import Access, Rates
from bot.telegram.notices import NoticeService
from bot.telegram.runs import Runs, logged, repeated, result_of
from bot.telegram.subjects import SubjectHandler
from retrieval.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from typing import Any

    from telegram.ext import BaseHandler

    from bot.answering.trust import Examiner
    from bot.app import Kiosque
    from bot.telegram.app import Bot
    from bot.telegram.lifecycle import Intake
    from bot.telegram.relay import WorkerPlace
    from config.settings import Settings, TelegramSettings

    WorkerCommand = Callable[[int, Path], Sequence[str]]

logger = logging.getLogger(__name__)

_DAY, _HOUR, _LOOK = 86_400.0, 3_600.0, 300.0
_GIVES_WAY = 5
"""A worker computes; what takes deliveries and paces what is sent must not wait for it."""
_ROUNDS = 2
"""A worker claims new chats for so many times the answers that it makes at once."""


def run(kiosque: Kiosque, language: str, secrets: Sequence[str], command: WorkerCommand) -> int:
    """Run the bot until a signal: polling in this process, or in front of workers.

    Args:
        kiosque: the parts.
        language: for people whose own is neither French nor English.
        secrets: what must never be logged.
        command: how a worker is started: its number, and the socket where it sends.

    Returns:
        The exit code.

    Raises:
        BadSettings: there is no token, or Telegram does not know it.
        Failed: another bot runs with the same token.
        KiosqueError: the archive, the model or the bot's memory cannot be used.
    """
    telegram = kiosque.settings.telegram
    hidden = [*secrets, *_token(telegram)]
    with log_to_stream(hidden):
        if kiosque.begin_archive():
            logger.info("there is no archive yet; beginning one")
        if telegram.webhook_url:
            return _in_front(kiosque, command)
        if telegram.workers > 1:
            raise BadSettings("workers_without_webhook")
        _answer(kiosque, language, hidden, None)
    return 0


def work(kiosque: Kiosque, language: str, secrets: Sequence[str], place: WorkerPlace) -> None:
    """Be a worker until a signal, or until the front has gone; else as `run`.

    Args:
        kiosque: the parts.
        language: for people whose own is neither French nor English.
        secrets: what must never be logged.
        place: which worker this is.
    """
    hidden = [*secrets, *_token(kiosque.settings.telegram)]
    with suppress(OSError):
        os.nice(_GIVES_WAY)
    with log_to_stream(hidden):
        _answer(kiosque, language, hidden, place)


def _token(telegram: TelegramSettings) -> tuple[str, str]:
    """What of the token must not be logged.

    Raises:
        BadSettings: there is none, or nobody could admit a reader.
    """
    token = telegram.token.get_secret_value()
    if not token:
        raise BadSettings("telegram_token_missing")
    if telegram.admission == "code" and not telegram.admins:
        raise BadSettings("admission_without_admins")
    return token, token.partition(":")[2]


def _in_front(kiosque: Kiosque, command: WorkerCommand) -> int:
    """Take what Telegram delivers, and keep the workers running; the exit code."""
    if sys.platform == "win32":
        raise BadSettings("webhook_on_windows")
    from bot.telegram.front import Front
    from bot.telegram.front_lock import only_front

    settings = kiosque.settings
    with only_front(settings.home) as lock, TemporaryDirectory(prefix="kiosque-") as folder:
        memory = Memory(open_memory(settings.home, settings.answers.keep_days))
        try:
            memory.store.rows("PRAGMA synchronous = FULL")  # what Telegram is told is on the disk
            metrics, port = BotMetrics(), settings.metrics.port
            metrics.watch_process()
            bot = _bot(settings.telegram, metrics, None)
            send = Path(folder) / "send"
            front = Front(settings.telegram, bot, memory, metrics, command, send, lock)
            with served(metrics, port) if port else nullcontext():
                return asyncio.run(front.run())
        finally:
            memory.close()


def _answer(
    kiosque: Kiosque, language: str, hidden: Sequence[str], place: WorkerPlace | None
) -> None:
    """Answer in this process, which is a worker or the only one."""
    telegram = kiosque.settings.telegram
    answering = kiosque.answering  # opened here: what is wrong with the archive stops the start
    memory = Memory(open_memory(kiosque.settings.home, kiosque.settings.answers.keep_days))
    try:
        metrics = BotMetrics()
        bot = _bot(telegram, metrics, place)
        context = BotContext(
            bot,
            answering.events,
            kiosque.reader,
            kiosque.today,
            memory,
            access_of(telegram),
            Runs(telegram.concurrent, telegram.queue),
            Times(answer=telegram.answer_timeout_s),
            language,
            kiosque.settings.llm.model,
            kiosque.settings.answers.disclosure,
            metrics=metrics,
            worker=place.number if place is not None else 0,
        )
        examiner = answering.examiner
        if examiner is not None:
            context.mode = lambda: str(examiner.mode)
        desk = DeskReports(context, kiosque.settings, lambda: kiosque.models.embedder)
        with _measured(context, kiosque, place):
            asyncio.run(_main(context, bot, kiosque, hidden, desk, place))
    finally:
        memory.close()


def subject_handler(context: BotContext, kiosque: Kiosque) -> SubjectHandler:
    """Handles what people follow."""
    settings = kiosque.settings
    members = settings.telegram.follow_in_groups == "members"
    zone = settings.reading.timezone
    return SubjectHandler(context, kiosque.subjects, zone, members=members)


def optional_handlers(
    context: BotContext, kiosque: Kiosque, settings: Settings, asking: QuestionHandler
) -> list[BaseHandler[Any, Any, Any]]:
    """The handlers of what is set; ``/help`` has a line of each.

    Args:
        context: what the handlers work with.
        kiosque: the parts.
        settings: what is set.
        asking: answers questions.

    Raises:
        BadSettings: the address or the key of an endpoint cannot be one.
    """
    found: list[BaseHandler[Any, Any, Any]] = []
    if settings.telegram.inline:
        inline = InlineHandler(context, kiosque.suggestions, asking.rates)
        context.openers.append(inline.begin)
        context.drops_quotes = True
        context.help_lines.append("telegram.help_inline")
        found += inline.handlers()
    choice = transcription_choice(settings)
    if choice is not None:
        from bot.answering.model.transcription import Transcriber
        from bot.telegram.voice import VoiceHandler, VoiceLimits

        chosen = settings.transcription
        limits = VoiceLimits(chosen.max_s, chosen.max_mb * 1_000_000)
        on_call = partial(context.metrics.model_called, choice.model)
        transcriber = Transcriber(choice, on_call)
        found += VoiceHandler(context, asking, transcriber, limits).handlers()
        context.listens = True
        context.help_lines.append("telegram.help_voice")
    return found


def access_of(telegram: TelegramSettings) -> Access:
    """The lists of the settings."""
    return Access(
        frozenset(telegram.admins),
        frozenset(telegram.allowed_users),
        frozenset(telegram.allowed_chats),
        by_code=telegram.admission == "code",
    )


@contextmanager
def _measured(context: BotContext, kiosque: Kiosque, place: WorkerPlace | None) -> Iterator[None]:
    """Count what is counted elsewhere, and serve the figures where a port is set.

    The front has the port that is set, and the workers have those after it.

    Raises:
        BadSettings: the port is taken.
    """
    metrics, endpoints = context.metrics, kiosque.endpoints
    for endpoint in (endpoints.writer, endpoints.verifier):
        if endpoint is not None:
            endpoint.on_call = partial(metrics.model_called, endpoint.name)
    port = kiosque.settings.metrics.port
    if not port:
        yield
        return
    metrics.watch_queue(lambda: context.runs.count, lambda: context.runs.waiting)
    metrics.watch_process()
    if place is None or place.is_first:  # a sum over the workers must not count it twice
        metrics.watch_archive(kiosque.settings.home, kiosque.reader)
    if place is not None:
        port += place.number
    with served(metrics, port):
        logger.info("figures are served", extra={"port": port})
        yield


def _bot(telegram: TelegramSettings, metrics: BotMetrics, place: WorkerPlace | None) -> Bot:
    token = telegram.token.get_secret_value()
    try:
        if place is not None:
            from bot.telegram.relay import relayed_bot

            return relayed_bot(token, place, telegram.base_file_url)
        return new_bot(
            token,
            telegram.base_url,
            telegram.base_file_url,
            on_call=metrics.telegram_called,
        )
    except ValueError as error:  # a token that no bot can have
        raise BadSettings("telegram_token_refused") from error


async def _main(
    context: BotContext,
    bot: Bot,
    kiosque: Kiosque,
    secrets: Sequence[str],
    desk: DeskReports,
    place: WorkerPlace | None,
) -> None:
    settings, telegram = kiosque.settings, kiosque.settings.telegram
    orders = Orders(context, settings, secrets)
    context.closers.append(orders.close)
    requests = Requests(context, orders)
    asking = QuestionHandler(context, Rates(telegram.per_minute, telegram.per_hour))
    zone, courier = ZoneInfo(settings.reading.timezone), Courier(context)
    notices = NoticeService(context, kiosque.subjects, courier, zone)
    errata = ErratumService(context, courier, zone)
    alone = place is None or place.is_first  # what is done once, whoever answers
    context.openers += [notices.resume, errata.resume] if alone else []
    subjects = subject_handler(context, kiosque)
    first = optional_handlers(context, kiosque, settings, asking)
    application = new_application(
        bot, context, asking, orders, requests, subjects, ErratumHandler(context, errata), first
    )
    ending = Ending()
    intake = _intake(context, asking, telegram, place, ending)
    async with asyncio.TaskGroup() as group:
        background: list[asyncio.Task[None]] = []

        async def when_ready() -> None:
            if not alone:
                return
            jobs = _jobs(context, bot, orders, settings, kiosque.answering.examiner)
            jobs.append(logged("telling what is new", notices.run()))
            jobs.append(logged("sending errata", errata.run()))
            jobs.append(repeated("telling administrators", _LOOK, desk.look))
            background.extend(map(group.create_task, jobs))

        ended = await result_of(serve(application, context, intake, when_ready, ending))
        for task in background:
            task.cancel()
    if ended.error is not None:
        raise ended.error


def _intake(
    context: BotContext,
    asking: QuestionHandler,
    telegram: TelegramSettings,
    place: WorkerPlace | None,
    ending: Ending,
) -> Intake:
    """Where updates come from: Telegram, or the table that the front fills."""
    if place is None:
        return Polling(context, asking, telegram, ending)
    from bot.telegram.claims import ClaimedUpdates
    from bot.telegram.line import SupervisorLine

    updates = UpdateStore(context.memory.store, frozenset(telegram.admins))
    line = SupervisorLine(socket.socket(fileno=os.dup(sys.stdin.fileno())))
    room = _ROUNDS * telegram.concurrent
    return ClaimedUpdates(place.number, context, updates, asking.resume, room, line, ending.now)


def _jobs(
    context: BotContext, bot: Bot, orders: Orders, settings: Settings, examiner: Examiner | None
) -> list[Coroutine[object, object, None]]:
    """What goes on beside the handlers; no error of one ends another."""
    menus = set_menus(bot, settings.telegram.admins, context.default_language)
    jobs = [
        logged("setting menus", menus),
        repeated("forgetting", _DAY, lambda: _forget_old(context, settings)),
        _tidy(orders, settings.home),
        logged("following", _following(orders, settings).run()),
        logged("compacting", Compacting(orders.admin).run()),
    ]
    if examiner is not None:  # a model that was never tested is tested while the bot runs
        jobs.append(logged("testing the model", examiner.run()))
    return jobs


async def _tidy(orders: Orders, home: Path) -> None:
    """Settle what a crash left; then, each hour, let go of what nobody confirmed."""
    await logged("recovering orders", recover(orders, home))
    while True:
        await asyncio.sleep(_HOUR)
        await logged("tidying orders", orders.sweep())


def _following(orders: Orders, settings: Settings) -> Following:
    watch, memory = settings.watch, settings.home / "watch.db"
    return Following(
        orders.admin,
        watch.every_s,
        lambda: bool(watch.folders) or memory.exists(),
        orders.admin.context.default_language,
    )


async def _forget_old(context: BotContext, settings: Settings) -> None:
    """Delete what is older than is to be stored, of terminals too."""
    memory, now = context.memory, context.sure_now()
    terminal = now - timedelta(days=settings.answers.keep_days)
    await memory.do(memory.store.forget_terminal_before, terminal)
    before = now - timedelta(days=settings.telegram.keep_days)
    gone = await memory.do(memory.store.forget_before, before)
    logger.info("forgot old questions", extra={"questions": gone})

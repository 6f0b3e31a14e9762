"""The composition of the bot, its background work and its log."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TextIO

from bot.memory.history import open_memory
from bot.telegram.admin.background import Following, recover
from bot.telegram.admin.orders import Orders
from bot.telegram.admin.requests import Requests
from bot.telegram.app import new_application, new_bot
from bot.telegram.ask import QuestionHandler
from bot.telegram.commands import set_menus
from bot.telegram.context import BotContext, Memory, Times
from bot.telegram.lifecycle import serve
from bot.telegram.limits import Access, Rates
from bot.telegram.runs import Runs, logged, repeated, result_of
from config.masking import masked
from retrieval.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from pathlib import Path

    from bot.answering.trust import Examiner
    from bot.app import Kiosque
    from bot.telegram.app import Bot
    from config.settings import Settings, TelegramSettings

logger = logging.getLogger(__name__)

_DAY, _HOUR = 86_400.0, 3_600.0


def run(kiosque: Kiosque, language: str, secrets: Sequence[str]) -> None:
    """Run the bot until a signal.

    Args:
        kiosque: the parts.
        language: for people whose own is neither French nor English.
        secrets: what must never be logged.

    Raises:
        BadSettings: there is no token, or Telegram does not know it.
        Failed: another bot runs with the same token.
        KiosqueError: the archive, the model or the bot's memory cannot be used.
    """
    telegram = kiosque.settings.telegram
    token = telegram.token.get_secret_value()
    if not token:
        raise BadSettings("telegram_token_missing")
    hidden = [*secrets, token, token.partition(":")[2]]
    log = configure(hidden)
    try:
        begin_archive(kiosque)
        answering = kiosque.answering  # opened here: what is wrong with the archive stops the start
        memory = Memory(open_memory(kiosque.settings.home, kiosque.settings.answers.keep_days))
        try:
            bot = _bot(token, telegram)
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
            )
            asyncio.run(_main(context, bot, kiosque.settings, hidden, answering.examiner))
        finally:
            memory.close()
    finally:
        logging.getLogger().removeHandler(log)


def begin_archive(kiosque: Kiosque) -> None:
    """Make an archive without articles where there is none: administrators send the first."""
    from retrieval.archive.writer import ArchiveStore
    from retrieval.storage import writer_lock

    if not kiosque.places.archive.exists():
        with writer_lock(kiosque.settings.home), ArchiveStore(kiosque.places.archive):
            logger.info("there is no archive yet; beginning one")


def access_of(telegram: TelegramSettings) -> Access:
    """The lists of the settings."""
    return Access(
        frozenset(telegram.admins),
        frozenset(telegram.allowed_users),
        frozenset(telegram.allowed_chats),
    )


def _bot(token: str, telegram: TelegramSettings) -> Bot:
    try:
        return new_bot(token, telegram.base_url, telegram.base_file_url)
    except ValueError as error:  # a token that no bot can have
        raise BadSettings("telegram_token_refused") from error


async def _main(
    context: BotContext,
    bot: Bot,
    settings: Settings,
    secrets: Sequence[str],
    examiner: Examiner | None,
) -> None:
    telegram = settings.telegram
    orders = Orders(context, settings, secrets)
    context.closers.append(orders.close)
    requests = Requests(context, orders)
    asking = QuestionHandler(context, Rates(telegram.per_minute, telegram.per_hour))
    application = new_application(bot, context, asking, orders, requests)
    async with asyncio.TaskGroup() as group:
        background: list[asyncio.Task[None]] = []

        async def when_ready() -> None:
            jobs = _jobs(context, bot, orders, settings, examiner)
            background.extend(map(group.create_task, jobs))

        ended = await result_of(serve(application, context, asking, telegram, when_ready))
        for task in background:
            task.cancel()
    if ended.error is not None:
        raise ended.error


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
    memory, now = context.memory, context.now()
    terminal = now - timedelta(days=settings.answers.keep_days)
    await memory.do(memory.store.forget_terminal_before, terminal)
    before = now - timedelta(days=settings.telegram.keep_days)
    gone = await memory.do(memory.store.forget_before, before)
    logger.info("forgot old questions", extra={"questions": gone})


_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# These write whole updates, with what people say, when one cannot be read.
_INDISCREET = ("telegram.Bot", "telegram.ext.ExtBot")
# At INFO these tell every address that is called: Telegram's holds the token.
_TALKATIVE = ("httpx", "httpcore", "telegram", "apscheduler", "tornado.access")


class JsonLines(logging.Formatter):
    """Writes a record as JSON, with what was given as ``extra``, the secrets masked.

    Args:
        secrets: what must never be written.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return masked(json.dumps(line, ensure_ascii=False, default=str), self._secrets)


def configure(secrets: Sequence[str], stream: TextIO | None = None) -> logging.Handler:
    """Log to a stream, by default the error stream; the handler, to be removed at the end.

    Args:
        secrets: what must never be written.
        stream: where the lines go.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return handler

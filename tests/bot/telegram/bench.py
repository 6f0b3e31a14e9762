"""The whole bot in this process: PTB, our handlers, scripted answers or the real ones."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.answering.request import Event, Finished, Request, Retrieved, Searching, Verified
from bot.app import Kiosque
from bot.desk.metrics import BotMetrics
from bot.memory.store import Store
from bot.memory.updates import UpdateStore
from bot.telegram.admin.background import recover
from bot.telegram.admin.confirmation import Orders
from bot.telegram.admin.errata import ErratumHandler
from bot.telegram.admin.inbox import Requests
from bot.telegram.app import App, Bot, new_application, new_bot
from bot.telegram.ask import QuestionHandler
from bot.telegram.claims import ClaimedUpdates
from bot.telegram.context import BotContext, Memory, Times
from bot.telegram.courier import Courier
from bot.telegram.deliver import Pace
from bot.telegram.errata import ErratumService
from bot.telegram.lifecycle import Ending, Polling, serve
from bot.telegram.limits import Access, Budget, Rates
from bot.telegram.line import SupervisorLine
from bot.telegram.notices import NoticeService
from bot.telegram.reception import chat_of
from bot.telegram.runs import Runs
from bot.telegram.start import optional_handlers, subject_handler
from config.settings import Settings
from retrieval.vocabulary import Answer, Question, Statement, Status
from tests.bot.samples import citation
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.in_process import InProcess
from tests.fake_telegram.over_http import Server
from tests.fake_telegram.people import buttons, new_group
from tests.fake_telegram.world import Chat, Message

FAST = Pace(0.03, 1.25, 0.1, first=0.005)
QUICK = Times(private=FAST, group=FAST, typing=0.2, stopping=1.0, typed=0.05)
GENEROUS = Budget(1_000, 0.001, 1_000, 1.0, 10_000)

THREE = ("Première phrase.", "Deuxième phrase.", "Troisième phrase.")


class Scripted:
    """A model that writes what a test says, sentence by sentence.

    Args:
        sentences: what it writes.
        pause: seconds before each.
        whole: the answer to every question, in the place of these sentences.
    """

    def __init__(self, *sentences: str, pause: float = 0.0, whole: Answer | None = None) -> None:
        self.sentences = sentences or ("Une phrase.",)
        self.pause = pause
        self.whole = whole
        self.requests: list[Request] = []
        self.finished = 0
        self.hold: asyncio.Event | None = None

    def answer(self, question: str) -> Answer:
        """The whole answer."""
        if self.whole is not None:
            return self.whole
        said = tuple(Statement(s, (citation(1, QUOTE),)) for s in self.sentences)
        return Answer(Question(question), Status.ANSWERED, said)

    async def events(self, request: Request) -> AsyncIterator[Event]:
        """As `Answering.events`."""
        self.requests.append(request)
        answer = self.answer(request.text)
        yield Searching(answer.question)
        yield Retrieved(20, 8)
        for at, statement in enumerate(answer.statements):
            await asyncio.sleep(self.pause)
            yield Verified(statement)
            if self.hold is not None and at == 0:
                await self.hold.wait()
        self.finished += 1
        yield Finished(answer)


BOT = "@kiosque_test_bot"
QUOTE = "4.000 personnes l'ont traversé à pied."


@dataclass(slots=True)
class Setup:
    """What a test wants to be different."""

    fake: FakeTelegram = field(default_factory=FakeTelegram)
    script: Scripted | None = None
    access: Access = field(default_factory=Access)
    per_minute: int = 1_000
    per_hour: int = 1_000
    concurrent: int = 8
    queue: int = 50
    times: Times = QUICK
    budget: Budget = GENEROUS
    settings: Settings | None = None
    server: Server | None = None
    worker: int = 0  # its number, when it takes its updates from the table, not from Telegram


@dataclass(slots=True)
class Bench:
    """A running bot; ``line`` is the front's end of its line, when it is a worker."""

    fake: FakeTelegram
    context: BotContext
    ending: Ending
    task: asyncio.Task[None]
    orders: Orders
    notices: NoticeService
    errata: ErratumService
    application: App
    claims: ClaimedUpdates
    line: socket.socket

    async def deliver(self) -> None:
        """Store what waits at Telegram in the table, as the webhook does, and tell this worker."""
        memory, waiting = self.context.memory, self.fake.updates.pending
        while waiting:
            update = waiting.pop(0)
            put = UpdateStore(memory.store).put
            await memory.do(put, update["update_id"], chat_of(update), json.dumps(update))
        self.line.send(b"\n")

    async def idle(self, seconds: float = 30.0) -> None:
        """Wait until every update was taken and handled, and every answer stands."""
        for _ in range(2):  # an update between its queue and its handler is seen the second time
            await self.fake.until(self._is_idle, seconds)
            await asyncio.sleep(0.01)

    def _is_idle(self) -> bool:
        waiting = self.fake.updates.pending or not self.application.update_queue.empty()
        handled = self.application.update_processor.current_concurrent_updates == 0
        return not waiting and handled and self.context.runs.count == 0


def in_group(script: Scripted) -> tuple[Setup, Chat]:
    """A group where the bot may answer, and sees everything."""
    fake = FakeTelegram()
    group = new_group(fake, "Rédaction")
    group.privacy = False
    return Setup(fake, script, Access(chats=frozenset({group.id}))), group


def _bot(setup: Setup, metrics: BotMetrics) -> Bot:
    """PTB's bot: in process, or over HTTP where there is a server."""
    on_call = metrics.telegram_called
    fake, server, budget = setup.fake, setup.server, setup.budget
    if server is None:
        requests = (InProcess(fake), InProcess(fake))
        return new_bot(fake.token, budget=budget, requests=requests, on_call=on_call)
    addresses = (server.base_url, server.base_file_url)
    return new_bot(fake.token, *addresses, budget=budget, on_call=on_call)


@asynccontextmanager
async def benched(kiosque: Kiosque, path: Path, setup: Setup) -> AsyncIterator[Bench]:
    """The bot, running until the block ends, and stopped as a signal would."""
    fake = setup.fake
    metrics = BotMetrics()
    bot = _bot(setup, metrics)
    memory = Memory(Store(path))
    context = BotContext(
        bot,
        setup.script.events if setup.script else kiosque.answering.events,
        kiosque.reader,
        kiosque.today,
        memory,
        setup.access,
        Runs(setup.concurrent, setup.queue),
        setup.times,
        metrics=metrics,
        worker=setup.worker,
    )
    ready = asyncio.Event()

    async def when_ready() -> None:
        await recover(orders, kiosque.settings.home, pause=0.1)
        ready.set()

    ending = Ending()
    settings = setup.settings or kiosque.settings
    orders = Orders(context, settings, progress=0.1)
    context.closers.append(orders.close)
    asking = QuestionHandler(context, Rates(setup.per_minute, setup.per_hour))
    requests = Requests(context, orders, gather=0.3)
    zone, courier = ZoneInfo("Europe/Paris"), Courier(context, pause=0.01)
    notices = NoticeService(context, kiosque.subjects, courier, zone)
    errata = ErratumService(context, courier, zone, pace=0.0)
    context.openers += [notices.resume, errata.resume]
    subjects = subject_handler(context, kiosque)
    first = optional_handlers(context, kiosque, settings, asking)
    application = new_application(
        bot, context, asking, orders, requests, subjects, ErratumHandler(context, errata), first
    )
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    updates, room = UpdateStore(memory.store, setup.access.admins), 2 * setup.concurrent
    line = SupervisorLine(theirs)
    claims = ClaimedUpdates(setup.worker, context, updates, asking.resume, room, line, ending.now)
    polling = Polling(context, asking, settings.telegram, ending)
    intake = claims if setup.worker else polling
    serving = serve(application, context, intake, when_ready, ending)
    task = asyncio.create_task(serving)
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        parts = (orders, notices, errata, application, claims, ours)
        yield Bench(fake, context, ending, task, *parts)
    finally:
        ours.close()
        ending.now()
        waiting.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
        theirs.close()
        memory.close()


def labels(message: Message) -> list[str]:
    """What stands on the buttons of a message."""
    return [button["text"] for button in buttons(message)]


def whole(message: Message) -> bool:
    """Whether a message is a finished answer: it has its thumbs."""
    return "👍" in labels(message)

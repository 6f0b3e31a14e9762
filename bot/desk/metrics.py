"""What a monitoring system is told, in Prometheus's text, at a loopback port.

No label holds a question, a name or the number of a person or a chat: labels are outcomes,
methods of Telegram, results, and the name of the model that the settings give.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    make_wsgi_app,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.desk.status import feeds_of
from bot.version import installed
from retrieval.errors import BadSettings, KiosqueError
from retrieval.vocabulary import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from retrieval.archive.reader import ArchiveReader

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
NEAREST, FAILED, STOPPED = "nearest", "failed", "stopped"
_OUTCOMES = {Status.PASSAGES: NEAREST, Status.REFUSED: "refused"}
_ANSWERED = "answered"
_ANSWER_BOUNDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)
_MODEL_BOUNDS = (0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120)
_CLIENT_S, _LOOK_S = 2.0, 0.1
"""A client that says or reads nothing for so long is left: the next one waits for it. The end
is looked for so often."""


class BotMetrics:
    """What the bot counts while it runs; also told by ``/status``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        here = self.registry
        Info("kiosque", "The version that runs.", registry=here).info(
            {"version": installed("kiosque")}
        )
        self._questions = Counter(
            "kiosque_questions", "Questions, by how they ended.", ["outcome"], registry=here
        )
        for outcome in (_ANSWERED, *_OUTCOMES.values(), FAILED, STOPPED):
            self._questions.labels(outcome)
        self.answer_seconds = Histogram(
            "kiosque_answer_seconds",
            "Seconds from a question to its whole answer in the chat.",
            buckets=_ANSWER_BOUNDS,
            registry=here,
        )
        self._telegram = Counter(
            "kiosque_telegram_calls",
            "Calls of Telegram, by result.",
            ["method", "result"],
            registry=here,
        )
        self._flood_seconds = Counter(
            "kiosque_telegram_flood_seconds", "Seconds that Telegram asked to wait.", registry=here
        )
        self._polling_errors = Counter(
            "kiosque_telegram_polling_errors", "Failed looks for updates.", ["kind"], registry=here
        )
        self._model = Histogram(
            "kiosque_model_seconds",
            "Seconds of calls of the chat model and of the transcription.",
            ["model", "result"],
            buckets=_MODEL_BOUNDS,
            registry=here,
        )

    def ended(self, outcome: Status | str) -> None:
        """A question ended: with the status of its answer, `FAILED`, or `STOPPED`."""
        known = _OUTCOMES.get(outcome, _ANSWERED) if isinstance(outcome, Status) else outcome
        self._questions.labels(known).inc()

    def telegram_called(self, method: str, result: str, asked_s: float = 0.0) -> None:
        """Telegram was called.

        Args:
            method: one of its methods.
            result: ``ok``, or a word for what it or the network did.
            asked_s: the seconds that it asked to wait.
        """
        self._telegram.labels(method, result).inc()
        self._flood_seconds.inc(asked_s)

    def polling_failed(self, kind: str) -> None:
        """A look for updates failed: of another bot (``conflict``), the network, or else."""
        self._polling_errors.labels(kind).inc()

    def model_called(self, model: str, result: str, seconds: float) -> None:
        """A chat model was asked; the result is ``ok``, ``stopped`` or the key of an error."""
        self._model.labels(model, result).observe(seconds)

    @property
    def made(self) -> int:
        """How many answers were made, refusals included."""
        outcomes = (_ANSWERED, *_OUTCOMES.values())
        return sum(self._value("kiosque_questions_total", outcome=one) for one in outcomes)

    @property
    def failed(self) -> int:
        """How many questions failed."""
        return self._value("kiosque_questions_total", outcome=FAILED)

    def _value(self, name: str, **labels: str) -> int:
        return int(self.registry.get_sample_value(name, labels) or 0)

    def watch_workers(self, alive: Callable[[], int]) -> FrontMetrics:
        """Tell of the workers and of what waits for them; counted by who supervises them.

        Args:
            alive: how many run.
        """
        workers = Gauge("kiosque_workers", "Workers that run.", registry=self.registry)
        workers.set_function(alive)
        return FrontMetrics(self.registry)

    def watch_queue(self, running: Callable[[], int], waiting: Callable[[], int]) -> None:
        """Tell of the questions under way.

        Args:
            running: how many are being answered or wait.
            waiting: how many of these wait.
        """
        progress = Gauge(
            "kiosque_questions_in_progress", "Questions being answered.", registry=self.registry
        )
        progress.set_function(lambda: running() - waiting())
        queue = Gauge("kiosque_questions_waiting", "Questions waiting.", registry=self.registry)
        queue.set_function(waiting)

    def watch_archive(self, home: Path, reader: ArchiveReader) -> None:
        """Tell of the archive and its feeds; they are looked at when asked."""
        self.registry.register(_ArchiveCollector(home, reader))

    def watch_process(self) -> None:
        """Tell of this process."""
        ProcessCollector(registry=self.registry)


class FrontMetrics:
    """What the process in front of the workers counts.

    Args:
        registry: where it is told.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ends = Counter(
            "kiosque_worker_ends", "Workers that were started again.", ["why"], registry=registry
        )
        for why in ("ended", "silent"):
            self._ends.labels(why)
        self._given_up = Counter(
            "kiosque_updates_given_up", "Updates that workers died of.", registry=registry
        )
        self._refused = Counter(
            "kiosque_updates_refused", "Deliveries that could not be stored.", registry=registry
        )
        self._waiting = Gauge("kiosque_updates_waiting", "Updates that wait.", registry=registry)
        self._oldest = Gauge(
            "kiosque_updates_oldest_seconds", "How long the oldest has waited.", registry=registry
        )

    def worker_ended(self, *, silent: bool) -> None:
        """A worker ended, or was ended because it gave no sign of life."""
        self._ends.labels("silent" if silent else "ended").inc()

    def given_up(self, updates: int) -> None:
        """So many updates are not tried again: every worker that took them died."""
        self._given_up.inc(updates)

    def refused(self) -> None:
        """A delivery could not be stored; Telegram delivers it again."""
        self._refused.inc()

    def waiting(self, updates: int, oldest_s: float) -> None:
        """So many updates wait, the oldest for so many seconds."""
        self._waiting.set(updates)
        self._oldest.set(oldest_s)


class _ArchiveCollector(Collector):
    """The archive and its feeds as they are when somebody asks."""

    def __init__(self, home: Path, reader: ArchiveReader) -> None:
        self._home = home
        self._reader = reader

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is read to be registered."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures; of an archive that cannot be read, only that it cannot."""
        try:
            found = [*self._archive(), *self._feeds()]
        except KiosqueError as error:
            logger.warning("the archive cannot be measured: %s", error)
            found = []
        readable = "Whether the archive and the list of feeds can be read."
        yield GaugeMetricFamily("kiosque_archive_readable", readable, float(bool(found)))
        yield from found

    def _archive(self) -> Iterator[GaugeMetricFamily]:
        with self._reader.snapshot() as reader:
            coverage, passages = reader.coverage(), reader.passage_count()
            changes, generation = reader.changes(1), reader.live_generation()
        yield _gauge("archive_articles", "Articles that answer questions.", coverage.articles)
        yield _gauge("archive_passages", "Passages of these.", passages)
        yield _gauge("archive_generation", "The generation of the indexes.", generation or 0)
        if coverage.last is not None:
            newest = datetime.combine(coverage.last.last_day, time(), UTC).timestamp()
            about = "The day of the newest article, at midnight UTC."
            yield _gauge("archive_newest_timestamp_seconds", about, newest)
        if changes:
            at = changes[0].started.timestamp()
            yield _gauge("archive_change_timestamp_seconds", "When it last changed.", at)

    def _feeds(self) -> Iterator[GaugeMetricFamily]:
        feeds = feeds_of(self._home)
        yield _gauge("feeds", "Feeds that are followed.", len(feeds))
        silent = sum(feed.silent for feed in feeds)
        yield _gauge("feeds_silent", "Feeds that are silent beyond their rhythm.", silent)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kiosque_{name}", about, value)


class _QuietHandler(WSGIRequestHandler):
    """Answers one request, within a time, and logs nothing."""

    timeout = _CLIENT_S

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: monitoring asks every few seconds."""


@contextmanager
def served(metrics: BotMetrics, port: int) -> Iterator[None]:
    """Serve the figures at a port of this machine until the end of the block.

    Requests are answered one after the other, by one thread, which ends with the block.

    Args:
        metrics: what is told.
        port: where, on the loopback address.

    Raises:
        BadSettings: the port is taken, or is not to be had.
    """
    app = make_wsgi_app(metrics.registry)
    try:
        server = make_server(LOOPBACK, port, app, handler_class=_QuietHandler)
    except OSError as error:
        raise BadSettings("metrics_port_taken", port=port) from error
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK_S,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(_CLIENT_S)
        server.server_close()

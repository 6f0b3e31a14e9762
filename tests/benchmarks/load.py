"""A bot under two questions a second while another process indexes.

Questions come at fixed times, whatever became of those before, and are answered on threads as
the bot does, without a chat model: first in calm, then while a command indexes more articles
and replaces some, then in calm again. Every answer given meanwhile must be the one of before
or the one of after; each quote must stand in its article as it then was or is, and no answer
may quote two revisions of one article. In the end another process indexes one article more,
and it is asked for until it is used.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bot.answering.request import Request
from bot.app import Kiosque
from config.settings import Settings
from retrieval.errors import KiosqueError
from retrieval.vocabulary import Answer, Citation, State, Status
from tests.benchmarks import dossiers
from tests.benchmarks.command import run
from tests.benchmarks.common import ROOT, AbsentError, Setup, caption, percentile
from tests.benchmarks.results import table

TITLE = "A bot while another process indexes"
_TIMES, _BASE, _DOSSIERS = 500, 4, 8
_A_SECOND, _CALM_S, _THREADS = 2, 60.0, 6
"""Two cores read some four questions a second: more, beside indexing, would only queue."""
_STABLE, _LOOKED_AT = 40, 400
_PATIENCE_S = 60.0
_TODAY = date(2021, 1, 1)
_KIOSQUE = [sys.executable, "-m", "bot.cli"]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered, or failed: when it was due, and how long it took."""

    question: str
    due: float
    seconds: float
    answer: Answer | None
    failure: str = ""


@dataclass(slots=True)
class Outcome:
    """What the phases gave."""

    calm: list[Asked] = field(default_factory=list)
    loaded: list[Asked] = field(default_factory=list)
    indexing_s: float = 0.0
    added: int = 0
    fresh_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def report(setup: Setup, times: int = _TIMES) -> str:
    """The section's text, with so many articles indexed meanwhile.

    Raises:
        AbsentError: the articles are not there.
    """
    with setup.temporary_home() as home:
        inbox = Inbox(home.parent / "in", setup, times)
        inbox.base()
        _index(home, inbox.folder)
        with Kiosque(Settings(home=home), lambda: _TODAY) as app:
            outcome = measured(app, home, inbox)
    return _written(outcome, times)


class Inbox:
    """The files that are indexed.

    Args:
        folder: where they are put.
        setup: where the news is.
        times: how many articles come while the bot answers.
    """

    def __init__(self, folder: Path, setup: Setup, times: int) -> None:
        self.folder = folder
        self._news = setup.data("data/news_fr_12k.jsonl.gz")
        self._times = times

    def base(self) -> None:
        """What is there at first."""
        self.folder.mkdir()
        self._export("base", 0, self._times * _BASE)
        self._dossiers(1)

    def more(self) -> None:
        """What comes then: new articles, and the dossiers in another version."""
        self._export("more", self._times * _BASE, self._times * (_BASE + 1))
        self._dossiers(2)

    def one(self) -> str:
        """One article more; the question that it answers."""
        dossiers.write(self.folder / "one", {_DOSSIERS + 1: 1})
        return dossiers.question(_DOSSIERS + 1)

    def _dossiers(self, version: int) -> None:
        dossiers.write(self.folder / "dossiers", dict.fromkeys(range(_DOSSIERS), version))

    def _export(self, name: str, start: int, stop: int) -> None:
        with gzip.open(self._news, "rt", encoding="utf-8") as lines:
            chosen = list(itertools.islice(lines, start, stop))
        (self.folder / f"{name}.jsonl").write_text("".join(chosen), encoding="utf-8")


def measured(app: Kiosque, home: Path, inbox: Inbox) -> Outcome:
    """All the phases on a home whose base is indexed."""
    with closing(_Asker(app)) as asker:
        return _measured(app, home, inbox, asker)


def _measured(app: Kiosque, home: Path, inbox: Inbox, asker: _Asker) -> Outcome:
    outcome = Outcome()
    questions = _questions(app)
    before = _keys(app, questions)
    texts = _texts(app)
    outcome.calm = asker.ask(questions, _for(_CALM_S))
    inbox.more()
    outcome.loaded, outcome.indexing_s, outcome.added = _under_load(asker, questions, home, inbox)
    after = _keys(app, questions)
    for id_, found in _texts(app).items():
        texts.setdefault(id_, set()).update(found)
    outcome.wrong += _wrong(outcome.calm, before, before, texts)
    outcome.wrong += _wrong(outcome.loaded, before, after, texts)
    outcome.fresh_s = _until_used(app, home, inbox)
    return outcome


class _Asker:
    """Asks on threads, at fixed times."""

    def __init__(self, app: Kiosque) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(_THREADS, "asker")

    def ask(self, questions: Sequence[str], goes_on: Callable[[], bool]) -> list[Asked]:
        """Ask them in turn, as long as it goes on."""
        begun, asked = time.perf_counter(), []
        waiting: list[Future[Asked]] = []
        for turn, question in enumerate(itertools.cycle(questions)):
            due = begun + turn / _A_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            if not goes_on():
                break
            waiting.append(self._pool.submit(self._one, question, due))
        asked += [future.result(_PATIENCE_S) for future in waiting]
        return asked

    def _one(self, question: str, due: float) -> Asked:
        try:
            answer, failure = _answer(self._app, question), ""
        except KiosqueError as error:
            answer, failure = None, str(error)
        return Asked(question, due, time.perf_counter() - due, answer, failure)

    def close(self) -> None:
        """Let the threads go; what was not begun is dropped."""
        self._pool.shutdown(cancel_futures=True)


def _answer(app: Kiosque, question: str) -> Answer:
    return asyncio.run(app.answering.answer(Request(question, _TODAY)))


def _for(seconds: float) -> Callable[[], bool]:
    limit = time.perf_counter() + seconds
    return lambda: time.perf_counter() < limit


def _questions(app: Kiosque) -> list[str]:
    """Titles of articles that are found by them, and questions about the dossiers."""
    titles = []
    for entry in itertools.islice(app.reader.entries(withdrawn=False), _LOOKED_AT):
        answer = _answer(app, entry.title)
        if answer.status is not Status.REFUSED and entry.id in _cited(answer):
            titles.append(entry.title)
        if len(titles) >= _STABLE:
            break
    return [*titles, *map(dossiers.question, range(_DOSSIERS))]


def _cited(answer: Answer) -> set[str]:
    return {citation.article.id for citation in _shown(answer)}


def _shown(answer: Answer) -> tuple[Citation, ...]:
    """The quotes of an answer, and the passages that come near."""
    return (*answer.sources, *answer.passages)


def _keys(app: Kiosque, questions: Iterable[str]) -> dict[str, Key]:
    return {text: _key(_answer(app, text)) for text in questions}


def _key(answer: Answer) -> Key:
    """What makes two answers the same."""
    said = [(s.text, [c.number for c in s.citations]) for s in answer.statements]
    shown = [(c.number, c.article.id, c.start, c.end) for c in _shown(answer)]
    return answer.status, str(said), str(shown), answer.refusal.reason if answer.refusal else None


def _texts(app: Kiosque) -> dict[str, set[str]]:
    reader = app.reader
    live = [entry.id for entry in reader.entries() if entry.state is not State.WITHDRAWN]
    return {id_: {article.text} for id_, article in reader.articles_of(live).items()}


def _under_load(
    asker: _Asker, questions: Sequence[str], home: Path, inbox: Inbox
) -> tuple[list[Asked], float, int]:
    done: list[tuple[float, int]] = []

    def index() -> None:
        begun = time.perf_counter()
        added = _index(home, inbox.folder)
        done.append((time.perf_counter() - begun, added))

    thread = threading.Thread(target=index)
    thread.start()
    asked = asker.ask(questions, thread.is_alive)
    thread.join()
    ((seconds, added),) = done
    return asked, seconds, added


def _index(home: Path, folder: Path) -> int:
    ran = run([*_KIOSQUE, "index", str(folder), "--json"], home)
    if ran.code:
        raise AbsentError(f"indexing ended with {ran.code}: {ran.output[-300:]}")
    return int(json.loads(ran.output)["added"])


def _wrong(
    asked: Iterable[Asked],
    before: dict[str, Key],
    after: dict[str, Key],
    texts: dict[str, set[str]],
) -> list[str]:
    wrong = []
    for one in asked:
        if one.answer is None:
            wrong.append(f"{one.question}: {one.failure}")
            continue
        if _key(one.answer) not in (before[one.question], after[one.question]):
            wrong.append(f"{one.question}: neither the answer of before nor that of after")
        wrong += [f"{one.question}: {fault}" for fault in _misquoted(one.answer, texts)]
    return wrong


def _misquoted(answer: Answer, texts: dict[str, set[str]]) -> list[str]:
    wrong = []
    revisions: dict[str, set[str]] = {}
    for citation in _shown(answer):
        article = citation.article
        if article.text not in texts.get(article.id, set()):
            wrong.append(f"{article.id} is in no state that it had")
        if article.text[citation.start : citation.end] != citation.quote:
            wrong.append(f"no quote of {article.id}: {citation.quote}")
        revisions.setdefault(article.id, set()).add(article.text)
    mixed = [id_ for id_, found in revisions.items() if len(found) > 1]
    return wrong + [f"two revisions of {id_} in one answer" for id_ in mixed]


def _until_used(app: Kiosque, home: Path, inbox: Inbox) -> float:
    """Seconds from the moment that an article of another process is live until it is cited."""
    question = inbox.one()
    old = app.reader.live_generation()
    command = [*_KIOSQUE, "index", str(inbox.folder / "one"), "--json"]
    environment = {"PATH": "", "KIOSQUE_HOME": str(home)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        while app.reader.live_generation() == old:
            if process.poll() is not None and app.reader.live_generation() == old:
                raise AbsentError(f"indexing one article ended with {process.returncode}")
            time.sleep(0.002)
        live = time.perf_counter()
        while time.perf_counter() - live < _PATIENCE_S:
            shown = _shown(_answer(app, question))
            if dossiers.title(_DOSSIERS + 1) in [one.article.title for one in shown]:
                return time.perf_counter() - live
    return _PATIENCE_S


def _written(outcome: Outcome, times: int) -> str:
    calm, loaded = outcome.calm, outcome.loaded
    rows: list[tuple[object, ...]] = [
        ("articles at first / indexed meanwhile", f"{times * _BASE} / {outcome.added}"),
        ("indexing took, beside the bot", f"{outcome.indexing_s:.0f} s"),
        ("answers in calm / meanwhile", f"{len(calm)} / {len(loaded)}"),
        ("**answers wrong, missing or mixed**", len(outcome.wrong)),
        ("search, p50 calm / meanwhile", _both(calm, loaded, 0.5, _search)),
        ("**search, p95 calm / meanwhile**", _both(calm, loaded, 0.95, _search)),
        ("search and reader, p95 calm / meanwhile", _both(calm, loaded, 0.95, _search_and_read)),
        ("whole answer since it was due, p95", _both(calm, loaded, 0.95, _whole)),
        ("an article of another process is used after", f"{outcome.fresh_s * 1000:.0f} ms"),
    ]
    told = "\n".join(f"- {fault}" for fault in outcome.wrong[:20])
    body = f"{caption('onnxruntime', 'chromadb', 'tantivy')}\n\n{table(('what', 'measured'), rows)}"
    return body + (f"\n\n{told}" if told else "")


def _both(
    calm: list[Asked], loaded: list[Asked], share: float, measure: Callable[[Asked], float]
) -> str:
    first, then = (percentile([measure(one) for one in part], share) for part in (calm, loaded))
    return f"{first:.0f} / {then:.0f} ms, ratio {then / first:.2f}"


def _search(one: Asked) -> float:
    return one.answer.timings_ms.get("search", 0.0) if one.answer else _PATIENCE_S * 1000


def _search_and_read(one: Asked) -> float:
    return _search(one) + (one.answer.timings_ms.get("read", 0.0) if one.answer else 0.0)


def _whole(one: Asked) -> float:
    return one.seconds * 1000

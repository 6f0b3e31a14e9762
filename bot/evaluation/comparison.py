"""Two runs beside each other, question by question."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import comb
from typing import TYPE_CHECKING, Any

from bot.evaluation.outcomes import as_values
from retrieval.errors import BadUse, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bot.evaluation.outcomes import AnswerOutcome

_MAX_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that succeeds in one of two runs only.

    Args:
        id: of the question.
        question: its text.
        succeeds: whether it succeeds in this run, and so failed in that one.
        said: what this run said.
        said_then: what that run said.
    """

    id: str
    question: str
    succeeds: bool
    said: str
    said_then: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """This run beside that one; a question succeeds when it is right or rightly refused.

    Args:
        both: questions that succeed in both.
        only_this: in this run only.
        only_that: in that run only.
        neither: in none.
        unmatched: questions of one run that the other does not have, with the same text.
        p: McNemar's exact p: how often as unequal a change would come by chance.
        changed: the questions that succeed in one run only.
    """

    both: int
    only_this: int
    only_that: int
    neither: int
    unmatched: int
    p: float
    changed: tuple[Changed, ...]

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self), "changed": [asdict(one) for one in self.changed]}


def compared(this: Sequence[AnswerOutcome], that: Sequence[Mapping[str, Any]]) -> Comparison:
    """Compare a run with the questions of an earlier one, matched by id and text."""
    now, then = _by_question(as_values(this)), _by_question(that)
    matched = [(now[key], then[key]) for key in now if key in then]
    counts = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for a, b in matched:
        counts[a["succeeded"], b["succeeded"]] += 1
    only_this, only_that = counts[True, False], counts[False, True]
    return Comparison(
        both=counts[True, True],
        only_this=only_this,
        only_that=only_that,
        neither=counts[False, False],
        unmatched=len(now.keys() ^ then.keys()),
        p=mcnemar(only_this, only_that),
        changed=tuple(
            Changed(a["id"], a["question"], a["succeeded"], a["text"], b["text"])
            for a, b in matched
            if a["succeeded"] != b["succeeded"]
        ),
    )


def mcnemar(only_this: int, only_that: int) -> float:
    """McNemar's exact p, two-sided: the binomial test of one half, on what changed.

    McNemar (1947), "Note on the sampling error of the difference between correlated
    proportions or percentages".
    """
    trials = only_this + only_that
    tail = sum(comb(trials, k) for k in range(min(only_this, only_that) + 1))
    chance: float = 2 * tail / (1 << trials)
    return round(min(1.0, chance), 6)


def earlier_run(path: Path) -> list[dict[str, Any]]:
    """The questions of a run that was saved (``--save``, or ``--json --details``).

    Raises:
        NotFound: there is no such file.
        BadUse: it is no such run (``run_unreadable``).
    """
    if not path.is_file():
        raise NotFound("path_missing", path=str(path))
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("the file is too large")
        rows = json.loads(path.read_text(encoding="utf-8"))["questions"]
        return [_checked(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise BadUse("run_unreadable", path=str(path), detail=detail) from error


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    kinds = {"id": str, "question": str, "succeeded": bool, "text": str}
    for name, kind in kinds.items():
        if not isinstance(row[name], kind):
            raise TypeError(f"{name}: {row[name]!r:.40}")
    return {name: row[name] for name in kinds}


def _by_question(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row["id"], row["question"]): row for row in rows}

"""Comparing two runs: what changed, and how easily chance would change as much."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.measures import compared, earlier_run, mcnemar
from bot.evaluation.outcomes import as_values
from retrieval.errors import BadUse, NotFound
from tests.bot.evaluation.samples import DUE, FALSE, RIGHT, SAID, UNSAID


@pytest.mark.parametrize(
    ("only_this", "only_that", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (1, 0, 1.0), (10, 0, 2 / 1024), (9, 1, 22 / 1024), (2, 8, 0.109375)],
)
def test_exact_p(only_this: int, only_that: int, p: float) -> None:
    """The p is twice the binomial's tail, and never more than 1."""
    assert mcnemar(only_this, only_that) == pytest.approx(p, abs=1e-6)


@given(st.integers(0, 300), st.integers(0, 300))
def test_p_does_not_depend_on_which_run_is_first(one: int, other: int) -> None:
    """The test has two sides."""
    assert mcnemar(one, other) == mcnemar(other, one)
    assert 0 <= mcnemar(one, other) <= 1


def test_questions_are_matched() -> None:
    """Each question counts once, by what it came to in both runs; what changed is listed."""
    this = [
        replace(RIGHT, id="a"),
        replace(RIGHT, id="b", text="now"),
        replace(FALSE, id="c"),
        replace(UNSAID, id="d"),
        replace(RIGHT, id="new"),
    ]
    that = [
        replace(RIGHT, id="a"),
        replace(SAID, id="b", text="then"),
        replace(DUE, id="c"),
        replace(SAID, id="d"),
        replace(RIGHT, id="old"),
    ]
    found = compared(this, as_values(that))
    assert [found[n] for n in ("both", "only_this", "only_that", "neither")] == [1, 1, 1, 1]
    assert (found["unmatched"], found["p"]) == (2, 1.0)
    gained, lost = found["changed"]
    assert (gained["id"], gained["succeeds"]) == ("b", True)
    assert (gained["said"], gained["said_then"]) == ("now", "then")
    assert (lost["id"], lost["succeeds"]) == ("c", False)


def test_same_id_of_another_question_is_no_match() -> None:
    """Line numbers stand for ids in some files: the text must be the same too."""
    found = compared([RIGHT], as_values([replace(RIGHT, question="Autre ?")]))
    assert (found["both"], found["unmatched"]) == (0, 2)


def test_saved_run_is_read_back(tmp_path: Path) -> None:
    """What one run writes, the next can be compared with; other facts of a file are passed over."""
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"answers": {}, "questions": as_values([RIGHT, SAID])}))
    assert [row["succeeded"] for row in earlier_run(path)] == [True, False]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"questions": 5}', '{"questions": [1]}', '{"questions": [{"id": 1}]}',
     '{"questions": [{"id": "1", "question": "?", "succeeded": 1, "text": ""}]}', "[" * 100_000],
)  # fmt: skip
def test_file_that_is_no_run(content: str, tmp_path: Path) -> None:
    """A file of another kind is bad use, before anything is measured."""
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(BadUse, match="run_unreadable"):
        earlier_run(path)
    with pytest.raises(NotFound):
        earlier_run(tmp_path / "nowhere.json")

"""Writes that fail, a few; `tests.benchmarks.safety` has each of them fail in turn."""

from __future__ import annotations

import pytest

from tests.benchmarks.common import AbsentError
from tests.benchmarks.faulty_write import shim
from tests.benchmarks.soundness import DOCTOR
from tests.benchmarks.starve import OPERATIONS, asked_starving, starved


def test_failing_write_changes_nothing_and_is_said() -> None:
    """A write that fails ends in a sentence of ours; the archive is whole, the next run works."""
    try:
        shim()
    except AbsentError as missing:
        pytest.skip(str(missing))
    tally = starved(OPERATIONS[1], 4)
    assert tally.calls > 100
    assert tally.wrong == []
    assert any(end.startswith("error ") for end in tally.ends)


def test_questions_are_answered_on_a_full_disk() -> None:
    """Without any room a new process still answers, exactly, and doctor says what is amiss."""
    try:
        shim()
    except AbsentError as missing:
        pytest.skip(str(missing))
    found = asked_starving()
    assert found.asked > 0
    assert [said.split()[:2] for said in found.wrong] == [[DOCTOR, "index_unopened"]]

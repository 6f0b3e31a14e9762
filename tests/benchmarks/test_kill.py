"""Pulling the plug, a few times; `tests.benchmarks.safety` does it hundreds of times."""

from __future__ import annotations

import pytest

from tests.benchmarks.common import AbsentError
from tests.benchmarks.faulty_write import shim
from tests.benchmarks.kill import SMALL, killed


def test_killed_feeder_leaves_every_article_whole() -> None:
    """Whenever the plug is pulled, the archive is as before or as after, and answers at once."""
    try:
        shim()
    except AbsentError as missing:
        pytest.skip(str(missing))
    tally = killed(SMALL, 5, seed=7)
    assert sum(tally.kills.values()) == 5
    assert tally.changes > 0
    assert tally.asked > 0
    assert tally.wrong == []

"""What is stored of errata: one that is ended while it is begun again loses nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.memory.errata import ErratumStore
from bot.memory.store import Store
from bot.memory.values import ErratumOutcome, ErratumState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_an_erratum_has_not_ended_while_a_conversation_waits(tmp_path: Path) -> None:
    """A conversation that comes as the last of the others was told waits on, and is told."""
    with Store(tmp_path / "bot.db") as store:
        errata = ErratumStore(store)
        erratum = errata.propose("article", "digest", "Le phare", NOW)
        errata.begin(erratum, 0, NOW, [(10, 0)])
        errata.end_if_sent(erratum.id)
        assert errata.outcomes(erratum.id) == {(10, 0): ErratumOutcome.WAITING}
        assert [one.id for one in errata.in_state(ErratumState.SENDING)] == [erratum.id]
        errata.drop(erratum.id, (10, 0))
        errata.end_if_sent(erratum.id)
        assert [one.id for one in errata.untold()] == [erratum.id]

"""A long feeding is estimated before it begins, may be paused, and goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.change import Report, Silent, verify
from retrieval.change.feeding import MEASURED_FROM, PausingProgress
from retrieval.errors import Paused
from retrieval.index.generations import Places
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer

BATCH = 256


def long_article(folder: Path, windows: int) -> Path:
    """An article of so many windows, each a sentence of its own."""
    folder.mkdir()
    lines = (f"Le conseil a voté le point {n} de l'ordre du jour. " * 2 for n in range(windows))
    path = folder / "seance.txt"
    path.write_text("Une longue séance\n\n" + "\n".join(lines), encoding="utf-8")
    return path


def test_a_long_change_is_timed_on_its_first_texts(tmp_path: Path) -> None:
    """The plan tells how much is to be embedded and how fast; what was timed is kept."""
    home, embedder, shown = tmp_path / "home", HashedEmbedder(), list[Report]()
    path = long_article(tmp_path / "in", MEASURED_FROM)

    def refuse(plan: Report) -> bool:
        shown.append(plan)
        return False

    assert indexer(home, embedder).index([path], confirm=refuse).declined
    (plan,) = shown
    timed = embedder.embedded
    assert 0 < timed <= 2 * BATCH
    assert plan.work.texts + timed >= MEASURED_FROM
    assert plan.work.a_second
    assert plan.work.seconds == plan.work.texts / plan.work.a_second
    # What a yes to the same question would embed is the rest.
    again = HashedEmbedder()
    indexer(home, again).index([path], confirm=refuse)
    assert shown[1].work.texts == plan.work.texts - again.embedded


def test_a_dry_run_is_timed_without_writing(tmp_path: Path) -> None:
    """The same estimate comes before anything is there."""
    home, embedder = tmp_path / "home", HashedEmbedder()
    path = long_article(tmp_path / "in", MEASURED_FROM)
    plan = indexer(home, embedder).plan([path])
    assert plan.work.texts >= MEASURED_FROM
    assert plan.work.seconds > 0
    assert not home.exists()


def test_a_short_change_is_not_timed(tmp_path: Path) -> None:
    """Few texts are only counted: nothing is embedded for a plan."""
    embedder = HashedEmbedder()
    plan = indexer(tmp_path / "home", embedder).plan([long_article(tmp_path / "in", 20)])
    assert (plan.work.texts > 0, plan.work.seconds, embedder.embedded) == (True, 0, 0)


def test_a_pause_keeps_what_was_embedded(tmp_path: Path) -> None:
    """At its hour a change stops with nothing live, and the next run embeds what is left."""
    home, first, second = tmp_path / "home", HashedEmbedder(), HashedEmbedder()
    path = long_article(tmp_path / "in", 3 * BATCH)
    hours = iter([1.0, 3.0])
    pausing = PausingProgress(Silent(), 2.0, lambda: next(hours))
    with pytest.raises(Paused) as paused:
        indexer(home, first).index([path], progress=pausing)
    assert first.embedded == 2 * BATCH
    with ArchiveReader(home / "archive.db") as reader:
        assert (reader.live_generation(), reader.entries()) == (None, [])
    assert indexer(home, second).index([path]).added == 1
    assert second.embedded == paused.value.facts["left"]
    assert verify(Places(home)) == []


def test_only_embedding_is_paused(tmp_path: Path) -> None:
    """When the last vector is made, the change is built and published, whatever the hour."""
    path = long_article(tmp_path / "in", 20)
    pausing = PausingProgress(Silent(), 0.0, lambda: 1.0)
    assert indexer(tmp_path / "home").index([path], progress=pausing).added == 1

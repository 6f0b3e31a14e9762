"""A change is made only when whoever is asked agrees."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.change import PlanChanged, Report, verify
from retrieval.errors import BadUse
from retrieval.index.generations import Places
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import editor, indexer, write_article, write_folder


def changed_folder(tmp_path: Path) -> tuple[Path, Path]:
    """A home, and its folder where one article is new, one changed, one gone."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    indexer(home).index([folder])
    write_article(folder, 0, "Une girafe traverse la place.")
    (folder / "article-001.md").unlink()
    write_article(folder, 4)
    return home, folder


def state(home: Path) -> tuple[object, ...]:
    """What the archive holds, and its history."""
    with ArchiveReader(home / "archive.db") as reader:
        articles = [reader.article(entry.id) for entry in reader.entries()]
        return (reader.live_generation(), articles, reader.changes(), Places(home).numbers())


def test_plan_is_shown_before_anything_is_built(tmp_path: Path) -> None:
    """What is asked about is what is done: the same articles, and nothing is there yet."""
    home, folder = changed_folder(tmp_path)
    before, shown = state(home), list[Report]()

    def agree(plan: Report) -> bool:
        shown.append(plan)
        assert state(home) == before
        return True

    done = indexer(home).index([folder], prune=True, confirm=agree)
    (plan,) = shown
    assert (plan.added, plan.changed, plan.removed, plan.replaced) == (1, 1, 1, 2)
    assert (plan.items, plan.dry_run, done.declined) == (done.items, True, False)
    assert verify(Places(home)) == []


def test_no_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """After a no nothing was embedded, and neither archive nor history tells of it."""
    home, folder = changed_folder(tmp_path)
    before, embedder = state(home), HashedEmbedder()
    report = indexer(home, embedder).index([folder], prune=True, confirm=lambda _: False)
    assert (report.declined, embedder.embedded) == (True, 0)
    assert state(home) == before
    assert indexer(home).index([folder], prune=True).changed == 1


def test_error_while_asking(tmp_path: Path) -> None:
    """An error of whoever asks passes through, and leaves nothing behind."""
    home, folder = changed_folder(tmp_path)
    before = state(home)

    def fail(_: Report) -> bool:
        raise BadUse("too_many_changes")

    with pytest.raises(BadUse):
        indexer(home).index([folder], confirm=fail)
    assert state(home) == before


def test_a_plan_that_was_confirmed_is_carried_out(tmp_path: Path) -> None:
    """What was expected is what is done."""
    home, folder = changed_folder(tmp_path)
    plan = indexer(home).plan([folder], prune=True)
    done = indexer(home).index([folder], prune=True, expected=plan)
    assert (done.items, done.dry_run) == (plan.items, False)


@pytest.mark.parametrize("meddling", ["text", "new", "archive", "pruning"])
def test_a_plan_is_compared_again_under_the_lock(tmp_path: Path, meddling: str) -> None:
    """Whatever changed since it was confirmed, nothing is done, and the new plan is told."""
    home, folder = changed_folder(tmp_path)
    plan = indexer(home).plan([folder], prune=meddling != "pruning")
    if meddling == "text":
        write_article(folder, 4, "Un mot de plus.")
    elif meddling == "new":
        write_article(folder, 5)
    elif meddling == "archive":
        indexer(home).index([folder / "article-004.md"])
    before = state(home)
    with pytest.raises(PlanChanged) as raised:
        indexer(home).index([folder], prune=True, expected=plan)
    assert state(home) == before
    new = pickle.loads(pickle.dumps(raised.value)).plan  # noqa: S301 - as a child sends it
    assert new is not None
    assert indexer(home).index([folder], prune=True, expected=new).items == new.items


def test_a_correction_is_compared_again_under_the_lock(tmp_path: Path) -> None:
    """Neither the file nor the article may have changed since somebody looked at them."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    ids = [item.article_id for item in indexer(home).index([folder]).items]
    path = write_article(tmp_path, 0, "Une girafe traverse la place.")
    expected = editor(home).corrected(ids[0], path)
    write_article(tmp_path, 0, "Deux girafes traversent la place.")
    before = state(home)
    with pytest.raises(PlanChanged):
        editor(home).correct(ids[0], path, expected=expected)
    assert state(home) == before
    expected = editor(home).corrected(ids[0], path)
    assert editor(home).correct(ids[0], path, expected=expected).after[0].digest

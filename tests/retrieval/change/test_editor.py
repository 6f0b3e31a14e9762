"""Corrections, withdrawals, and taking changes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from retrieval.archive.history import Retention, expire
from retrieval.archive.reader import ArchiveReader
from retrieval.archive.writer import ArchiveStore
from retrieval.change import rebuild, verify
from retrieval.errors import BadUse, NotFound
from retrieval.index.generations import Places
from retrieval.vocabulary import State
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import SIZES, editor, indexer, search, write_article, write_folder

MUSEUM = "Que dit un riverain du musée numéro 0 ?"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An archive of six articles; its folder ``in`` holds them."""
    indexer(tmp_path / "home").index([write_folder(tmp_path / "in", 6)])
    return tmp_path / "home"


def article_of(home: Path, title: str) -> str:
    """The id of the article of a title."""
    with ArchiveReader(home / "archive.db") as reader:
        return next(entry.id for entry in reader.entries() if entry.title == title)


def seen(home: Path) -> list[tuple[Any, ...]]:
    """All that a reader can see of the articles."""
    with ArchiveReader(home / "archive.db") as reader:
        articles = [reader.article(entry.id) for entry in reader.entries()]
    return [(a.id, a.title, a.text, a.published, a.outlet, a.state) for a in articles]


def test_withdrawn_article_is_found_no_more(home: Path) -> None:
    """At once, in a search begun afterwards; the article can still be shown, with its state."""
    id_ = article_of(home, "Le musée 0")
    assert search(home, MUSEUM)[0].article.id == id_
    edited = editor(home).withdraw([id_[:6]], "plainte fondée")
    assert [a.state for a in edited.after] == [State.WITHDRAWN]
    assert id_ not in {one.article.id for one in search(home, MUSEUM)}
    assert verify(Places(home)) == []


def test_withdrawal_stands_whatever_the_file_says(home: Path, tmp_path: Path) -> None:
    """Reading the folder again brings nothing back that a person took out."""
    id_ = article_of(home, "Le musée 0")
    editor(home).withdraw([id_], "plainte")
    write_article(tmp_path / "in", 0, "Le texte a été revu.")
    report = indexer(home).index([tmp_path / "in"])
    assert (report.added, report.changed) == (0, 0)
    assert id_ not in {one.article.id for one in search(home, MUSEUM)}


def test_withdrawing_twice_or_nothing_is_refused(home: Path) -> None:
    """A mistake is told, and changes nothing."""
    id_ = article_of(home, "Le musée 0")
    editor(home).withdraw([id_], "plainte")
    before = seen(home)
    with pytest.raises(BadUse) as twice:
        editor(home).withdraw([id_], "encore")
    with pytest.raises(NotFound):
        editor(home).withdraw(["ffffffff"], "inconnu")
    assert twice.value.key == "article_withdrawn"
    assert seen(home) == before


def test_no_archive_is_made_by_an_edit(tmp_path: Path) -> None:
    """Editing what does not exist says so and leaves no file."""
    with pytest.raises(NotFound):
        editor(tmp_path / "none").rollback()
    assert not (tmp_path / "none").exists()


def test_correction_is_a_new_revision_used_at_once(home: Path, tmp_path: Path) -> None:
    """The next question is answered from the corrected text, and what was known stays."""
    id_ = article_of(home, "Le musée 0")
    text = "Le musée numéro 0 a fermé. Un riverain du musée le regrette depuis mardi.\n"
    path = tmp_path / "corrigé.txt"
    path.write_text(text, "utf-8")
    edited = editor(home).correct(id_, path)
    (before,), (after,) = edited.before, edited.after
    assert (after.state, after.revision) == (State.CORRECTED, 2)
    assert after.text == text.strip()
    assert (after.title, after.published, after.outlet, after.source) == (
        *(before.title, before.published, before.outlet, before.source),
    )
    assert "a fermé" in search(home, MUSEUM)[0].passage.text
    assert verify(Places(home)) == []


def test_correction_stands_until_its_source_changes(home: Path, tmp_path: Path) -> None:
    """The old file, read again, does not undo a correction; a new text of it does."""
    id_ = article_of(home, "Le musée 0")
    (tmp_path / "new.txt").write_text("Le musée numéro 0 a fermé, dit un riverain.\n", "utf-8")
    editor(home).correct(id_, tmp_path / "new.txt")
    assert indexer(home).index([tmp_path / "in"]).unchanged == 6
    write_article(tmp_path / "in", 0, "La mairie précise la date.")
    assert indexer(home).index([tmp_path / "in"]).changed == 1


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("empty.txt", "", "correction_unreadable"),
        ("two.jsonl", '{"text": "Un texte."}\n{"text": "Deux textes."}\n', "correction_many"),
    ],
)
def test_correction_needs_one_article(
    home: Path, tmp_path: Path, name: str, text: str, key: str
) -> None:
    """A file without an article, or with several, corrects none."""
    before = seen(home)
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(BadUse) as caught:
        editor(home).correct(article_of(home, "Le musée 0"), tmp_path / name)
    assert caught.value.key == key
    assert seen(home) == before


def test_correction_that_says_the_same_is_refused(home: Path, tmp_path: Path) -> None:
    """Sending the very article again is no correction."""
    same = tmp_path / "in" / "article-000.md"
    with pytest.raises(BadUse) as caught:
        editor(home).correct(article_of(home, "Le musée 0"), same)
    assert caught.value.key == "correction_same"


def test_rollback_returns_to_what_was_there(home: Path, tmp_path: Path) -> None:
    """Added, changed and removed articles together, as one change, and texts byte for byte."""
    before = seen(home)
    write_article(tmp_path / "in", 0, "Une phrase de plus.")
    (tmp_path / "in" / "article-001.md").unlink()
    write_article(tmp_path / "in", 7)
    report = indexer(home).index([tmp_path / "in"], prune=True)
    assert (report.added, report.changed, report.removed) == (1, 1, 1)
    undone = editor(home).rollback()
    assert undone.articles == 3
    assert seen(home) == before
    assert verify(Places(home)) == []
    assert {one.article.id for one in search(home, "tramway numéro 1 riverain")} >= {
        article_of(home, "Le tramway 1")
    }


def test_rollback_again_goes_further_back(home: Path, tmp_path: Path) -> None:
    """Each change that stands is taken back once, the newest first, until nothing is left."""
    empty: list[tuple[Any, ...]] = []
    first = seen(home)
    id_ = article_of(home, "Le musée 0")
    (tmp_path / "new.txt").write_text("Le musée numéro 0 a fermé, dit un riverain.\n", "utf-8")
    editor(home).correct(id_, tmp_path / "new.txt")
    corrected = seen(home)
    editor(home).withdraw([id_], "plainte")
    for expected in (corrected, first, empty):
        editor(home).rollback()
        assert seen(home) == expected
        assert verify(Places(home)) == []
    with pytest.raises(BadUse) as caught:
        editor(home).rollback()
    assert caught.value.key == "nothing_to_undo"


def test_another_change_than_the_named_one_is_never_taken_back(home: Path) -> None:
    """Who names a change that is not the last is told, and nothing moves; the last one goes."""
    withdrawn = editor(home).withdraw([article_of(home, "Le musée 0")], "plainte")
    before = seen(home)
    for attempt in (
        lambda: editor(home).rollback(only=withdrawn.change - 1),
        lambda: editor(home).undoable(withdrawn.change - 1),
    ):
        with pytest.raises(BadUse) as caught:
            attempt()
        assert caught.value.key == "not_the_last_change"
        assert seen(home) == before
    assert editor(home).rollback(only=withdrawn.change).undone.id == withdrawn.change


def test_added_again_after_a_rollback(home: Path, tmp_path: Path) -> None:
    """An article that was taken back comes back under its id."""
    before = seen(home)
    editor(home).rollback()
    assert search(home, MUSEUM) == []
    assert indexer(home).index([tmp_path / "in"]).added == 6
    assert seen(home) == before


def test_rollback_embeds_nothing_that_is_known(home: Path) -> None:
    """Vectors outlive the texts that were replaced, and taking a withdrawal back needs none."""
    editor(home).withdraw([article_of(home, "Le musée 0")], "plainte")
    embedder = HashedEmbedder()
    editor(home, embedder).rollback()
    assert embedder.embedded == 0
    assert search(home, MUSEUM)[0].article.id == article_of(home, "Le musée 0")


def test_history_says_who_when_what(home: Path) -> None:
    """Every change is there, the newest first, with what undid it."""
    id_ = article_of(home, "Le musée 0")
    editor(home).withdraw([id_], "plainte fondée")
    editor(home).rollback()
    with ArchiveReader(home / "archive.db") as reader:
        back, withdrawal, added = reader.changes()
    assert [c.action for c in (back, withdrawal, added)] == ["rollback", "withdraw", "index"]
    assert withdrawal.detail["reason"] == "plainte fondée"
    assert withdrawal.detail["articles"] == [{"id": id_, "title": "Le musée 0"}]
    assert (withdrawal.by, withdrawal.undone_by, withdrawal.undoable) == ("tests", back.id, False)
    assert added.undoable
    assert added.counts["added"] == 6


def test_past_is_kept_as_long_as_set(home: Path, tmp_path: Path) -> None:
    """Beyond that what was replaced is gone, cannot be taken back, and the rest is whole."""
    for n in range(4):
        write_article(tmp_path / "in", 0, f"Version {n} du texte.")
        indexer(home).index([tmp_path / "in"])
    now = seen(home)
    with ArchiveStore(home / "archive.db") as store:
        expire(store, Retention(changes=2))
        (revisions,) = store.connection.execute("SELECT count(*) FROM revisions").fetchone()
    assert revisions == 6 + 2
    assert seen(home) == now
    for _ in range(2):
        editor(home).rollback()
    with pytest.raises(BadUse):
        editor(home).rollback()
    assert verify(Places(home)) == []


def test_copies_of_an_article_that_comes_back_are_found(home: Path, tmp_path: Path) -> None:
    """What was taken back and comes again is compared with later texts of the same run."""
    path = write_article(tmp_path / "in", 6)
    indexer(home).index([tmp_path / "in"])
    editor(home).rollback()
    for number in range(7, 80):  # more than are written at once
        write_article(tmp_path / "in", number)
    copy = path.read_text("utf-8").replace("title: Le", "title: Ce")
    (tmp_path / "in" / "zz-copy.md").write_text(copy, "utf-8")
    report = indexer(home).index([tmp_path / "in"])
    assert (report.added, report.near_duplicates) == (74, 1)


def test_renamed_file_can_be_read_again_after_a_rollback(home: Path, tmp_path: Path) -> None:
    """The article that was taken out keeps no source from one that is read now."""
    old, new = tmp_path / "in" / "article-000.md", tmp_path / "in" / "renamed.md"
    text = old.read_text("utf-8")
    old.rename(new)
    indexer(home).index([tmp_path / "in"])
    editor(home).rollback()
    assert indexer(home).index([tmp_path / "in"]).added == 6
    old.write_text(text.replace("restera ouvert", "fermera ses portes"), "utf-8")
    indexer(home).index([tmp_path / "in"])
    assert verify(Places(home)) == []
    assert indexer(home).index([tmp_path / "in"]).unchanged == 7


def test_copy_of_what_a_person_withdrew_stays_out(home: Path, tmp_path: Path) -> None:
    """Before and after everything is made anew."""
    text = (tmp_path / "in" / "article-000.md").read_text("utf-8")
    (tmp_path / "in" / "copy.md").write_text(text.replace("title: Le", "title: Ce"), "utf-8")
    assert indexer(home).index([tmp_path / "in"]).near_duplicates == 1
    editor(home).withdraw([article_of(home, "Le musée 0")], "plainte")
    other = replace(SIZES, window_chars=200)
    rebuild(Places(home), HashedEmbedder(), other)
    report = indexer(home, options=other).index([tmp_path / "in"])
    assert (report.added, report.near_duplicates) == (0, 0)


def test_copy_elsewhere_keeps_its_article_from_being_pruned(home: Path, tmp_path: Path) -> None:
    """What is not read in a run still says what the article says."""
    original = tmp_path / "in" / "article-000.md"
    copy = tmp_path / "elsewhere.md"
    copy.write_text(original.read_text("utf-8").replace("title: Le", "title: Ce"), "utf-8")
    assert indexer(home).index([copy]).near_duplicates == 1
    original.unlink()
    assert indexer(home).index([tmp_path / "in"], prune=True).removed == 0
    assert search(home, MUSEUM)

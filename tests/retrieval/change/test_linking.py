"""Texts that are published again are linked to the article that they repeat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.archive import meta
from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import Link
from retrieval.archive.schema import connect
from retrieval.change import Kind, verify
from retrieval.index.generations import Places
from retrieval.vocabulary import State
from tests.retrieval.library import (
    SIZES,
    counted,
    editor,
    ids_in,
    indexer,
    live,
    write_article,
    write_folder,
)

HEAD = "---\ntitle: {title}\npublished: 2017-05-{day:02d}\noutlet: {outlet}\n---\n"
PARAGRAPHS = [
    "Le pont de Brume rouvre à la circulation lundi matin, après un an de travaux qui ont coûté"
    " quatre millions d'euros à la commune et au département.",
    "Les ouvriers ont remplacé les 12 piles de bois par des piles de béton, et posé un tablier"
    " plus large que celui de 1931.",
    "Le maire se réjouit : les habitants de la rive gauche ne feront plus le détour par"
    " Saint-Aubin pour aller au marché.",
]


def write(folder: Path, name: str, *, title: str = "Le pont rouvre", text: str = "") -> Path:
    """An article about the bridge; by default all that is known of it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md"
    head = HEAD.format(title=title, day=24, outlet="Le Courrier")
    path.write_text(head + (text or "\n\n".join(PARAGRAPHS)), encoding="utf-8")
    return path


def write_copy(folder: Path, name: str = "b", cut: int = 2) -> Path:
    """The same under another headline, without its end, signed."""
    text = "\n\n".join([*PARAGRAPHS[:cut], "(avec AFP)"])
    return write(folder, name, title="À Brume, le pont est ouvert", text=text)


def links(home: Path) -> dict[str, Link]:
    """The links of an archive, by the names of the linked files."""
    with ArchiveReader(home / "archive.db") as reader:
        found = [link for entry in reader.entries() for link in reader.links_to(entry.id)]
    return {Path(link.source).stem: link for link in found}


def test_later_copy_is_linked(tmp_path: Path) -> None:
    """A copy in a later run is no article: the report names what it repeats, and how much."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    first = indexer(home).index([folder])
    write_copy(folder)
    report = indexer(home).index([folder])
    assert counted(report) == (0, 0, 1, 0, 1)
    (item,) = report.items
    assert (item.kind, item.title) == (Kind.NEAR_DUPLICATE, "À Brume, le pont est ouvert")
    assert item.like
    assert (item.like.title, item.like.article_id) == ("Le pont rouvre", item.article_id)
    assert 0.8 < item.like.share < 1
    assert (report.passages, report.windows) == (first.passages, first.windows)
    assert (live(home), list(links(home))) == (["a"], ["b"])
    with ArchiveReader(home / "archive.db") as reader:
        (link,) = reader.links_to(item.article_id)
        assert (link.outlet, str(link.published)) == ("Le Courrier", "2017-05-24")
        assert reader.changes()[0].counts["near_duplicates"] == 1


def test_copy_in_the_same_run_is_linked(tmp_path: Path) -> None:
    """Whether the first is staged already, or in the same batch, makes no difference."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 70)
    write(folder, "a")  # seventy more follow before the second copy, in their own batch
    write_copy(folder, "a2")
    write_copy(folder, "z")
    assert counted(indexer(home).index([folder])) == (71, 0, 0, 0, 2)
    assert set(links(home)) == {"a2", "z"}
    assert verify(Places(home)) == []


def test_word_for_word_the_same_in_one_run(tmp_path: Path) -> None:
    """A file and its copy, metadata included, are one article and a link of 100 %."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write(folder, "b")
    report = indexer(home).index([folder])
    assert counted(report) == (1, 0, 0, 0, 1)
    assert links(home)["b"].likeness == 1.0


def test_linked_source_met_again_is_unchanged(tmp_path: Path) -> None:
    """Nothing is written for it, no generation is made, and no change is in the history."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write_copy(folder)
    indexer(home).index([folder])
    numbers = Places(home).numbers()
    assert counted(indexer(home).index([folder])) == (0, 0, 2, 0, 0)
    assert Places(home).numbers() == numbers
    with ArchiveReader(home / "archive.db") as reader:
        assert len(reader.changes()) == 1


def test_links_alone_make_no_generation(tmp_path: Path) -> None:
    """A change that only links leaves the indexes, and is in the history and undone like any."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    indexer(home).index([folder])
    numbers = Places(home).numbers()
    write_copy(folder)
    indexer(home).index([folder])
    assert Places(home).numbers() == numbers
    editor(home).rollback()
    assert (live(home), links(home)) == (["a"], {})
    assert verify(Places(home)) == []


def test_source_that_resembles_no_more_becomes_an_article(tmp_path: Path) -> None:
    """When a linked source says something else, it is an article, and linked no more."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write_copy(folder)
    indexer(home).index([folder])
    write_article(folder, 3).rename(folder / "b.md")
    assert counted(indexer(home).index([folder])) == (1, 0, 1, 0, 0)
    assert (live(home), links(home)) == (["a", "b"], {})


def test_source_that_changes_and_still_repeats_stays_linked(tmp_path: Path) -> None:
    """Another cut of the same text is the same link, told anew."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write_copy(folder)
    indexer(home).index([folder])
    write_copy(folder, cut=3)
    assert counted(indexer(home).index([folder])) == (0, 0, 1, 0, 1)
    assert (live(home), list(links(home))) == (["a"], ["b"])


def test_article_that_a_link_repeats_is_not_pruned(tmp_path: Path) -> None:
    """As long as a linked source says it, an article stays though its own file is gone."""
    home, folder = tmp_path / "home", tmp_path / "in"
    original = write(folder, "a")
    copy = write_copy(folder)
    indexer(home).index([folder])
    original.unlink()
    assert counted(indexer(home).index([folder], prune=True)) == (0, 0, 1, 0, 0)
    copy.unlink()
    assert counted(indexer(home).index([folder], prune=True)) == (0, 0, 0, 1, 0)
    write_copy(folder)
    assert counted(indexer(home).index([folder])) == (1, 0, 0, 0, 0)
    assert (live(home), links(home)) == (["b"], {})


def test_withdrawal_by_a_person_holds_for_what_is_linked(tmp_path: Path) -> None:
    """What is linked to a withdrawn article does not come back under another name."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write_copy(folder)
    indexer(home).index([folder])
    with ArchiveReader(home / "archive.db") as reader:
        (entry,) = reader.entries()
    editor(home).withdraw([entry.id], "faux")
    assert counted(indexer(home).index([folder])) == (0, 0, 2, 0, 0)
    assert live(home) == []


def test_link_is_looked_at_again_when_its_article_changes(tmp_path: Path) -> None:
    """A source that only the old text of an article said becomes an article of its own."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write_copy(folder)
    indexer(home).index([folder])
    write_article(folder, 3).rename(folder / "a.md")
    assert indexer(home).index([folder]).changed == 1
    assert counted(indexer(home).index([folder])) == (1, 0, 1, 0, 0)
    assert (live(home), links(home)) == (["a", "b"], {})


def test_setting_indexes_copies(tmp_path: Path) -> None:
    """With ``near_duplicates = "index"`` a copy is an article, and what was linked becomes one."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write_copy(folder)
    indexer(home).index([folder])
    every = replace(SIZES, linking=False)
    assert counted(indexer(home, options=every).index([folder])) == (1, 0, 1, 0, 0)
    assert (live(home), links(home)) == (["a", "b"], {})


def test_bulletins_are_not_linked(tmp_path: Path) -> None:
    """Dozens of articles in the same words with other numbers are dozens of articles."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 60)
    assert counted(indexer(home).index([folder])) == (60, 0, 0, 0, 0)


@pytest.mark.parametrize("unsigned", ["no signatures", "signatures of another version"])
def test_archive_made_before(tmp_path: Path, unsigned: str) -> None:
    """Articles without signatures, or with old ones, are signed at the next change."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    indexer(home).index([folder])
    connection = connect(home / "archive.db", write=True)
    if unsigned == "no signatures":
        connection.execute("DELETE FROM bands")
        connection.execute("DELETE FROM signatures")
    else:
        connection.execute("UPDATE bands SET band = band + 1")
        connection.execute("UPDATE meta SET value = 'old' WHERE key = ?", (meta.SIGNATURES,))
    connection.close()
    write_copy(folder)
    assert counted(indexer(home).plan([folder])) == (0, 0, 1, 0, 1)
    assert counted(indexer(home).index([folder])) == (0, 0, 1, 0, 1)


def test_article_that_a_rollback_brings_back_has_its_copies(tmp_path: Path) -> None:
    """It was corrected and withdrawn by hand, and seen to by nobody but while it was withdrawn."""
    home, folder = tmp_path / "home", tmp_path / "in"
    indexer(home).index([write(folder, "a", text="Le pont rouvre.")])
    (article,) = ids_in(home)
    editor(home).correct(article, write(tmp_path, "corrected"))
    editor(home).withdraw([article], "une erreur")
    indexer(home).index([write_article(folder, 1)])
    for _ in ("index", "withdraw"):
        editor(home).rollback()
    write_copy(folder)
    for report in (indexer(home).plan([folder / "b.md"]), indexer(home).index([folder / "b.md"])):
        assert counted(report) == (0, 0, 0, 0, 1)


def test_plan_says_what_index_does(tmp_path: Path) -> None:
    """A dry run finds copies in the archive and in the run, and writes nothing to the archive."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    write_copy(folder)
    write_article(folder, 1)
    empty = indexer(home).plan([folder])
    assert not home.exists()
    assert counted(empty) == (2, 0, 0, 0, 1)
    assert counted(indexer(home).index([folder])) == (2, 0, 0, 0, 1)
    write_copy(folder, "c", cut=3)
    write(folder, "a", text="\n\n".join([*PARAGRAPHS, "Une fête est prévue."]))
    before = (home / "archive.db").read_bytes()
    planned = indexer(home).plan([folder])
    assert (home / "archive.db").read_bytes() == before
    done = indexer(home).index([folder])
    assert counted(planned) == counted(done) == (0, 1, 2, 0, 1)
    assert planned.items == done.items


def test_changed_article_is_compared_as_it_will_be(tmp_path: Path) -> None:
    """A copy of what an article says no more after this run is no copy."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    indexer(home).index([folder])
    write_article(folder, 3).rename(folder / "a.md")
    write_copy(folder)
    for report in (indexer(home).plan([folder]), indexer(home).index([folder])):
        assert counted(report) == (1, 1, 0, 0, 0)


def test_pruned_article_is_not_linked_to(tmp_path: Path) -> None:
    """Only live articles are repeated: what is found nowhere else is added."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    indexer(home).index([folder])
    (folder / "a.md").unlink()
    indexer(home).index([folder], prune=True)
    write_copy(folder)
    assert counted(indexer(home).index([folder])) == (1, 0, 0, 0, 0)
    with ArchiveReader(home / "archive.db") as reader:
        states = {Path(entry.source).stem: entry.state for entry in reader.entries()}
    assert states == {"a": State.WITHDRAWN, "b": State.LIVE}


def test_links_beside_a_missing_file_are_undone(tmp_path: Path) -> None:
    """What is gone and stays in the archive is not counted as removed, and bars no rollback."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a")
    gone = write_article(folder, 3)
    indexer(home).index([folder])
    gone.unlink()
    write_copy(folder)
    report = indexer(home).index([folder])
    assert (report.near_duplicates, report.removed) == (1, 1)
    with ArchiveReader(home / "archive.db") as reader:
        assert reader.changes(1)[0].counts["removed"] == 0
    editor(home).rollback()
    assert links(home) == {}

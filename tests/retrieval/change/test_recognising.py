"""Articles are recognised when their source is read from another place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from retrieval.archive.known import KnownArticles
from retrieval.archive.reader import ArchiveReader
from retrieval.change import Kind
from retrieval.vocabulary import Draft
from tests.retrieval.library import counted, editor, ids_in, indexer, keep, live, write_folder

URL = "https://courrier.example/2017/05/pont"
PONT = (
    "Le pont de Brume rouvre lundi, après un an de travaux qui ont coûté quatre millions.\n\n"
    "Le maire se réjouit, les riverains craignent le retour des camions.\n\n"
)
MARCHE = (
    "Le marché de Corvec change de place dès samedi, faute de stands.\n\n"
    "Trente commerçants iront sur le port, les autres devant la gare.\n\n"
)


def write(folder: Path, name: str, url: str, text: str, day: int = 24, title: str = "") -> Path:
    """A text that says its address."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md"
    head = f"title: {title or text[:20]}\npublished: 2017-05-{day}\nurl: {url}"
    path.write_text(f"---\n{head}\n---\n{text}", encoding="utf-8")
    return path


def test_folder_under_another_path(tmp_path: Path) -> None:
    """A folder that moved holds nothing new, and nothing of it is missing."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 5)
    indexer(home).index([folder])
    before = ids_in(home)
    shutil.move(folder, tmp_path / "moved")
    for report in (indexer(home).plan([tmp_path]), indexer(home).index([tmp_path], prune=True)):
        assert counted(report) == (0, 0, 5, 0, 0)
    assert ids_in(home) == before


def test_moved_article_changes_as_itself(tmp_path: Path) -> None:
    """After it was met elsewhere, an article is known by its new place, in all that follows."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    indexer(home).index([folder])
    before = ids_in(home)
    moved = tmp_path / "moved"
    shutil.move(folder, moved)
    indexer(home).index([moved])
    path = moved / "article-001.md"
    path.write_text(path.read_text("utf-8") + "Une girafe passe.\n", encoding="utf-8")
    assert counted(indexer(home).index([moved])) == (0, 1, 2, 0, 0)
    assert sorted(ids_in(home)) == sorted(before)
    path.unlink()
    assert counted(indexer(home).index([moved], prune=True)) == (0, 0, 2, 1, 0)


def test_pruned_article_returns_from_another_path(tmp_path: Path) -> None:
    """An article that was pruned and comes back elsewhere is the same article."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    indexer(home).index([folder])
    before = ids_in(home)
    (folder / "article-001.md").rename(tmp_path / "kept.md")
    indexer(home).index([folder], prune=True)
    assert counted(indexer(home).index([tmp_path / "kept.md"])) == (1, 0, 0, 0, 0)
    assert sorted(ids_in(home)) == sorted(before)


def test_withdrawn_article_does_not_return_by_another_path(tmp_path: Path) -> None:
    """What a person withdrew stays withdrawn when its file is renamed."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    indexer(home).index([folder])
    editor(home).withdraw(ids_in(home)[:1], "faux")
    folder.rename(tmp_path / "moved")
    assert counted(indexer(home).index([tmp_path / "moved"])) == (0, 0, 2, 0, 0)
    assert len(ids_in(home)) == 1


def test_same_address_is_the_same_article(tmp_path: Path) -> None:
    """Another text at the address of an article is a change of it: the id stays."""
    home = tmp_path / "home"
    indexer(home).index([write(tmp_path, "a", URL, PONT)])
    before = ids_in(home)
    again = write(tmp_path / "b", "b", f"{URL}/?utm_source=x#suite", PONT + "Il neige.")
    report = indexer(home).index([again])
    assert counted(report) == (0, 1, 0, 0, 0)
    (item,) = report.items
    assert item.kind is Kind.CHANGED
    assert item.changes
    assert item.changes.paragraphs.added == 1
    assert (ids_in(home), live(home)) == (before, ["b"])
    assert counted(indexer(home).index([again])) == (0, 0, 1, 0, 0)


def test_record_and_page_at_one_address(tmp_path: Path) -> None:
    """The origin of a record is its address: whatever it says now is what the article says."""
    home, export = tmp_path / "home", tmp_path / "export.jsonl"
    reports = []
    for url, text in ((URL, PONT), (URL.replace("https://", "http://www."), MARCHE)):
        record = {"title": text[:20], "text": text, "url": url}
        export.write_text(json.dumps(record), encoding="utf-8")
        reports.append(indexer(home).index([export]))
    assert [counted(report) for report in reports] == [(1, 0, 0, 0, 0), (0, 1, 0, 0, 0)]
    assert len(ids_in(home)) == 1


def test_home_page_identifies_nothing(tmp_path: Path) -> None:
    """Articles that all give the address of their newspaper are as many articles."""
    home, url = tmp_path / "home", "https://courrier.example/"
    indexer(home).index([write(tmp_path, "a", url, PONT)])
    assert counted(indexer(home).index([write(tmp_path, "b", url, MARCHE)])) == (1, 0, 0, 0, 0)
    assert live(home) == ["a", "b"]


def test_address_of_a_section_merges_nothing(tmp_path: Path) -> None:
    """Two stories with one address are two articles; the report says that they share it."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a", URL, PONT)
    write(folder, "b", URL, MARCHE)
    report = indexer(home).index([folder])
    assert counted(report) == (2, 0, 0, 0, 0)
    first, second = report.items
    assert (first.same_address, second.same_address) == ("", first.article_id)
    assert counted(indexer(home).index([folder])) == (0, 0, 2, 0, 0)
    later = write(folder, "c", URL, "La bibliothèque de Morvan prête désormais des vélos. " * 3)
    assert counted(indexer(home).index([later])) == (1, 0, 0, 0, 0)
    assert live(home) == ["a", "b", "c"]


def test_other_story_in_a_later_run(tmp_path: Path) -> None:
    """A story about something else does not replace the one that has its address."""
    home = tmp_path / "home"
    indexer(home).index([write(tmp_path, "a", URL, PONT)])
    report = indexer(home).index([write(tmp_path, "b", URL, MARCHE)])
    assert counted(report) == (1, 0, 0, 0, 0)
    assert report.items[0].same_address in ids_in(home)


def test_daily_page_is_not_one_article(tmp_path: Path) -> None:
    """A page with one address and title that is saved every day is as many articles."""
    home = tmp_path / "home"
    for day in (24, 25):
        text = f"Le temps de Brume : {day - 10} degrés, et du vent le soir sur toute la côte."
        report = indexer(home).index([write(tmp_path, f"d{day}", URL, text, day, "Le temps")])
        assert counted(report) == (1, 0, 0, 0, 0)
    assert live(home) == ["d24", "d25"]


def test_two_states_of_one_text_in_a_run(tmp_path: Path) -> None:
    """Which of two versions is right cannot be known: the second is reported, not merged."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "a", URL, PONT)
    write(folder, "b", URL, PONT.replace("quatre", "cinq"))
    for _ in range(2):
        report = indexer(home).index([folder])
        assert [(p.reason, Path(p.source).stem) for p in report.unreadable] == [
            ("same_origin", "b")
        ]
        assert live(home) == ["a"]


def test_names_exchanged(tmp_path: Path) -> None:
    """A file that took another's name, and a new one in its place: both are right after a run."""
    home, folder = tmp_path / "home", tmp_path / "in"
    write(folder, "b", "", PONT)
    indexer(home).index([folder])
    (folder / "b.md").rename(folder / "c.md")
    write(folder, "b", "", MARCHE)
    indexer(home).index([folder])
    with ArchiveReader(home / "archive.db") as reader:
        texts = sorted(reader.article(id_).text.split()[1] for id_ in ids_in(home))
    assert texts == ["marché", "pont"]


SPELLINGS = (
    "https://courrier.example/2019/caf%C3%A9-ouvre.html?a=1&b=2",
    "http://www.courrier.example/2019/café-ouvre.html?b=2&a=1#suite",
    "https://courrier.example:443/2019//café-ouvre.html/?a=1&b=2&utm_source=lettre",
)
PLAIN = (
    "https://courrier.example/2019/pont.html",
    "http://WWW.courrier.example/2019/pont.html/#haut",
    "https://courrier.example/2019//pont.html?utm_campaign=x",
)


@pytest.mark.parametrize("spellings", [SPELLINGS, PLAIN])
def test_every_spelling_of_an_address_is_recognised(
    tmp_path: Path, spellings: tuple[str, ...]
) -> None:
    """Whatever spelling an article has and another is looked for, it is the one article there."""
    for at, kept in enumerate(spellings):
        home, other = tmp_path / str(at), "https://courrier.example/2019/gare.html"
        keep(home, [Draft("a", "a", "", "", url=kept), Draft("b", "b", "", "", url=other)])
        with KnownArticles(home / "archive.db") as known:
            for read in spellings:
                found = known.by_address((read, "/in/a.html"))
                assert found is not None, (kept, read)
                assert found.origin == "a"

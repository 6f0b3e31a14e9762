"""``kiosque index``: what is counted, what is left alone, and the code that it ends with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Kiosque
from tests.retrieval.reading.pdfwriter import column, pdf
from tests.sample_home import ARTICLES

FIELDS = [
    "added", "changed", "unchanged", "removed", "near_duplicates", "unreadable",
    "passages", "windows", "took_ms",
]  # fmt: skip
ARTICLE = "Le phare de Port-Lannec change de lampe\n\nLe phare sera éteint trois nuits en avril."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one article."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "phare.txt").write_text(ARTICLE, encoding="utf-8")
    return folder


def test_report_in_json(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """The report has the design's fields: numbers, and the list of what was unreadable."""
    (folder / "vide.txt").touch()
    ran = kiosque(empty_home, "index", folder, "--json")
    report = ran.json
    assert (ran.code, ran.err, list(report)) == (0, "", FIELDS)
    assert report["unreadable"] == [{"source": str(folder / "vide.txt"), "reason": "empty"}]
    numbers = {name: value for name, value in report.items() if name != "unreadable"}
    assert all(isinstance(value, int) for value in numbers.values())
    assert (report["added"], report["passages"]) == (1, 1)
    assert report["windows"] >= 1


def test_again_changes_nothing(kiosque: Kiosque, own_home: Path) -> None:
    """Indexing the same articles again counts them as unchanged, and leaves the archive alone."""
    before = kiosque(own_home, "articles", "--json").out
    ran = kiosque(own_home, "index", ARTICLES, "--json")
    assert (ran.code, ran.json["added"], ran.json["unchanged"]) == (0, 0, 14)
    assert kiosque(own_home, "articles", "--json").out == before


def test_changed_file_replaces_the_old_text(
    kiosque: Kiosque, empty_home: Path, folder: Path
) -> None:
    """A changed file is one change; questions find the new text and no longer the old."""
    kiosque(empty_home, "index", folder)
    (folder / "phare.txt").write_text(ARTICLE.replace("trois nuits", "douze nuits"), "utf-8")
    ran = kiosque(empty_home, "index", folder, "--json")
    assert (ran.json["added"], ran.json["changed"], ran.json["passages"]) == (0, 1, 1)
    found = kiosque(empty_home, "search", "Combien de nuits le phare sera-t-il éteint ?", "--json")
    assert [passage["text"].count("douze nuits") for passage in found.json["passages"]] == [1]


def test_dry_run_changes_nothing(kiosque: Kiosque, own_home: Path, folder: Path) -> None:
    """``--dry-run`` counts what would change, and the archive stays as it is."""
    before = kiosque(own_home, "articles", "--json").out
    ran = kiosque(own_home, "index", "--dry-run", folder, "--json")
    assert (ran.code, ran.json["added"]) == (0, 1)
    assert kiosque(own_home, "articles", "--json").out == before
    assert "Rien n’a été changé" in kiosque(own_home, "index", "--dry-run", folder).out


def test_missing_file_is_reported_and_pruned_when_asked(
    kiosque: Kiosque, empty_home: Path, folder: Path
) -> None:
    """A source that is gone is said; with ``--prune`` it is withdrawn, and found no more."""
    (folder / "autre.txt").write_text("Le marché de Brume\n\nIl ouvre à huit heures.", "utf-8")
    kiosque(empty_home, "index", folder)
    (folder / "phare.txt").unlink()
    ran = kiosque(empty_home, "index", folder)
    assert ran.code == 0
    assert "--prune" in ran.out
    assert len(kiosque(empty_home, "search", "phare", "--json").json["passages"]) == 2
    pruned = kiosque(empty_home, "index", "--prune", folder, "--json")
    assert (pruned.code, pruned.json["removed"]) == (0, 1)
    (left,) = kiosque(empty_home, "search", "phare", "--json").json["passages"]
    assert left["source"].endswith("autre.txt")
    states = {a["source"]: a["state"] for a in kiosque(empty_home, "articles", "--json").json}
    assert states[str(folder / "phare.txt")] == "withdrawn"


def test_folder_that_was_emptied_is_no_failure(
    kiosque: Kiosque, empty_home: Path, folder: Path
) -> None:
    """When all the articles of a folder are gone, pruning them is what was asked: 0."""
    kiosque(empty_home, "index", folder)
    (folder / "phare.txt").unlink()
    ran = kiosque(empty_home, "index", "--prune", folder, "--json")
    assert (ran.code, ran.json["removed"], ran.err) == (0, 1, "")
    assert kiosque(empty_home, "search", "phare", "--json").json["passages"] == []


def test_explain_lists_what_cleaning_took_out(
    kiosque: Kiosque, empty_home: Path, tmp_path: Path
) -> None:
    """``--explain`` shows the pieces that are not in the text any more."""
    source = tmp_path / "phare.txt"
    source.write_text(f"{ARTICLE}\n\nLire également : un autre article\n", encoding="utf-8")
    ran = kiosque(empty_home, "index", "--explain", source)
    assert (ran.code, "Lire également" in ran.out) == (0, True)


def test_report_for_people(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """A person reads sentences in French, and the size of the index."""
    ran = kiosque(empty_home, "index", folder)
    assert (ran.code, ran.err) == (0, "")
    assert "1 article ajouté" in ran.out
    assert "1 passage" in ran.out


def test_article_that_moved_home_is_answered_from(
    kiosque: Kiosque, own_home: Path, tmp_path: Path
) -> None:
    """A home that is moved as a whole goes on answering: nothing in it is an absolute path."""
    moved = tmp_path / "moved"
    shutil.move(own_home, moved)
    assert kiosque(moved, "ask", "Combien de stations aura la ligne T2 ?").code == 0
    assert kiosque(moved, "doctor").code == 0


def test_the_settings_bound_what_a_file_may_cost(
    kiosque: Kiosque, empty_home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document of more pages than ``indexing.max_pages`` is told by its setting; others go in."""
    for pages in (1, 3):
        lines = column(["Le marché de Brume ouvre à huit heures."])
        (folder / f"{pages}.pdf").write_bytes(pdf([lines] * pages))
    monkeypatch.setenv("KIOSQUE_INDEXING__MAX_PAGES", "2")
    ran = kiosque(empty_home, "index", folder)
    assert ran.code == 0
    assert "il a trop de pages (réglage indexing.max_pages)" in " ".join(ran.out.split())
    report = kiosque(empty_home, "index", folder, "--json").json
    assert report["unchanged"] == 2
    assert [problem["reason"] for problem in report["unreadable"]] == ["too_many_pages"]


def test_plan_tells_what_pruning_would_remove(
    kiosque: Kiosque, empty_home: Path, folder: Path
) -> None:
    """With ``--prune`` a plan counts the articles whose file is gone as removed, by name."""
    (folder / "gare.txt").write_text("La gare rouvre\n\nLa gare rouvrira lundi matin.", "utf-8")
    kiosque(empty_home, "index", folder)
    (folder / "phare.txt").unlink()
    assert "1 source a disparu" in kiosque(empty_home, "index", folder, "--dry-run").out
    planned = kiosque(empty_home, "index", folder, "--dry-run", "--prune").out
    assert "1 article retiré" in planned
    assert "Le phare de Port-Lannec" in planned
    assert len(kiosque(empty_home, "articles", "--json").json) == 2


def test_files_of_other_formats_are_told(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """A folder says how many files of which endings were passed over."""
    for name in ("a.psd", "b.PSD", "c.wma"):
        (folder / name).write_bytes(b"x")
    ran = kiosque(empty_home, "index", folder, "--dry-run")
    assert "2 fichiers d’un format qui ne se lit pas (.psd)" in ran.out
    told = kiosque(empty_home, "index", folder, "--json").json["left_out"]
    assert [(one["reason"], one["detail"], one["count"]) for one in told] == [
        ("unknown_format", ".psd", 2),
        ("unknown_format", ".wma", 1),
    ]
    assert told[1]["sources"] == [str(folder / "c.wma")]


def test_a_folder_of_other_formats_only_tells_them(
    kiosque: Kiosque, empty_home: Path, folder: Path
) -> None:
    """When no article is there, the failure comes with what is: counts and endings."""
    (folder / "phare.txt").rename(folder / "phare.tif")
    ran = kiosque(empty_home, "index", folder, "--dry-run")
    assert ran.code == 1
    assert "1 fichier d’un format qui ne se lit pas (.tif)" in ran.out
    assert "aucun article" in ran.err


def test_what_is_all_left_out_is_no_failure(
    kiosque: Kiosque, empty_home: Path, folder: Path
) -> None:
    """A folder of drafts is read: the report says so, and no path is to be checked."""
    (folder / "phare.txt").unlink()
    (folder / "a.md").write_text("---\ndraft: true\n---\nLe phare est vendu.")
    ran = kiosque(empty_home, "index", folder)
    assert (ran.code, ran.err) == (0, "")
    assert "1 brouillon" in ran.out

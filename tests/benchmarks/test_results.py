"""The page of results: each measurement rewrites its own section, and no other."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import results


def test_a_section_is_rewritten_in_its_place(tmp_path: Path) -> None:
    """Measuring again replaces a section; those of the other command stay, word for word."""
    page = tmp_path / "results.md"
    kept = results.table(("what", "measured"), [("a", 1), ("b", 2)])
    results.put({"Search": "old", "PIAF": kept}, page)
    before = page.read_text(encoding="utf-8")
    results.put({"Search": "new\n\n### Deeper\n\nmore"}, page)
    assert page.read_text(encoding="utf-8") == before.replace("old", "new\n\n### Deeper\n\nmore")


def test_sections_keep_one_order(tmp_path: Path) -> None:
    """However they come in, sections stand in the order of the page; unknown ones last."""
    page = tmp_path / "results.md"
    for title in ("Ours alone", "Extraction", "Cold start", "PIAF"):
        results.put({title: title.lower()}, page)
    lines = page.read_text(encoding="utf-8").splitlines()
    titles = [line[3:] for line in lines if line.startswith("## ")]
    assert titles == ["PIAF", "Cold start", "Extraction", "Ours alone"]


def test_no_section_of_ours_is_unknown() -> None:
    """To measure one again moves no other to the end."""
    page = results.RESULTS.read_text(encoding="utf-8")
    titles = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert set(titles) <= set(results.ORDER)

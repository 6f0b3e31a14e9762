"""Hostile files: each costs a bounded time and memory, and the others are read all the same."""

from __future__ import annotations

from pathlib import Path

from retrieval.reading import CleaningRules, Limits, Sandbox, find_sources, read
from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.conftest import TODAY
from tests.retrieval.reading.pdfwriter import column, pdf
from tests.retrieval.reading.samples import feed_of, hostile, laughs, word_file

_LIMITS = Limits(pages=500, seconds=1.5, memory_mb=400)
_TEXT = "Le pont est ouvert depuis mardi."
_ITEM = "<title>Un pont</title><link>https://fil.example/1</link><description>Le pont %s est ouvert"
# Which of the limits is met first is the machine's affair.
_REASONS = {
    "bomb.docx": {"too_large"},
    "lying.docx": {"damaged"},
    "laughs.docx": {"damaged"},
    "nested.docx": {"damaged"},
    "cut.docx": {"damaged"},
    "pages.pdf": {"too_many_pages"},
    "password.pdf": {"password"},
    "cut.pdf": {"damaged"},
    "huge.html": {"took_too_long", "too_complex"},
    "nested.html": {"no_text", "too_complex", "took_too_long"},
    "nested.xml": {"no_text", "too_complex", "took_too_long"},
    "nested.md": {"took_too_long", "too_complex"},
    "other.xml": {"xml_unknown"},
}


def test_a_run_over_hostile_files(tmp_path: Path, rules: CleaningRules) -> None:
    """Each is one value in the report, with its reason; a good file right after each is read."""
    bad = hostile()
    assert set(bad) == set(_REASONS)
    for name, raw in bad.items():
        (tmp_path / name).write_bytes(raw)
        (tmp_path / f"{name}.after.docx").write_bytes(word_file(_TEXT))
    (tmp_path / "z.html").write_text(f"<html><body><article><p>{_TEXT}</p></article></body></html>")
    (tmp_path / "z.pdf").write_bytes(pdf([column([_TEXT])]))
    (tmp_path / "z.xml").write_bytes(feed_of(f"<description>{_TEXT}</description>"))
    found: dict[str, str] = {}
    with Sandbox(_LIMITS) as parser:
        for path in find_sources([tmp_path]):
            assert isinstance(path, Path)
            [item] = read(path, path.name, rules, 60_000_000, TODAY, parser)
            assert not isinstance(item, LeftOut)
            found[path.name] = item.reason if isinstance(item, Unreadable) else item.text
    wrong = {name: found[name] for name in bad if found[name] not in _REASONS[name]}
    assert wrong == {}
    good = [text for name, text in found.items() if name not in bad]
    assert good == [_TEXT] * (len(bad) + 3)


def test_entities_do_not_expand(tmp_path: Path, rules: CleaningRules, parser: Sandbox) -> None:
    """An entity that a feed declares neither grows nor reads a file of the machine."""
    secret = tmp_path / "secret.txt"
    secret.write_text("sésame")
    outside = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    for entity, doctype in (("&a11;", laughs("rss")), ("&x;", outside)):
        path = tmp_path / "a.xml"
        path.write_bytes(feed_of(f"{_ITEM % entity}</description>", doctype=doctype))
        [draft] = read(path, path.name, rules, 1_000_000, TODAY, parser)
        assert isinstance(draft, Draft)
        assert draft.title == "Un pont"
        assert len(draft.text) < 100
        assert "sésame" not in draft.text + draft.raw.decode()

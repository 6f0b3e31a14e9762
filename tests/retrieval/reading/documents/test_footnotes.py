"""The footnotes of Markdown and Word files, each with the text before its reference."""

from __future__ import annotations

import pytest

from retrieval.reading.documents.footnotes import parse_markdown_notes
from retrieval.reading.pieces import Refused


def notes(text: str) -> list[tuple[str, str, str]]:
    """Label, text and note of each reference."""
    return [(one.name, one.text, one.raw) for one in parse_markdown_notes(text.encode())]


def test_text_before_each_reference() -> None:
    """Of two in a paragraph, each has what stands after the one before."""
    found = notes("Un fait[^a], *un* autre\nfait[^b].\n\n[^a]: Le *Fanal*.\n[^b]: `code`\n")
    assert found == [("a", "Un fait", "Le Fanal."), ("b", ", un autre fait", "code")]


def test_repeated_and_missing_notes() -> None:
    """A note may be referred to twice; a reference without a note is text."""
    found = notes("Un[^1] et deux[^1] et trois[^9].\n\n[^1]: Note.\n")
    assert [(label, note) for label, _, note in found] == [("1", "Note."), ("1", "Note.")]
    assert notes("Rien[^1].") == []


def test_too_many() -> None:
    """A flood of references is refused before it is parsed."""
    with pytest.raises(Refused):
        notes("[^1]" * 50_000)

"""What changed between two texts of an article."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.change.report import Difference, FieldChange, Paragraphs, difference
from retrieval.vocabulary import Article, Draft, PublicationDate

TEXT = "Le pont rouvre lundi.\n\nLes travaux ont duré un an.\n\nLe maire se réjouit."
BEFORE = Article(
    id="a1b2c3d4e5",
    title="Le pont rouvre",
    text=TEXT,
    published=PublicationDate(2017, 5, 24),
    outlet="Le Courrier",
    author=None,
    url=None,
    language="fr",
    source="pont.txt",
    digest="0",
)
SAME = Draft(
    "pont.txt", "pont.txt", BEFORE.title, TEXT, BEFORE.published, BEFORE.outlet, language="fr"
)


def _numbers(numbers: range) -> str:
    return "\n".join(map(str, numbers))


def test_nothing_changed() -> None:
    """The same text and metadata are no difference, whatever place they were read from."""
    assert not difference(BEFORE, replace(SAME, source="ailleurs/pont.txt", origin="x"))


def test_fields() -> None:
    """Each field that changed is told with what it was and what it is, unknown ones as None."""
    after = replace(
        SAME,
        title="Le pont rouvre enfin",
        published=PublicationDate(2017, 5),
        outlet=None,
        author="Jeanne Roux",
        url="https://courrier.example/pont",
    )
    assert difference(BEFORE, after) == Difference(
        (
            FieldChange("title", "Le pont rouvre", "Le pont rouvre enfin"),
            FieldChange("published", "2017-05-24", "2017-05"),
            FieldChange("outlet", "Le Courrier", None),
            FieldChange("author", None, "Jeanne Roux"),
            FieldChange("url", None, "https://courrier.example/pont"),
        )
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{TEXT}\n\nLes riverains aussi.", Paragraphs(added=1)),
        (f"Mis à jour.\n\n{TEXT}", Paragraphs(added=1)),
        ("Le pont rouvre lundi.\n\nLe maire se réjouit.", Paragraphs(removed=1)),
        (TEXT.replace("un an", "deux ans"), Paragraphs(changed=1)),
        (TEXT.replace("un an.", "deux ans.\n\nOn en parlait peu."), Paragraphs(1, 0, 1)),
        ("Autre chose.", Paragraphs(removed=2, changed=1)),
        ("", Paragraphs(removed=3)),
    ],
)
def test_paragraphs(text: str, expected: Paragraphs) -> None:
    """Paragraphs that came, went, and were put in the place of others are counted apart."""
    assert difference(BEFORE, replace(SAME, text=text)).paragraphs == expected


def test_layout() -> None:
    """A text that differs in its white space alone says so, and counts no paragraph."""
    found = difference(BEFORE, replace(SAME, text=TEXT.replace("\n\n", "\n")))
    assert found == Difference(layout=True)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\n" * 200_000, "b\na\nc\n" * 200_000, Paragraphs(added=200_000)),
        (_numbers(range(300_000)), _numbers(range(300_000, 0, -1)), Paragraphs(1, 1)),
        ("a\n" * 2_000 + "b\n", "c\n" + "a\n" * 2_200, Paragraphs(201, 1)),
    ],
    ids=["repeated", "reversed", "one line"],
)
def test_hostile_sizes(old: str, new: str, expected: Paragraphs) -> None:
    """Texts that difflib would compare for hours are counted line by line, without order."""
    found = difference(replace(BEFORE, text=old), replace(SAME, text=new))
    assert found.paragraphs == expected

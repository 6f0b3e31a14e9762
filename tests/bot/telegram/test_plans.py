"""Plans as Telegram shows them: each article, what changes in it, pages; how far a job is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.messages.catalogue import Catalogue
from bot.telegram.admin.administration import step_line
from bot.telegram.admin.archive_worker import Step
from bot.telegram.admin.order import Order, OrderKind, OrderState, Plan
from bot.telegram.admin.order_kinds import is_wanted
from bot.telegram.admin.plans import first_page, page, report_lines, told_lines
from bot.telegram.admin.uploads import is_as_named
from bot.telegram.post import Content
from retrieval.change.report import (
    Difference,
    EmbeddingWork,
    FieldChange,
    Item,
    Kind,
    LeftOutCount,
    Like,
    Paragraphs,
    Report,
)
from retrieval.vocabulary import PublicationDate, Unreadable

FR = Catalogue("fr")
CHANGES = Difference(
    (
        FieldChange("title", "Le port", "Le phare"),
        FieldChange("published", "2021-05", "2021-05-03"),
    ),
    Paragraphs(changed=2),
)
REPORT = Report(
    added=1,
    changed=1,
    near_duplicates=1,
    unreadable=(Unreadable("/x/uploads/vide.txt", "empty"),),
    items=(
        Item(Kind.ADDED, "a", "/x/a", "Un ajout", published=PublicationDate(2024, 2)),
        Item(Kind.CHANGED, "b", "/x/b", "Le phare", changes=CHANGES),
        Item(Kind.NEAR_DUPLICATE, "c", "/x/c", "Copie", like=Like("d", "Modèle", 0.93)),
    ),
)


def order(**more: Any) -> Order:  # noqa: ANN401
    """An order."""
    now = datetime(2026, 11, 25, tzinfo=UTC)
    kind, state = OrderKind.INDEX, OrderState.PLANNED
    return replace(Order(3, now, 5, 40, 5, "Ana", "fr", kind, state, "a.txt"), **more)


def test_a_plan_tells_each_article() -> None:
    """Counts, titles with dates, what changes, what is repeated, what is unreadable and why."""
    assert report_lines(REPORT, FR) == [
        "1 article ajouté",
        "1 article modifié",
        "1 article qui en répète un autre, lié à lui",
        "+ Un ajout (février 2024)",
        "≠ Le phare",
        "    Titre\u00a0: Le port → Le phare",
        "    Date\u00a0: mai 2021 → 3 mai 2021",
        "    2 paragraphes modifiés",
        "≈ Copie\u00a0: à 93\u00a0% dans «\u00a0Modèle\u00a0»",
        "vide.txt\u00a0: le fichier est vide",
    ]


def test_what_is_left_out_is_told_by_reason() -> None:
    """How many, until when, and the first of them without their folders."""
    until = datetime(2027, 1, 4, tzinfo=UTC)
    sources = tuple(f"/u/{name}.xml" for name in "abcd")
    report = Report(
        added=1,
        left_out=(
            LeftOutCount("draft", count=4, sources=sources),
            LeftOutCount("scheduled", count=1, sources=("/u/e.xml",), until=until),
        ),
    )
    assert report_lines(report, FR) == [
        "1 article ajouté",
        "4 brouillons\u00a0: a.xml, b.xml, c.xml",
        "1 article pas encore publié, le premier jusqu’au 4 janvier 2027\u00a0: e.xml",
    ]


def test_what_captions_said_stands_in_the_plan() -> None:
    """What was understood, file by file, and an example where nothing was."""
    facts = {
        "told": [{"name": "a.pdf", "said": {"outlet": "Le Fanal", "published": "2019"}}],
        "unread_captions": ["pour toi"],
    }
    first, second = told_lines(order(facts=facts), FR)
    assert first == "a.pdf, d’après sa légende\u00a0: journal Le Fanal\u202f; date 2019"
    assert second.startswith("Légende sans journal ni date\u00a0: «\u00a0pour toi\u00a0»")


def test_a_long_plan_is_cut_and_has_pages() -> None:
    """One message with what is left counted; its pages hold every line once, with the buttons."""
    items = tuple(Item(Kind.ADDED, str(n), str(n), f"Article {n} <b>") for n in range(900))
    lines = report_lines(Report(added=900, items=items), FR)
    long = order(plan=Plan(tuple(lines)))
    first = first_page(long, ["a.txt"], FR)
    labels = [[button.label for button in row] for row in first.rows]
    assert labels == [["Tout voir"], ["Confirmer", "Annuler"]]
    assert "lignes de plus" in first.shown.plain
    pages: list[Content] = []
    number = 0
    while not pages or any(b.label == "après ▶" for row in pages[-1].rows for b in row):
        pages.append(page(long, number, FR))
        number += 1
    text = "\n".join(one.shown.plain for one in pages)
    assert [text.count(f"Article {n} <b>") for n in (0, 250, 499)] == [1, 1, 1]
    assert text.endswith("… et 400 lignes de plus")
    assert all("Confirmer" in [b.label for b in one.rows[-1]] for one in pages)
    assert page(long, 999, FR) == pages[-1]


def test_long_embedding_is_told() -> None:
    """A plan that takes long to carry out says so before anybody confirms it."""
    lines = report_lines(Report(added=900, work=EmbeddingWork(90_000, 12.5)), FR)
    assert lines[1].replace("\N{NARROW NO-BREAK SPACE}", " ") == (
        "Pour calculer 90 000 vecteurs, comptez environ 2 heures à la vitesse mesurée ici"
        " (12,5 par seconde)."
    )


@pytest.mark.parametrize(
    ("kind", "report", "wanted"),
    [
        (OrderKind.INDEX, Report(unchanged=3), False),
        (OrderKind.REINDEX, Report(near_duplicates=1), True),
        (OrderKind.FEED, Report(unchanged=3), True),
        (OrderKind.FEED, Report(), True),
        (OrderKind.FEED, Report(unreadable=REPORT.unreadable), False),
    ],
)
def test_what_is_to_be_confirmed(kind: OrderKind, report: Report, wanted: bool) -> None:
    """A plan without effect has no buttons; a feed without news may be followed all the same."""
    assert is_wanted(kind, report) is wanted


def test_a_step_is_shown_with_its_total() -> None:
    """How many of how many; without the total where nobody knows it."""
    assert step_line(Step("embed", 16, 40), FR) == "Vecteurs\u00a0: 16 sur 40"
    assert step_line(Step("read", 3), FR) == "Lecture\u00a0: 3"


@pytest.mark.parametrize(
    ("name", "content", "taken"),
    [
        ("a.pdf", b"%PDF-1.7 x", True),
        ("a.pdf", b"Du texte", False),
        ("a.docx", b"PK\x03\x04x", True),
        ("a.txt", b"PK\x03\x04x", False),
        ("a.xml", b"<rss/>", True),
        ("a.txt", "été".encode("utf-16"), True),
        ("a.jsonl.gz", b"\x1f\x8b\x08x", True),
        ("a.csv.gz", b"text\n", False),
        ("a.jsonl", b"\x1f\x8b\x08x", False),
    ],
)
def test_files_are_what_they_are_called(name: str, content: bytes, taken: bool) -> None:
    """A document begins as its kind does; a text is no document under another name."""
    assert is_as_named(name, content) is taken

"""Plans as Telegram shows them: each article, what changes in it, pages; how far a command is."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli.output import ProgressLines
from bot.messages.catalogue import Catalogue
from bot.telegram.admin.jobs import doing, planning
from bot.telegram.admin.order import Kind, Order, State
from bot.telegram.admin.plans import bounded, first_page, is_wanted, page, plan_lines
from bot.telegram.admin.showing import step_line
from bot.telegram.admin.uploads import is_as_named
from bot.telegram.admin.worker import Child, Step
from bot.telegram.post import Content

FR = Catalogue("fr")
CHANGES = {
    "title": {"before": "Le port", "after": "Le phare"},
    "published": {"before": "2021-05", "after": "2021-05-03"},
    "paragraphs": {"added": 0, "removed": 0, "changed": 2},
}
PLAN: dict[str, Any] = {
    "added": 1,
    "changed": 1,
    "unchanged": 0,
    "near_duplicates": 1,
    "unreadable": [{"source": "/x/uploads/vide.txt", "reason": "empty"}],
    "items": [
        {"kind": "added", "title": "Un ajout", "published": "2024-02"},
        {"kind": "changed", "title": "Le phare", "changes": CHANGES},
        {"kind": "near_duplicate", "title": "Copie", "like": {"title": "Modèle", "likeness": 0.93}},
        {"kind": "later_kind", "title": "?"},
    ],
}


def order(kind: Kind = Kind.INDEX, **more: Any) -> Order:  # noqa: ANN401
    """An order."""
    now = datetime(2026, 11, 25, tzinfo=UTC)
    return replace(
        Order(3, now, 5, 40, 5, "Ana", "fr", kind, State.PLANNED, "a.txt", plan=PLAN), **more
    )


def test_a_plan_tells_each_article() -> None:
    """Counts, titles with dates, what changes, what is repeated, what is unreadable and why."""
    assert plan_lines(order(), FR) == [
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
    """How many and where, until when; a plan without it, or of an earlier Kiosque, says nothing."""
    left_out = [
        {"reason": "nobody_knows_this", "count": 3, "sources": ["/u/a.xml", "/u/b.xml"]},
        {"reason": "nothing_of_it", "count": 0, "sources": []},
    ]
    lines = plan_lines(order(plan={"added": 1, "left_out": left_out}), FR)
    assert lines == [
        "1 article ajouté",
        "3 laissés de côté\u00a0: nobody knows this (a.xml, b.xml)",
    ]
    for said in (None, 12, "x", [None]):
        assert plan_lines(order(plan={"added": 1, "left_out": said}), FR) == ["1 article ajouté"]


def test_what_captions_said_stands_in_the_plan() -> None:
    """What was understood, file by file, and an example where nothing was."""
    facts = {
        "told": [{"name": "a.pdf", "said": {"outlet": "Le Fanal", "published": "2019"}}],
        "unread_captions": ["pour toi"],
    }
    first, second, *_ = plan_lines(order(facts=facts), FR)
    assert first == "a.pdf, d’après sa légende\u00a0: journal Le Fanal\u202f; date 2019"
    assert second.startswith("Légende sans journal ni date\u00a0: «\u00a0pour toi\u00a0»")


def test_a_long_plan_is_cut_and_has_pages() -> None:
    """One message with what is left counted; its pages hold every line once, with the buttons."""
    items = [{"kind": "added", "title": f"Article {n} <b>"} for n in range(900)]
    long = order(plan=bounded({"added": 900, "items": items}))
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


@pytest.mark.parametrize(
    ("kind", "plan", "wanted"),
    [
        (Kind.INDEX, {"unchanged": 3}, False),
        (Kind.INDEX, {"near_duplicates": 1}, True),
        (Kind.FEED, {"unchanged": 3}, True),
        (Kind.FEED, {"unreadable": [{}]}, False),
        (Kind.ROLLBACK, {}, True),
    ],
)
def test_what_is_to_be_confirmed(kind: Kind, plan: dict[str, Any], wanted: bool) -> None:
    """A plan without effect has no buttons; a feed without news may be followed all the same."""
    assert is_wanted(kind, plan) is wanted


def test_commands_are_signed_and_a_reason_is_no_option() -> None:
    """Whoever confirmed made the change, whatever the words are."""
    withdrawal = order(Kind.WITHDRAW, facts={"article": "ab", "reason": "--by x"}, worker=9)
    assert doing(withdrawal, []) == [
        ["withdraw", "ab", "--reason=--by x", "--json", "--by", "telegram:9"]
    ]
    assert doing(order(), [Path("/u/a.txt")])[0][:3] == ["index", "/u/a.txt", "--yes"]
    assert planning(withdrawal, []) is None
    undo = order(Kind.ROLLBACK, facts={"change": 4})
    assert doing(undo, [])[0][:3] == ["rollback", "--change", "4"]


def test_progress_is_told_a_line_at_a_time() -> None:
    """At each stage, and not more than twice a second in between."""
    stream, now = io.StringIO(), iter([1.0, 1.1, 2.0, 2.0, 3.0])
    lines = ProgressLines(stream, lambda: next(now))
    lines.stage("embed", 40)
    lines.advance(8)
    lines.advance(8)
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(one["stage"], one["done"], one["total"]) for one in told] == [
        ("embed", 0, 40),
        ("embed", 16, 40),
    ]
    assert step_line(Step("embed", 16, 40), FR) == "Vecteurs\u00a0: 16 sur 40"
    assert step_line(Step("read", 3), FR) == "Lecture\u00a0: 3"


async def test_a_command_that_fails_speaks_the_language_that_was_asked(tmp_path: Path) -> None:
    """Its sentence, and the key of its error; it never raises."""
    config = tmp_path / "kiosque.toml"
    config.write_text(f'home = "{tmp_path}"\nlanguage = "fr"\n', encoding="utf-8")
    ended = await Child(config, ["rollback", "--json"], "en").run()
    assert ended.key == "no_archive"
    assert ended.problem.startswith("There is no archive")


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

"""What programs read: the names that the design fixes, and nothing that it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from bot.cli.json_values import (
    answer_as_json,
    article_as_json,
    articles_as_json,
    report_as_json,
    search_as_json,
)
from bot.messages.catalogue import Catalogue
from retrieval.change.report import Difference, FieldChange, Item, Kind, Like, Paragraphs, Report
from retrieval.vocabulary import Period, PublicationDate, Status, Unreadable
from tests.bot.samples import ANSWERED, ARTICLE, ENTRIES, EVIDENCE, NEAR, QUOTE, REFUSED, TEXT

FRENCH = Catalogue("fr")
SOURCE = [
    "n", "article_id", "title", "outlet", "published", "url", "source",
    "quote", "start", "end", "answer",
]  # fmt: skip


def test_answer() -> None:
    """``ask --json`` has the design's fields, and offsets that give the quote."""
    value = answer_as_json(ANSWERED, FRENCH)
    assert list(value) == [
        "question", "language", "status", "reason", "as_of", "text",
        "statements", "sources", "passages", "notices", "timings_ms", "generated",
        "understood",
    ]  # fmt: skip
    assert (value["status"], value["reason"], value["as_of"]) == ("answered", None, "2021-02-18")
    assert value["statements"][1] == {"text": "Les travaux ont duré.", "citations": [1, 2]}
    first, second = value["sources"]
    assert list(first) == SOURCE
    assert TEXT[first["start"] : first["end"]] == first["quote"] == QUOTE
    assert (second["published"], second["outlet"]) == ("2020-05", None)
    assert (first["answer"], value["passages"]) == (None, [])
    assert list(value["timings_ms"]) == ["understand", "search", "read", "answer", "total"]


def test_time_of_the_model() -> None:
    """Where a model was asked, its time is given too."""
    timings = {**ANSWERED.timings_ms, "model": 812.34}
    value = answer_as_json(replace(ANSWERED, timings_ms=timings), FRENCH)
    assert value["timings_ms"]["model"] == 812.3


def test_mark_of_what_a_program_made() -> None:
    """Every answer is marked; the model is named where it wrote, not where quotes stand alone."""
    written = answer_as_json(ANSWERED, FRENCH, "mistral-small")["generated"]
    assert written == {"by": "program", "model": "mistral-small", "written": True}
    for answer in (NEAR, REFUSED, replace(ANSWERED, status=Status.EXTRACTIVE)):
        quoted = answer_as_json(answer, FRENCH, "mistral-small")["generated"]
        assert quoted == {"by": "program", "model": None, "written": False}


def test_passages() -> None:
    """What comes nearest has the fields of a source, and offsets of the words that answer."""
    value = answer_as_json(NEAR, FRENCH)
    assert (value["status"], value["reason"], value["sources"]) == ("passages", None, [])
    first, second = value["passages"]
    assert list(first) == SOURCE
    assert TEXT[first["answer"]["start"] : first["answer"]["end"]] == "4.000 personnes"
    assert (first["n"], second["n"], second["answer"]) == (1, 2, None)
    assert "[2]" in value["text"]
    near = answer_as_json(replace(REFUSED, passages=NEAR.passages), FRENCH)
    assert near["passages"] == value["passages"]


def test_refusal() -> None:
    """A refusal has a reason, a text that a person can read, and no source."""
    value = answer_as_json(REFUSED, FRENCH)
    assert (value["status"], value["reason"]) == ("refused", "out_of_period")
    assert (value["statements"], value["sources"], value["as_of"]) == ([], [], None)
    assert "en 2017" in value["text"]


def test_search() -> None:
    """``search --json`` has the design's fields; offsets count in the article's text."""
    period = Period(date(2017, 1, 1), None, "depuis 2017")
    value = search_as_json("pont ?", period, [EVIDENCE], 12.345)
    assert (value["period"], value["took_ms"]) == ({"first": "2017-01-01", "last": None}, 12.3)
    (passage,) = value["passages"]
    assert list(passage) == [
        "article_id", "source", "title", "published", "start", "end", "text",
        "score", "dense", "lexical", "window",
    ]  # fmt: skip
    assert TEXT[passage["start"] : passage["end"]] == passage["text"]
    window = passage["window"]
    assert TEXT[window["start"] : window["end"]] == window["text"]
    assert search_as_json("x", None, [], 0.0)["period"] is None


def test_report() -> None:
    """``index --json`` is numbers, but for the list of what could not be read."""
    value = report_as_json(Report(added=5, unreadable=(Unreadable("a.txt", "empty"),), took_ms=9))
    assert list(value) == [
        "added", "changed", "unchanged", "removed", "near_duplicates",
        "unreadable", "passages", "windows", "took_ms",
    ]  # fmt: skip
    assert value["unreadable"] == [{"source": "a.txt", "reason": "empty"}]
    assert all(isinstance(v, int) for k, v in value.items() if k != "unreadable")


def test_items_of_a_report() -> None:
    """Each article of a plan says what becomes of it: what changed, or what it repeats."""
    changes = Difference((FieldChange("title", "Pont", "Le pont"),), Paragraphs(1, 0, 2))
    items = (
        Item(Kind.CHANGED, "a1", "a.txt", "Le pont", changes=changes),
        Item(
            Kind.NEAR_DUPLICATE,
            "a1",
            "b.txt",
            "Un pont",
            published=PublicationDate(2017, 5),
            outlet="La Gazette",
            like=Like("a1", "Le pont", 0.96),
        ),
        Item(Kind.ADDED, "c3", "c.txt", "Un port", same_address="a1"),
    )
    first, second, third = report_as_json(Report(items=items), explain=True)["items"]
    assert first == {
        "kind": "changed",
        "article_id": "a1",
        "source": "a.txt",
        "title": "Le pont",
        "published": None,
        "outlet": None,
        "changes": {
            "title": {"before": "Pont", "after": "Le pont"},
            "paragraphs": {"added": 1, "removed": 0, "changed": 2},
        },
        "like": None,
        "same_address": None,
    }
    assert (second["kind"], second["published"]) == ("near_duplicate", "2017-05")
    assert second["like"] == {"article_id": "a1", "title": "Le pont", "likeness": 0.96}
    assert (third["changes"], third["same_address"]) == (None, "a1")


def test_articles_and_article() -> None:
    """``articles --json`` lists without texts; ``show --json`` gives everything."""
    first, second = articles_as_json(ENTRIES)
    assert list(first) == [
        "article_id", "title", "outlet", "published", "source", "state", "passages",
    ]  # fmt: skip
    assert (second["published"], second["state"]) == (None, "withdrawn")
    shown = article_as_json(ARTICLE)
    assert (shown["text"], shown["state"], shown["author"]) == (TEXT, "live", "Ana Lys")


def test_everything_is_json() -> None:
    """Each value is made of what JSON has."""
    json.dumps(
        [
            answer_as_json(ANSWERED, FRENCH),
            search_as_json("x", None, [EVIDENCE], 1.0),
            report_as_json(Report()),
            articles_as_json(ENTRIES),
            article_as_json(ARTICLE),
        ]
    )

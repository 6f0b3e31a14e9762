"""Embargoes: what somebody dated for later stays out until then, wherever the date is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from retrieval.change.report import LeftOutCount
from retrieval.reading import CleaningRules, Clock, Sandbox, read
from retrieval.vocabulary import Draft, LeftOut
from tests.retrieval.reading.samples import feed_of

_PARIS = ZoneInfo("Europe/Paris")
_NOON = datetime(2026, 11, 29, 12, tzinfo=_PARIS)
_TEXT = "Le pont de Brigny ouvrira à tous, annonce la mairie."
_FORMS = {
    "a.md": f"---\ntitle: Un pont\ndate: {{when}}\n---\n{_TEXT}\n",
    "a.jsonl": f'{{{{"id": "1", "title": "Un pont", "text": "{_TEXT}", "date": "{{when}}"}}}}\n',
    "a.csv": f'id,title,text,date\n1,Un pont,"{_TEXT}",{{when}}\n',
    "a.xml": feed_of(f"<description>{_TEXT}</description><pubDate>{{when}}</pubDate>").decode(),
}


def _read(
    folder: Path, name: str, text: str, rules: CleaningRules, parser: Sandbox, now: datetime
) -> list[object]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read(path, name, rules, 1_000_000, Clock(now), parser))


@pytest.mark.parametrize("name", _FORMS)
def test_a_told_date_is_waited_for(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox, name: str
) -> None:
    """In a header, a record, a row and an entry of a feed; then the article is there, dated."""
    text = _FORMS[name].format(when="2026-12-03T06:00:00+01:00")
    [left] = _read(tmp_path, name, text, rules, parser, _NOON)
    assert isinstance(left, LeftOut)
    until = datetime(2026, 12, 3, 6, tzinfo=_PARIS)
    assert (left.reason, left.until) == ("scheduled", until)
    [draft] = _read(tmp_path, name, text, rules, parser, until)
    assert isinstance(draft, Draft)
    assert str(draft.published) == "2026-12-03"


def test_a_row_of_metadata_is_told(tmp_path: Path, rules: CleaningRules, parser: Sandbox) -> None:
    """A row beside a file is an embargo too, and no bad date."""
    (tmp_path / "metadata.csv").write_text("source,date\nb.txt,2026-11-30\n", encoding="utf-8")
    [left] = _read(tmp_path, "b.txt", _TEXT, rules, parser, _NOON)
    assert isinstance(left, LeftOut)
    assert left.until == datetime(2026, 11, 30, tzinfo=_PARIS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.txt", f"Publié le 3 décembre 2026\n\n{_TEXT}"),
        ("2026-12-03-pont.txt", _TEXT),
        ("c.html", "<html><head><meta property='article:published_time' content='2026-12-03'>"
                   f"</head><body><article><h1>Un pont</h1><p>{_TEXT}</p></article></body></html>"),
    ],
)  # fmt: skip
def test_what_a_page_shows_is_no_embargo(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox, name: str, text: str
) -> None:
    """A text, a file's name and a page that are dated later have no date, and are articles."""
    [draft] = _read(tmp_path, name, text, rules, parser, _NOON)
    assert isinstance(draft, Draft)
    assert draft.published is None


def test_the_others_of_a_collection_come(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """One entry that waits holds up no other, and the first of several hours is its own."""
    items = [
        f"<description>{_TEXT}</description><pubDate>{when}</pubDate><guid>{when}</guid>"
        for when in ("Sat, 28 Nov 2026 09:00:00 +0100", "Sun, 29 Nov 2026 11:30:00 GMT")
    ]
    found = _read(tmp_path, "d.xml", feed_of(*items).decode(), rules, parser, _NOON)
    assert [type(each) for each in found] == [Draft, LeftOut]


def _page(moment: str, line: str = "") -> str:
    data = f'{{"@type": "NewsArticle", "datePublished": "{moment}"}}'
    return (
        "<html><head><meta property='article:modified_time' content='2026-11-20T09:00:00+01:00'>"
        f"<script type='application/ld+json'>{data}</script></head><body><article>"
        f"<h1>Un pont</h1><p>{line}</p><p>{_TEXT}</p></article></body></html>"
    )


def test_the_moment_that_a_page_declares_is_waited_for(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """A page that declares its publication for a later hour, though it was changed before."""
    page = _page("2026-12-03T06:00:00+01:00")
    [left] = _read(tmp_path, "d.html", page, rules, parser, _NOON)
    assert isinstance(left, LeftOut)
    until = datetime(2026, 12, 3, 6, tzinfo=_PARIS)
    assert (left.reason, left.until) == ("scheduled", until)
    [draft] = _read(tmp_path, "d.html", page, rules, parser, until)
    assert isinstance(draft, Draft)


@pytest.mark.parametrize(
    ("moment", "line"),
    [("2096-12-03T06:00:00+01:00", ""), ("2026-12-03T06:00:00+01:00", "Publié le 3 mars 2026")],
)
def test_a_slip_of_a_page_is_no_embargo(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox, moment: str, line: str
) -> None:
    """A moment in another century, or one that the date line of the article gainsays."""
    [draft] = _read(tmp_path, "e.html", _page(moment, line), rules, parser, _NOON)
    assert isinstance(draft, Draft)


def test_embargoes_with_and_without_an_offset_are_compared(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """A time without an offset is on the newspaper's clock, and one report names the first."""
    table = (
        f"titre;texte;date;embargo\nUn;{_TEXT};2026-11-20;2027-02-01 06:00\n"
        f"Deux;{_TEXT};2026-11-20;2027-02-01T04:30:00Z\n"
    )
    left = _read(tmp_path, "e.csv", table, rules, parser, _NOON)
    [first, second] = left
    assert isinstance(first, LeftOut)
    assert isinstance(second, LeftOut)
    assert first.until == datetime(2027, 2, 1, 6, tzinfo=_PARIS)
    count = LeftOutCount("scheduled").with_one(first).with_one(second)
    assert (count.count, count.until) == (2, datetime(2027, 2, 1, 5, 30, tzinfo=_PARIS))


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("SOUS EMBARGO JUSQU'AU 3 DÉCEMBRE 2026 À 6 H", (3, 6)),
        ("Embargo : jeudi 3 décembre 2026, 6h00", (3, 6)),
        ("*** Sous embargo jusqu’au 3/12/2026 ***", (3, 0)),
        ("Ne pas publier avant le 3 décembre 2026 à 18h30 (heure de Paris)", (3, 18)),
        ("Sous embargo presse jusqu'au 3 décembre 2026 à 6 heures", (3, 6)),
        ("EMBARGOED UNTIL 3 December 2026 06:00", (3, 6)),
    ],
)
def test_an_embargo_at_the_head_of_a_text(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox, line: str, until: tuple[int, int]
) -> None:
    """A release that says until when it must wait does; then the line is no words of it."""
    text = f"{line}\n\nUn pont à Brigny\n\n{_TEXT}"
    [left] = _read(tmp_path, "e.txt", text, rules, parser, _NOON)
    assert isinstance(left, LeftOut)
    assert left.reason == "scheduled"
    assert left.until
    assert (left.until.day, left.until.hour) == until
    later = datetime(2026, 12, 4, tzinfo=_PARIS)
    [draft] = _read(tmp_path, "e.txt", text, rules, parser, later)
    assert isinstance(draft, Draft)
    assert (draft.title, draft.text) == ("Un pont à Brigny", f"Un pont à Brigny\n\n{_TEXT}")


@pytest.mark.parametrize(
    "line",
    [
        "L'embargo sur le blé durera jusqu'au 3 décembre 2026",
        "Embargo sur le blé : Brigny attend le 3 décembre 2026",
        "Sous embargo jusqu'au 3 décembre 2026, le blé de Brigny pourrit.",
        "Embargo",
    ],
)
def test_an_embargo_that_is_the_subject(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox, line: str
) -> None:
    """A title or a sentence about an embargo is the article's own."""
    [draft] = _read(tmp_path, "f.txt", f"{line}\n\n{_TEXT}", rules, parser, _NOON)
    assert isinstance(draft, Draft)
    assert draft.text == f"{line}\n\n{_TEXT}"

"""Columns and keys: the usual names of the text, the date, the newspaper are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from retrieval.reading.claims import folded, places
from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.conftest import CASES, Reading, ReadingAll

_TEXT = "Le lavoir de Brenac sera restauré par la commune."
_DRAFT_STATUSES = [
    ({"status": "draft"}, "draft"), ({"statut": "Brouillon"}, "draft"),
    ({"post_status": "auto-draft"}, "draft"), ({"État": "En relecture"}, "draft"),
    ({"published": False}, "draft"), ({"publié": "non"}, "draft"), ({"publish": "no"}, "draft"),
    ({"is_draft": 1}, "draft"), ({"status": [{"value": False}]}, "draft"),
    ({"publishedAt": None, "createdAt": "2019-01-01"}, "draft"),
    ({"status": "private"}, "private"), ({"visibility": "Privé"}, "private"),
    ({"confidentiel": "oui"}, "private"), ({"status": "trash"}, "trashed"),
    ({"deleted": True}, "trashed"), ({"post_password": "sesame"}, "protected"),
    ({"pubstatus": "canceled"}, "withdrawn"), ({"pubstatus": "withheld"}, "withdrawn"),
    ({"status": "future", "date": "2031-01-02T08:00:00"}, "scheduled"),
    ({"embargoed": "2031-01-02T08:00:00+01:00"}, "scheduled"),
    ({"statut": "prepa"}, "draft"), ({"statut": "prop"}, "draft"), ({"statut": "refuse"}, "draft"),
    ({"statut": "poubelle"}, "trashed"), ({"hidden": 1}, "draft"), ({"hidden": "1"}, "draft"),
    ({"state": "-2"}, "trashed"), ({"state": -2}, "trashed"), ({"state": 0}, "draft"),
    ({"enabled": False}, "draft"), ({"revision": {"published": False}}, "draft"),
    ({"_id": "drafts.3f"}, "draft"), ({"_id": "versions.r1.3f"}, "draft"),
    ({"publish_up": "2031-01-02 08:00:00"}, "scheduled"),
    ({"go_live_at": "2031-01-02T08:00:00Z"}, "scheduled"),
    ({"hidden": 0, "starttime": 1956528000}, "scheduled"),
    ({"post_type": "page"}, "page"), ({"type": "page", "status": "published"}, "page"),
    ({"post_type": "revision"}, "revision"), ({"type": "wp_block"}, "other_kind"),
]  # fmt: skip


def _jsonl(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_the_cases_of_columns(reading: Reading) -> None:
    """Each of our exports under other names gives its articles, titled and dated."""
    found = {}
    for path in sorted((CASES / "export_columns").iterdir()):
        drafts, problems = reading(path)
        assert problems == []
        found[path.name] = [(draft.title, str(draft.published)) for draft in drafts]
    assert found == {
        "08_sep.csv": [("La halle ferme", "2018-04-03")],
        "09_contenu.csv": [("La halle ferme", "2018-04-03")],
        "10_csvq.csv": [("La halle", "2018-04-03"), ("Le quai", "2018-04-04")],
        "11_np.jsonl": [("La halle ferme", "2018-04-03")],
        "11_upper.csv": [("Le quai", "2018-04-04")],
        "liste.jsonl": [("Le puits", "2019-04-03")],
    }


def test_the_case_of_html_in_a_field(reading: Reading) -> None:
    """Tags, comments and entities of a text and a title are no words."""
    [draft], _ = reading(CASES / "html_in_a_field" / "12_html_in_text.jsonl")
    assert draft.title == "Le pont d’Arvieux rouvre"
    assert draft.text.startswith("Le pont d’Arvieux rouvrira le 2 mai, a annoncé le département.")
    assert not any(sign in draft.text for sign in "<>&;")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Date de publication", "datedepublication"), ("ÉDITEUR ", "editeur"),
        ("date_publish", "datepublish"), ("articleBody", "articlebody"),
        ("URL-article", "urlarticle"),
    ],
)  # fmt: skip
def test_names_are_folded(written: str, name: str) -> None:
    """Case, accents, spaces, hyphens and underscores do not tell names apart."""
    assert folded(written) == name


def test_names_with_a_prefix() -> None:
    """A namespace or a path before a name is no part of it; the owner of a value is."""
    found = places(("dc:title", "_source.content", "publisher.name", "image.url", "title.rendered"))
    assert found["title"] == ("dc:title",)  # the first of two
    assert found["text"] == ("_source.content",)
    assert found["outlet"] == ("publisher.name",)
    assert found["url"] == ()


@pytest.mark.parametrize(
    "key",
    ["contenu", "Texte intégral", "BODY", "content:encoded", "maintext", "full_text", "corps",
     "articleBody", "body_html", "article", "textContent", "plain-text", "post_content",
     "description"],
)  # fmt: skip
def test_names_of_the_text(tmp_path: Path, reading: Reading, key: str) -> None:
    """The text is found under the names of content systems, scrapers and databases."""
    [draft], problems = reading(_jsonl(tmp_path / "a.jsonl", {"titre": "Le lavoir", key: _TEXT}))
    assert (draft.title, draft.text, problems) == ("Le lavoir", _TEXT, [])


def test_the_text_is_not_what_only_describes_it(tmp_path: Path, reading: Reading) -> None:
    """A description is the text only when there is no other; an address never is."""
    record = {"description": "Un lavoir.", "article": "https://a.example/1", "body": _TEXT}
    assert reading(_jsonl(tmp_path / "a.jsonl", record))[0][0].text == _TEXT


@pytest.mark.parametrize(
    ("record", "date"),
    [
        ({"jour": 4, "mois": "5", "année": 2017}, "2017-05-04"),
        ({"jour": "4", "mois": "mai", "annee": "2017"}, "2017-05-04"),
        ({"année": 2017, "mois": "05"}, "2017-05"), ({"year": "2017"}, "2017"),
        ({"published": True, "date": "2017-05-04"}, "2017-05-04"),
        ({"publication": "2017-05-04"}, "2017-05-04"), ({"created_at": "2017-05-04"}, "2017-05-04"),
        ({"created_at": "2020-01-01", "date_publish": "2017-05-04"}, "2017-05-04"),
        ({"date": {"$date": "2017-05-04T10:00:00Z"}}, "2017-05-04"),
        ({"created": "2017-05-03", "publish_up": "2017-05-04 06:00:00"}, "2017-05-04"),
        ({"created": "2017-05-04", "publish_up": "0000-00-00 00:00:00"}, "2017-05-04"),
        ({"scraped_at": "2021-01-01", "updated": "2020-01-01"}, "None"),
    ],
)  # fmt: skip
def test_names_of_the_date(
    tmp_path: Path, reading: Reading, record: dict[str, Any], date: str
) -> None:
    """The day of publication, in one column or three; that of the record only for want of it."""
    [draft], _ = reading(_jsonl(tmp_path / "a.jsonl", {"texte": _TEXT, **record}))
    assert str(draft.published) == date


@pytest.mark.parametrize(
    ("record", "outlet"),
    [
        ({"Journal": "Le Fanal"}, "Le Fanal"),
        ({"source": {"id": 3, "name": "Le Fanal"}}, "Le Fanal"),
        ({"publisher": {"@type": "Organization", "name": "Le Fanal"}}, "Le Fanal"),
        ({"source": "https://fanal.example/a", "site_name": "Le Fanal"}, "Le Fanal"),
        ({"publication": "2017-05-04", "éditeur": "Le Fanal"}, "Le Fanal"),
        ({"source": 12, "source_domain": "www.fanal.example"}, "fanal.example"),
    ],
)  # fmt: skip
def test_names_of_the_newspaper(
    tmp_path: Path, reading: Reading, record: dict[str, Any], outlet: str
) -> None:
    """The newspaper's name wherever it stands; an address, a date or a number is none."""
    [draft], _ = reading(_jsonl(tmp_path / "a.jsonl", {"texte": _TEXT, **record}))
    assert draft.outlet == outlet


def test_addresses_and_authors(tmp_path: Path, reading: Reading) -> None:
    """An address of a page is the article's, one of a site is not; a number is no author."""
    page = {"text": _TEXT, "source": "https://a.example/x", "author": 3,
            "authors": [{"name": "Ada"}, {"name": "Bob"}]}  # fmt: skip
    site = {"text": _TEXT, "source_url": "https://a.example/", "id": 8}
    first, second = reading(_jsonl(tmp_path / "a.jsonl", page, site))[0]
    assert (first.url, first.author) == ("https://a.example/x", "Ada, Bob")
    assert (second.url, second.source) == (None, "a.jsonl#8")


@pytest.mark.parametrize(("record", "reason"), _DRAFT_STATUSES)
def test_what_was_not_published_is_left_out(
    tmp_path: Path, reading_all: ReadingAll, record: dict[str, Any], reason: str
) -> None:
    """A flag or a word of a status, in whatever system's way, leaves a record out."""
    [item] = reading_all(_jsonl(tmp_path / "a.jsonl", {"text": _TEXT, **record}))
    assert isinstance(item, LeftOut)
    assert item.reason == reason
    if record.get("embargoed") or record.get("status") == "future":
        assert item.until is not None
        assert item.until.date().isoformat() == "2031-01-02"


@pytest.mark.parametrize(
    "record",
    [
        {"status": "publish"}, {"statut": "Publié"}, {"published": "2024-01-02"}, {"draft": False},
        {"published": True}, {"state": "Texas"}, {"status": 200}, {"type": "page"},
        {"visibility": "public"}, {"embargoed": "2019-01-02T08:00:00Z"}, {"embargo": "non"},
        {"post_password": ""}, {"publishedAt": "2019-01-01", "createdAt": "2019-01-01"},
        {"statut": "publie"}, {"hidden": 0, "starttime": 0},
        {"hidden": "0", "starttime": "1559718000"},
        {"starttime": "1956528000"}, {"publish_up": "0000-00-00 00:00:00"}, {"enabled": True},
        {"publish_up": "2015-02-03 06:00:00", "state": "1"}, {"revision": {"published": True}},
        {"embargo": "0000-00-00"}, {"_id": "a1"}, {"id": "drafts.1"}, {"revision": 3}, {"state": 2},
        {"status": True}, {"type": "article", "status": "publish"}, {"pubstatus": "usable"},
    ],
)  # fmt: skip
def test_what_was_published_is_taken_in(
    tmp_path: Path, reading_all: ReadingAll, record: dict[str, Any]
) -> None:
    """A status that says nothing against it, an embargo that is over, a date for a flag."""
    [item] = reading_all(_jsonl(tmp_path / "a.jsonl", {"text": _TEXT, **record}))
    assert isinstance(item, Draft)


def test_missing_columns_name_those_that_are_there(tmp_path: Path, reading_all: ReadingAll) -> None:
    """Whoever has to rename a column is told their names."""
    table, lines = tmp_path / "a.csv", tmp_path / "a.jsonl"
    table.write_text("titre;resume;lien\nLe lavoir;Un lavoir.;https://a.example/1\n")
    _jsonl(lines, {"titre": "Le lavoir", "lien": "https://a.example/1"})
    assert reading_all(table) == [Unreadable("a.csv", "missing_column", "titre, resume, lien")]
    assert reading_all(lines) == [Unreadable("a.jsonl:1", "no_text_field", "line 1: titre, lien")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["Un.", "", "Deux."], "Un.\n\nDeux."),
        (["<p>Un <b>gras</b>.</p>", "<p>Deux.</p>"], "Un gras.\n\nDeux."),
        ({"rendered": "<p>Un.</p><p>Deux.</p>", "protected": False}, "Un.\nDeux."),
        ([{"value": "<p>Un.</p>", "format": "html"}], "Un."),
        ([{"type": "paragraph", "text": "Un."}, {"type": "image", "text": "Photo"},
          {"type": "paragraph", "text": "Deux."}], "Un.\n\nDeux."),
        ({"blocks": [{"type": "header", "data": {"text": "Un"}},
                     {"type": "paragraph", "data": {"text": "Deux&nbsp;<b>trois</b>."}},
                     {"type": "list", "data": {"items": ["Quatre.", "Cinq."]}}]},
         "Un\n\nDeux\u00a0trois.\n\nQuatre.\n\nCinq."),
        ({"type": "doc", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "Un "},
                                              {"type": "text", "text": "deux."}]},
            {"type": "paragraph", "content": [{"type": "text", "text": "Trois."}]}]},
         "Un deux.\n\nTrois."),
        ([{"type": "p", "children": [{"text": "Un "}, {"text": "deux.", "bold": True}]}],
         "Un deux."),
        ([{"_type": "block", "children": [{"_type": "span", "text": "Un."}]}], "Un."),
        ({"nodeType": "document", "content": [{"nodeType": "paragraph", "content": [
            {"nodeType": "text", "value": "Un "}, {"nodeType": "hyperlink", "data": {"uri": "x"},
             "content": [{"nodeType": "text", "value": "lien"}]},
            {"nodeType": "text", "value": "."}]}]}, "Un lien."),
        ([{"blockName": "core/group", "innerHTML": "<div></div>", "innerBlocks": [
            {"blockName": "core/paragraph", "innerHTML": "<p>Un deux.</p>"}]}], "Un deux."),
        ({"ops": [{"insert": "Un "}, {"insert": "deux.", "attributes": {"bold": True}},
                  {"insert": {"image": "a.jpg"}}, {"insert": "\n"}]}, "Un deux."),
        ([{"type": "text", "content": "<p>Un deux.</p>"}, {"type": "raw_html", "content": "<div>"},
          {"type": "text", "content": "Trois."}], "Un deux.\n\nTrois."),
    ],
)  # fmt: skip
def test_texts_of_editors(tmp_path: Path, reading: Reading, value: object, text: str) -> None:
    """Paragraphs, and blocks within blocks of the editors, are the text they show."""
    [draft], problems = reading(_jsonl(tmp_path / "a.jsonl", {"title": "T", "content": value}))
    assert (draft.text, problems) == (text, [])


def test_the_two_fields_of_a_text_in_joomla(tmp_path: Path, reading: Reading) -> None:
    """The words before "read more" and those after it are the text, or the first alone."""
    intro, rest = "<p>Brenac restaure son lavoir.</p>", f"<p>{_TEXT}</p>"
    both = {"id": 1, "introtext": intro, "fulltext": rest}
    short = {"id": 2, "introtext": intro, "fulltext": ""}
    drafts, problems = reading(_jsonl(tmp_path / "a.jsonl", both, short))
    assert problems == []
    first = "Brenac restaure son lavoir."
    assert [draft.text for draft in drafts] == [f"{first}\n\n{_TEXT}", first]


def test_the_author_among_the_credits(tmp_path: Path, reading: Reading) -> None:
    """Arc's ANS names its authors in an object of credits."""
    record = {"text": _TEXT, "credits": {"by": [{"type": "author", "name": "Ada Roc"}]}}
    [draft], _ = reading(_jsonl(tmp_path / "a.jsonl", record))
    assert draft.author == "Ada Roc"


def test_what_was_scheduled_and_has_come_is_judged_by_its_kind(
    tmp_path: Path, reading_all: ReadingAll
) -> None:
    """A time that is over does not make an article of a picture."""
    record = {"title": "Le lavoir", "type": "image", "publish_up": "2015-02-03 06:00:00"}
    [item] = reading_all(_jsonl(tmp_path / "a.jsonl", record))
    assert isinstance(item, LeftOut)
    assert item.reason == "attachment"


def test_a_standfirst_belongs_to_the_text(tmp_path: Path, reading: Reading) -> None:
    """A column of its own comes before the text, unless the text begins with it."""
    chapo = "La commune a voté les travaux."
    apart = {"chapo": f"<p>{chapo}</p>", "texte": _TEXT, "id": 1}
    within = {"chapo": chapo, "texte": f"{chapo}\n\n{_TEXT}", "id": 2}
    drafts, _ = reading(_jsonl(tmp_path / "a.jsonl", apart, within))
    assert [draft.text for draft in drafts] == [f"{chapo}\n\n{_TEXT}"] * 2


def test_a_field_that_is_a_whole_page(tmp_path: Path, reading: Reading) -> None:
    """A scraper's page is read as a page: its menus are no text, its date counts."""
    page = (
        "<!DOCTYPE html><html><head><title>Le lavoir</title><meta property='article:published_time'"
        " content='2017-05-04T10:00:00+02:00'></head><body><nav><a href='/'>Accueil</a></nav>"
        f"<article><h1>Le lavoir</h1><p>{_TEXT} Les travaux commenceront en juin.</p>"
        "<p>Ils dureront trois mois, selon le maire de Brenac.</p></article></body></html>"
    )
    record = {"url": "https://a.example/1", "html": page}
    [draft], _ = reading(_jsonl(tmp_path / "a.jsonl", record))
    assert str(draft.published) == "2017-05-04"
    assert "trois mois" in draft.text
    assert "Accueil" not in draft.text


def test_markdown_in_a_field(tmp_path: Path, reading: Reading) -> None:
    """A column that is called Markdown is read as such."""
    record = {
        "title": "Le lavoir",
        "content_markdown": "Le **lavoir** de [Brenac](https://a.example).",
    }
    [draft], _ = reading(_jsonl(tmp_path / "a.jsonl", record))
    assert draft.text == "Le lavoir de Brenac."


@pytest.mark.parametrize(
    "line",
    [
        '{"text": ' + "[" * 900 + '"Un."' + "]" * 900 + "}",
        '{"text": {"content": ' * 200 + '"Un."' + "}}" * 200,
        '{"text": "Un pont.", "text": "Le lavoir est l\\u00e0.", "views": ' + "9" * 400 + "}",
        '{"text": "Le lavoir.", "score": NaN, "ratio": Infinity, "date": 1e400}',
        '{"text": "Le lavoir \\ud800 est l\\u00e0.", "id": "\\udfff"}',
        '{"text": "Le lavoir.", "views": ' + "9" * 5000 + "}",
    ],
)
def test_odd_values_do_no_harm(tmp_path: Path, reading_all: ReadingAll, line: str) -> None:
    """Deep nesting, repeated keys, huge numbers, NaN and halves of characters end in a result."""
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n" + json.dumps({"text": _TEXT, "id": "last"}) + "\n")
    items = reading_all(path)
    assert len(items) == 2
    assert isinstance(items[-1], Draft)
    str(items).encode("utf-8")

"""JSON files: known by what they hold, streamed, and named when they hold no articles."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from retrieval.reading import CleaningRules, Sandbox, read
from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.conftest import CASES, LIMIT_BYTES, TODAY, Reading, ReadingAll

_TEXT = "Le lavoir de Brenac sera restauré."
_OTHER = "Le quai de Royec est fermé."
_A = {"title": "Le lavoir", "text": _TEXT, "date": "2017-05-04", "id": "a"}
_B = {"title": "Le quai", "text": _OTHER, "date": "2017-05-05", "id": "b"}


def _json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def test_the_case_of_a_json_feed(reading: Reading) -> None:
    """The title of a JSON Feed is the newspaper of its items."""
    [draft], problems = reading(CASES / "agency_formats" / "04_jsonfeed.json")
    assert problems == []
    assert (draft.title, draft.outlet) == ("Le bac est en panne", "Le Veilleur")
    assert (str(draft.published), draft.url) == ("2020-03-02", "https://veilleur.example/j1")


@pytest.mark.parametrize(
    "value",
    [
        [_A, _B], {"articles": [_A, _B]}, {"status": "ok", "results": [_A, _B]},
        {"data": {"posts": [_A, _B], "total": 2}}, {"response": {"docs": [_A, _B]}},
        {"took": 3, "hits": {"total": 2, "hits": [{"_id": "x", "_source": _A},
                                                  {"_id": "y", "_source": _B}]}},
        {"data": [{"id": 1, "attributes": {k: v for k, v in _A.items() if k != "id"}},
                  {"id": 2, "attributes": {k: v for k, v in _B.items() if k != "id"}}]},
        {"db": [{"meta": {"version": "5"}, "data": {"posts": [
            {**_A, "status": "published"}, {**_B, "status": "published"}],
            "users": [{"name": "Ada"}]}}]},
        {"a": _A, "b": _B}, {"liste": [_A, _B]}, [{"article": _A}, {"article": _B}],
        {"@context": "https://schema.org", "@graph": [
            {"@type": "WebSite", "name": "Le Fanal"},
            {"@type": "NewsArticle", "headline": "Le lavoir", "articleBody": _TEXT,
             "datePublished": "2017-05-04"},
            {"@type": "NewsArticle", "headline": "Le quai", "articleBody": _OTHER,
             "datePublished": "2017-05-05"}]},
    ],
)  # fmt: skip
def test_lists_of_articles(tmp_path: Path, reading: Reading, value: object) -> None:
    """The list is found where content systems, search engines and scripts put it."""
    drafts, problems = reading(_json(tmp_path / "a.json", value))
    assert problems == []
    assert [(d.title, d.text, str(d.published)) for d in drafts] == [
        ("Le lavoir", _TEXT, "2017-05-04"), ("Le quai", _OTHER, "2017-05-05"),
    ]  # fmt: skip


def test_one_object_is_one_article(tmp_path: Path, reading: Reading) -> None:
    """An object with a text is an article, whatever lists it holds beside."""
    value = {"@type": "NewsArticle", "headline": "Le lavoir", "articleBody": _TEXT,
             "author": [{"@type": "Person", "name": "Ada"}], "publisher": {"name": "Le Fanal"},
             "mainEntityOfPage": {"@id": "https://fanal.example/l"},
             "comment": [{"text": "Un avis de lecteur sur le lavoir."}]}  # fmt: skip
    [draft], problems = reading(_json(tmp_path / "a.json", value))
    assert (draft.title, draft.text, draft.author, draft.outlet, draft.url, problems) == (
        "Le lavoir", _TEXT, "Ada", "Le Fanal", "https://fanal.example/l", [],
    )  # fmt: skip


def test_ninjs(tmp_path: Path, reading_all: ReadingAll) -> None:
    """Both versions of ninjs: headlines and bodies by role, what is withheld, pictures."""
    first = {"uri": "urn:x:1", "type": "text", "headline": "Le lavoir", "byline": "Ada",
             "body_html": f"<p>{_TEXT}</p>", "versioncreated": "2017-05-04T10:00:00+02:00",
             "pubstatus": "usable", "copyrightholder": "AFN", "language": "fr-FR",
             "embargoed": "2017-05-04T09:00:00+02:00"}  # fmt: skip
    second = {"uri": "urn:x:2", "standard": {"name": "ninjs", "version": "2.1"}, "type": "text",
              "headlines": [{"role": "main", "value": "Le quai"}],
              "bodies": [{"role": "summary", "value": "Résumé."},
                         {"role": "main", "contenttype": "text/html", "value": f"<p>{_OTHER}</p>"}],
              "infosources": [{"name": "AFN"}],
              "contentcreated": "2017-05-05T10:00:00Z"}  # fmt: skip
    items = reading_all(_json(tmp_path / "a.json", [
        first, second, {**first, "uri": "urn:x:3", "pubstatus": "canceled"},
        {**first, "uri": "urn:x:4", "embargoed": "2031-01-01T00:00:00Z"},
        {"uri": "urn:x:5", "type": "picture", "headline": "Photo"},
    ]))  # fmt: skip
    drafts = [item for item in items if isinstance(item, Draft)]
    assert [(d.title, d.text, d.outlet, str(d.published)) for d in drafts] == [
        ("Le lavoir", _TEXT, "AFN", "2017-05-04"), ("Le quai", _OTHER, "AFN", "2017-05-05"),
    ]  # fmt: skip
    left = [item.reason for item in items if isinstance(item, LeftOut)]
    assert left == ["withdrawn", "scheduled", "attachment"]
    assert drafts[0].source == "a.json#urn:x:1"


def test_json_feed_of_html(tmp_path: Path, reading: Reading) -> None:
    """HTML content, several authors, a language for all."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Le Fanal", "language": "fr",
            "home_page_url": "https://fanal.example/", "description": "Un journal.",
            "items": [{"id": "1", "title": "Le lavoir", "content_html": f"<p>{_TEXT}</p>",
                       "authors": [{"name": "Ada"}, {"name": "Bob"}]}]}  # fmt: skip
    [draft], _ = reading(_json(tmp_path / "a.json", feed))
    assert (draft.text, draft.author, draft.outlet) == (_TEXT, "Ada, Bob", "Le Fanal")


def test_posts_of_wordpress(tmp_path: Path, reading_all: ReadingAll) -> None:
    """An answer of the REST API: rendered HTML, a status, pages."""
    post = {"id": 5, "date": "2017-05-04T10:00:00", "status": "publish", "type": "post",
            "link": "https://fanal.example/l", "title": {"rendered": "Le lavoir&nbsp;!"},
            "content": {"rendered": f"<p>{_TEXT}</p>", "protected": False}, "author": 3,
            "excerpt": {"rendered": "<p>Extrait</p>", "protected": False}}  # fmt: skip
    locked = {"content": {"rendered": "", "protected": True}}
    items = reading_all(_json(tmp_path / "a.json", [
        post, {**post, "link": "https://fanal.example/2", "status": "draft"},
        {**post, "link": "https://fanal.example/3", "type": "page"},
        {**post, "link": "https://fanal.example/4", **locked},
    ]))  # fmt: skip
    assert isinstance(items[0], Draft)
    assert (items[0].title, items[0].text, items[0].author) == ("Le lavoir\u00a0!", _TEXT, None)
    left = [item.reason for item in items if isinstance(item, LeftOut)]
    assert left == ["draft", "page", "protected"]


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ({"name": "kiosque", "version": "1.0", "dependencies": {"a": "1"}},
         "name, version, dependencies"),
        ({"type": "FeatureCollection", "features": [{"geometry": {"x": 1}}]}, "type, features"),
        ({}, ""),
    ],
)  # fmt: skip
def test_other_json_is_named_by_its_keys(
    tmp_path: Path, reading_all: ReadingAll, value: object, keys: str
) -> None:
    """What is no list of articles is told, with the keys that it has."""
    assert reading_all(_json(tmp_path / "a.json", value)) == [
        Unreadable("a.json", "unknown_json", keys)
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[1, 2]", "no_records"), ("12", "no_records"), ('"Un texte."', "no_records"),
        ("[]", "no_records"), ("Un texte.", "bad_json"), ('{"a": ', "bad_json"),
    ],
)  # fmt: skip
def test_what_is_no_json_of_objects(
    tmp_path: Path, reading: Reading, content: str, reason: str
) -> None:
    """No object, or no JSON at all: one reason."""
    path = tmp_path / "a.json"
    path.write_text(content)
    drafts, problems = reading(path)
    assert (drafts, [problem.reason for problem in problems]) == ([], [reason])


def test_lines_and_lists_under_each_other_s_name(tmp_path: Path, reading: Reading) -> None:
    """JSON lines called ``.json``, a list called ``.jsonl``, objects that follow each other."""
    lines, listed, pretty = tmp_path / "a.json", tmp_path / "b.jsonl", tmp_path / "c.json"
    feed = tmp_path / "d.jsonl"
    lines.write_text(json.dumps(_A) + "\n" + json.dumps(_B) + "\n")
    listed.write_text(json.dumps([_A, _B], indent=2))
    pretty.write_text(json.dumps(_A, indent=2) + "\n" + json.dumps(_B, indent=2))
    feed.write_text(json.dumps({"items": [_A, _B]}))
    for path in (lines, listed, pretty, feed):
        assert [draft.title for draft in reading(path)[0]] == ["Le lavoir", "Le quai"], path.name


def test_broken_records_cost_themselves(tmp_path: Path, reading: Reading) -> None:
    """A record without text is told; a file that breaks off gives what came before."""
    drafts, problems = reading(_json(tmp_path / "a.json", [_A, {"id": "x", "titre": "T"}, _B, 7]))
    assert [draft.title for draft in drafts] == ["Le lavoir", "Le quai"]
    assert [(p.source, p.reason, p.detail) for p in problems] == [
        ("a.json#x", "no_text_field", "id, titre"), ("a.json#4", "bad_json", "no object"),
    ]  # fmt: skip
    path = tmp_path / "b.json"
    path.write_text(json.dumps([_A, _B])[:-30])
    drafts, problems = reading(path)
    assert [draft.title for draft in drafts] == ["Le lavoir"]
    assert [problem.reason for problem in problems] == ["bad_json"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, reading: Reading, encoding: str) -> None:
    """JSON in the encodings of Windows."""
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps([_A] * 3, ensure_ascii=False).encode(encoding))
    assert [draft.text for draft in reading(path)[0]][:1] == [_TEXT]


@pytest.mark.parametrize(
    "content",
    [
        '[{"text": "Le lavoir de Brenac.", "score": NaN, "big": ' + "9" * 300 + "}]",
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        '[{"text": ' + '{"content": [' * 5_000 + '"Le lavoir de Brenac."' + "]}" * 5_000 + "}]",
        '[{"text": "Le lavoir de Brenac.", "text": "Le quai."}]',
        '[{"text": "Le lavoir \\ud800 de Brenac.", "id": "\\udfff"}]',
        '[{"text": "Le lavoir de Brenac.", "views": ' + "9" * 6000 + "}]",
        "[{" + ",".join(f'"k{n}": {n}' for n in range(50_000)) + ', "text": "Le lavoir."}]',
    ],
)
def test_hostile_json(tmp_path: Path, reading_all: ReadingAll, content: str) -> None:
    """Depth, repeated keys, odd numbers and many keys end in articles or a reason."""
    path = tmp_path / "a.json"
    path.write_text(content)
    items = reading_all(path)
    assert len(items) == 1
    str(items).encode("utf-8")


def test_half_an_emoji_costs_no_article(tmp_path: Path, reading: Reading) -> None:
    """A program that cut a text within a character has not lost the export."""
    path = tmp_path / "a.json"
    path.write_text('[{"text": "Le lavoir de Brenac rouvre \\ud83d", "id": "\\udce9"}]')
    (draft,), problems = reading(path)
    assert (draft.text.startswith("Le lavoir de Brenac rouvre"), problems) == (True, [])


def test_a_big_file_is_streamed(tmp_path: Path, rules: CleaningRules, parser: Sandbox) -> None:
    """A packed list far over the limit of a file is read record by record."""
    path = tmp_path / "a.json.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write('{"total": 60, "articles": [')
        for number in range(60):
            record = {"id": number, "text": f"Le pont {number}. " + "un pont " * 40_000}
            file.write(("," if number else "") + json.dumps(record))
        file.write('], "next": null}')
    tracemalloc.start()
    items = read(path, "a", rules, LIMIT_BYTES, TODAY, parser)
    count = sum(isinstance(item, Draft) for item in items)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60
    assert peak < 15_000_000


def _message(number: int, text: object, **more: object) -> dict[str, Any]:
    return {"id": number, "type": "message", "date": f"2021-03-0{number}T08:00:00",
            "date_unixtime": str(1614582000 + 86400 * number), "from": "Le Fanal", "text": text,
            **more}  # fmt: skip


def test_a_channel_of_telegram(tmp_path: Path, reading_all: ReadingAll) -> None:
    """The posts of a channel are its articles; forwarded ones are in another's words."""
    long = "Le lavoir de Brenac. " * 180
    value = {"name": "Le Fanal", "type": "public_channel", "id": 99, "messages": [
        {"id": 1, "type": "service", "date": "2021-03-01T08:00:00", "date_unixtime": "1614582000",
         "action": "create_channel", "text": ""},
        _message(2, ["Le lavoir ", {"type": "bold", "text": "rouvre"}, " lundi. ",
                     {"type": "link", "text": "https://fanal.example/l"}]),
        _message(3, "", photo="a.jpg"),
        _message(4, "Le quai de Royec est fermé.", forwarded_from="La Vigie"),
        _message(5, long, date_unixtime="1614900000"),
        _message(6, "Fin du texte.", date_unixtime="1614900001"),
    ]}  # fmt: skip
    items = reading_all(_json(tmp_path / "result.json", value))
    drafts = [item for item in items if isinstance(item, Draft)]
    assert [(d.source, d.outlet, d.author, str(d.published)) for d in drafts] == [
        ("result.json#99-2", "Le Fanal", None, "2021-03-02"),
        ("result.json#99-4", "Le Fanal", "La Vigie", "2021-03-04"),
        ("result.json#99-5", "Le Fanal", None, "2021-03-05"),
    ]  # fmt: skip
    assert drafts[0].text.startswith("Le lavoir rouvre lundi.")
    assert drafts[2].text.endswith("Fin du texte.")
    left = [(item.reason, item.detail) for item in items if isinstance(item, LeftOut)]
    assert left == [("other_kind", "service"), ("attachment", "")]


def test_private_chats_of_telegram(tmp_path: Path, reading_all: ReadingAll) -> None:
    """Of a whole account, only the channels are publications."""

    def chat(name: str, kind: str, number: int) -> dict[str, Any]:
        messages = [_message(2, f"Bonjour, ici {name}.")]
        return {"name": name, "type": kind, "id": number, "messages": messages}

    value = {"about": "…", "chats": {"about": "…", "list": [
        chat("Ada", "personal_chat", 1), chat("Le Fanal", "private_channel", 2),
        chat("Rédaction", "private_supergroup", 3)]}}  # fmt: skip
    items = reading_all(_json(tmp_path / "result.json", value))
    assert [type(item).__name__ for item in items] == ["LeftOut", "Draft", "LeftOut"]
    alone = reading_all(_json(tmp_path / "alone.json", chat("Ada", "personal_chat", 1)))
    assert [item.reason for item in alone if isinstance(item, LeftOut)] == ["private"]


def test_an_answer_of_a_news_service(tmp_path: Path, reading_all: ReadingAll) -> None:
    """An article that was taken back is left out; the mark where one was cut is told."""
    gone = {"title": "[Removed]", "content": "[Removed]", "publishedAt": "1970-01-01T00:00:00Z"}
    cut = {"title": "Le lavoir", "content": "Le lavoir de Brenac… [+412 chars]"}
    kept = {"title": "Removed", "content": "Le mot « [Removed] » est revenu [+3 points]"}
    file = _json(tmp_path / "a.json", {"status": "ok", "articles": [gone, cut, kept]})
    left, short, whole = reading_all(file)
    assert isinstance(left, LeftOut)
    assert left.reason == "trashed"
    assert isinstance(short, Draft)
    assert short.text == "Le lavoir de Brenac…"
    assert "cut short: [+412 chars]" in short.removed
    assert isinstance(whole, Draft)
    assert whole.text == kept["content"]


def test_an_author_with_a_link(tmp_path: Path, reading: Reading) -> None:
    """The name of an author is plain text; an address in angle brackets is no tag."""
    linked = {**_A, "author": '<a href="/a/3" rel="author">Ad&egrave;le Brun</a>'}
    [draft, other], _ = reading(_json(tmp_path / "a.json", [linked, {**_B, "author": "L. & M."}]))
    assert (draft.author, other.author) == ("Adèle Brun", "L. & M.")


@pytest.mark.parametrize(
    "blocks",
    [
        {"blocks": [{"type": "paragraph", "data": {"text": "Le <b>quai</b> rouvre."}},
                    {"type": "list", "data": {"items": ["Lundi"]}}], "version": "2.19"},
        {"blocks": [{"key": "a", "type": "unstyled", "text": "Le quai rouvre.", "data": {}},
                    {"key": "b", "type": "unstyled", "text": "Lundi"}], "entityMap": {}},
        [{"type": "paragraph", "children": [{"text": "Le quai "}, {"text": "rouvre."}]},
         {"type": "paragraph", "children": [{"text": "Lundi"}]}],
        {"root": {"type": "root", "children": [
            {"type": "paragraph", "children": [{"type": "text", "text": "Le quai "},
                                               {"type": "text", "text": "rouvre."}]},
            {"type": "paragraph", "children": [{"type": "text", "text": "Lundi"}]}]}},
    ],
)  # fmt: skip
def test_blocks_of_an_editor_in_a_text(tmp_path: Path, reading: Reading, blocks: object) -> None:
    """Editor.js, Draft.js, Slate and Lexical are saved as JSON in one field of text."""
    record = {**_A, "text": json.dumps(blocks, ensure_ascii=False)}
    [draft], _ = reading(_json(tmp_path / "a.json", [record]))
    assert draft.text == "Le quai rouvre.\n\nLundi"


@pytest.mark.parametrize("text", ['{"prix": 3} est du JSON', '["un", "deux"]', "[le maire] {sic}"])
def test_brackets_that_hold_no_blocks(tmp_path: Path, reading: Reading, text: str) -> None:
    """A text in brackets stays as it is."""
    [draft], _ = reading(_json(tmp_path / "a.json", [{**_A, "text": text}]))
    assert draft.text == text


def test_shortcodes_in_a_field(tmp_path: Path, reading: Reading) -> None:
    """Shortcodes with values go, with the captions in them; words in brackets stay."""
    text = (
        'Le quai [sic] rouvre [1].\n\n[contact-form-7 id="12" title="Écrire"]\n\n'
        '[gallery2 ids="1,2"]\n\n[caption id="a" width="300"]Le quai en 1950[/caption]'
    )
    [draft, other], _ = reading(
        _json(tmp_path / "a.json", [{**_A, "text": text}, {**_B, "text": "Il dit [b]non[/b]."}])
    )
    assert draft.text == "Le quai [sic] rouvre [1]."
    assert "caption: Le quai en 1950" in draft.removed
    assert other.text == "Il dit [b]non[/b]."


@pytest.mark.parametrize(
    "value",
    [
        {"name": "brigny", "version": "2.1.0", "description": "Le site de la ville",
         "author": "Ada"},
        {"name": "Brigny", "start_url": "/", "description": "Le port de Brigny en direct",
         "shortcuts": [{"name": "Le port", "url": "/port", "description": "Les bateaux"}]},
        {"title": "Brigny", "url": "https://brigny.example", "description": "Le site de la ville"},
        {"$schema": "https://json-schema.org/draft-07/schema", "title": "Bateau",
         "description": "Un bateau du port", "type": "object"},
        {"compilerOptions": {"strict": True}, "files": ["a.ts"]},
    ],
)  # fmt: skip
def test_settings_are_no_articles(tmp_path: Path, reading: Reading, value: object) -> None:
    """A description beside a name or an address is that of a program or a site."""
    drafts, problems = reading(_json(tmp_path / "a.json", value))
    assert drafts == []
    assert [problem.reason for problem in problems] == ["unknown_json"]


def test_a_dated_description_is_an_article(tmp_path: Path, reading: Reading) -> None:
    """A lone record of an article whose text is called its description stays one."""
    value = {"@type": "NewsArticle", "headline": "Le lavoir", "description": _TEXT,
             "datePublished": "2017-05-04"}  # fmt: skip
    [draft], problems = reading(_json(tmp_path / "a.json", value))
    assert (draft.text, str(draft.published), problems) == (_TEXT, "2017-05-04", [])


def test_dynamic_fields_of_solr(tmp_path: Path, reading: Reading) -> None:
    """The type at the end of a name is no part of it; a field may hold a list of values."""
    record = {"id": "7", "title_t": ["Le quai"], "body_txt_fr": [_OTHER, _TEXT],
              "published_dt": "2017-05-05T22:30:00Z", "outlet_s": "Le Veilleur",
              "author_ss": ["Ada Roux", "Max Lin"]}  # fmt: skip
    answer = {"responseHeader": {"status": 0}, "response": {"numFound": 1, "docs": [record]}}
    [draft], problems = reading(_json(tmp_path / "a.json", answer))
    assert problems == []
    assert (draft.title, str(draft.published)) == ("Le quai", "2017-05-06")
    assert (draft.outlet, draft.author) == ("Le Veilleur", "Ada Roux, Max Lin")
    assert draft.text == f"{_OTHER}\n\n{_TEXT}"

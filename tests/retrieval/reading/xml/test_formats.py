"""XML is read, or named for what it is; a list of addresses says what can be done with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages.catalogue import Catalogue
from config.data import load
from retrieval.reading import CleaningRules, Refused, Sandbox, feed_entries, read
from retrieval.reading.forms import form_of_file, seen_form, unread_xml
from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.conftest import ROOT, TODAY
from tests.retrieval.reading.samples import feed_of

_CASES = ROOT / "tests" / "data" / "cases" / "agency"
_DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
)
_OPML = (
    '<opml version="2.0"><head><title>Mes flux</title></head><body><outline text="Presse">'
    '<outline type="rss" text="Vigie" xmlUrl="https://vigie.example/feed"/>'
    '<outline TEXT="Carnet" xmlurl="https://carnet.example/atom.xml"/>'
    '<outline text="Vigie encore" xmlUrl="https://vigie.example/feed"/>'
    '<outline text="Site" htmlUrl="https://site.example/"/>'
    '<outline text="Disque" xmlUrl="file:///etc/passwd"/></outline></body></opml>'
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('<rss version="2.0"><channel/></rss>', "feed"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"/>', "feed"),
        ('<rdf:RDF xmlns:rdf="x" xmlns="http://purl.org/rss/1.0/"><channel/></rdf:RDF>', "feed"),
        ('<rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:D/></rdf:RDF>', "xml"),
        ('<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel/></rss>', "wordpress"),
        (f"{_SITEMAP}</urlset>", "sitemap"),
        ("<sitemapindex></sitemapindex>", "sitemap"),
        (_OPML, "opml"),
        ('<!DOCTYPE nitf SYSTEM "nitf.dtd"><nitf></nitf>', "nitf"),
        ("<NewsML></NewsML>", "newsml"),
        ('<newsMessage xmlns="x"></newsMessage>', "newsml"),
        ('<nar:newsItem xmlns:nar="x"></nar:newsItem>', "newsml"),
        ("<!DOCTYPE html><html><body></body></html>", "html"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "html"),
        ("<article><p>Un.</p></article>", "html"),
        ('<article xmlns="http://docbook.org/ns/docbook"><para/></article>', "xml"),
        ("<foo/>", "xml"),
        ("<!DOCTYPE foo [<!ENTITY a 'b'>]><foo>&a;</foo>", "xml"),
    ],
)
def test_what_xml_is(text: str, form: str) -> None:
    """The first element tells it, behind a declaration, comments and a document type.

    Without any of these, an element that nobody knows is not taken for XML.
    """
    declared = _DECLARED + text
    assert seen_form(declared.encode()) == form
    undeclared = "" if text.startswith(("<foo", "<!DOCTYPE foo")) else form
    assert seen_form(f"\n<!-- a --> {text}".encode()) == undeclared
    assert seen_form(declared.encode("utf-16")) == form
    assert form_of_file(declared.encode(), "feed") == form


@pytest.mark.parametrize(
    ("text", "reason", "name"),
    [
        ('<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"/>', "xml_digitised", "ALTO"),
        ("<PcGts/>", "xml_digitised", "PAGE"),
        (
            '<html><head><meta name="ocr-system" content="x"/></head></html>',
            "xml_digitised",
            "hOCR",
        ),
        ('<mets:mets xmlns:mets="http://www.loc.gov/METS/"/>', "xml_catalogue", "METS"),
        ("<modsCollection/>", "xml_catalogue", "MODS"),
        ("<OAI-PMH/>", "xml_catalogue", "OAI-PMH"),
        ('<dc xmlns:dc="http://purl.org/dc/elements/1.1/"/>', "xml_catalogue", "Dublin Core"),
        ('<collection xmlns="http://www.loc.gov/MARC21/slim"/>', "xml_catalogue", "MARCXML"),
        ("<TEI/>", "xml_document", "TEI"),
        ('<book xmlns="http://docbook.org/ns/docbook"/>', "xml_document", "DocBook"),
        ("<dtbook/>", "xml_document", "DTBook"),
        ("<w:wordDocument xmlns:w='x'/>", "xml_document", "Word 2003 XML"),
        (
            '<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
            "xml_document",
            "OpenDocument (Flat XML)",
        ),
        ("<mediawiki/>", "xml_site", "MediaWiki"),
        ("<SPIP/>", "xml_site", "SPIP"),
        ("<xliff/>", "xml_data", "XLIFF"),
        ("<svg/>", "xml_data", "SVG"),
        ("<kml/>", "xml_data", "KML"),
        ('<!DOCTYPE plist PUBLIC "a" "b"><plist/>', "xml_data", "plist"),
        ("<a:Truc/>", "xml_unknown", "<a:Truc>"),
        ("<document/>", "xml_unknown", "<document>"),
        ("Le maire a dit non.", "not_xml", ""),
        ('{"a": 1}', "not_xml", ""),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named(
    text: str, reason: str, name: str, tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """Each format has its name and a sentence that says what to do, and is no failed feed."""
    path = tmp_path / "a.xml"
    path.write_text(text if reason == "not_xml" else _DECLARED + text)
    [problem] = read(path, "a.xml", rules, 1_000_000, TODAY, parser)
    assert problem == Unreadable("a.xml", reason, name)
    for language in ("fr", "en"):
        assert Catalogue(language).has(f"unreadable.{reason}")


def test_every_format_has_a_sentence() -> None:
    """The kinds of ``xml_formats.toml`` are keys of both catalogues."""
    for row in load("reading/xml_formats.toml")["format"]:
        assert all(Catalogue(each).has(f"unreadable.{row['kind']}") for each in ("fr", "en"))
        assert all(root == root.lower() for root in row["root"])
        assert row.get("mark", "") == row.get("mark", "").lower()


def test_the_cases(rules: CleaningRules, parser: Sandbox) -> None:
    """A news sitemap and the pages of a digitised paper say what they are."""
    found = {
        path.name: next(iter(read(path, path.name, rules, 1_000_000, TODAY, parser)))
        for path in sorted(_CASES.iterdir())
    }
    assert found["02_newssitemap.xml"] == Unreadable("02_newssitemap.xml", "sitemap")
    assert found["06_alto.xml"] == Unreadable("06_alto.xml", "xml_digitised", "ALTO")


def test_a_big_file_is_named_too(tmp_path: Path, rules: CleaningRules, parser: Sandbox) -> None:
    """What a file is shows at its beginning: its size is not what is wrong with it."""
    path = tmp_path / "a.xml"
    path.write_text(f"{_DECLARED}<mediawiki>{'<page/>' * 10_000}</mediawiki>")
    [problem] = read(path, "a.xml", rules, 1_000, TODAY, parser)
    assert problem == Unreadable("a.xml", "xml_site", "MediaWiki")


def test_a_feed_behind_junk_and_a_packed_one(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """A warning before a feed does not hide it; ``.xml.gz`` is unpacked, or told to be damaged."""
    import gzip

    raw = feed_of("<title>Un pont</title><description>Le pont est ouvert.</description>")
    (tmp_path / "a.xml").write_bytes(b"Warning: x in y\n" + raw)
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(raw))
    (tmp_path / "c.xml.gz").write_bytes(gzip.compress(raw)[:-20])
    (tmp_path / "d.xml.gz").write_bytes(b"\x1f\x8b")
    found = [
        next(iter(read(tmp_path / name, name, rules, 1_000_000, TODAY, parser)))
        for name in ("a.xml", "b.xml.gz", "c.xml.gz", "d.xml.gz")
    ]
    assert [each.text for each in found if isinstance(each, Draft)] == ["Le pont est ouvert."] * 2
    assert [each.reason for each in found if isinstance(each, Unreadable)] == ["damaged"] * 2


def test_a_draft_in_a_feed_is_left_out(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """``app:draft`` (RFC 5023) marks an entry that was not published."""
    path = tmp_path / "a.atom"
    path.write_text(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://www.w3.org/2007/app">'
        "<title>Le Fil</title><entry><id>1</id><title>A</title><content>Un secret.</content>"
        "<app:control><app:draft>yes</app:draft></app:control></entry>"
        "<entry><id>2</id><title>B</title><content>Le pont est ouvert.</content></entry></feed>"
    )
    draft, article = read(path, "a.atom", rules, 1_000_000, TODAY, parser)
    assert isinstance(draft, LeftOut)
    assert draft.reason == "draft"
    assert isinstance(article, Draft)
    assert [one.piece.text for one in feed_entries(path.read_bytes(), parser)] == [article.text]


def test_the_pages_of_a_sitemap(parser: Sandbox) -> None:
    """A news sitemap gives address, title, moment and newspaper; a plain one gives addresses."""
    raw = (_CASES / "02_newssitemap.xml").read_bytes()
    [entry] = feed_entries(raw, parser, "sitemap")
    claims = entry.piece.claims
    assert (entry.link, claims.title) == ("https://veilleur.example/a9", "Le bac est en panne")
    assert (claims.published, entry.outlet) == ("2020-03-02", "Le Veilleur")
    plain = (
        f"{_SITEMAP}<url><loc> https://a.example/1?x=1&amp;y=2 </loc></url><url><loc>x</loc></url>"
    )
    [entry] = feed_entries(f"{plain}</urlset>".encode(), parser, "sitemap")
    assert (entry.link, entry.piece.claims.published) == ("https://a.example/1?x=1&y=2", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "<sitemapindex><sitemap><loc>https://a.example/s1.xml</loc></sitemap></sitemapindex>",
            "sitemap_index",
        ),
        (f"{_SITEMAP}</urlset>", "no_records"),
    ],
)
def test_a_sitemap_without_pages(text: str, reason: str, parser: Sandbox) -> None:
    """A list of sitemaps names the first of them."""
    with pytest.raises(Refused, match=reason) as refusal:
        feed_entries(text.encode(), parser, "sitemap")
    assert refusal.value.detail == ("https://a.example/s1.xml" if reason == "sitemap_index" else "")


def test_the_feeds_of_opml(parser: Sandbox) -> None:
    """Each web address once, in any depth and spelling; no file of the machine."""
    found = feed_entries(_OPML.encode(), parser, "opml")
    assert [(entry.link, entry.piece.claims.title) for entry in found] == [
        ("https://vigie.example/feed", "Vigie"),
        ("https://carnet.example/atom.xml", "Carnet"),
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"<alto " + b"a" * 100_000,
        b"<!DOCTYPE " * 10_000,
        b"<!--" * 20_000,
        b"<?" * 30_000,
        b"\xff\xfe<\x00",
        b"<rss " + b"<item>" * 10_000,
    ],
)
def test_a_hostile_beginning_takes_a_bounded_time(raw: bytes) -> None:
    """Whatever stands at the beginning, a form or a reason comes of it."""
    assert isinstance(seen_form(raw), str)
    assert isinstance(unread_xml(raw)[0], str)

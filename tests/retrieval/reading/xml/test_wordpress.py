"""WordPress exports: the published posts as the site showed them, and what is left out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from retrieval.reading import CleaningRules, Limits, Sandbox, read
from retrieval.reading.parsing import parse
from retrieval.reading.pieces import Piece
from retrieval.reading.xml.wordpress import parse_wordpress
from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.conftest import ROOT, TODAY

_CASE = ROOT / "tests" / "data" / "cases" / "unpublished" / "07_wxr.xml"
_SPACES = (
    'xmlns:excerpt="http://wordpress.org/export/{v}/excerpt/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/{v}/"'
)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!-- generator="WordPress/5.2" -->\n'
    '<rss version="2.0" {spaces}>\n<channel>\n<title>La Vigie d&rsquo;Orvault</title>\n'
    "<language>fr-FR</language>\n<wp:author><wp:author_login><![CDATA[elo]]></wp:author_login>"
    "<wp:author_display_name><![CDATA[Élodie Brun]]></wp:author_display_name></wp:author>\n"
    "<wp:author><wp:author_login>adm</wp:author_login>"
    "<wp:author_display_name>Admin</wp:author_display_name></wp:author>\n"
)
_BODY = "<p>Le pont de Lanvern est ouvert depuis mardi.</p>"


def export(*items: str, version: str = "1.2", end: str = "</channel></rss>") -> bytes:
    """An export with some items."""
    head = _HEAD.format(spaces=_SPACES.format(v=version))
    return (head + "\n".join(items) + end).encode()


def post(body: str = _BODY, *, status: str = "publish", kind: str = "post", **more: str) -> str:
    """An item of an export; ``more`` holds further elements, with ``_`` after their prefix."""
    fields = {
        "title": "Le pont rouvre",
        "link": "https://vigie.example/pont",
        "dc_creator": "elo",
        "wp_post_id": "7",
        "wp_post_date": "2019-02-05 00:30:00",
        "wp_post_date_gmt": "2019-02-04 23:30:00",
    } | more
    parts = (f"<{k.replace('_', ':', 1)}>{v}</{k.replace('_', ':', 1)}>" for k, v in fields.items())
    return (
        f"<item>{''.join(parts)}<content:encoded><![CDATA[{body}]]></content:encoded>"
        f"<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type></item>"
    )


def pieces(raw: bytes) -> list[Piece]:
    """The pieces of an export, parsed in this process."""
    return list(parse_wordpress(io.BytesIO(raw)))


def test_the_case(rules: CleaningRules, parser: Sandbox) -> None:
    """Of an export, only the published post is an article; the others are counted by reason."""
    found = list(read(_CASE, "07_wxr.xml", rules, 1_000_000, TODAY, parser))
    [draft] = [each for each in found if isinstance(each, Draft)]
    assert (draft.title, draft.outlet) == ("Le marché déménage", "La Feuille de Mauves")
    assert (str(draft.published), draft.origin) == ("2019-02-04", "https://mauves.example/marche")
    assert "3,20 euros" in draft.text
    assert not {"Scandaleux", "hier", "gallery"} & set(draft.text.replace("!", " ").split())
    assert any("Le marché, hier" in words for words in draft.removed)
    reasons = [each.reason for each in found if isinstance(each, LeftOut)]
    assert reasons == ["draft", "scheduled", "private", "trashed", "attachment", "page"]
    assert "Scandaleux" not in draft.raw.decode()


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_an_item_of_each_version(version: str) -> None:
    """The author's shown name, the newspaper's own clock and name; the post's number tells it."""
    [piece] = pieces(export(post(), version=version))
    claims = piece.claims
    assert (claims.author, claims.outlet) == ("Élodie Brun", "La Vigie d’Orvault")
    assert (claims.published, claims.language) == ("2019-02-05T00:30:00+01:00", "fr-FR")
    assert (piece.name, piece.text) == ("7", "Le pont de Lanvern est ouvert depuis mardi.")


@pytest.mark.parametrize(
    ("status", "kind", "more", "reason", "detail"),
    [
        ("draft", "post", {}, "draft", ""),
        ("pending", "post", {}, "draft", ""),
        ("auto-draft", "post", {}, "draft", ""),
        ("pitch", "post", {}, "draft", ""),
        ("private", "post", {}, "private", ""),
        ("private", "page", {}, "private", ""),
        ("trash", "page", {}, "trashed", ""),
        ("publish", "post", {"wp_post_password": "sesame"}, "protected", ""),
        ("inherit", "attachment", {}, "attachment", ""),
        ("private", "attachment", {}, "attachment", ""),
        ("inherit", "revision", {}, "revision", ""),
        ("publish", "nav_menu_item", {}, "menu_item", ""),
        ("publish", "page", {}, "page", ""),
        ("publish", "wp_block", {}, "other_kind", "wp_block"),
        ("publish", "customize_changeset", {}, "other_kind", "customize_changeset"),
        ("publish", "agenda", {}, "other_kind", "agenda"),
        ("publish", "actualite", {}, "", ""),
        ("publish", "article", {}, "", ""),
    ],
)
def test_what_is_left_out(
    status: str, kind: str, more: dict[str, str], reason: str, detail: str
) -> None:
    """The status comes before the type; a type that newsrooms give to articles is one."""
    [piece] = pieces(export(post(status=status, kind=kind, **more)))
    assert (piece.left_out, piece.detail) == (reason, detail)


def test_nothing_of_what_is_left_out_leaves_the_parser() -> None:
    """The text of a private note does not reach the process that indexes."""
    raw = export(post("Le code est 4821.", status="private"), post("Contact", kind="page"))
    found = list(parse("wordpress", raw, Limits()))
    assert [(piece.text, piece.raw) for piece in found] == [("", ""), ("", "")]


@pytest.mark.parametrize(
    ("admit", "kept"), [((), []), (("page",), ["page"]), (("page", "agenda"), ["page", "agenda"])]
)
def test_the_setting_admits_kinds(admit: tuple[str, ...], kept: list[str]) -> None:
    """``reading.admit`` takes in kinds, and no draft of them."""
    items = [post(f"<p>{kind}</p>", kind=kind) for kind in ("page", "agenda")]
    hidden = [post(status="draft", kind="page"), post(kind="nav_menu_item")]
    found = parse("wordpress", export(*items, *hidden), Limits(admit=admit))
    assert [piece.text for piece in found if not piece.left_out] == kept


def test_a_scheduled_post_whose_time_has_come(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """WordPress would have published it: it is an article from then on, and not before."""
    path = tmp_path / "export.xml"
    moments = {"past": "2026-11-20 08:00:00", "later": "2031-01-01 08:00:00"}
    path.write_bytes(
        export(
            *(
                post(
                    status="future",
                    link=f"https://vigie.example/{name}",
                    wp_post_date=moment,
                    wp_post_date_gmt=moment,
                )
                for name, moment in moments.items()
            )
        )
    )
    draft, later = read(path, "export.xml", rules, 1_000_000, TODAY, parser)
    assert isinstance(draft, Draft)
    assert draft.origin == "https://vigie.example/past"
    assert isinstance(later, LeftOut)
    assert later.until is not None
    assert later.until.isoformat() == "2031-01-01T08:00:00+00:00"


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ({}, "2019-02-05T00:30:00+01:00"),
        ({"wp_post_date_gmt": "0000-00-00 00:00:00"}, "2019-02-05T00:30:00"),
        ({"wp_post_date_gmt": "2018-01-01 00:00:00"}, "2019-02-05T00:30:00"),
        ({"wp_post_date": "0000-00-00 00:00:00"}, "2019-02-04T23:30:00+00:00"),
        (
            {
                "wp_post_date": "",
                "wp_post_date_gmt": "",
                "pubDate": "Mon, 04 Feb 2019 23:30:00 +0000",
            },
            "2019-02-04T23:30:00+00:00",
        ),
        (
            {
                "wp_post_date": "0000-00-00 00:00:00",
                "wp_post_date_gmt": "0000-00-00 00:00:00",
                "pubDate": "Mon, 30 Nov -0001 00:00:00 +0000",
            },
            "",
        ),
    ],
)
def test_when_it_was_published(more: dict[str, str], day: str) -> None:
    """The newspaper's own clock first, with its offset if both clocks agree; zeros are no date."""
    [piece] = pieces(export(post(**more)))
    assert piece.claims.published == day


@pytest.mark.parametrize(
    ("creator", "author"),
    [("elo", "Élodie Brun"), ("adm", ""), ("admin", ""), ("pigiste", "pigiste")],
)
def test_who_wrote_it(creator: str, author: str) -> None:
    """The name that the site shows; an account that is nobody's name is no author."""
    [piece] = pieces(export(post(dc_creator=creator)))
    assert piece.claims.author == author


def test_a_title_with_entities_and_tags() -> None:
    """Titles are HTML: escaped once for the site, and once more for XML."""
    [piece] = pieces(export(post(title="L&amp;rsquo;été &amp;amp; <![CDATA[<em>nous</em>]]> & co")))
    assert piece.claims.title == "L’été & nous & co"


@pytest.mark.parametrize(
    ("excerpt", "first"),
    [
        ("Un chantier de deux ans s’achève.", "Un chantier de deux ans s’achève."),
        ("Le pont de Lanvern est […]", "Le pont de Lanvern est ouvert depuis mardi."),
        ("<p>Le pont de Lanvern est ouvert</p>", "Le pont de Lanvern est ouvert depuis mardi."),
    ],
)
def test_the_excerpt_is_a_standfirst(excerpt: str, first: str) -> None:
    """It comes first, unless it was made of the text itself."""
    [piece] = pieces(export(post(excerpt_encoded=f"<![CDATA[{excerpt}]]>")))
    assert piece.text.split("\n")[0] == first


_GOOD = post("<p>Le bac de Tresny repart.</p>", link="https://vigie.example/bac", wp_post_id="8")


@pytest.mark.parametrize(
    "broken",
    [
        post().replace("]]>", "", 1),
        post().replace("</item>", ""),
        post().replace("<wp:status>publish</wp:status>", ""),
        post().replace("<wp:status>", "<wp:status"),
        "<item><title>Sans rien</title></item>",
    ],
)
def test_a_broken_item_costs_no_other(broken: str) -> None:
    """It is told, with its name if that is left; the ones around it are read."""
    first, last = (_GOOD.replace("bac<", f"bac{n}<") for n in (1, 2))
    found = pieces(export(first, broken, last))
    good = [piece for piece in found if not piece.problem]
    assert [piece.claims.url[-4:] for piece in good] == ["bac1", "bac2"]
    assert [piece.problem for piece in found if piece.problem] == ["broken_record"]


def test_signs_that_xml_forbids() -> None:
    """Control characters, a bare ``&``, HTML's entities, Windows bytes: the item is whole."""
    item = post("<p>R\x0b&D\x08 de l'usine, 3 &lt; 5 &eacute;</p>", title="Eau & gaz \x0bde ville")
    raw = export(item, post(title="caf&eacute;")).replace(b"usine", b"usin\xe8")
    first, second = pieces(raw)
    assert (first.problem, second.claims.title) == ("", "café")
    assert first.claims.title == "Eau & gaz de ville"
    assert first.text == "R&D de l'usinè, 3 < 5 é"


def test_a_file_that_was_cut() -> None:
    """The items before the cut are read; the last one is told, and nothing of it is an article."""
    raw = export(_GOOD, post("<p>Le maire aurait", status="publish"))
    found = pieces(raw[: raw.rindex(b"aurait")])
    assert [piece.problem for piece in found] == ["", "broken_record"]
    assert found[1].text == ""


def test_an_export_without_its_namespaces() -> None:
    """A declaration that was lost does not make a draft an article."""
    raw = export(post(), post(status="draft"))
    found = pieces(raw.replace(_SPACES.format(v="1.2").encode(), b""))
    assert [piece.left_out for piece in found] == ["", "draft"]
    assert found[0].claims.author == "Élodie Brun"


def test_an_export_behind_warnings(tmp_path: Path, rules: CleaningRules, parser: Sandbox) -> None:
    """What PHP printed before the file does not hide what it is."""
    path = tmp_path / "export.xml"
    path.write_bytes(b"<br />\n<b>Warning</b>: foreach() in /srv/a.php\n" + export(_GOOD))
    [draft] = read(path, "export.xml", rules, 1_000_000, TODAY, parser)
    assert isinstance(draft, Draft)
    assert draft.outlet == "La Vigie d’Orvault"


def test_an_empty_export(tmp_path: Path, rules: CleaningRules, parser: Sandbox) -> None:
    """An export without items says that there is no article in it."""
    path = tmp_path / "export.xml"
    path.write_bytes(export())
    [problem] = read(path, "export.xml", rules, 1_000_000, TODAY, parser)
    assert isinstance(problem, Unreadable)
    assert problem.reason == "no_records"

"""Pages saved by browsers, by tools and from archives of the web: whose address, whose text."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from retrieval.reading import Refused, Sandbox, find_sources
from retrieval.reading.text.decoding import looks_garbled
from retrieval.text.addresses import own_address
from retrieval.vocabulary import LeftOut
from tests.retrieval.reading.conftest import Reading
from tests.retrieval.reading.pdfwriter import column, pdf

OWN = "https://www.trevou.example/bac/panne-12.html"
_TEXT = (
    "<article><h1>Le bac en panne</h1><p>Le bac de Sainte-Orgue ne traversera pas la rade avant"
    " jeudi, a annoncé la capitainerie.</p><p>Les écoliers de l'île seront logés au collège.</p>"
    "</article>"
)


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("https://web.archive.org/web/20190512083000/" + OWN, OWN),
        ("http://web.archive.org/web/20190512083000id_/http://trevou.example/a?b=1#c",
         "http://trevou.example/a?b=1#c"),
        ("https://web.archive.org/web/2019/" + OWN, OWN),
        ("https://archive.ph/2019.05.12-083000/" + OWN, OWN),
        ("https://archive.today/20190512083000/" + OWN, OWN),
        ("https://arquivo.pt/wayback/20190512083000mp_/" + OWN, OWN),
        ("https://wayback.archive-it.org/123/20190512083000/" + OWN, OWN),
        ("https://archive.example/all/20190512083000/https:/trevou.example/a",
         "https://trevou.example/a"),
        ("https://webcache.googleusercontent.com/search?q=cache:AbC_1:" + OWN + "+bac&cd=1", OWN),
        (OWN, OWN),
        ("https://trevou.example/20190512/le-bac", "https://trevou.example/20190512/le-bac"),
        ("https://web.archive.org/about", "https://web.archive.org/about"),
        ("https://archive.ph/AbCd1", "https://archive.ph/AbCd1"),
    ],
)  # fmt: skip
def test_the_address_behind_that_of_a_copy(given: str, own: str) -> None:
    """The time of the capture stands before it; other addresses stay as they are."""
    assert own_address(given) == own


def test_a_page_of_the_wayback_machine(reading: Reading, tmp_path: Path) -> None:
    """Its bar and its time are no text and no date; address and newspaper are the page's own."""
    prefix = "https://web.archive.org/web/20190512083000"
    path = tmp_path / "bac.html"
    path.write_text(
        f'<!DOCTYPE html><html lang="fr"><head><script src="https://web-static.archive.org/_static/'
        f'js/wombat.js"></script><title>Le bac en panne</title><link rel="canonical" href="{prefix}'
        f'/{OWN}"></head><body><!-- BEGIN WAYBACK TOOLBAR INSERT --><div id="wm-ipp-base"><p>The'
        " Wayback Machine has 12 captures of this page, from 12 May 2019 to 3 June 2021.</p></div>"
        f"<!-- END WAYBACK TOOLBAR INSERT -->{_TEXT}</body></html>\n<!--\n     FILE ARCHIVED ON"
        " 08:30:00 May 12, 2019 AND RETRIEVED FROM THE INTERNET ARCHIVE -->",
        encoding="utf-8",
    )
    (draft,), problems = reading(path)
    assert problems == []
    assert (draft.url, draft.outlet, draft.published) == (OWN, "trevou.example", None)
    assert "captures" not in draft.text
    assert "logés au collège" in draft.text


def test_a_page_of_archive_today(reading: Reading, tmp_path: Path) -> None:
    """It is rebuilt with the archive's times and a head: neither is the newspaper's."""
    path = tmp_path / "bac.html"
    path.write_text(
        '<html lang="fr"><head><title>Le bac en panne</title><meta property="og:site_name"'
        ' content="archive.ph"><meta property="og:url" content="https://archive.ph/AbCd1">'
        f'<link rel="bookmark" href="http://archive.today/20190512083000/{OWN}">'
        '<meta itemprop="datePublished" content="2019-05-12T08:30:00Z"></head><body>'
        '<div id="HEADER"><p>Saved from the web on the 12 May 2019, webpage capture</p></div>'
        f'<div id="CONTENT">{_TEXT}</div></body></html>',
        encoding="utf-8",
    )
    (draft,), problems = reading(path)
    assert problems == []
    assert (draft.url, draft.outlet, draft.published) == (OWN, "trevou.example", None)
    assert "capture" not in draft.text


@pytest.mark.parametrize(
    "comment",
    [
        f"<!-- saved from url=(0044){OWN} -->",
        f"<!--\n Page saved with SingleFile \n url: {OWN} \n saved date: Fri May 24 2019 10:00 -->",
        f"<!-- Mirrored from {OWN.removeprefix('https://')} by HTTrack Website Copier/3.x -->",
        f"<!-- Saved from {OWN} at 2019-05-24T10:00:00Z using monolith v2.8.1 -->",
        f'<meta name="savepage-url" content="{OWN}"><meta name="savepage-date" content="2019">',
    ],
)
@pytest.mark.parametrize("head", ["", '<link rel="canonical" href="https://www.trevou.example/">'])
def test_where_a_page_was_saved_from(
    reading: Reading, tmp_path: Path, comment: str, head: str
) -> None:
    """What browsers and tools write is the address of a page that names none, or its home page."""
    path = tmp_path / "bac.html"
    path.write_text(
        f"<!DOCTYPE html>\n{comment}\n<html lang='fr'><head><title>Le bac en panne</title>{head}"
        f"</head><body>{_TEXT}</body></html>",
        encoding="utf-8",
    )
    (draft,), problems = reading(path)
    assert problems == []
    assert (draft.url or "").removeprefix("http://").removeprefix("https://") == OWN[8:]
    assert draft.outlet == "trevou.example"
    assert draft.published is None


def test_an_article_that_links_to_an_archive(reading: Reading, tmp_path: Path) -> None:
    """A link to an archive does not make a page one of the archive's; its head stays."""
    path = tmp_path / "bac.html"
    link = f'<p>Voir <a href="https://web.archive.org/web/20190512083000/{OWN}">la copie</a>.</p>'
    path.write_text(
        '<html lang="fr"><head><title>Le bac en panne</title><meta itemprop="datePublished"'
        ' content="2021-03-04"><link rel="canonical" href="https://fil.example/bac"></head><body>'
        f"{_TEXT.replace('</article>', link + '</article>')}</body></html>",
        encoding="utf-8",
    )
    (draft,), _ = reading(path)
    assert (draft.url, str(draft.published)) == ("https://fil.example/bac", "2021-03-04")


def test_a_page_saved_in_one_file(reading: Reading, tmp_path: Path) -> None:
    """MHTML of a browser: its page is read, under the address that was saved, not at its time."""
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = OWN
    message["Date"] = "Fri, 24 May 2019 10:00:00 -0000"
    html = f"<html lang='fr'><head><title>Le bac en panne</title></head><body>{_TEXT}</body></html>"
    message.set_content(html, subtype="html", cte="quoted-printable")
    message.make_related()
    message.add_related(b"\x89PNG", "image", "png")
    for name in ("bac.mhtml", "bac.mht"):
        (tmp_path / name).write_bytes(message.as_bytes())
        (draft,), problems = reading(tmp_path / name)
        assert problems == []
        assert (draft.title, draft.url, draft.published) == ("Le bac en panne", OWN, None)
        assert "logés au collège" in draft.text
    (tmp_path / "vide.mht").write_text("MIME-Version: 1.0\nContent-Type: text/plain\n\nrien")
    assert [problem.reason for problem in reading(tmp_path / "vide.mht")[1]] == ["no_page"]


@pytest.mark.parametrize("ending", ["_files", "_fichiers", "-Dateien", ".files"])
def test_the_folder_beside_a_saved_page(tmp_path: Path, ending: str) -> None:
    """Its files are parts of the page: they are counted, and none is an article of its own."""
    parts = tmp_path / f"Le bac{ending}" / "sub"
    parts.mkdir(parents=True)
    (tmp_path / "Le bac.html").write_text("<html></html>")
    for name in ("saved_resource.html", "ad.html", "photo.jpg", "sub/frame.htm"):
        (parts.parent / name).write_text("<p>Publicité</p>")
    (tmp_path / "Notes_files").mkdir()
    (tmp_path / "Notes_files" / "note.txt").write_text("Le port rouvre.")
    found = list(find_sources([tmp_path]))
    left = [each for each in found if isinstance(each, LeftOut)]
    read = [each.name for each in found if isinstance(each, Path)]
    assert read == ["Le bac.html", "note.txt"]
    assert [each.reason for each in left] == ["saved_page_part"] * 4


# --- PDF ----------------------------------------------------------------------------------

_SAID = (
    "Le bac de Sainte-Orgue ne traversera pas la rade avant jeudi, a annoncé la capitainerie, qui"
    " attend une pièce de rechange du gouvernail. Les quarante écoliers de l'île seront logés au"
    " collège, et les commerçants demandent une vedette au conseil départemental."
)


def _shifted(text: str, by: int) -> str:
    return "".join(
        chr((ord(sign) - 97 + by) % 26 + 97) if "a" <= sign <= "z" else sign
        for sign in text.lower()
    )


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        (_SAID, False),
        (_shifted(_SAID, 3), True),
        ("".join(chr(0xF000 + ord(sign)) for sign in _SAID), True),
        ("".join(f"(cid:{ord(sign)})" for sign in _SAID), True),
        ("\ufffd".join(_SAID), True),
        ("".join(chr(ord(s) - 29) if " " <= s <= "z" else s for s in _SAID), True),
        (_SAID.upper(), False),
        ("\uf0b7 " + " \uf0b7 ".join(_SAID.split(", ")), False),
        ("SNCF, RATP, CGT, FDSEA, BTP, PCF, RPR, SFR, GDF, CFDT " * 2, False),
        ("بقيت العبارة في الميناء حتى يوم الخميس كما قال المدير " * 6, False),
        ("12 458,30 45 % 1 203 €\n" * 30, False),
    ],
)
def test_letters_that_cannot_be_made_out(text: str, garbled: bool) -> None:
    """Glyph numbers, private characters and shifted letters are no text; other alphabets are."""
    assert looks_garbled(text) is garbled


def test_a_garbled_pdf(parser: Sandbox) -> None:
    """A PDF whose font has no table of characters is named, with what to do about it."""
    words = _shifted(_SAID.encode("ascii", "ignore").decode(), 3)
    lines = [words[place : place + 70] for place in range(0, len(words), 70)]
    with pytest.raises(Refused, match="garbled"):
        parser("pdf", pdf([column(lines)]))


_VISIT = (
    "<div><div>{words} <a href='http://www.vigie.example/chapelle'>www.vigie.example</a>. C'est un"
    " instantané de la page telle qu'elle était le 3 mars 2012.</div></div>"
)
_CHAPEL = "<article><h1>La chapelle</h1><p>" + _SAID + "</p></article>"


@pytest.mark.parametrize(
    "words",
    [
        "Il s'agit de la version mise en cache de",
        "Ceci est la version cache de Google de",
        "You have reached the cached page for",
    ],
)
def test_the_cache_of_a_search_engine(parser: Sandbox, words: str) -> None:
    """The day of the engine's visit is not the article's, and its banner is no text."""
    html = f"<html><head><title>La chapelle</title></head><body>{_VISIT.format(words=words)}"
    (found,) = parser("html", f"{html}{_CHAPEL}</body></html>".encode())
    assert found.claims.published == ""
    assert "instantané" not in found.text
    assert _SAID in found.text


def test_an_article_about_caches(parser: Sandbox) -> None:
    """A sentence on such a page that leads nowhere stays, and so does the date."""
    head = '<meta property="article:published_time" content="2012-03-05T08:00:00+01:00">'
    said = "Il s'agit de la version mise en cache de la page, retirée depuis par le journal."
    html = f"<html><head>{head}</head><body>{_CHAPEL.replace(_SAID, said)}</body></html>"
    (found,) = parser("html", html.encode())
    assert said in found.text
    assert found.claims.published.startswith("2012-03-05")

"""One file, one article: text, Markdown and web pages, in whatever state they come."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.reading import CleaningRules, read
from retrieval.reading.documents.markdown import plain_text
from tests.retrieval.reading.conftest import LIMIT_BYTES, TODAY, Reading

_FRENCH = "L’élève a payé 3 € pour son œuvre : « c’est cher », a-t-il dit à l’État. Où ça ?"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_encodings_of_french(tmp_path: Path, reading: Reading, encoding: str) -> None:
    """Accents, ligatures, the euro and the apostrophe come out right from each encoding."""
    path = tmp_path / "a.txt"
    path.write_bytes(_FRENCH.encode(encoding))
    drafts, problems = reading(path)
    assert [draft.text for draft in drafts] == [_FRENCH]
    assert problems == []


@pytest.mark.parametrize("text", ["élève", "Été", "Le café est fermé.", "Ça va à l'Élysée"])
def test_short_latin_1(tmp_path: Path, reading: Reading, text: str) -> None:
    """A short text in latin-1 is French, not Polish or Chinese."""
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("latin-1"))
    assert reading(path)[0][0].text == text


def test_a_stray_byte_does_not_spoil_utf_8(tmp_path: Path, reading: Reading) -> None:
    """One Windows byte in UTF-8 text is that character; the rest stays as it is."""
    path = tmp_path / "a.txt"
    path.write_bytes(_FRENCH.encode() + b" l\x92\xe9t\xe9 de " + "été à côté".encode())
    assert reading(path)[0][0].text == f"{_FRENCH} l’été de été à côté"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"), ("a.txt", b" \n\t\r\n ", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.txt", b"%PDF-1.4 text", "damaged"), ("a.txt", bytes(range(256)) * 20, "binary"),
        ("a.txt", b"PK\x03\x04abc", "binary"), ("a.txt", b"... 12 !!", "no_text"),
        ("a.txt", "Publicité\n\nPublicité".encode(), "no_text"), ("a.md", b"---\n", "empty"),
        ("a.md", b"---\ntitle: [\n---\nUn pont.", "bad_front_matter"),
        ("a.md", b"\x00\x01", "binary"),
        ("a.html", b"<html><body></body></html>", "no_text"), ("a.html", b"\x89PNG\r\n", "binary"),
        ("a.html", b"", "empty"), ("a.pdf", b"%PDF-1.4", "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_article_has_a_reason(
    tmp_path: Path, reading: Reading, name: str, content: bytes, reason: str
) -> None:
    """Bad content is a value with a reason, and gives no article."""
    path = tmp_path / name
    path.write_bytes(content)
    drafts, problems = reading(path)
    assert (drafts, [problem.reason for problem in problems]) == ([], [reason])
    assert problems[0].source == name


def test_random_noise_is_binary(tmp_path: Path, reading: Reading) -> None:
    """Noise is not text in some odd encoding."""
    path = tmp_path / "noise.txt"
    path.write_bytes(os.urandom(5000))
    assert [problem.reason for problem in reading(path)[1]] == ["binary"]


def test_a_huge_file_is_refused_unread(tmp_path: Path, reading: Reading) -> None:
    """A file over the limit is not opened: 200 MB cost nothing."""
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    assert [problem.reason for problem in reading(path)[1]] == ["too_large"]


def test_a_file_that_goes_away(tmp_path: Path, reading: Reading) -> None:
    """A file that is gone between finding and reading is reported."""
    assert [problem.reason for problem in reading(tmp_path / "gone.txt")[1]] == ["unreadable"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_forbidden_file(tmp_path: Path, reading: Reading) -> None:
    """A file without permission is reported."""
    path = tmp_path / "a.txt"
    path.write_text("Un pont.")
    path.chmod(0)
    assert [problem.reason for problem in reading(path)[1]] == ["unreadable"]


def test_text_says_its_own_title_and_date(tmp_path: Path, reading: Reading) -> None:
    """A first line that is short and no sentence is the title; a date line is the date."""
    path = tmp_path / "a.txt"
    path.write_text("Le pont rouvre\n\nPublié le 24 mai 2017 à 14h\n\nIl était fermé depuis mars.")
    draft = reading(path)[0][0]
    assert (draft.title, str(draft.published)) == ("Le pont rouvre", "2017-05-24")
    assert draft.text == "Le pont rouvre\n\nIl était fermé depuis mars."
    assert draft.removed == ("date line: Publié le 24 mai 2017 à 14h",)
    assert draft.origin == f"file:{path.resolve()}"
    assert draft.raw == path.read_bytes()


def test_an_agency_dates_its_dispatch(tmp_path: Path, reading: Reading) -> None:
    """The dateline that opens the text dates it and stays; one further down does not date it."""
    path = tmp_path / "depeche.txt"
    line = "LESTIAC, 6 fév 2018 (ANI) - Le quai de Lestiac rouvre lundi."
    path.write_text(f"Le quai rouvre\n\n{line}\n\nLa mairie s'en réjouit.", encoding="utf-8")
    [draft] = reading(path)[0]
    assert str(draft.published) == "2018-02-06"
    assert line in draft.text
    path.write_text(f"Le quai rouvre\n\nLa mairie attend.\n\n{line}", encoding="utf-8")
    assert reading(path)[0][0].published is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "# La panne\n\nUne balise `<br>` de trop, `</div>` ou &lt;p&gt;, l'a causée."),
        ("a.html", "<!doctype html><html><body><article><h1>La panne</h1><p>Une balise &lt;br&gt;"
         " de trop, &lt;/div&gt; ou &lt;p&gt;, l'a causée.</p></article></body></html>"),
    ],
)  # fmt: skip
def test_a_tag_that_a_text_writes_of(
    tmp_path: Path, reading: Reading, name: str, text: str
) -> None:
    """Code of Markdown, and what HTML escapes, are words of the article; tags are not."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    [draft] = reading(tmp_path / name)[0]
    assert "Une balise <br> de trop, </div> ou <p>, l'a causée." in draft.text


def test_a_title_is_cut_from_the_first_sentence(tmp_path: Path, reading: Reading) -> None:
    """Without a title line, the first sentence begins the title, cut at a word."""
    path = tmp_path / "a.txt"
    path.write_text("Le maire de la ville a rouvert " + "le grand pont " * 12 + "mardi.\n\nFin.")
    title = reading(path)[0][0].title
    assert title.startswith("Le maire de la ville a rouvert le grand")
    assert title.endswith(("pont…", "grand…", "le…"))
    assert len(title) <= 91


def test_the_file_name_dates_last(tmp_path: Path, reading: Reading) -> None:
    """A file name gives a date only when nothing else does."""
    plain, dated = tmp_path / "2017-05-24-pont.txt", tmp_path / "2017-05-25.txt"
    plain.write_text("Le pont est ouvert.")
    dated.write_text("date 2016-03 Le pont est ouvert.")
    assert str(reading(plain)[0][0].published) == "2017-05-24"
    assert str(reading(dated)[0][0].published) == "2016-03"


def test_front_matter_speaks_for_the_article(tmp_path: Path, reading: Reading) -> None:
    """Title, date, outlet, author, address and language come from the front matter."""
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: Le pont\ndate: 2017-05-24\npublication: La Gazette\nauthors: [Ada, Bob]\n"
        "url: https://gazette.example/pont#haut\nlang: fr-CA\n---\n"
        "# Le pont\n\nIl est **ouvert**.\n"
    )
    draft = reading(path)[0][0]
    assert (draft.title, str(draft.published)) == ("Le pont", "2017-05-24")
    assert (draft.outlet, draft.author, draft.language) == ("La Gazette", "Ada, Bob", "fr")
    assert draft.url == "https://gazette.example/pont"
    assert draft.text == "Le pont\n\nIl est ouvert."


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            "---\nLe pont est ouvert.\n---\nIl était fermé.",
            "Le pont est ouvert.\n\nIl était fermé.",
        ),
        ("---\n\nLe pont est ouvert.", "Le pont est ouvert."),
        ("---\ntitle: null\ndate: 2017-13-45\n---\nLe pont est ouvert.", "Le pont est ouvert."),
    ],
)
def test_lines_of_dashes_lose_nothing(
    tmp_path: Path, reading: Reading, content: str, text: str
) -> None:
    """Dashes without a header are no front matter; a bad value in one is not the end."""
    path = tmp_path / "a.md"
    path.write_text(content)
    draft = reading(path)[0][0]
    assert draft.text == text
    assert draft.title == "Le pont est ouvert"


@pytest.mark.parametrize("header", ["[" * 15_000, "- " * 9_000, "a: " + "x" * 30_000])
def test_a_hostile_header_is_refused(tmp_path: Path, reading: Reading, header: str) -> None:
    """A header that would crash a parser is one bad article."""
    path = tmp_path / "a.md"
    path.write_text(f"---\n{header}\n---\nLe pont est ouvert.")
    assert [problem.reason for problem in reading(path)[1]] == ["bad_front_matter"]


def test_a_header_that_stands_for_billions(tmp_path: Path, reading: Reading) -> None:
    """Aliases of aliases in a header are never spelt out."""
    names = "abcdefghijklm"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    pairs = itertools.pairwise(names)
    lines += [f"{new}: &{new} [" + ", ".join([f"*{old}"] * 9) + "]" for old, new in pairs]
    path = tmp_path / "a.md"
    path.write_text("\n".join(["---", *lines, "author: *m", "---", "Le pont est ouvert."]))
    assert reading(path)[0][0].author is None


def test_a_refused_date_is_reported(tmp_path: Path, reading: Reading) -> None:
    """A date that cannot be is refused, said, and the next place is asked."""
    path = tmp_path / "2017-05-24.md"
    path.write_text("---\ndate: 31 février 2017\n---\nLe pont est ouvert.")
    draft = reading(path)[0][0]
    assert str(draft.published) == "2017-05-24"
    assert draft.removed == ("refused date: 31 février 2017 (front matter: not a date)",)


def test_markdown_loses_its_marks_and_no_words() -> None:
    """Links, emphasis and headings become text; numbers of lists and code stay; pictures go."""
    markdown = (
        "# Titre\n\nUn [lien](http://x.example) et *deux*\nlignes.\n\n2017. Une année.\n\n"
        "- un\n- deux\n\n![photo](a.jpg)\n\n> cité\n\n```\ncode\n```\n"
    )
    text = plain_text(markdown)
    assert text.split("\n\n") == [
        "Titre", "Un lien et deux lignes.", "2017. Une année.", "- un", "- deux", "cité", "code\n",
    ]  # fmt: skip


_PAGE = """<!doctype html><html lang="fr"><head><meta charset="{charset}">
<title>Le grand pont de la ville rouvre enfin - La Gazette</title>
<meta property="og:site_name" content="La Gazette">
<meta property="article:published_time" content="2017-05-24T14:00:00+02:00"></head><body>
<nav><a href="/">Accueil</a></nav><article><h1>Le grand pont de la ville rouvre enfin</h1>
<p>Le maire a rouvert le pont à la circulation mercredi, après trois mois de travaux d’été.</p>
<p>« Nous sommes soulagés », a-t-il déclaré devant les élèves de l’école voisine, à 3 €.</p>
<p>Publicité</p><p>Les travaux avaient coûté quatre millions d’euros à la ville et à la région.</p>
</article><footer>Mentions légales</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_a_page_gives_its_article(tmp_path: Path, reading: Reading, charset: str) -> None:
    """The article of a page, its title without the site's name, its date and outlet."""
    path = tmp_path / "a.html"
    path.write_bytes(_PAGE.format(charset=charset).encode(charset))
    draft = reading(path)[0][0]
    assert draft.title == "Le grand pont de la ville rouvre enfin"
    assert (str(draft.published), draft.outlet, draft.language) == (
        "2017-05-24",
        "La Gazette",
        "fr",
    )
    assert "« Nous sommes soulagés », a-t-il déclaré" in draft.text
    assert not any(word in draft.text for word in ("Publicité", "Accueil", "Mentions"))


def test_language_is_guessed_when_nobody_says(tmp_path: Path, reading: Reading) -> None:
    """An English text without metadata is English."""
    path = tmp_path / "a.txt"
    path.write_text("The bridge was opened by the mayor of the town, and it is free for all.")
    assert reading(path)[0][0].language == "en"


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["a.txt", "a.md", "a.html", "a.jsonl", "a.csv", "a.jsonl.gz"]),
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.sampled_from([b"---\n", b"text,id\n", b'{"text": ', b"<p>"]).flatmap(
        lambda start: st.binary(max_size=60).map(lambda rest: start + rest)
    ),
)
def test_reading_never_raises(
    tmp_path: Path, rules: CleaningRules, name: str, content: bytes
) -> None:
    """Whatever the bytes, reading ends, and what it gives can be stored as UTF-8."""
    path = tmp_path / name
    path.write_bytes(content)
    for item in read(path, name, rules, LIMIT_BYTES, TODAY):
        str(item).encode("utf-8")

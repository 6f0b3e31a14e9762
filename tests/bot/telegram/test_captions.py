"""What captions and the first lines of pasted texts say; addresses in what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.admin.captions import caption_of, pasted
from bot.telegram.admin.message_contents import Certainty, web_links, without

_HOSTILE = st.text(alphabet='ab.:/-, \n«»"()—|12 mai2019source:www@#é', max_size=200)


@pytest.mark.parametrize(
    ("caption", "outlet", "published", "title"),
    [
        ("Le Fanal, 12 mai 2019", "Le Fanal", "12 mai 2019", ""),
        ("Le Fanal — 2019-05-12 — Grève, blocage et colère", "Le Fanal", "2019-05-12",
         "Grève, blocage et colère"),
        ("Le Fanal | 12 mai 2019 | Budget 2020 : le vote", "Le Fanal", "12 mai 2019",
         "Budget 2020 : le vote"),
        ("source : Le Fanal / date : 12 mai 2019", "Le Fanal", "12 mai 2019", ""),
        ("Titre : « Les ports »\nJournal : Le Fanal\nParu le : 12/05/2019", "Le Fanal",
         "12/05/2019", "Les ports"),
        ("« Grève au port », Le Fanal, 12 mai 2019", "Le Fanal", "12 mai 2019", "Grève au port"),
        ("Grève au port, Le Fanal du samedi 12 mai 2019, p. 4", "Le Fanal",
         "samedi 12 mai 2019", "Grève au port"),
        ("Le Fanal n° 345 du 1er mars 2020", "Le Fanal", "1er mars 2020", ""),
        ("Le Fanal (mai 2019)", "Le Fanal", "mai 2019", ""),
        ("Le Fanal, 2019", "Le Fanal", "2019", ""),
        ("📰 Le Fanal\n🗓 12.05.2019", "Le Fanal", "12.05.2019", ""),
        ("12 mai 2019 – Ouest-Fanal", "Ouest-Fanal", "12 mai 2019", ""),
        ("The Beacon, May 12, 2019", "The Beacon", "May 12, 2019", ""),
        ("12 mai 2019", "", "12 mai 2019", ""),
        ("Merci d’indexer cet article du 12 mai 2019", "", "12 mai 2019", ""),
        ("pour toi", "", "", ""),
        ("Le Fanal", "", "", ""),
        ("Objectif 2030 : le plan", "", "", ""),
    ],
)  # fmt: skip
def test_captions_are_citations_or_labelled_values(
    caption: str, outlet: str, published: str, title: str
) -> None:
    """Newspaper, date and title in any order that people write; nothing where nothing is said."""
    said = caption_of(caption)
    assert (said.outlet, said.published, said.title) == (outlet, published, title)


def test_a_caption_has_authors_addresses_and_known_newspapers() -> None:
    """A byline, an address, and a newspaper of the archive that stands without a date."""
    said = caption_of("Le Fanal, 12 mai 2019, par Ana Bri\nhttps://fanal.example/a")
    assert (said.author, said.url) == ("Ana Bri", "https://fanal.example/a")
    assert caption_of("le fanal", ["Le Fanal"]).outlet == "le fanal"
    assert caption_of("Titre très court — Le Fanal — 2019", ["Le Fanal"]).outlet == "Le Fanal"
    assert caption_of("Le Fanal, 12 mai 2019, Un titre").of_several.columns == {
        "outlet": "Le Fanal",
        "published": "12 mai 2019",
    }


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("Le Fanal, 12 mai 2019", {"outlet": "Le Fanal", "published": "12 mai 2019"}),
        ("source : Le Fanal\ndate : 2019-05\n", {"outlet": "Le Fanal", "published": "2019-05"}),
        ("https://fanal.example/a", {"url": "https://fanal.example/a"}),
        ("", {}),
    ],
)  # fmt: skip
def test_the_lines_around_a_pasted_text_are_about_it(head: str, said: dict[str, str]) -> None:
    """Lines of labels, a citation, an address: said of the text, and no part of it."""
    body = "Un titre du 3 mai\n\nLe 12 mai 2019, le maire a parlé."
    found, rest = pasted(f"{head}\n{body}")
    assert (found.columns, rest) == (said, body)
    found, rest = pasted(f"{body}\n\nhttps://fanal.example/b")
    assert (found.url, rest) == ("https://fanal.example/b", body)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Le pain augmente https://eclair.example/pain via @eclair", ["https://eclair.example/pain"]),
        ("eclair.example/pain", ["https://eclair.example/pain"]),
        ("Eclair.example/Pain.", ["https://eclair.example/Pain"]),
        ("www.journal.example/a et journal.example/2019/x.html ?",
         ["https://www.journal.example/a", "https://journal.example/2019/x.html"]),
        ("(voir https://a.example/Foo_(bar)).", ["https://a.example/Foo_(bar)"]),
        ("« https://a.example/b », [titre](http://c.example/d)",
         ["https://a.example/b", "http://c.example/d"]),
        ("HTTPS://A.example/b?x=1#y", ["https://A.example/b?x=1#y"]),
        ("journal.example?p=3, port.example:8080/a", ["https://journal.example?p=3",
                                                      "https://port.example:8080/a"]),
        ("ana@fanal.example, rapport.pdf et notes.txt, et/ou, 12.05/2019", []),
        ("C’est fait.Il a dit non.Elle aussi", []),
    ],
)  # fmt: skip
def test_addresses_are_found_with_and_without_a_scheme(text: str, addresses: list[str]) -> None:
    """With the punctuation around them left out; names of files and mail addresses are none."""
    assert [link.address for link in web_links(text)] == addresses


def test_a_host_alone_may_be_a_name() -> None:
    """What Telegram marks and has a path is sure; a host alone is no more than likely."""
    (named,) = web_links("que dit fanal.fr ?", ["fanal.fr"])
    assert named.certainty is Certainty.HOST
    (marked,) = web_links("lu dans fanal.fr/a", ["fanal.fr/a"])
    assert marked.certainty is Certainty.CERTAIN


@given(_HOSTILE)
def test_any_text_is_read(text: str) -> None:
    """Whatever is written, what is found stands there, and cutting it out leaves the rest."""
    links = web_links(text)
    assert all(text[link.start : link.end] for link in links)
    assert len(without(text, links)) == len(text) - sum(k.end - k.start - 1 for k in links)
    assert all(value for value in caption_of(text).columns.values())
    pasted(text)

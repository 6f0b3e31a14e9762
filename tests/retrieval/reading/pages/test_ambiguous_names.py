"""Names of the newsroom's own that hold a word of the trade take no sentence of an article away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.retrieval.reading.conftest import Reading

_OPENING = "<p>La forge de Trézien rallumera son four samedi, après onze ans de silence.</p>"
_END = "<p>La mairie a promis trois stères de chêne et une fanfare pour l'occasion.</p>"
_SENTENCE = "Quarante apprentis y ont travaillé jusqu'en 1974, raconte la doyenne du bourg."
_NAMES = [
    "comment-on-fait",
    "ad-hoc",
    "promo-des-apprentis",
    "pub-irlandais",
    "share-holder",
    "tags-urbains",
    "social-et-solidaire",
    "author-isation",
    "related-to-forge",
    "commentateur comment-dire",
    "video-surveillance",
    "gallery-des-glaces",
    "newsletter-historique",
    "popup-store",
    "print-temps",
    "hidden-treasure",
    "menu-du-jour",
    "bio-carburant",
    "abo-ndance",
    "nav-ire",
    "cookie-maison",
    "credit-agricole",
    "signature-traite",
    "lecteur-assidu",
    "partenaires-sociaux",
]


def _page(inside: str) -> str:
    return (
        "<html><head><title>La forge</title></head><body><main><article><h1>La forge</h1>"
        f"{_OPENING}{inside}{_END}</article></main></body></html>"
    )


def _text(tmp_path: Path, reading: Reading, inside: str) -> str:
    path = tmp_path / "page.html"
    path.write_text(_page(inside), encoding="utf-8")
    drafts, problems = reading(path)
    assert problems == []
    return drafts[0].text


@pytest.mark.parametrize("markup", ["<p class='{}'>{}</p>", "<div class='{}'><p>{}</p></div>"])
@pytest.mark.parametrize("name", _NAMES)
def test_a_word_among_others_in_a_name(
    tmp_path: Path, reading: Reading, name: str, markup: str
) -> None:
    """A sentence without a form, in an element so named, is the article's."""
    text = _text(tmp_path, reading, markup.format(name, _SENTENCE))
    assert "rallumera son four" in text
    assert _SENTENCE in text
    assert "trois stères" in text


@pytest.mark.parametrize("name", ["related", "articles-lies", "see-also"])
def test_links_without_a_link(tmp_path: Path, reading: Reading, name: str) -> None:
    """An element that is named after links, with a sentence and no link, is the article's."""
    assert _SENTENCE in _text(tmp_path, reading, f"<div class='{name}'><p>{_SENTENCE}</p></div>")


@pytest.mark.parametrize(
    "part",
    [
        "<div class='comments-list'><p>Vous oubliez le maréchal du haut du bourg.</p></div>",
        "<div class='comment-form-trezien'><p>Dites-nous ce que vous savez du haut du bourg.</p>"
        "<form><textarea></textarea></form></div>",
        "<div class='related-trezien'><p>Vous saurez tout sur le haut du bourg, et le reste.</p>"
        "<ul><li><a href='/b'>Le four banal du haut du bourg</a></li></ul></div>",
        "<div class='newsletter-lundi'>Le haut du bourg par courrier</div>",
        "<div class='ad ad-300x250'><p>Achetez vos volets au magasin du haut du bourg.</p></div>",
    ],
)
def test_a_part_with_its_name_or_its_look(tmp_path: Path, reading: Reading, part: str) -> None:
    """A name of nothing but the trade's words, a form, or links of its own still tell a part."""
    text = _text(tmp_path, reading, part)
    assert "haut du bourg" not in text
    assert "trois stères" in text


@pytest.mark.parametrize(
    "line",
    [
        "Suivez toute l'actualité du haut du bourg sur notre chaîne WhatsApp",
        "→ Rejoignez-nous sur Facebook pour ne rien manquer du haut du bourg.",
        "Article offert aux non-abonnés",
    ],
)
def test_requests_to_readers_and_labels_of_access(
    tmp_path: Path, reading: Reading, line: str
) -> None:
    """A line that asks to follow the newspaper elsewhere, or says who may read it, goes."""
    text = _text(tmp_path, reading, f"<p>{line}</p>")
    assert line not in text
    assert "trois stères" in text


@pytest.mark.parametrize(
    "line",
    [
        "« Suivez notre page Facebook », répète la doyenne aux curieux du bourg voisin.",
        "Suivez le chemin de halage : notre correspondant vous y attend samedi matin.",
        "Un article offert aux non-abonnés du club : voilà ce que promet la doyenne.",
        "La doyenne a ouvert une chaîne WhatsApp, que nos voisins suivent avec attention.",
    ],
)
def test_sentences_that_speak_of_following(tmp_path: Path, reading: Reading, line: str) -> None:
    """A sentence about a network, a quoted request and a direction on a road are news."""
    assert line in _text(tmp_path, reading, f"<p>{line}</p>")


def test_a_live_report_of_ambiguous_names_stays_whole(tmp_path: Path, reading: Reading) -> None:
    """The short entries of a report are its own when the long ones of the same name are."""
    entries = "".join(
        f"<div class='comment-direct'><p>{minute}</p><p>{words}</p></div>"
        for minute, words in (("12'", "Corner pour Trézien."), ("13'", _SENTENCE)) * 20
    )
    assert "Corner pour Trézien." in _text(tmp_path, reading, entries)

"""PDF files: paragraphs from lines, words mended, what repeats on each page left out."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from retrieval.reading.documents.pagelines import PageLine, join_paragraphs, without_furniture
from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import Reading
from tests.retrieval.reading.pdfwriter import Line, column, pdf

_PICTURE = b"q 100 0 0 100 72 600 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI Q"


def _read(reading: Reading, folder: Path, raw: bytes) -> Draft:
    path = folder / "article.pdf"
    path.write_bytes(raw)
    drafts, problems = reading(path)
    assert problems == []
    return drafts[0]


def _frame(number: int) -> list[Line]:
    """What stands at the head and at the foot of a page."""
    return [
        Line("Le Courrier du Fleuve, édition du soir", y=800, size=8),
        Line(f"– {number} –", x=290, y=30, size=8),
    ]


def test_lines_become_paragraphs(tmp_path: Path, reading: Reading) -> None:
    """A blank line, or a short one that ends a sentence, ends a paragraph; a page does not."""
    pages = [
        [
            *_frame(1),
            Line("Le pont de Brigny rouvre", y=750, size=20),
            *column(
                [
                    "Le maire a décidé mercredi de rouvrir le pont, fermé depuis trois ans",
                    "pour des travaux.",
                    "Les habitants attendaient cette décision avec une impatience que rien ne",
                    "calmait.",
                    "",
                    "La région paie en 2017 la moitié de la somme, l’État le reste, la ville rien",
                ],
                700,
            ),
        ],
        _frame(2) + column(["du tout, selon le maire.", "Une fête est prévue."]),
        _frame(3) + column(["Fin."]),
    ]
    draft = _read(reading, tmp_path, pdf(pages, {"CreationDate": "D:20170524120000+02'00'"}))
    assert draft.text.split("\n\n") == [
        "Le pont de Brigny rouvre",
        "Le maire a décidé mercredi de rouvrir le pont, fermé depuis trois ans pour des travaux.",
        "Les habitants attendaient cette décision avec une impatience que rien ne calmait.",
        "La région paie en 2017 la moitié de la somme, l’État le reste, la ville rien du tout,"
        " selon le maire. Une fête est prévue.",
        "Fin.",
    ]
    assert (draft.title, str(draft.published)) == ("Le pont de Brigny rouvre", "2017-05-24")
    assert draft.removed[0] == ("page header or footer: Le Courrier du Fleuve, édition du soir")
    assert len(draft.removed) == 4


def test_columns_are_read_one_after_the_other(tmp_path: Path, reading: Reading) -> None:
    """A sentence goes on from the foot of a column to the head of the next."""
    left = column(["Le maire veut ouvrir un marché", "sur la place de la mairie, sous les"], 600)
    right = column(["platanes, dès le mois de mai.", "Il y aura du pain et du vin."], 600, x=320)
    assert _read(reading, tmp_path, pdf([left + right])).text == (
        "Le maire veut ouvrir un marché sur la place de la mairie, sous les platanes, dès le mois"
        " de mai. Il y aura du pain et du vin."
    )


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("Le gouverne-", "ment est d’accord.", "Le gouvernement est d’accord."),
        ("Il viendra peut-", "être demain.", "Il viendra peut-être demain."),
        ("Le porte-", "parole se tait.", "Le porte-parole se tait."),
        ("Qu’en pense-", "t-il vraiment ?", "Qu’en pense-t-il vraiment ?"),
        ("Celui-", "ci est fermé.", "Celui-ci est fermé."),
        ("La loi de Jean-", "Paul Martin.", "La loi de Jean-Paul Martin."),
        ("Les an-", "nées 2000-2010.", "Les années 2000-2010."),
        ("L’année 2016-", "2017 est finie.", "L’année 2016-2017 est finie."),
        ("Le week-end, oui, le week-", "end.", "Le week-end, oui, le week-end."),
        ("Le secrétariat, un secré-", "tariat.", "Le secrétariat, un secrétariat."),
        ("Il y a beau-", "coup de monde.", "Il y a beaucoup de monde."),
        ("Les ci-", "toyens, le pro-", "Les citoyens, le pro-"),
        ("L’ex-", "ministre parle.", "L’ex-ministre parle."),
        ("Un ex-", "pert parle.", "Un expert parle."),
        ("C’est-à-", "dire oui.", "C’est-à-dire oui."),
        ("Vers la mi-", "juillet.", "Vers la mi-juillet."),
        ("Dans un mi-", "lieu froid.", "Dans un milieu froid."),
        ("Oui, dit-", "elle enfin.", "Oui, dit-elle enfin."),
        ("Un ou-", "til de fer.", "Un outil de fer."),
        ("Un tiret –", "comme celui-là – reste.", "Un tiret – comme celui-là – reste."),
    ],
)
def test_broken_words(
    tmp_path: Path, reading: Reading, first: str, second: str, whole: str
) -> None:
    """A hyphen at the end of a line goes, unless French or the text itself has it."""
    assert _read(reading, tmp_path, pdf([column([first, second])])).text == whole


@pytest.mark.parametrize(
    ("info", "title", "author"),
    [
        (
            {"Title": "Mars : un pont rouvert", "Author": "Anne Lô"},
            "Mars : un pont rouvert",
            "Anne Lô",
        ),
        ({"Title": "Un été à Brigny", "Author": "HP"}, "Le pont est ouvert", None),
        ({"Title": "Microsoft Word - pont.docx"}, "Le pont est ouvert", None),
        ({"Title": "Microsoft Word - Un pont fermé"}, "Un pont fermé", None),
        ({"Title": "untitled"}, "Le pont est ouvert", None),
        ({"CreationDate": "hier"}, "Le pont est ouvert", None),
        ({}, "Le pont est ouvert", None),
    ],
)
def test_the_document_says_what_it_is(
    tmp_path: Path, reading: Reading, info: dict[str, str], title: str, author: str | None
) -> None:
    """A title that is the name of a file, or of which the text does not speak, is none."""
    lines = column(["Le pont est ouvert", "", "Il était fermé depuis le mois de mars."])
    draft = _read(reading, tmp_path, pdf([lines], info))
    assert (draft.title, draft.author, draft.published) == (title, author, None)


def test_surer_places_date_it_first(tmp_path: Path, reading: Reading) -> None:
    """A row of metadata.csv and a date line come before the day when the file was made."""
    lines = column(["Publié le 3 mai 2016", "", "Le pont est ouvert."])
    raw = pdf([lines], {"CreationDate": "D:20170524", "Title": "Un titre"})
    assert str(_read(reading, tmp_path, raw).published) == "2016-05-03"
    (tmp_path / "metadata.csv").write_text("source,published\narticle.pdf,2015-01-02\n")
    assert str(_read(reading, tmp_path, raw).published) == "2015-01-02"


@pytest.mark.parametrize(("drawn", "reason"), [(_PICTURE, "scanned"), (b"", "no_text")])
def test_pages_without_text(tmp_path: Path, reading: Reading, drawn: bytes, reason: str) -> None:
    """Pictures of pages are told apart from empty pages."""
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([[]], drawn=drawn))
    assert [problem.reason for problem in reading(path)[1]] == [reason]


def test_a_lone_number_in_the_text_stays() -> None:
    """Only what counts on with the pages is a page number."""
    pages = [
        [PageLine("Le bilan", 72, 200, 700, 11), PageLine("2017", 72, 100, 686, 11)],
        [PageLine("La suite", 72, 200, 700, 11), PageLine("2 / 2", 290, 310, 30, 11)],
    ]
    kept, removed = without_furniture(pages)
    assert [line.text for page in kept for line in page] == ["Le bilan", "2017", "La suite"]
    assert removed == ("page header or footer: 2 / 2",)


def test_no_line_is_no_text() -> None:
    """Pages without lines are an empty text."""
    assert join_paragraphs([[], []]) == ""


_TERMS = column(
    [
        "1/ Les contenus accessibles sur le site Gallica sont pour la plupart des reproductions",
        "numériques d'œuvres du domaine public. Loi du 17 juillet 1978.",
    ]
)
_NEWS = column(["Un orage a emporté la passerelle du Vieux-Bief hier soir.", "Nul n’est blessé."])


@pytest.mark.parametrize(
    ("cover", "masthead", "day"),
    [
        ("La Voix du Bief (Larmont)", "12e année – N° 415 – Mardi 6 février 1894", "1894-02-06"),
        ("La Voix du Bief (Larmont). 1894-02-08.", "", "1894-02-08"),
    ],
)
def test_the_pages_of_a_library_are_no_pages_of_the_paper(
    tmp_path: Path, reading: Reading, cover: str, masthead: str, day: str
) -> None:
    """A cover and the terms of use give way to the masthead; the cover may tell the day."""
    first = column([cover, "Source gallica.bnf.fr / Bibliothèque nationale de France"])
    head = [Line("LA VOIX DU BIEF", y=780, size=24), Line(masthead, y=750)] if masthead else []
    info = {"Title": "bpt6k99999", "CreationDate": "D:20120304120000"}
    draft = _read(reading, tmp_path, pdf([first, _TERMS, [*head, *_NEWS]], info))
    assert str(draft.published) == day
    assert "passerelle" in draft.text
    assert "Gallica" not in draft.text
    assert not draft.title.startswith("La Voix du Bief (")


def test_an_article_that_names_a_library_stays(tmp_path: Path, reading: Reading) -> None:
    """A page of an article is none of a library, though it credits a picture to it."""
    lines = ["Le vieux plan retrouvé", "", "Source gallica.bnf.fr / BnF", "Le plan date de 1702."]
    draft = _read(reading, tmp_path, pdf([column(lines), column(["Il est exposé à la mairie."])]))
    assert "Le plan date de 1702." in draft.text


def test_a_by_line_and_a_running_head(tmp_path: Path, reading: Reading) -> None:
    """A short line with a by-word and names is a paragraph; the running head names the paper."""
    text = (
        "La forêt de Royec compte onze loups, selon le comptage mené par trente bénévoles en mars"
        " dans la neige. Le préfet recevra jeudi les éleveurs, qui demandent des tirs."
    )
    pages = [
        [
            Line(f"Le Fanal - Mardi 9 mars 2021 - p. {page}", 72, 800),
            *column([*head, *textwrap.wrap(words, 80)], top=740),
        ]
        for page, head, words in (
            (4, ["Par Ève Nicolas"], text),
            (5, [], "Ils ont perdu 88 brebis en un an."),
        )
    ]
    draft = _read(reading, tmp_path, pdf(pages))
    assert draft.outlet == "Le Fanal"
    assert draft.text.split("\n\n")[:2] == ["Par Ève Nicolas", text]

"""Properties of files: what a program or a template wrote is nobody's title, author or day."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.reading.text.titles import day_agrees, own_author, own_title, title_agrees

_TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    "value",
    [
        "", "–", "Sans titre", "Sans titre-2", "Untitled-1", "untitled", "(anonymous)", "Document1",
        "Nouveau document 3", "Titre du document", "[Tapez le titre du document]", "Page 1", "p03",
        "Une", "Folio 12", "Mise en page 1", "Modèle article Word", "Modèle_presse_v2",
        "Normal.dotm", "Normal", "Gabarit_Journal", "bpt6k5551234x", "cb34431794k",
        "ark:/12148/bpt6k5551234x",
        "LF_20190512_P03.indd", "LF_20190512_P03", "COURRIER_2019_05_12_P01.pdf", "20190512",
        "12/05/2019", "CamScanner 05-12-2019 14.33", "Scan0001", "Scanned Document",
        "Numérisation 3", "IMG_2034", "Image (23)", "Xerox WorkCentre Scanned Document",
        "Microsoft Word - pont.docx",
        "Microsoft Word - Sans titre", "Présentation PowerPoint", "Diapositive 1",
        "d41d8cd98f00b204e9800998ecf8427e", "https://fanal.example/pont", "about:blank",
        "index.html", "Copie de Sans titre",
    ],
)  # fmt: skip
def test_what_is_no_title(value: str) -> None:
    """Placeholders, templates, pages, scanners, shelf marks and names of files are no titles."""
    assert own_title(value) == ""


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("Le pont de Brigny", "Le pont de Brigny"), ("Covid-19", "Covid-19"),
        ("Modèle économique de la presse", "Modèle économique de la presse"),
        ("Le budget 2019", "Le budget 2019"), ("Microsoft Word - Le marché", "Le marché"),
        ("Une page se tourne à Brigny", "Une page se tourne à Brigny"),
        ("Scandale à la mairie", "Scandale à la mairie"), ("14-Juillet", "14-Juillet"),
    ],
)  # fmt: skip
def test_what_may_be_a_title(value: str, title: str) -> None:
    """Words of a headline stay, without the program that wrote them down."""
    assert own_title(value) == title


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("Administrateur", ""), ("admin", ""), ("user", ""), ("Utilisateur Windows", ""),
        ("Microsoft Office User", ""), ("Windows User", ""), ("HP", ""), ("Lenovo", ""),
        ("ACER-PC", ""), ("PC12", ""), ("Inconnu", ""), ("python-docx", ""), ("BUREAU\\jd", ""),
        ("Anne Lô", "Anne Lô"), ("Rédaction", "Rédaction"), ("Jean Dell", "Jean Dell"),
        ("AFP", "AFP"), ("Paul Canonne", "Paul Canonne"),
    ],
)  # fmt: skip
def test_who_is_an_author(value: str, author: str) -> None:
    """A computer, a program or an account is none; people and newsrooms are."""
    assert own_author(value) == author


def test_a_title_agrees_with_its_text() -> None:
    """Half of its words stand in the text, in any form; a template's do not."""
    text = "Le bac de Noirvaux a repris ses traversées lundi. Quatre marins forment l’équipage."
    assert title_agrees("Le bac de Noirvaux reprend ses traversées", text)
    assert not title_agrees("Dépêche type 2 colonnes", text)
    assert not title_agrees("de la", text)


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("Le pont ouvrira le 8 mai 2019.", True), ("Le 12/05/2019, le pont ouvrira.", True),
        ("Depuis 2015, le pont attend ; il ouvrira en 2019.", True),
        ("Un pont.\ncourrier-2019.pdf", True), ("Le plan va jusqu’en 2050, et part de 2019.", True),
        ("Le pont a fermé en 2009.", False), ("Fermé en 2019, le pont a rouvert en 2021.", False),
        ("Le pont est ouvert.", False), ("Il coûte 2019,50 euros, soit 2019 % de plus.", False),
    ],
)  # fmt: skip
def test_a_day_agrees_with_its_text(text: str, agrees: bool) -> None:
    """A day near it is named, or its year and no later one that has come."""
    assert day_agrees(date(2019, 5, 6), text, _TODAY) is agrees

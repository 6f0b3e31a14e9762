"""What is a copy of a text, and what is other news in the same words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.change.duplicates import Edition, copied_share, shared_share
from retrieval.vocabulary import PublicationDate

DAY = PublicationDate(2017, 5, 24)  # a Wednesday
PARAGRAPHS = (
    "Le pont de Brume rouvre à la circulation mercredi matin, après un an de travaux qui ont"
    " coûté 4.000.000 d'euros à la commune et au département.",
    "Les ouvriers ont remplacé les 12 piles de bois par des piles de béton, et posé un tablier"
    " plus large de deux mètres que celui de 1931.",
    "Le maire, Paul Lannec, se réjouit : « Les habitants de la rive gauche ne feront plus le"
    " détour par Saint-Aubin », dit-il à l'AFP.",
    "Les riverains, eux, craignent que les camions ne reviennent. Une réunion publique se"
    " tiendra le 2 juin à la salle des fêtes.",
)
PONT = Edition("Le pont de Brume rouvre", "\n".join(PARAGRAPHS), DAY, "Le Courrier")


def changed(old: str, new: str, **fields: object) -> Edition:
    """The article with other words in it."""
    assert old in PONT.text
    edition = replace(PONT, text=PONT.text.replace(old, new, 1))
    return replace(edition, **fields)  # type: ignore[arg-type]


COPIES = {
    "the same": PONT,
    "headline": replace(PONT, title="À Brume, les voitures passent de nouveau"),
    "cut": replace(PONT, text="\n".join(PARAGRAPHS[:3])),
    "signature": replace(PONT, text=f"{PONT.text}\n(Anne Roux, avec Reuters)"),
    "outlet": replace(PONT, names="La Gazette", published=PublicationDate(2017, 5, 25)),
    "all": Edition(
        "Brume : le pont est ouvert",
        "Par Anne Roux\n" + "\n".join(PARAGRAPHS[:3]) + "\nLa Gazette, avec AFP",
        DAY,
        "La Gazette Anne Roux",
    ),
    "thousands": changed("4.000.000", "4\u202f000\u202f000"),
    "day told in full": changed("mercredi matin", "mercredi 24 mai au matin"),
    "day added": changed("dit-il à", "dit-il mercredi à"),
    "a comment": changed("Les riverains, eux, craignent", "Mais les riverains, eux, craignent"),
    "capitals": changed("Une réunion", "UNE réunion"),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_copies(copy: Edition) -> None:
    """Another headline, fewer paragraphs, another signature, the day in full: still a copy."""
    share = copied_share(copy, PONT)
    assert share is not None
    assert 0.8 <= share <= 1


OTHER_NEWS = {
    "number": changed("12 piles", "14 piles"),
    "number in words": changed("deux mètres", "trois mètres"),
    "year": changed("1931", "1913"),
    "date": changed("2 juin", "9 juin"),
    "weekday": changed("mercredi matin", "jeudi matin"),
    "the day of publication for another": changed("mercredi matin", "lundi matin"),
    "name": changed("Paul Lannec", "Marc Lannec"),
    "name from elsewhere in the text": changed("pont de Brume", "pont de Lannec"),
    "number in the headline": replace(PONT, title="Le pont de Brume rouvre pour 3 jours"),
    "name in the headline": replace(PONT, title="Le pont de Corvec rouvre"),
    "a paragraph more": replace(
        PONT, text=f"{PONT.text}\nLe préfet, Jean Morvan, a annoncé un second pont pour 2019."
    ),
    "other words": replace(PONT, text=" ".join(PONT.text.split()[::-1])),
}


@pytest.mark.parametrize("other", OTHER_NEWS.values(), ids=OTHER_NEWS)
def test_other_news(other: Edition) -> None:
    """One number, date or name that is another, or an added fact, makes other news."""
    assert copied_share(other, PONT) is None


def bulletin(day: int, towns: dict[str, int], score: tuple[int, int]) -> Edition:
    """What a newsroom fills in every day: weather, then a result."""
    sky = " ".join(
        f"À {town}, le soleil domine le matin et les nuages arrivent l'après-midi, avec {degrees}"
        " degrés au meilleur moment de la journée et un vent faible de nord-ouest."
        for town, degrees in towns.items()
    )
    text = f"{sky}\nHier au stade, l'équipe a fini sur un score de {score[0]} à {score[1]}."
    return Edition("La météo et le stade", text, PublicationDate(2017, 5, day), "Le Courrier")


BULLETIN = bulletin(24, {"Brume": 12, "Corvec": 14, "Lannec": 15}, (3, 1))


@pytest.mark.parametrize(
    "other",
    [
        bulletin(25, {"Brume": 12, "Corvec": 13, "Lannec": 15}, (3, 1)),
        bulletin(25, {"Brume": 14, "Corvec": 12, "Lannec": 15}, (3, 1)),
        bulletin(25, {"Brume": 12, "Corvec": 14, "Morvan": 15}, (3, 1)),
        bulletin(25, {"Brume": 12, "Corvec": 14, "Lannec": 15}, (1, 3)),
    ],
    ids=["a number", "numbers exchanged", "a name", "score turned round"],
)
def test_bulletins(other: Edition) -> None:
    """A bulletin in the words of yesterday's is not its copy, even with the same numbers."""
    assert shared_share(other, BULLETIN) > 0.6
    assert copied_share(other, BULLETIN) is None


def test_short_notices() -> None:
    """A notice comes back every week: it is a copy only word for word, and of the same day."""
    notice = Edition("Marché", "Le marché de Brume n'a pas lieu dimanche.", DAY)
    assert copied_share(notice, notice) == 1.0
    assert copied_share(replace(notice, published=PublicationDate(2017, 5, 31)), notice) is None
    assert copied_share(replace(notice, text=notice.text + " Ni lundi."), notice) is None
    assert copied_share(replace(notice, text=""), replace(notice, text="")) is None


def test_a_fuller_text_is_no_copy_of_a_shorter() -> None:
    """What is cut may be linked to the whole; the whole is not linked to what is cut."""
    cut = replace(PONT, text="\n".join(PARAGRAPHS[:2]))
    assert copied_share(cut, PONT) == 1.0
    assert copied_share(PONT, cut) is None


def test_english() -> None:
    """English days, numbers and names count too, and a Headline In Title Case shows no names."""
    text = (
        "The bridge at Brume reopens on Wednesday after two years of work that cost the county"
        " ten million pounds, and the mayor, Paul Lannec, said that people of the left bank would"
        " no longer have to drive all the way round by Saint Aubin to reach the market."
    )
    bridge = Edition("Bridge reopens at Brume", text, DAY)
    headline = replace(bridge, title="Drivers Cheer As Old Bridge Opens Again")
    assert copied_share(headline, bridge) == 1.0
    for old, new in (("ten", "twelve"), ("Wednesday", "Friday"), ("Aubin", "Yves")):
        assert copied_share(replace(bridge, text=text.replace(old, new)), bridge) is None

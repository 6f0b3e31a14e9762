"""Lines that a program wrapped are paragraphs again; lines that a writer ended stay."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.text.wrapping import flow, heal_words, unwrap
from tests.retrieval.reading.conftest import CASES

_CASES = CASES / "hard-wrapped"
_PARAGRAPHS = (
    "La halle aux grains de Montcornet fermera le 1er juin pour dix-huit mois de travaux, a annoncé"
    " la mairie. Les trente et un commerçants s'installeront sous un chapiteau, place du Marché.",
    "Le chantier coûtera 4,2 millions d'euros. La région en paie la moitié, selon Odile"
    " Marchandeau, adjointe aux finances, qui espère une réouverture avant Noël 2019.",
    "Les habitants, eux, doutent. « On nous avait promis la même chose pour le pont », rappelle"
    " Yann Le Goazec, qui tient la quincaillerie depuis 1987.",
)  # fmt: skip


def _wrapped(width: int, initial_indent: str = "") -> list[str]:
    wrapper = textwrap.TextWrapper(width, initial_indent, break_on_hyphens=False)
    return [wrapper.fill(paragraph) for paragraph in _PARAGRAPHS]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line)


def test_the_case_of_a_wrapped_text() -> None:
    """A text wrapped at 66 columns is its title, its date line and two paragraphs."""
    lines = _lines(unwrap((_CASES / "01_wrap.txt").read_text(encoding="utf-8")))
    assert len(lines) == 4
    assert lines[2].startswith(
        "Le conseil portuaire de Brévenne a voté lundi l'agrandissement du quai"
    )


def test_the_case_of_cut_words() -> None:
    """Words that a narrow column cut are whole, and compounds keep their hyphens."""
    text = unwrap((_CASES / "02_hyph.txt").read_text(encoding="utf-8"))
    for word in ("matin", "dix-sept", "ouvriers", "quarante-deux", "lesquels", "Rouvière"):
        assert f" {word}" in text
    assert "procureur de la République." in text


@pytest.mark.parametrize("width", [40, 64, 72, 80, 100, 120])
def test_any_column_is_joined(width: int) -> None:
    """Whatever the column, paragraphs with blank lines between them come back exactly."""
    assert _lines(unwrap("\n\n".join(_wrapped(width)))) == _PARAGRAPHS


@pytest.mark.parametrize("indent", ["   ", "\t", "\u00a0\u00a0\u00a0"])
def test_paragraphs_that_are_set_in(indent: str) -> None:
    """A first line that is set in opens a paragraph, with no blank line before it."""
    text = "\n".join(_wrapped(72, initial_indent=indent))
    assert _lines(unwrap(text)) == _PARAGRAPHS


def test_a_text_that_is_set_in_as_a_whole() -> None:
    """A margin on the left of all lines tells nothing."""
    text = textwrap.indent("\n\n".join(_wrapped(66)), "     ")
    assert _lines(unwrap(text)) == _PARAGRAPHS


def test_a_blank_line_under_each_line() -> None:
    """Line ends that were doubled, as in a Word file with a paragraph for each line."""
    text = "\n\n\n".join(part.replace("\n", "\n\n") for part in _wrapped(70))
    assert _lines(unwrap(text)) == _PARAGRAPHS


def test_format_flowed() -> None:
    """RFC 3676: a space at the end of a line says that the paragraph goes on."""
    text = "\n".join(part.replace("\n", " \n") for part in _wrapped(72))
    assert _lines(unwrap(text)) == _PARAGRAPHS


def test_headings_and_date_lines_stay_alone() -> None:
    """A heading or a date line right above a paragraph is no part of it."""
    body = "\n".join(_wrapped(60)[:1])
    text = f"La halle ferme\nMontcornet, le 3 avril 2018\n{body}\n\nLE CHANTIER\n{_wrapped(60)[1]}"
    expected = ("La halle ferme", "Montcornet, le 3 avril 2018", _PARAGRAPHS[0], "LE CHANTIER")
    assert _lines(unwrap(text)) == (*expected, _PARAGRAPHS[1])


@pytest.mark.parametrize(
    "text",
    [
        # verse, with capitals and without
        "Le fleuve a pris la route et les jardins du soir,\nEt nous avons marché dans l'eau noire\n"
        "Sans voir la rive, sans vouloir la voir,\nComme on referme un livre de mémoire.",
        "le fleuve a pris la route,\net nous avons marché dans l'eau,\nsans voir,\ncomme on va,",
        # lists
        "Le marché propose :\n- des pommes de terre nouvelles\n- des oignons rouges\n- du pain",
        "Ingrédients\nfarine de sarrasin\nbeurre demi-sel\nœufs\nune pincée de sel",
        "1. Ouvrir la vanne\n2. Fermer la vanne\n3. Attendre le soir",
        # a table, a programme, an address
        "Royec      12    4\nBrévenne   9     7\nLestiac    3     11",
        "20 h 30 : la fanfare de Royec\n21 h : le discours du maire\n22 h : le bal",
        "Mairie de Royec\n4, place du Marché\n12345 Royec\ntél. 01 23 45 67 89",
        # dialogue, one paragraph a line
        "— Vous partez ?\n— Oui, dès ce soir.\n— Alors bonne route.",
        "Le pont est fermé.\nLa mairie ne dit rien.\nLes habitants attendent depuis lundi.",
    ],
)
def test_lines_that_somebody_ended_stay(text: str) -> None:
    """Verse, lists, tables, addresses, dialogues and short paragraphs keep their line ends."""
    assert unwrap(text) == text


def test_a_list_inside_a_wrapped_text() -> None:
    """The items of a list stay apart, and an item of two lines is one."""
    item = (
        "- la place du Marché sera interdite aux voitures du 1er juin au\n"
        "  30 novembre de l'année prochaine ;"
    )
    text = "\n\n".join([*_wrapped(66)[:2], f"{item}\n- le parking restera ouvert."])
    assert _lines(unwrap(text))[2:] == (
        "- la place du Marché sera interdite aux voitures du 1er juin au 30 novembre de l'année"
        " prochaine ;",
        "- le parking restera ouvert.",
    )


@pytest.mark.parametrize(
    ("one", "other", "whole"),
    [
        ("Le conseil a parlé hier de la recon", "\u00ad\nstruction du quai", "reconstruction"),
        ("Le conseil a parlé hier de la recon", "¬\nstruction du quai", "reconstruction"),
        ("Les trains partent encore de la gare de Saint", "-\nMalo chaque matin", "Saint-Malo"),
        ("La fermeture du canal dura, dit-on, de 1914", "-\n1918, puis", "1914-1918"),
        ("On lui a demandé de parler haut, a", "-\nt-elle dit", "a-t-elle"),
        ("Le maire et son premier adjoint sont libre", "-\nment élu par", "librement"),
        ("Ils étaient, raconte le vieux Marc, autre", "-\nfois amis", "autrefois"),
    ],
)
def test_words_cut_at_a_line_end(one: str, other: str, whole: str) -> None:
    """A hyphen of the line end goes, one of the word stays, and names keep theirs."""
    before = (
        "Avant la guerre, dit-on dans toute la vallée,\n"
        "le port vivait du bois et de la pêche, et les\n"
        "trains de marchandises y venaient chaque jour.\n"
    )
    assert whole in unwrap(f"{before}{one}{other}.")


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("Mont-\nLaurent", "Mont-Laurent"),
        ("Bois-du-\nRoy", "Bois-du-Roy"),
        ("Anne-\nLise", "Anne-Lise"),
        ("Merville-\nsur-Ource", "Merville-sur-Ource"),
        ("Brénod-\nlès-Tours", "Brénod-lès-Tours"),
        ("L'Isle-\nd'Aubry", "L'Isle-d'Aubry"),
        ("Saint-Gal-\nde-la-Combe", "Saint-Gal-de-la-Combe"),
        ("le sud-\nEst", "le sud-Est"),
        ("la saison 2021-\n2022", "la saison 2021-2022"),
    ],
)
def test_compound_names_cut_at_their_hyphen(cut: str, whole: str) -> None:
    """A name keeps its hyphen and is one word again, however short the lines; so do years."""
    text = unwrap(f"Le bus part chaque matin de {cut}, puis il\nrejoint la gare routière.")
    assert f" {whole}, puis il" in text


@pytest.mark.parametrize(
    "text",
    [
        "Résultats\nRoyec-Lestiac 31-\n27 pour Royec",
        "LE DÉBAT-\nLe maire répond.\nOn vote lundi.",
        "Option A-\nOui, dit-il.\nOption B-\nNon.",
    ],
)
def test_hyphens_that_cut_no_name(text: str) -> None:
    """A score, a line in capitals and a dash after one letter are no compound names."""
    assert unwrap(text) == text


def test_a_sentence_of_two_lines() -> None:
    """One long line that ends at a comma goes on below; two short ones may be verse."""
    long = "Le tribunal de Lestiac a rejeté jeudi la demande des riverains du port de plaisance,"
    assert unwrap(f"Le port\n\n{long}\nqui feront appel.").endswith(f"{long} qui feront appel.")
    verse = "le vent du soir a pris la barque et la lanterne,\net nous dormons."
    assert unwrap(verse) == verse


def test_a_hanging_hyphen_stays() -> None:
    """ "Les pré- et post-tests": the first half is no half of the next word."""
    text = "Les enseignants de la vallée corrigent encore les pré-\net post-tests de la semaine."
    assert "pré- et post-tests" in unwrap(text)


def test_words_torn_within_a_line() -> None:
    """ "ma- tin" is mended where the whole word stands elsewhere; a dash is left."""
    assert heal_words("Hier ma- tin, comme chaque matin.") == "Hier matin, comme chaque matin."
    assert heal_words("Le maire de Paris- le vrai.") == "Le maire de Paris- le vrai."
    assert heal_words("Une recon¬ struction.") == "Une reconstruction."


def test_soft_breaks_of_markdown() -> None:
    """A line of Markdown that begins in mid-sentence goes on; one with a credit does not."""
    assert flow("Le conseil,\nréuni lundi,\na voté.") == "Le conseil, réuni lundi, a voté."
    assert flow("Il a voté.\nPhoto : Ève Morin") == "Il a voté.\nPhoto : Ève Morin"


@given(st.text(alphabet="ab A.,;:-\u00ad\n\t|«»1é", max_size=300))
def test_nothing_is_lost_by_joining(text: str) -> None:
    """Joining changes white space and hyphens at line ends, and nothing else."""
    kept = [c for c in unwrap(text) if not c.isspace() and c not in "-\u00ad"]
    assert kept == [c for c in text if not c.isspace() and c not in "-\u00ad"]

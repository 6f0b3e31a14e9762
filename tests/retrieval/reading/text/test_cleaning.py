"""Cleaning takes out what is not the article, lists it, and touches nothing else."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.errors import BadSettings
from retrieval.reading import Cleaned, CleaningRules, clean, load_rules
from retrieval.reading.text.cleaning import normalise, rules_from
from retrieval.vocabulary import MOSTLY_REMOVED
from tests.bounds import bounded
from tests.retrieval.reading.conftest import ROOT, Reading

_BUILTIN = ROOT / "config" / "reading" / "cleaning.toml"
_RULES = load_rules(_BUILTIN, _BUILTIN)
_PIECES = [
    "Publicité", "Lire également", " date 2017-05 ", "date 2016", "©AFP", " © AFP", "24/05/2017",
    "PHOTO JEAN DUPONT, AGENCE FRANCE-PRESSE", "Un ministre à Lyon", "Le pont est ouvert.", "\n",
    "\n\n", "\r\n", "\u00a0", "Le pont", "Publié le 24 mai 2017 à 14h", "(photo AFP)", "e\u0301",
    "\x00", "\ud800", "\x92", "…", "Crédit photo : X", "\u2028", "Mis à jour le 3 mai 2018",
]  # fmt: skip
_TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(_PIECES) | st.text(max_size=5)).map("".join))
_TITLES = st.sampled_from(["", "Le pont", "Publicité", "Un ministre à Lyon"])


def _letters(text: str) -> Counter[str]:
    return Counter(character for character in text if not character.isspace())


@given(_TEXTS, _TITLES)
@example("date 2017-05 Publicité ©AFP", "")
def test_cleaning_a_clean_text_changes_nothing(text: str, title: str) -> None:
    """Cleaning is idempotent, whatever the text and the title."""
    once = clean(text, title, _RULES)
    twice = clean(once.text, title, _RULES)
    assert twice.text == once.text
    assert twice.removed == ()


@given(_TEXTS, _TITLES)
def test_kept_and_removed_account_for_every_character(text: str, title: str) -> None:
    """Nothing is lost in silence: each character is kept or listed among the removals."""
    cleaned = clean(text, title, _RULES)
    listed = "".join(removal.text for removal in cleaned.removed)
    assert _letters(normalise(text)) == _letters(cleaned.text) + _letters(listed)


@pytest.mark.parametrize(
    "line",
    [
        "Publicité", "PUBLICITÉ", "Messages sponsorisés", "Lire également", "Voir aussi",
        "Dernières nouvelles", ">>>\u00a0Commentez sur le blogue de Marie Durand",
        "À lire aussi : Le pont",
        "La suite après cette publicité", "Partager sur Facebook", "Crédit photo : © Reuters",
        "Inscrivez-vous à notre newsletter", "Photo AFP", "© AFP - Jean Dupont/AFP.com", "---",
        "Article réservé aux abonnés", "Temps de lecture : 3 min", "12 commentaires",
    ],
)  # fmt: skip
def test_lines_of_the_page_go(line: str) -> None:
    """A line that belongs to the page goes, and the report says which."""
    cleaned = clean(f"Le pont est ouvert.\n\n{line}\n\nIl était fermé.", "", _RULES)
    assert cleaned.text == "Le pont est ouvert.\n\nIl était fermé."
    assert [removal.text for removal in cleaned.removed] == [line]


@pytest.mark.parametrize(
    "line",
    [
        "La publicité sera interdite dans les gares.", "Crédit agricole annonce un bénéfice record",
        "Voir Naples et mourir", "Lire est un droit", "Les messages sponsorisés seront signalés.",
        "L'article 3 (c) du traité a été signé.", "«\u00a0Menaces hybrides\u00a0»", "4.000",
        "Partager le pouvoir", "Le 24 mai 2017, le pont a rouvert.", "- Un pont trop loin -",
        "Commentant la décision, le maire a souri.", "Il a pris une photo : le pont était vide.",
    ],
)  # fmt: skip
def test_lines_of_the_article_stay(line: str) -> None:
    """A line that tells something stays, even when it uses the words of a rule."""
    text = f"Le pont est ouvert.\n\n{line}\n\nIl était fermé."
    assert clean(text, "", _RULES) == type(clean(text, "", _RULES))(text)


@pytest.mark.parametrize(
    "line",
    [
        "Photos : le musée expose 300 clichés", "Image : la France recule dans le classement.",
        "Crédit photographie : la banque lance un prêt", "Photovoltaïque : le maire dit oui",
        "Annonces : le maire dévoile son plan", "Infolettre : le maire s'explique devant tous.",
        "Inscrivez-vous pour la course du 3 mai à la mairie.", "Menu unique à la cantine",
        "S'inscrire à l'université devient difficile.", "Votre adresse e-mail dit beaucoup.",
        "En cliquant sur une photo, le voleur a été trahi.", "Accueil des réfugiés : Royec dit oui",
        "Lire aussi Proust, voilà le conseil.", "Le lot (photos et lettres) sera vendu.",
        "Les banques (crédits Ségur) aident.", "Photos Marie Durand expose ses clichés",
        "Le maire parle. © AFP Le pont rouvre lundi.", "© Les Numériques a publié un test hier.",
        "Il rit. Crédit : la banque prête plus", "Il est là. Photos : le musée expose 300 clichés",
        "Partager sur le long terme les gains, voilà le but.", "En direct de Royec, il a parlé.",
        "Pour découvrir la suite, il faudra attendre mai.", "Vidéo : le maire explique",
        "Accéder gratuitement aux musées : la mesure plaît.", "Voir plus loin, c'est son idée.",
        "Notre dossier est vide, reconnaît la juge.", "Les crédits : 3 millions pour l'école",
    ],
)  # fmt: skip
def test_sentences_in_the_words_of_a_rule_stay(line: str) -> None:
    """A rule never fires inside a word, or on a sentence that begins with its words."""
    text = f"Le pont est ouvert.\n\n{line}\n\nIl était fermé."
    assert clean(text, "", _RULES) == Cleaned(text)


@pytest.mark.parametrize(
    "line",
    [
        "Votre adresse email n'est pas valide", "Votre adresse e-mail", "* Champs obligatoires",
        "En cliquant sur « S'inscrire », vous acceptez de recevoir nos offres.", "Tout accepter",
        "Vous pouvez vous désinscrire à tout moment.", "Mot de passe oublié ?", "Mon compte",
        "Accueil > Politique > Royec", "Aller au contenu principal", "Gérer mes préférences",
        "Vous avez déjà un compte ?", "Tags : canal, Royec", "Nos offres d'abonnement",
        "Lire aussi Le pont de Royec rouvre", "► LIRE AUSSI. Le pont de Royec rouvre",
        "Photo : AFP/Jean Petit", "Photo : DR", "© Ville de Royec - J. Petit", "REUTERS/A. Petit",
        "Image : capture d'écran Telegram", "Crédits : A. Petit / Hans Lucas", "Anne Petit / AFP",
    ],
)  # fmt: skip
def test_forms_menus_links_and_credits_go(line: str) -> None:
    """Labels of forms, menus, links and credits on a line of their own go."""
    cleaned = clean(f"Le pont est ouvert.\n\n{line}\n\nIl était fermé.", "", _RULES)
    assert cleaned.text == "Le pont est ouvert.\n\nIl était fermé."


@pytest.mark.parametrize(
    "tail",
    [
        "(© Anne Petit)", " [Photo A. Petit]", " | Anne Petit/AFP", " Crédits Anne Petit", "© AFP",
        " (AFP)", " Lire aussi : Le quai rouvre", " >> À lire aussi : Le quai rouvre",
        " (photo d'archives)", "Photo : J.-P. Petit", " Photo DR",
        " Ph. D.R.", " / Photo Anne Petit",
        " Photo Le Veilleur / Anne Petit", " PHOTO ANNE PETIT, LE VEILLEUR", " LV/Anne Petit",
        " LV/Ève de Roux",
        " Photo La Vigie/Anne PETIT", " Photo archives Le Veilleur", " Photo AFP", " AFP / Petit",
        " Photo d'illustration / Le Veilleur", " Crédit Mairie de Fresnoy",
    ],
)  # fmt: skip
def test_a_tail_leaves_the_sentences_before_it(tail: str) -> None:
    """What sticks to the end of a paragraph goes alone, however many sentences stand before."""
    text = "Un pont.\n\nLe maire a parlé. « Nous rouvrons », dit A. Petit. Il a ri."
    assert clean(text + tail, "", _RULES).text == text


@pytest.mark.parametrize(
    "end",
    [
        "Photo de famille à l'Élysée.", "Il a pris la photo.", "Photo à la une : le pont.",
        "Il lit une dépêche LP/AFP du matin.", "Il pose pour une photo Anne Petit / Yann Morel.",
        "Photo Anne Petit, maire en 1950", "Crédit agricole en hausse", "TER/TGV Nord",
        "Photo Club", "Illustration avec Anne Petit", "Au guichet, OM / Stade Lannec",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_credit_stays(end: str) -> None:
    """A verb, a lower-case word behind the name or a full stop makes it a sentence."""
    text = f"Un pont.\n\nLe maire a parlé. {end}"
    assert clean(text, "", _RULES).text == text


@given(st.sampled_from(_PIECES), st.sampled_from(["photo", "crédit", "pub", "Lire", "partage"]))
def test_what_a_rule_takes_has_borders(piece: str, word: str) -> None:
    """What is taken is a line, or begins or ends one at no letter of a word that stays."""
    line = f"Le {word}voltaïque {piece} {word}er."
    for removal in clean(f"Un pont.\n\n{line}", "", _RULES).removed:
        at = line.find(removal.text)
        before, after = line[:at][-1:], line[at + len(removal.text) :][:1]
        assert not (before.isalnum() and removal.text[:1].isalnum())
        assert not (after.isalnum() and removal.text[-1:].isalnum())


def test_typography_is_not_touched() -> None:
    """Quotes are compared letter for letter: spaces, quotes and dashes stay as they are."""
    text = "«\u00a0Le pont\u00a0», dit-il\u202f; l’État -- «enfin»… 4\u00a0000 – 4.000"
    assert clean(text, "", _RULES).text == text


def test_line_ends_and_composition_have_one_form() -> None:
    """NFC and ``\\n``, no control characters, at most one blank line."""
    text = "L'e\u0301le\u0300ve  \r\n\r\n\r\n\r\na\x00 lu\u2028le livre\ufeff\x07.\r"
    assert clean(text, "", _RULES).text == "L'élève\n\na lu\nle livre."


def test_windows_characters_in_latin_1_are_read() -> None:
    """An apostrophe of Windows that was taken for a control character is not lost."""
    assert clean("l\x92\x8cuvre à 3 \x80", "", _RULES).text == "l’Œuvre à 3 €"


def test_the_title_stands_once() -> None:
    """Repeated title lines go, also when they differ in case or spaces; one stays."""
    text = "Le pont rouvre\n\nLE PONT  ROUVRE\n\nLe pont rouvre.\n\nIl était fermé."
    cleaned = clean(text, "Le pont rouvre", _RULES)
    assert cleaned.text == "Le pont rouvre\n\nIl était fermé."
    assert {removal.rule for removal in cleaned.removed} == {"repeated title"}


def test_a_title_at_the_foot_is_no_title() -> None:
    """A page may repeat its title below the article: there it tells nothing."""
    body = "\n".join(f"Phrase {number}." for number in range(8))
    assert clean(f"{body}\nLe pont rouvre", "Le pont rouvre", _RULES).text == body


def test_a_credit_takes_its_caption_along() -> None:
    """A caption that only names what is seen goes with the credit above it."""
    text = "Le pont est ouvert.\n\nPHOTO JEAN DUPONT, AGENCE FRANCE-PRESSE\n\nLe maire de Lyon"
    cleaned = clean(text, "", _RULES)
    assert cleaned.text == "Le pont est ouvert."
    assert [removal.rule for removal in cleaned.removed] == ["photo credit", "photo caption"]


def test_a_sentence_under_a_credit_stays() -> None:
    """A caption that is a whole sentence tells something: only the credit goes."""
    text = "PHOTO JEAN DUPONT, LA PRESSE\n\nLe maire a inauguré le pont mardi."
    assert clean(text, "", _RULES).text == "Le maire a inauguré le pont mardi."


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Le maire a rouvert le pont. ©AFP", "Le maire a rouvert le pont."),
        ("Le maire a rouvert le pont. (photo AFP - J. Dupont)", "Le maire a rouvert le pont."),
        ("Le maire a rouvert le pont. Crédit photo : Reuters", "Le maire a rouvert le pont."),
        ("Le maire de Lyon © AFP", ""),
    ],
)
def test_credits_at_the_end_of_a_line(line: str, kept: str) -> None:
    """The sentence before a credit stays without it; a mere caption goes whole."""
    assert clean(f"Un pont.\n\n{line}", "", _RULES).text == f"Un pont.\n\n{kept}".strip()


@pytest.mark.parametrize(
    ("head", "date"),
    [
        (" date 2017-05 ", "2017-05"),
        ("Publié le 24 mai 2017 à 14h\n", "24 mai 2017"),
        ("Publié le 24/05/2017 à 14:05 | Mis à jour le 25/05/2017\n", "24/05/2017"),
        ("mercredi 24 mai 2017\n", "mercredi 24 mai 2017"),
        ("Lyon, le 24 mai 2017\n", "24 mai 2017"),
        ("24/05/2017\n", "24/05/2017"),
    ],
)
def test_a_date_at_the_top_leaves_the_text(head: str, date: str) -> None:
    """A date line is not the article: it goes, and its date is handed on."""
    cleaned = clean(f"{head}Le pont a rouvert.", "", _RULES)
    assert cleaned.text == "Le pont a rouvert."
    assert cleaned.dates == (date,)


def test_a_chronology_keeps_its_dates() -> None:
    """A bare date under the first sentence may belong to the article."""
    text = "Le pont en quelques dates.\n\n24 mai 2017\n\nIl ouvre."
    assert clean(text, "", _RULES).text == text


@pytest.mark.parametrize(
    "piece",
    [*"aA1.:/|-©('’»>•", "A. ", "le ", "d'", "1 min ", "Photo ", "AFP / ", "Lire aussi : ",
     "https://", "12 mai ", "@a ", "(c) ", "Publié le ", "   ", "·\u00a0"],
)  # fmt: skip
def test_rules_of_ours_end_on_any_line(piece: str) -> None:
    """Their time is not bounded: no line makes one of them go on without end."""
    rules = (*_RULES.line, *_RULES.start, *_RULES.notice, *_RULES.date, *_RULES.credit)
    line = (piece * _RULES.line_chars)[: _RULES.line_chars]
    with bounded():
        for rule in rules:
            assert rule.trusted
            for end in ("", "!", "a", "é."):
                rule.match(line[: -len(end) or None] + end, whole=True)
                rule.match(end + line)


def test_a_slow_rule_is_cut_short(tmp_path: Path) -> None:
    """A pattern that backtracks without end costs a moment, not the run."""
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname="slow"\nkind="line"\nwhy="x"\npattern="(a|a|aa)+b(?=c)"\n')
    line = "a" * 190 + "c"
    with bounded():
        assert clean(line, "", load_rules(path)).text == line


@pytest.mark.parametrize(
    "content",
    [
        "not toml", '[[rule]]\nname="x"\n', "line_chairs = 3\n",
        '[[rule]]\nname="x"\nkind="line"\nwhy="y"\npattern="("\n',
        '[[rule]]\nname="x"\nkind="lime"\nwhy="y"\npattern="a"\n',
        '[[rule]]\nname="x"\nkind="line"\npattern="a"\n',
    ],
)  # fmt: skip
def test_broken_rules_are_a_setting_error(tmp_path: Path, content: str) -> None:
    """A mistake in the rules stops the start and names the file."""
    path = tmp_path / "rules.toml"
    path.write_text(content)
    with pytest.raises(BadSettings) as raised:
        load_rules(path)
    assert raised.value.key == "bad_cleaning_rules"
    assert raised.value.facts["path"] == str(path)


def test_no_rules_remove_nothing() -> None:
    """The rules are data: without them only the form of the text is settled."""
    assert clean("Publicité\n\nUn pont", "", CleaningRules()).text == "Publicité\n\nUn pont"


_PROFILE = """
[[rule]]
name = "slogan"
kind = "line"
outlet = ["Le Fanal", "Fanal Dimanche"]
host = "www.fanal.example"
pattern = 'le journal de la côte'
why = "test"
"""


@pytest.mark.parametrize(
    ("outlet", "host", "taken"),
    [
        ("Le Fanal", "", True),
        ("le fanal", "", True),
        ("", "fanal.example", True),
        ("", "amp.fanal.example", True),
        ("La Gazette", "gazette.example", False),
        ("", "autrefanal.example", False),
        ("", "", False),
    ],
)
def test_a_rule_of_an_outlet_is_for_its_articles(outlet: str, host: str, taken: bool) -> None:
    """A profile names outlets or sites: others keep their lines."""
    rules = rules_from(tomllib.loads(_PROFILE)).of(outlet, host)
    text = "Le journal de la côte\n\nLe port est fermé."
    assert (clean(text, "", rules).text == "Le port est fermé.") == taken


@pytest.mark.parametrize("name", ["[]", '[""]', "3", "[3]"])
def test_a_profile_names_outlets(name: str) -> None:
    """What is no name of an outlet is a mistake; an empty list is a rule for all."""
    table = tomllib.loads(_PROFILE.replace('["Le Fanal", "Fanal Dimanche"]', name))
    if name == "[]":
        assert rules_from(table).line[0].outlets == frozenset()
    else:
        with pytest.raises((ValueError, TypeError)):
            rules_from(table)


def test_a_text_that_is_mostly_boilerplate_says_so(tmp_path: Path, reading: Reading) -> None:
    """The plan is told of an article of which more went than stayed."""
    lines = ["Publicité", "Partager sur Facebook", "Lire la suite", "Le pont est fermé."]
    (tmp_path / "a.txt").write_text("\n\n".join(lines))
    [draft], _ = reading(tmp_path / "a.txt")
    assert draft.removed[-1] == f"{MOSTLY_REMOVED}: 70%"


@pytest.mark.parametrize(
    "line",
    [
        "Tous droits réservés", "Tous droits réservés, reproduction interdite.",
        "© 2020 Le Fanal, tous droits réservés", "Tous droits réservés - Le Fanal", "© 2019",
        "All rights reserved to the publisher",
    ],
)  # fmt: skip
def test_notices_of_rights_go(line: str) -> None:
    """The set phrase alone, with its holder or with what is forbidden, is a notice."""
    assert clean(f"Le pont est ouvert.\n{line}", "", _RULES).text == "Le pont est ouvert."


@pytest.mark.parametrize(
    "line",
    [
        "Tous droits réservés, répondait l'imprimeur à qui voulait copier le plan.",
        "Tous droits réservés : la formule fait sourire le maire.",
        "© 1931, lit-on encore au bas du mur.",
    ],
)
def test_sentences_about_rights_stay(line: str) -> None:
    """The set phrase that a clause goes on from is a sentence of the article."""
    assert line in clean(f"Le pont est ouvert.\n{line}", "", _RULES).text

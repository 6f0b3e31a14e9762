"""What is running prose, what is not, and which sentences lean on the one before."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.text.prose import (
    WIDENED_CHARS,
    Oddity,
    has_finite_verb,
    standalone,
    why_not,
    widened,
)
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Span

ODD = {
    Oddity.MARKUP: [
        "<p>Le maire a fermé le pont.</p>",
        "Le maire a dit&nbsp;: « Non. »",
    ],
    Oddity.CREDIT: [
        "© Jeanne Petit",
        "© Le Quai  L'entrée du port, en juin.",
        "Le pont a été fermé lundi. © Jeanne Petit / AFP",
        "Crédit photo : Jeanne Petit",
        "Photo : Jeanne Petit / Le Quai",
        "AFP / Jeanne Petit",
        "Le maire Paul Durand, à Brest (photo d'illustration).",
        "Un enfant joue sur la plage (illustration).",
        "(Photo Jeanne Petit)",
        "Jeanne Petit / REUTERS",
        "Getty Images",
    ],
    Oddity.BYLINE: [
        "Par Jeanne Petit",
        "Par Jeanne Petit avec AFP.",
        "Publié le 24 mai 2017 à 14h",
        "Mis à jour le 25 mai 2017",
        "Propos recueillis par Jeanne Petit.",
        "Recueilli par Jeanne Petit.",
        "Rédigé par Jeanne Petit",
        "(avec AFP)",
        "Temps de lecture : 3 min.",
        "Bruxelles, le 24 mai 2017.",
    ],
    Oddity.FORM: [
        "Votre adresse email n'est pas valide",
        "Votre adresse de messagerie ne sera pas publiée.",
        "Vous recevrez notre newsletter chaque matin.",
        "S'inscrire à la newsletter",
        "Inscrivez-vous gratuitement.",
        "Partager sur Facebook",
        "Abonnez-vous pour lire la suite.",
        "En savoir plus sur vos données.",
        "Ces cookies permettent d'établir des statistiques.",
        "Découvrez toutes nos offres.",
        "Cliquez ici pour continuer.",
        "12 commentaires",
        "Article réservé aux abonnés.",
        "Sign up for our newsletter.",
    ],
    Oddity.LINK: [
        "À lire aussi : le port de Brest ferme ses quais.",
        "À lire aussi Le port de Brest ferme",
        "Lire également : le maire répond.",
        "Voir aussi : la carte des travaux.",
        "Lire la suite sur Le Quai",
        "Suivez-nous sur Twitter.",
        "Vous aimerez aussi",
        "La suite après cette publicité",
        "Les plus lus",
        "Read more: the harbour closes.",
    ],
    Oddity.TABLE: ["Brest | 12 | 14 | 3", "Brest\t12\t14"],
    Oddity.NAMES: ["Jeanne Petit, Paul Durand, Sonia Martin, Lucie Bernard."],
    Oddity.HEADING: [
        "«Menaces hybrides»",
        "Un pont fermé jusqu'en juin",
        "Le maire ferme le pont",
        "- LE FISC, GRAND GAGNANT -",
        "Le maire ferme le pont à la...",
        "Voici ce qu'il a dit :",
    ],
    Oddity.QUESTION: ["Pourquoi avez-vous fermé le pont ?", "« Qui paiera ? »"],
    Oddity.FRAGMENT: [
        "Un accident sur l'autoroute A10, en juin 2018.",
        "Le pont de Brest, le 3 mars 2020.",
        "Les clés pour bien dormir.",
        "Résistance.",
        "L'annonce du plan, hier à Paris.",
        "Une porte à côté de chez elle.",
    ],
}
PROSE = [
    "Le maire a fermé le pont lundi.",
    "Le maire ferme le pont lundi.",
    "Les habitants manifestent devant la mairie.",
    "« Nous n'avons rien décidé », a-t-il dit.",
    "Suivront trois mois de travaux.",
    "Restez loin du pont.",
    "Le plan entrera en vigueur en mai.",
    "Selon Mme Petit, rien n'est sûr.",
    "Paris, Lyon, Marseille, Lille et Brest ont signé.",
    "Il faut changer de mot de passe, conseille l'agence.",
    "L'AFP a vu le document.",
    "Publié en mai, le rapport accuse la mairie.",
    "Par ailleurs, Paul Durand a démissionné.",
    "The mayor closed the bridge on Monday.",
    "The bridge is shut.",
    "Le prix a doublé. Un record.",
    "Qui paiera ? La ville avancera l'argent.",
]
TEXTS = st.lists(
    st.sampled_from(
        "Le maire ferme. Il Elle a Cette © Par Publié le <p> « » | \t \n À lire votre "
        "e-mail - ... ? Mais celui-ci".split(" ")
    )
    | st.text(max_size=8),
    max_size=60,
).map(" ".join)


@pytest.mark.parametrize(
    ("oddity", "text"), [(oddity, text) for oddity, texts in ODD.items() for text in texts]
)
def test_what_is_no_prose_says_what_it_is(oddity: Oddity, text: str) -> None:
    """Headings, credits, bylines, labels, links, tables, names and fragments are told apart."""
    assert why_not(text) is oddity


@pytest.mark.parametrize("text", PROSE)
def test_sentences_that_tell_something_are_prose(text: str) -> None:
    """A sentence with a finite verb and a full stop is prose, whatever its words resemble."""
    assert why_not(text) is None


def test_a_window_is_what_its_sentences_are() -> None:
    """A heading spoils a window; a sentence without a verb beside prose does not."""
    sentence = "Le maire a fermé le pont lundi."
    assert why_not(f"Un pont fermé\n{sentence}") is Oddity.HEADING
    assert why_not(f"{sentence} Une première.") is None
    assert why_not("Une première. Et une surprise.") is Oddity.FRAGMENT
    assert why_not("") is Oddity.FRAGMENT


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("La porte de Versailles", False),
        ("Une porte s'ouvre", True),
        ("Le maire porte plainte", True),
        ("Le portrait du président", False),
        ("Les élus votaient", True),
        ("Ne pas fumer", False),
        ("Les dragons de chez elle", False),
    ],
)
def test_finite_verbs(text: str, verb: bool) -> None:
    """After a determiner a word is a noun; an infinitive is not finite."""
    assert has_finite_verb(text) is verb


@pytest.mark.parametrize(
    "text",
    [
        "Il a aussi fermé le quai.",
        "« Elle part », a-t-on dit.",
        "Mais ils ont refusé.",
        "Par ailleurs, elle a payé.",
        "Ce dernier a refusé.",
        "Cette décision a surpris.",
        "Celui-ci ferme lundi.",
        "C'est une première.",
        "He refused.",
        "This decision surprised them.",
    ],
)
def test_a_pronoun_for_subject_leans_on_what_is_before(text: str) -> None:
    """A pronoun or a demonstrative opens the sentence: who is meant stands before."""
    assert not standalone(text)


@pytest.mark.parametrize(
    "text",
    [
        "Le maire a fermé le pont.",
        "Il faut fermer le pont.",
        "Il y a deux ponts.",
        "Il s'agit du plus grand pont.",
        "Ce lundi, le pont a rouvert.",
        "Cette année, le pont ferme.",
        "Illico, le maire a répondu.",
        "It is Monday in the harbour.",
    ],
)
def test_impersonal_and_deictic_openings_stand_alone(text: str) -> None:
    """« Il faut », « ce lundi » refer to nothing said before."""
    assert standalone(text) is (text != "It is Monday in the harbour.")


def _widened(text: str, sentence: str) -> str:
    start = text.index(sentence)
    span = widened(text, Span(start, start + len(sentence)))
    return text[span.start : span.end]


def test_a_sentence_that_leans_is_shown_with_the_one_before() -> None:
    """The one before comes with it, and only that one."""
    text = "Un fait passe. Le maire a fermé le pont. Il rouvrira en mai."
    assert _widened(text, "Il rouvrira en mai.") == "Le maire a fermé le pont. Il rouvrira en mai."
    assert _widened(text, "Le maire a fermé le pont.") == "Le maire a fermé le pont."


def test_nothing_is_added_across_paragraphs_headings_or_400_characters() -> None:
    """Another paragraph, a heading, or a long sentence is not what a pronoun is shown with."""
    leaning = "Il rouvrira en mai."
    assert _widened(f"Le maire ferme le pont.\n{leaning}", leaning) == leaning
    assert _widened(f"<p>Le maire ferme le pont.</p><p>{leaning}", leaning) == leaning
    assert _widened(f"Un pont fermé  {leaning}", leaning) == leaning
    long = "Le maire a fermé le pont " + "de la ville " * 33 + "lundi."
    assert _widened(f"{long} {leaning}", leaning) == leaning


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_any_text_is_judged_and_widened_within_bounds(text: str) -> None:
    """Nothing raises; what is widened keeps its end, its paragraph and the limit."""
    found = sentences(text)
    for before, span in pairwise(found):
        assert why_not(text[span.start : span.end]) in (None, *Oddity)
        wide = widened(text, span)
        assert wide.end == span.end
        assert wide == span or wide == Span(before.start, span.end)
        if wide != span:
            assert wide.end - wide.start <= WIDENED_CHARS
            assert "\n" not in text[wide.start : wide.end]


def test_only_the_first_4000_characters_are_read() -> None:
    """A sentence without end costs no more than a long one: what is far behind does not count."""
    long = "Le maire a fermé le pont. " * 200
    assert why_not(f"© {long}") is Oddity.CREDIT
    assert why_not(f"{long} © Jeanne Petit") is None

"""What kind of thing a sentence holds."""

from __future__ import annotations

import time

import pytest

from bot.answering.holds import answers_kind, holds_measure, near_number
from bot.answering.relevance import denies
from tests.bot.answering.made import asked

MAYOR = "Qui est la maire ?"
WHERE = "Où les sinistrés de Mirvolle ont-ils été logés ?"
WHEN = "Quand ouvre la ligne ?"
AGE = "Quel âge a la directrice ?"
HOW_MANY = "Combien de stations ?"
WHY = "Pourquoi le tram est-il en retard ?"


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        (AGE, "La directrice, 49 ans, a pris ses fonctions lundi.", 1.0),
        (AGE, "La directrice a quarante-neuf ans.", 1.0),
        (AGE, "Née en 1972, elle dirige le CHU.", 1.0),
        (AGE, "La directrice a pris ses fonctions lundi.", 0.0),
        (AGE, "Elle dirige 5.300 agents.", 0.0),
        (WHEN, "La ligne ouvre en janvier 2021.", 1.0),
        (WHEN, "La ligne ouvre en 2021.", 1.0),
        (WHEN, "La ligne ouvre lundi à 8 heures.", 0.6),
        (WHEN, "La ligne ouvre bientôt.", 0.0),
        (WHEN, "La ligne transporte 38 500 voyageurs.", 0.0),
        (HOW_MANY, "La ligne est jalonnée de dix-sept stations.", 1.0),
        (HOW_MANY, "La ligne aura 17 stations.", 1.0),
        (HOW_MANY, "La ligne aura une station.", 0.3),
        (HOW_MANY, "La ligne ouvre en janvier 2021.", 0.0),
        (HOW_MANY, "La ligne ouvre le 14 octobre.", 0.0),
        (HOW_MANY, "La ligne aura des stations.", 0.0),
        (WHERE, "Les sinistrés ont été accueillis au gymnase de Vaubrelles.", 1.0),
        (WHERE, "Les sinistrés de Mirvolle ont été accueillis dans un gymnase.", 0.5),
        (WHERE, "Les sinistrés de Mirvolle attendent.", 0.0),
        (MAYOR, "Un retard vaut mieux, a dit la maire, Hélène Castagnet.", 1.0),
        (MAYOR, "La décision revient à Castagnet.", 0.7),
        (MAYOR, "La maire a tranché hier.", 0.2),
        (WHY, "Le tram est retardé en raison des fouilles.", 1.0),
        (WHY, "Le tram est retardé.", 0.4),
        ("La ligne est-elle ouverte ?", "Le tram est retardé.", 1.0),
    ],
)
def test_what_a_kind_of_question_needs(question: str, sentence: str, expected: float) -> None:
    """A date for when, an age for how old, a fresh name for who, a number for how many."""
    assert answers_kind(asked(question), sentence) == expected


def test_a_number_of_the_question_is_no_answer() -> None:
    """A sentence that only repeats the question's own number says nothing new."""
    question = asked("Combien de morts sur les 5300 agents ?")
    assert answers_kind(question, "La maison compte 5.300 agents.") == 0.0
    assert answers_kind(question, "Sur 5 300 agents, 12 sont morts.") == 1.0


def test_a_name_of_the_question_is_no_answer() -> None:
    """Asked whom Castagnet met, a sentence that names only her does not say."""
    question = asked("Qui Hélène Castagnet a-t-elle reçu ?")
    assert answers_kind(question, "La maire, Hélène Castagnet, a reçu les élus.") == 0.2
    assert answers_kind(question, "Hélène Castagnet a reçu Bruno Delteil.") == 1.0


def test_what_is_counted_stands_by_the_number() -> None:
    """1 when all words of the unit are near a number, less when one is far, 0 without any."""
    question = asked("Combien de militaires français participent à l'exercice ?")
    all_near = near_number(question, "Quelque 3.200 militaires français y participent.")
    one_missing = near_number(question, "Quelque 3.200 militaires de neuf pays y participent.")
    none = near_number(question, "On y voit 21 navires.")
    assert (all_near, one_missing, none) == (1.0, 0.5, 0.0)
    assert near_number(question, "Des militaires français y participent.") == 0.0


def test_other_questions_count_nothing() -> None:
    """Where no number or no unit is asked for, being near one tells nothing."""
    assert near_number(asked(WHEN), "Il y a 17 stations.") == 0.5
    assert near_number(asked("Combien de personnes ?"), "Il y a 17 stations.") == 0.5


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("Combien coûte la ligne ?", "Le chantier est estimé à 184 millions d'euros.", True),
        ("Combien coûte un billet ?", "A foot passenger pays 59 euros one way.", True),
        ("Quel est le prix d'une place ?", "La place est à 9 €.", True),
        ("How much is a ticket?", "Il a vendu 1 200 pièces.", False),
        ("Combien coûte la ligne ?", "La ligne compte dix-sept stations.", False),
        ("Quel pourcentage du navire est rempli ?", "Le fret remplit 70% du navire.", True),
        ("Quelle proportion des haies ?", "La moitié des haies a disparu.", True),
        ("Quel est le taux de remplissage ?", "Le navire emporte 412 passagers.", False),
        ("Combien de stations ?", "La ligne compte dix-sept stations.", True),
    ],
)
def test_the_measure_that_is_asked_for(question: str, sentence: str, expected: bool) -> None:
    """A cost needs money and a share needs a share; other numbers need neither."""
    assert holds_measure(asked(question), sentence) is expected


@pytest.mark.parametrize(
    "piece",
    ["a-", "a ", "1 ", "1.000 ", "A", "Aa ", "Jean de la ", "en la Aaa ", "n'a ", "ne a b ", "«",
     "depuis x ", "dix-", "mais pas de l'", "M. A ", "in the aa ", "dans le ", "' ", " "],
)  # fmt: skip
@pytest.mark.parametrize("question", [AGE, WHEN, HOW_MANY, WHERE, MAYOR, WHY])
def test_no_sentence_takes_long_to_judge(question: str, piece: str) -> None:
    """Ten thousand characters without an end, as broken articles hold, cost milliseconds."""
    sentence = (piece * 10_000)[:10_000]
    one = asked(question)
    before = time.thread_time()  # of this thread alone: the machine may be busy
    answers_kind(one, sentence)
    near_number(one, sentence)
    holds_measure(one, sentence)
    denies(one, sentence)
    assert time.thread_time() - before < 0.5

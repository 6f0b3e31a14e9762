"""What speaks for a sentence, and what rules it out whatever else does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.relevance import (
    FEATURES,
    Standing,
    Wanted,
    contradicts,
    features,
    is_disqualified,
    names_in,
    probability,
    wanted_terms,
)
from bot.answering.understanding import Asked
from retrieval.analysis import analyse
from tests.bot.answering.made import article, asked, evidence, ground, names_of

ARTICLE = (
    "La maire de Vaubrelles, Hélène Castagnet, a défendu la ligne. "
    "Quelque 3.200 militaires de neuf pays y participent."
)


def _wanted(question: Asked, text: str = ARTICLE) -> tuple[Wanted, ...]:
    return wanted_terms(question, lambda _: 1, 100, names_of(text))


def _rules_out(question: str, sentence: str, rest: str = "", *earlier: str) -> bool:
    one = asked(question, *earlier)
    return is_disqualified(
        one, _wanted(one, f"Ici {sentence} {rest}"), sentence, ground(sentence, rest)
    )


def _weights(question: Asked, often: int = 1) -> dict[str, float]:
    found = wanted_terms(question, lambda term: often if term == "lign" else 1, 100, frozenset())
    return {one.term: one.weight for one in found}


def test_rare_words_weigh_more() -> None:
    """A word that most passages hold says less than one that few do."""
    weights = _weights(asked("Que dit l'archéologue de la ligne ?"), often=90)
    assert weights["archeologu"] > 3 * weights["lign"]


def test_words_of_asking_weigh_a_quarter() -> None:
    """ "Question", "savoir", "chose" are what questions are phrased with."""
    weights = _weights(asked("Quelle chose inquiète l'archéologue ?"))
    assert weights["chos"] == pytest.approx(weights["archeologu"] / 4)


def test_carried_words_weigh_less() -> None:
    """The subject of the question before counts for six tenths of a word said now."""
    question = asked("Et combien de blessés ?", "Combien de morts dans la collision ?")
    found = {one.term: one for one in _wanted(question)}
    assert found["collis"].carried
    assert not found["bless"].carried
    assert found["collis"].weight == pytest.approx(0.6 * found["bless"].weight)


@pytest.mark.parametrize(
    ("question", "term", "strict"),
    [
        ("Que dit Hélène Castagnet ?", "castagnet", True),
        ("que dit castagnet ?", "castagnet", True),
        ("Que dit l'OTAN ?", "otan", True),
        ("Qui a vu les 412 passagers ?", "412", True),
        ("Combien de soldats français ?", "franc", True),
        ("Combien de stations ?", "station", False),
        ("Castagnet dit quoi ?", "castagnet", True),
        ("Tanneurs : que dit la rue ?", "tanneur", False),
        ("QUE DIT LA COMMISSION ?", "commiss", False),
    ],
)
def test_names_numbers_and_peoples_are_strict(question: str, term: str, strict: bool) -> None:
    """Typed with a capital or as the article writes it; all capitals say nothing."""
    found = {one.term: one.strict for one in _wanted(asked(question))}
    assert found[term] is strict


def test_names_are_not_taken_from_the_beginning_of_a_sentence() -> None:
    """A capital that opens a sentence or a quotation is no name."""
    text = "Les rails. Demain, Bruno Delteil vote. « Jamais ! » dit Odile.\nDes bus."
    assert names_in(text, "fr") == {"bruno", "delteil", "odil"}


def test_ground_covers_near_and_far() -> None:
    """The sentence covers wholly; its passage and its title a little less; nothing, nothing."""
    around = ground("Elle ouvre lundi.", "La ligne T2 attend.", "Le tramway de Vaubrelles")
    assert around.cover("lund") == (1.0, 1.0)
    assert around.cover("t2") == (0.0, 0.85)
    assert around.cover("tramway") == (0.0, 0.85)
    assert around.cover("festival") == (0.0, 0.0)


def _features(question: str, sentence: str, rest: str = "") -> dict[str, float]:
    one = asked(question)
    found = evidence(article(f"{sentence} {rest}".strip()))
    standing = Standing(found, 0, 0.9, 0.92)
    values = features(one, _wanted(one), sentence, ground(sentence, rest), standing)
    return dict(zip(FEATURES, values, strict=True))


def test_the_features_of_a_sentence() -> None:
    """Shares of the question's words, near and wide, and distances from the best."""
    found = _features("Que dit la maire ?", "La maire dit non.")
    assert found["near"] == found["wide"] == 1.0
    assert found["close"] == pytest.approx(1.0)
    assert found["close_gap"] == pytest.approx(-0.2)
    assert (found["least"], found["elsewhere"], found["strict_missing"]) == (0.0, 0.0, 0.0)
    assert (found["rank"], found["short"], found["english"]) == (1.0, 1.0, 0.0)


def test_missing_names_are_counted() -> None:
    """What stands nowhere in the article is counted; more than two count as two."""
    said = "La maire dit non."
    assert _features("Que dit Bruno Delteil ?", said)["strict_missing"] == 2.0
    assert _features("Que dit Bruno Delteil à Pons et à Oriol ?", said)["strict_missing"] == 2.0
    rest = "Bruno Delteil répond."
    assert _features("Que dit Bruno Delteil ?", said, rest)["strict_missing"] == 0.0


def test_english_shares_few_words_with_french() -> None:
    """The words of an English question count apart, for most of its evidence is French."""
    found = _features("What does the mayor of Vaubrelles say?", "Le maire de Vaubrelles dit non.")
    assert (found["english"], found["near"], found["least"]) == (1.0, 0.0, 0.0)
    assert 0 < found["near_english"] <= 1


@pytest.mark.parametrize(
    ("question", "sentence", "timely"),
    [
        ("Que dit la maire ?", "La maire dit non.", 0.0),
        ("Que dit la maire en 2016 ?", "En 2016, la maire disait non.", 1.0),
        ("Que dit la maire en 2019 ?", "La maire dit non.", 0.0),
        ("Que dit la maire en 2016 ?", "La maire dit non.", -1.0),
    ],
)
def test_timeliness(question: str, sentence: str, timely: float) -> None:
    """A sentence names the period, was published in it (2019 here), or lies outside it."""
    assert _features(question, sentence)["timely"] == timely


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Qui dirige le CHU de Bordeaux ?", "Nadège Oriol dirige le CHU de Vaubrelles."),
        ("Que fait Armand Quillivic ?", "Le tribunal a condamné un faussaire."),
        ("Combien de passagers prennent la T1 ?", "La T2 transporte 38 500 passagers par jour."),
        ("Quel âge a la directrice ?", "La directrice a pris ses fonctions lundi."),
        ("Quand ouvre la ligne ?", "La ligne sera jaune paille."),
        ("Combien de stations ?", "La ligne aura des stations."),
        ("Combien coûte la ligne ?", "La ligne compte dix-sept stations."),
        ("Quel pourcentage des haies ?", "On a arraché 60 haies."),
        ("Combien de militaires français y participent ?", "3.200 militaires y participent."),
    ],
)
def test_what_rules_a_sentence_out(question: str, sentence: str) -> None:
    """A name found nowhere, or no age, date, number, money, share or nation where one is asked."""
    assert _rules_out(question, sentence)


@pytest.mark.parametrize(
    ("question", "sentence", "rest"),
    [
        ("Qui dirige le CHU de Vaubrelles ?", "Nadège Oriol dirige le CHU.", "À Vaubrelles."),
        ("Quel âge a la directrice ?", "La directrice a 49 ans.", ""),
        ("Quand ouvre la ligne ?", "La ligne ouvre en 2021.", ""),
        ("Combien de stations ?", "La ligne aura dix-sept stations.", ""),
        ("Combien coûte la ligne ?", "La ligne coûte 184 millions d'euros.", ""),
        ("Quel pourcentage des haies ?", "60% des haies ont disparu.", ""),
        ("Combien de militaires français ?", "400 soldats français y participent.", ""),
        ("Combien de soldats américains ?", "Les États-Unis ont envoyé 400 soldats.", ""),
    ],
)
def test_what_may_answer(question: str, sentence: str, rest: str) -> None:
    """The name may stand elsewhere in the article; a nation may be said by its country."""
    assert not _rules_out(question, sentence, rest)


def test_a_carried_name_rules_nothing_out() -> None:
    """A follow-up may have left the subject of the question before."""
    before = "Qui dirige le CHU de Bordeaux ?"
    assert not _rules_out("Depuis quand ?", "Elle dirige le CHU depuis 2021.", "", before)


REJECTED = "Pourquoi le conseil a-t-il rejeté la ligne ?"


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        (REJECTED, "Le conseil a approuvé la ligne.", True),
        (REJECTED, "Les élus ont adopté le tracé.", True),
        (REJECTED, "Le conseil a rejeté la ligne.", False),
        (REJECTED, "Après avoir rejeté le tracé, le conseil a approuvé la ligne.", False),
        ("Le conseil a-t-il rejeté la ligne ?", "Le conseil a approuvé la ligne.", False),
        ("Pourquoi l'OTAN quitte-t-elle l'Irak ?", "L'OTAN renforce sa mission en Irak.", True),
        ("Pourquoi Quillivic a-t-il été relaxé ?", "Le tribunal a condamné Quillivic.", True),
        ("Quand ouvre la ligne ?", "La ligne n'ouvrira pas.", True),
        ("Pourquoi le maire vote-t-il ?", "Le maire ne vote jamais.", True),
        ("Pourquoi la ligne n'ouvre-t-elle pas ?", "La ligne n'ouvre pas.", False),
        ("Qui ouvre la ligne ?", "La ligne n'ouvre pas.", False),
        ("Pourquoi le maire vote-t-il ?", "Le maire ne dort pas.", False),
    ],
)
def test_what_contradicts_a_question(question: str, sentence: str, expected: bool) -> None:
    """The opposite of what a question takes for granted; asking whether takes nothing for it."""
    assert contradicts(asked(question), sentence, frozenset(analyse(sentence))) is expected


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), st.floats(-1e6, 1e6))
def test_a_probability_is_one(values: list[float], bias: float) -> None:
    """However far the features go, between 0 and 1 and never an error."""
    assert 0.0 < probability(tuple(values), (1.0, -2.0, 0.5), bias) < 1.0


def test_the_logistic_model() -> None:
    """Half at zero; a feature with a weight moves the odds by its power of e."""
    assert probability((0.0,), (3.0,), 0.0) == 0.5
    likely = probability((1.0,), (3.0,), 0.0)
    assert likely / (1 - likely) == pytest.approx(math.exp(3))

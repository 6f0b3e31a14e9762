"""When dated articles answer differently: the list, and all that must not become one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answering.candidates import Candidate
from bot.answering.differences import differing
from bot.answering.extractive import chosen, load_limits
from bot.messages.catalogue import Catalogue
from bot.messages.wording import answer_text
from retrieval.vocabulary import PublicationDate, Status
from tests.bot.answering.conftest import Ask
from tests.bot.answering.made import article, asked, candidate

OLD, NEW, NEWEST = PublicationDate(2016, 5), PublicationDate(2018, 2), PublicationDate(2020, 9, 1)


def said(sentence: str, day: PublicationDate | None, probability: float = 0.5) -> Candidate:
    """A sentence of an article of a day."""
    return candidate(sentence, probability, of=article(sentence, day=day))


def listed(question: str, *found: Candidate) -> list[str]:
    """The sentences listed for a question, oldest first."""
    ranked = sorted(found, key=lambda one: -one.probability)
    return [one.text for one in differing(asked(question), ranked)]


ESTIMATE = "Le chantier du pont de Brume est estimé à 184 millions d'euros, dont 40 pour l'État."
OVERRUN = "Le coût du pont de Brume passe de 184 à 221 millions d'euros."


def test_a_figure_that_an_article_changes_is_listed_with_the_old_one() -> None:
    """ "De 184 à 221 millions" and an older "184 millions": both, oldest first."""
    question = "Combien coûte le pont de Brume ?"
    assert listed(question, said(OVERRUN, NEW), said(ESTIMATE, OLD, 0.02)) == [ESTIMATE, OVERRUN]


def test_what_the_article_says_itself_comes_before_what_somebody_says_in_it() -> None:
    """Of two sentences with the old figure, the one that nobody is quoted for."""
    quoted = "« Le pont de Brume, un jouet à 184 millions d'euros ! » a lancé Jo Marec."
    both = article(f"{ESTIMATE} {quoted}", day=OLD)
    found = [candidate(ESTIMATE, 0.02, of=both), candidate(quoted, 0.04, of=both)]
    assert listed("Combien coûte le pont de Brume ?", said(OVERRUN, NEW), *found)[0] == ESTIMATE


SAME = [
    ("Combien coûte le pont de Brume ?", ESTIMATE, "Le pont de Brume coûte 184 millions d'euros."),
    # two costs of two things, and nothing that ties them
    ("Combien coûte le pont ?", "Le pont coûte 184 millions d'euros.", "Le bac a coûté 9 euros."),
    (
        "Qui est le maire de Brume ?",
        "Le maire de Brume, Jo Marec, rit.",
        "Jo Marec, le maire de Brume.",
    ),
    # an office in another town
    (
        "Qui est le maire de Brume ?",
        "Le maire de Brume, Jo Marec, rit.",
        "Le maire de Sel, Al Nor, dort.",
    ),
    # a name, but of no holder
    (
        "Qui est le maire de Brume ?",
        "Le maire de Brume, Jo Marec, rit.",
        "À Brume, Al Nor attend le maire.",
    ),
    (
        "Le pont de Brume a-t-il rouvert ?",
        "Le pont de Brume a rouvert.",
        "Le pont de Brume a rouvert lundi.",
    ),
    # open twice
    (
        "Le pont de Brume a-t-il rouvert ?",
        "Le pont de Brume n'a pas encore rouvert.",
        "Le pont de Brume n'a toujours pas rouvert.",
    ),
    # why: no value to compare
    ("Pourquoi le pont a-t-il fermé ?", "Le pont a fermé en 2016.", "Le pont a fermé en 2018."),
]


@pytest.mark.parametrize(("question", "older", "newer"), SAME)
def test_articles_that_agree_or_speak_of_other_things_make_no_list(
    question: str, older: str, newer: str
) -> None:
    """A list that is not needed is worse than none."""
    assert listed(question, said(older, OLD), said(newer, NEW)) == []


DIFFERENT = [
    (
        "Qui est le maire de Brume ?",
        "La maire de Brume, Ana Lys, rit.",
        "Jo Marec, maire de Brume, dort.",
    ),
    (
        "Le pont de Brume a-t-il rouvert ?",
        "Le pont de Brume n'a pas encore rouvert.",
        "Le pont de Brume a rouvert lundi.",
    ),
    (
        "La ville a-t-elle rejoint la ligue ?",
        "La ville est toujours en discussions pour rejoindre la ligue.",
        "La ville a rejoint la ligue.",
    ),
    (
        "Quand rouvrira le pont de Brume ?",
        "Le pont de Brume rouvrira en mars 2018.",
        "Le pont de Brume, attendu en mars 2018, rouvrira en juin 2019.",
    ),
    (
        "Combien de morts dans la crue de Brume ?",
        "La crue de Brume a fait 12 morts.",
        "La crue de Brume a fait 14 morts.",
    ),
]


@pytest.mark.parametrize(("question", "older", "newer"), DIFFERENT)
def test_articles_that_differ_are_listed_oldest_first(
    question: str, older: str, newer: str
) -> None:
    """Another holder, a thing settled since, a date put off, a toll that rose."""
    assert listed(question, said(newer, NEW), said(older, OLD)) == [older, newer]


def test_only_dated_articles_are_listed_each_once() -> None:
    """Without a date nothing can be put in order; a day makes no list by itself."""
    older, newer = DIFFERENT[0][1:]
    question = DIFFERENT[0][0]
    undated = candidate(newer, 0.5, of=replace(article(newer), published=None))
    assert listed(question, said(older, OLD), undated) == []
    assert listed(question, said(older, OLD), said(newer, OLD)) == []


def test_of_articles_that_say_the_same_in_a_row_one_is_listed() -> None:
    """Three articles and two mayors: two lines."""
    question, older, newer = DIFFERENT[0]
    again = "Le maire de Brume, Jo Marec, se tait."
    found = [said(older, OLD), said(newer, NEW, 0.6), said(again, NEWEST)]
    assert listed(question, *found) == [older, newer]


def test_a_period_asked_for_leaves_other_times_out() -> None:
    """Who was mayor in 2018 is one mayor."""
    _, older, newer = DIFFERENT[0]
    found = (said(older, OLD), said(newer, NEW))
    assert listed("Qui était le maire de Brume en 2018 ?", *found) == []


WRONG = "La crue de Brume a fait 48 morts."


def test_a_figure_that_the_next_sentence_takes_back_is_never_said() -> None:
    """A correction quotes the mistake: it is not an answer, alone or beside the right figure."""
    right = "C'est inexact : elle a fait 38 morts."
    correction = article(f"Nous avons écrit : {WRONG} {right}", day=NEW)
    mistaken = candidate(WRONG, 0.9, of=correction)
    corrected = candidate(right, 0.6, of=correction)
    assert chosen([mistaken, corrected], load_limits(), 3) == [corrected]
    assert chosen([mistaken], load_limits(), 3) == []


def test_a_correction_is_listed_after_what_it_corrects() -> None:
    """The first article, then the right figure of the second."""
    right = "C'est inexact : la crue a fait 38 morts."
    correction = article(f"{WRONG} {right}", day=NEW)
    found = [said(WRONG, OLD), candidate(right, 0.4, of=correction)]
    assert listed("Combien de morts dans la crue de Brume ?", *found) == [WRONG, right]


def test_costs_that_changed_are_both_shown(ask: Ask) -> None:
    """The sample articles: 184 millions in 2016, 221 in 2018, a line each with its date."""
    answer = ask("Combien coûte la ligne T2 ?")
    assert answer.status is Status.EXTRACTIVE
    assert answer.evolution
    old, new = answer_text(Catalogue("fr"), answer).split("\n")
    assert old.startswith("– 12 octobre 2016\u00a0: ")
    assert "184" in old
    assert new.startswith("– 27 février 2018\u00a0: ")
    assert "221" in new
    assert {notice.key for notice in answer.notices} == {"without_model", "as_of"}
    assert str(answer.as_of) == "2018-02-27"


def test_the_festival_and_its_correction_are_both_shown(ask: Ask) -> None:
    """48 000, then 38 000: the correction says the right figure, not the wrong one again."""
    answer = ask("Combien de spectateurs le festival a-t-il attirés ?")
    first, second = answer.statements
    assert "48" in first.text
    assert "38" in second.text
    assert "48" not in second.text


@pytest.mark.parametrize(
    "question",
    [
        "Combien de militaires participent à l'exercice Grand Ressac ?",
        "Qui dirige le CHU de Vaubrelles ?",
        "Combien de lits ont été rouverts au CHU ?",
        "Quand la crue de Mirvolle a-t-elle eu lieu ?",
    ],
)
def test_one_answer_is_no_list(ask: Ask, question: str) -> None:
    """Where one article answers, the answer is as it was."""
    assert not ask(question).evolution

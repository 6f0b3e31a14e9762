"""What a question asks for: its kind, its parts, what it counts, what it borrows."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answering.refusal import before_searching
from bot.answering.understanding import Kind, kind_of, parts, understand
from retrieval.vocabulary import Period, Turn
from tests.bot.answering.made import asked
from tests.sample_home import TODAY

YEAR_2016 = (date(2016, 1, 1), date(2016, 12, 31))
YEAR_2017 = (date(2017, 1, 1), date(2017, 12, 31))


def _days(period: Period | None) -> tuple[date | None, date | None] | None:
    return None if period is None else (period.first, period.last)


def _terms(text: str, *earlier: str) -> list[str]:
    return [term.term for term in asked(text, *earlier).terms]


def _carried(text: str, *earlier: str) -> list[str]:
    return [term.term for term in asked(text, *earlier).carried]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Quel âge a la maire ?", Kind.AGE),
        ("quel age a la maire", Kind.AGE),
        ("How old is the mayor?", Kind.AGE),
        ("Quand ouvre la T2 ?", Kind.DATE),
        ("depuis quand il dirige l'hopital", Kind.DATE),
        ("Jusqu’à quand dure l’exercice ?", Kind.DATE),
        ("En quelle année a-t-elle été fondée ?", Kind.DATE),
        ("How long is the crossing?", Kind.DATE),
        ("since when does she run the hospital", Kind.DATE),
        ("Combien de stations aura la ligne ?", Kind.NUMBER),
        ("conbien ça coute le ticket", Kind.NUMBER),
        ("cb de blessés", Kind.NUMBER),
        ("FROMAGES PERDUS DANS LES CAVES COMBIEN", Kind.NUMBER),
        ("Quel est le prix des places ?", Kind.NUMBER),
        ("Quel pourcentage du navire est rempli ?", Kind.NUMBER),
        ("How many passengers were on board?", Kind.NUMBER),
        ("Où se trouve le musée ?", Kind.PLACE),
        ("ou est le musée", Kind.PLACE),
        ("Dans quelle ville a lieu le festival ?", Kind.PLACE),
        ("Where is the festival held?", Kind.PLACE),
        ("Pourquoi le tram a-t-il du retard ?", Kind.REASON),
        ("why was he sentenced", Kind.REASON),
        ("Qui dirige l'hôpital ?", Kind.PERSON),
        ("QUI A GAGNÉ LA FINALE", Kind.PERSON),
        ("À qui succède-t-elle ?", Kind.PERSON),
        ("comment s'appelle la directrice", Kind.PERSON),
        ("Who runs the hospital?", Kind.PERSON),
        ("La T2 est-elle ouverte ?", Kind.YES_NO),
        ("Le maire a-t-il démissionné ?", Kind.YES_NO),
        ("Is the T2 open?", Kind.YES_NO),
        ("Que propose l'opposition ?", Kind.OTHER),
        ("Comment le faussaire s'est-il justifié ?", Kind.OTHER),
        ("De quelle couleur seront les rames ?", Kind.OTHER),
        ("Ce qui est arrivé, c'est quoi ?", Kind.OTHER),
        ("un ticket ou deux", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_the_kind_of_a_question(question: str, kind: Kind) -> None:
    """The words of a question, careful or not, tell what kind of answer it calls for."""
    assert kind_of(question) is kind


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("Combien de militaires français participent à l'exercice ?", ("militair", "franc")),
        ("Quel est le nombre de stations ?", ("station",)),
        ("combien d'habitants à Mirvolle", ("habit",)),
        ("Combien d’habitants ?", ("habit",)),
        ("cb de morts", ("mort",)),
        ("Combien de personnes ont été évacuées ?", ()),
        ("How many passengers were on board?", ("passeng",)),
        ("Quand les militaires français arrivent-ils ?", ()),
    ],
)
def test_what_a_number_counts(question: str, unit: tuple[str, ...]) -> None:
    """The unit is what follows "combien de", people named; "personnes" counts anybody."""
    assert asked(question).unit == unit


def test_a_date_is_a_condition_and_not_a_word() -> None:
    """The words of a period are not looked for; the same number outside a date is."""
    question = asked("Combien de stations en 2016 ?")
    assert [term.term for term in question.terms] == ["station"]
    assert _days(question.question.period) == YEAR_2016
    assert _terms("Qui a compté les 2016 stations ?") == ["compt", "2016", "station"]


def test_a_follow_up_carries_the_subject() -> None:
    """ "Et combien de blessés ?" asks about the attack of the question before, in its year."""
    before = "Combien de morts dans l'attentat de Nice en 2016 ?"
    question = asked("Et combien de blessés ?", before)
    assert (question.kind, question.unit) == (Kind.NUMBER, ("bless",))
    assert {"attentat", "nic"} <= {term.term for term in question.carried}
    assert _days(question.question.period) == YEAR_2016
    assert question.search_text.startswith("Et combien de blessés ?")
    assert "attentat Nice" in question.search_text
    assert question.question.text == "Et combien de blessés ?"


def test_another_name_takes_the_place_of_the_last() -> None:
    """ "Et pour l'Afghanistan ?" drops Iraq and keeps the soldiers, the sender and the year."""
    before = "Combien de soldats la France a-t-elle envoyés en Irak en 2017 ?"
    assert _carried("Et pour l'Afghanistan ?", before) == ["soldat", "franc", "envoy"]
    assert _carried("et en Syrie ?", before) == ["soldat", "franc", "envoy"]
    assert _days(asked("Et pour l'Afghanistan ?", before).question.period) == YEAR_2017


@pytest.mark.parametrize("follow_up", ["Depuis quand ?", "Quel âge a-t-elle ?", "et pourquoi ?"])
def test_a_pronoun_or_a_bare_question_leans_on_the_one_before(follow_up: str) -> None:
    """Questions that name nobody are about whom the one before named."""
    assert _carried(follow_up, "Qui dirige le CHU de Vaubrelles ?") == ["dirig", "chu", "vaubrel"]


def test_a_subject_is_carried_through_several_turns() -> None:
    """A follow-up of a follow-up still knows its subject; the program's turns are skipped."""
    turns = (
        Turn("user", "Qui dirige le CHU de Vaubrelles ?"),
        Turn("assistant", "Nadège Oriol [1]."),
        Turn("user", "Depuis quand ?"),
        Turn("assistant", "Depuis lundi [1]."),
    )
    question = understand("et pourquoi ?", TODAY, turns)
    assert [term.term for term in question.carried] == ["dirig", "chu", "vaubrel"]
    assert question.question.turns == turns


def test_a_question_that_stands_alone_borrows_nothing() -> None:
    """A question with a subject of its own is not mixed with the one before."""
    before = "Qui dirige le CHU de Vaubrelles en 2021 ?"
    question = asked("Combien coûte le tramway de Brézolans ?", before)
    assert question.carried == ()
    assert question.question.period is None
    assert question.search_text == question.question.text


def test_two_questions_in_one_sentence() -> None:
    """Each part has its own kind and its own period; the second leans on the first."""
    text = "Qui était maire de Vaubrelles en 2016, et combien d'élus étaient là en 2017 ?"
    first, second = parts(text, TODAY)
    assert (first.kind, second.kind) == (Kind.PERSON, Kind.NUMBER)
    assert _days(first.question.period) == YEAR_2016
    assert _days(second.question.period) == YEAR_2017
    assert [term.term for term in second.carried] == ["mair", "vaubrel"]


def test_a_second_part_without_a_period_takes_that_of_the_first() -> None:
    """ "…en 2016 et combien de blessés" is still about 2016."""
    _, second = parts("Combien de morts en 2016 et combien de blessés ?", TODAY)
    assert _days(second.question.period) == YEAR_2016


def test_a_list_is_one_question() -> None:
    """ "Et" between things asked about does not cut a question."""
    assert len(parts("Que disent le maire et la préfecture ?", TODAY)) == 1
    assert len(parts("Why did the ship and the port close?", TODAY)) == 1


def test_at_most_three_parts() -> None:
    """However many questions a text holds, three are searched."""
    assert len(parts("Qui vient" + " et qui part" * 20 + " ?", TODAY)) == 3


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Combien de morts ?", "fr"),
        ("How many people died?", "en"),
        ("tramway", "fr"),
        ("prix du ferry", "fr"),
    ],
)
def test_the_language_of_a_question(text: str, language: str) -> None:
    """English is taken for English; what could be either is French."""
    assert asked(text).question.language == language


HOSTILE = [
    "de " * 666, "qui " * 500, "et qui " * 285, ", et qui" * 250, "a-t-il" * 333,
    "a-t-il " * 285, "a-" * 1000, '"' * 2000, "« " * 1000, "'" * 2000, "l'" * 1000,
    "1" * 2000, "1 " * 1000, "1.000 " * 333, "2017 " * 400, "2017-" * 400, "du 3 au " * 250,
    "10 ans " * 285, "1h " * 666, "a" * 2000, "A" * 2000, "A.B." * 500, "é" * 2000,
    "e\u0301" * 1000, "\u0301" * 2000, "😀" * 2000, "?" * 2000, "_a" * 1000, " " * 1999 + "?",
    "qui" + " " * 1990 + "zz", "qui" + "\u00a0" * 1990 + "zz", "qui, " + "\t\n" * 990 + "x",
    "combien de d'" * 160, "ne a b c d pas " * 133, "ignore " * 285, "écris " * 333,
    "merci " * 333 + "x", "lol" + "-" * 1990 + "a", "ca va" + " " * 1990 + "zz",
    "comment ca va " * 142 + "9", "Jean de la " * 180, "quel est le " * 166, "Et pour " * 250,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:10]))
def test_no_question_takes_long_to_understand(text: str) -> None:
    """Words, spaces or marks repeated to the longest question allowed cost no more than words."""
    before = time.thread_time()  # of this thread alone: the machine may be busy
    for one in parts(text[:2000], TODAY, (Turn("user", text[:2000]),)):
        before_searching(one)
    assert time.thread_time() - before < 0.2


@given(st.text(max_size=200), st.text(max_size=200))
@example("qui et qui", "et")
@example("Et pour", "En 2017")
@example("29 février 2017 et qui", "")
@example("combien de " * 3, "ﷺ")
@settings(deadline=None)
def test_any_text_is_understood(text: str, earlier: str) -> None:
    """Whatever is typed, after whatever, gives one to three questions and no error."""
    found = parts(text, TODAY, (Turn("user", earlier),))
    assert 1 <= len(found) <= 3
    for one in found:
        before_searching(one)
        assert one.question.language in ("fr", "en")


@given(
    st.lists(
        st.sampled_from(
            "qui combien de d' et , pour quand où l'Otan Irak 2017 en mai il -t-elle ? cb how "
            "many and ne pas 4.000 dernier an l'".split()
        ),
        max_size=25,
    )
)
@settings(deadline=None)
def test_any_words_of_questions_are_understood(words: list[str]) -> None:
    """However the words that questions are made of follow each other, terms keep their places."""
    for one in parts(" ".join(words), TODAY):
        for term in one.terms:
            assert one.question.text[term.start : term.end] == term.text

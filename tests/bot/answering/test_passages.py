"""What a model is given: the promising sentences with their neighbours, as much as fits."""

from __future__ import annotations

from bot.answering.candidates import Candidate
from bot.answering.passages import Given, fitting, given, hints
from tests.bot.answering.made import article, candidate, evidence

TEXT = "Un. Deux deux. Trois trois. Quatre quatre. Cinq cinq. Six six. Sept sept. Huit huit."


def _of(text: str, *sentences: str) -> list[Candidate]:
    place = article(text)
    return [candidate(one, 0.5, of=place) for one in sentences]


def test_a_sentence_comes_with_its_neighbours() -> None:
    """What stands between two excerpts is marked as left out."""
    (only,) = given([_of(TEXT, "Deux deux.", "Sept sept.")], 6, 4)
    assert only.text == "Un. Deux deux. Trois trois. (…) Six six. Sept sept. Huit huit."


def test_the_best_passages_come_first_and_no_more_than_wanted() -> None:
    """Of two parts of a question, each has its best passage among the first."""
    first = [candidate(f"Première {n} ici.", 0.5) for n in range(5)]
    second = [candidate(f"Seconde {n} là.", 0.5) for n in range(5)]
    for number, one in enumerate([*first, *second]):
        object.__setattr__(one.evidence.passage, "id", number)
    texts = [one.text for one in given([first, second], 6, 3)]
    assert texts == ["Première 0 ici.", "Seconde 0 là.", "Première 1 ici."]


def test_hints_carry_the_numbers_of_their_passages() -> None:
    """A sentence of a passage that is not given is no hint; none is given twice."""
    found = _of(TEXT, "Deux deux.", "Sept sept.")
    passages = given([found], 6, 4)
    assert hints([found, found], passages, 3) == ((1, "Deux deux."), (1, "Sept sept."))
    assert hints([found], passages, 1) == ((1, "Deux deux."),)
    assert hints([found], (), 3) == ()


def test_what_does_not_fit_is_dropped_from_the_end() -> None:
    """The first passage always stays, cut if it must be."""
    long = Given(evidence(article("x" * 5000)), "x" * 5000)
    short = Given(evidence(article("court")), "court")
    assert fitting([short, long, short], 1000) == (short,)
    assert fitting([short, short], 1000) == (short, short)
    (cut,) = fitting([long, short], 1000)
    assert 0 < len(cut.text) < 2500
    assert len(fitting([long], 1)) == 1
    assert fitting([], 1000) == ()

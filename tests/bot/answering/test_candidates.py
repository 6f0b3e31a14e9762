"""The sentences of the evidence, judged."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.answering.candidates import Candidate, Judge, judged, load_weights
from bot.answering.relevance import FEATURES
from tests.bot.answering.made import article, asked, evidence

TRAM = article(
    "La ligne T2 comptera dix-sept stations. Elle coûtera 184 millions d'euros. "
    "« Un jouet ! » a lancé Bruno Delteil. Les rames seront jaune paille.",
    title="Le tramway de Vaubrelles",
)
FLOOD = article("La Vaubre est montée à 3,42 mètres. L'école est hors d'usage.")


def _alike(texts: Sequence[str]) -> list[float]:
    return [0.85] * len(texts)


def _judged(question: str) -> list[Candidate]:
    judge = Judge(lambda _: 1, 50, _alike, load_weights())
    return list(judged(asked(question), [evidence(TRAM), evidence(FLOOD)], judge).likely)


def test_every_sentence_is_judged_and_exact() -> None:
    """Each sentence of the passages is a candidate, cut from its article by offsets."""
    found = _judged("Combien de stations comptera la ligne T2 ?")
    assert len(found) == 6
    for one in found:
        assert one.evidence.article.text[one.span.start : one.span.end] == one.text
        assert len(one.features) == len(FEATURES)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Combien de stations comptera la ligne T2 ?", "dix-sept stations"),
        ("Combien coûtera la ligne T2 ?", "184 millions"),
        ("Qui a parlé d'un jouet ?", "Delteil"),
        ("Combien de mètres la Vaubre est-elle montée ?", "3,42 mètres"),
    ],
)
def test_the_most_probable_comes_first(question: str, answer: str) -> None:
    """Candidates are in the order of their probability, whatever the passage they are from."""
    found = _judged(question)
    assert answer in found[0].text
    likely = [one.probability for one in found]
    assert likely == sorted(likely, reverse=True)


def test_what_is_ruled_out_is_hardly_probable() -> None:
    """Asked of a line that no article names, no sentence passes for an answer."""
    assert all(one.probability <= 0.02 for one in _judged("Combien de stations aura la T9 ?"))
    assert all(one.probability <= 0.02 for one in _judged("Quel âge a Bruno Delteil ?"))


def test_a_question_of_other_words_is_about_something_else() -> None:
    """When three quarters of the question's words stand nowhere near, nothing answers."""
    found = _judged("Pourquoi les abeilles fabriquent-elles du miel ?")
    assert all(one.probability <= 0.02 for one in found)


def test_only_the_best_sentences_are_embedded() -> None:
    """Embedding takes milliseconds a sentence: of a hundred, fourteen are compared."""
    asked_for: list[int] = []

    def counting(texts: Sequence[str]) -> list[float]:
        asked_for.append(len(texts))
        return _alike(texts)

    many = article(" ".join(f"La ligne numéro {n} est ouverte." for n in range(100)))
    judge = Judge(lambda _: 1, 50, counting, load_weights())
    found = list(judged(asked("Quelle ligne est ouverte ?"), [evidence(many)], judge).likely)
    assert asked_for == [14]
    assert len(found) == 14


def test_no_evidence_gives_no_candidate() -> None:
    """Nothing found is nothing judged."""
    judge = Judge(lambda _: 0, 0, _alike, load_weights())
    assert list(judged(asked("Qui dirige le CHU ?"), [], judge).likely) == []


def test_every_feature_has_a_weight() -> None:
    """The thresholds file gives each feature its weight, in the order of the features."""
    weights = load_weights()
    assert len(weights.values) == len(FEATURES)
    only_kind = tuple(float(name == "kind") for name in FEATURES)
    assert weights.of(only_kind) > weights.of((0.0,) * len(FEATURES))

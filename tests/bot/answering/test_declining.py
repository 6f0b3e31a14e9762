"""A model's own "not in the passages" is understood, and what an article denies is not one."""

from __future__ import annotations

import pytest

from bot.answering.declining import declines


@pytest.mark.parametrize(
    "sentence",
    [
        "Les articles ne le disent pas.",
        "Les articles ne précisent pas combien de soldats français participent à la mission.",
        "L’article ne mentionne pas l'âge de Jens Stoltenberg.",
        "L'âge de la directrice n'est pas indiqué dans les articles.",
        "Il n'y a pas d'information sur ce sujet dans les passages fournis.",
        "Aucune information dans les articles ne permet de répondre.",
        "Je ne peux pas répondre à cette question.",
        "The articles do not say.",
        "The passages do not mention any F-16.",
        "This is not mentioned in the articles.",
        "There is no information in the texts about this.",
        "I cannot answer this question.",
    ],
)
def test_a_refusal_is_understood(sentence: str) -> None:
    """In either language, in many forms."""
    assert declines(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "L'OTAN n'a pas décidé de quitter l'Irak.",
        "La Russie n'est pas notre adversaire.",
        "La maire n'a pas répondu à la presse.",
        "Aucune victime n'est à déplorer.",
        "Le conseil a dit non.",
        "The mayor did not answer.",
        "L'accord ne dit rien des otages.",
    ],
)
def test_a_denial_is_a_statement(sentence: str) -> None:
    """What an article says is not so may be the answer."""
    assert not declines(sentence)


def test_a_long_sentence_is_read_in_no_time() -> None:
    """Only the beginning of a sentence without end is looked at."""
    assert not declines("les articles " * 50_000)

"""Which texts are to be checked, and which are quotes to be found."""

from __future__ import annotations

import pytest

from bot.answering.intents import Intent
from bot.answering.tasks import MAX_CHARS, task_of, worded
from retrieval.errors import BadQuestion


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("A-t-on écrit que le pont a rouvert ?", "le pont a rouvert"),
        ("a-t-on deja ecrit qu’il est mort ?", "il est mort"),
        ("Have we ever written that the bridge reopened?", "the bridge reopened"),
        ("Vérifie que le pont a rouvert", "le pont a rouvert"),
        ("Fact-check: the bridge reopened.", "the bridge reopened."),
    ],
)
def test_claims(text: str, claim: str) -> None:
    """A question whether something was written, and an order to check."""
    task = task_of(text)
    assert task is not None
    assert (task.intent, task.text) == (Intent.CLAIM, claim)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Qui a dit « la France doit agir » ?", "la France doit agir"),
        ("Hélène Castagnet a-t-elle dit : “un seul axe” ?", "un seul axe"),
        ('Did the mayor ever say "we sail at dawn"?', "we sail at dawn"),
        ("Citation : « un seul axe »", "un seul axe"),
    ],
)
def test_quotes(text: str, quote: str) -> None:
    """Words between quotation marks after a verb of saying, in a question."""
    task = task_of(text)
    assert task is not None
    assert (task.intent, task.text) == (Intent.QUOTE, quote)


@pytest.mark.parametrize(
    "text",
    [
        "Combien de stations aura la ligne T2 ?",
        "Que dit le maire du pont ?",
        "Le maire a dit « oui ».",
        "Pourquoi le maire a-t-il dit « non » à la piscine de Vaubrelles ?",
        "Vérifier",
        "",
    ],
)
def test_questions_are_no_tasks(text: str) -> None:
    """What is asked as a question stays one."""
    assert task_of(text) is None


@pytest.mark.parametrize("intent", [Intent.CLAIM, Intent.QUOTE])
@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_what_a_command_words_is_read_again(intent: Intent, language: str) -> None:
    """Commands go the way of questions; lines are kept."""
    task = task_of(worded(intent, " Un titre\nUne phrase ? ", language))
    assert task is not None
    assert (task.intent, task.text) == (intent, "Un titre\nUne phrase ?")


def test_a_task_without_words_is_bad_use() -> None:
    """ "Vérifier : …" asks nothing."""
    task = task_of("Vérifier : …!")
    assert task is not None
    with pytest.raises(BadQuestion):
        task.understood("Vérifier : …!")


def test_a_text_without_end_is_cut() -> None:
    """What is read of a text is bounded."""
    task = task_of("Vérifier : " + "mot " * 200_000)
    assert task is not None
    assert len(task.text) <= MAX_CHARS
    assert task_of("a-t-on dit «" + "(" * 100_000) is None

"""Scripts for Kiosque's own test of models: one that knows all its answers, and worse ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from bot.answering.exam import ExamQuestion, load_exam
from prompts import rendering
from tests.fake_llm.asked import Asked
from tests.fake_llm.replies import Reply, says

_YES_NO = {"fr": ("oui", "non"), "en": ("yes", "no")}
GARBAGE = "<|im_start|>{{{ [999] «» => \n" * 3 + "0x7f, 4096, 1 2"


def perfect(asked: Asked) -> Reply:
    """Verify, write and choose without a mistake; to what the test does not ask, say yes."""
    return says(_right_answers().get(asked.prompt, "oui"))


def says_yes(asked: Asked) -> Reply:
    """Write and choose without a mistake, and let every sentence through."""
    return says("oui") if asked.prompt in _verifications() else perfect(asked)


def chooses(asked: Asked) -> Reply:
    """Choose without a mistake, write nothing of use, and let every sentence through."""
    return perfect(asked) if asked.prompt in _choices() else says("oui")


def mistaken(every: int, then: Callable[[Asked], Reply] = perfect) -> Callable[[Asked], Reply]:
    """Say no to the supported sentence of every so many that are asked for, else as another."""
    supported = [prompt for prompt, right in _verifications().items() if right in ("oui", "yes")]
    wrong = set(supported[::every])
    return lambda asked: says("non") if asked.prompt in wrong else then(asked)


@cache
def _right_answers() -> dict[str, str]:
    return {**_verifications(), **_writings(), **_choices()}


@cache
def _verifications() -> dict[str, str]:
    found = {}
    for one in load_exam().sentences:
        prompt = rendering.verify(one.text, one.language, one.passages)[-1].text
        found[prompt] = _YES_NO[one.language][not one.supported]
    return found


@cache
def _writings() -> dict[str, str]:
    questions = load_exam().questions
    return {rendering.write(one.posed, one.passages)[-1].text: _answer(one) for one in questions}


def _answer(question: ExamQuestion) -> str:
    if not question.answerable:
        return "RIEN : les articles ne répondent pas."
    (right,) = question.right
    quote = question.sentences[right - 1][2]
    (number, *_) = (one.number for one in question.passages if quote in one.text)
    words = " ".join(group[0] for group in question.accepted)
    return f"[{number}] « {quote} » => La réponse est {words}."


@cache
def _choices() -> dict[str, str]:
    found = {}
    for one in load_exam().questions:
        listed = [(origin, text) for _, origin, text in one.sentences]
        prompt = rendering.select(one.posed.text, one.posed.language, listed)[-1].text
        found[prompt] = str(min(one.right, default=0))
    return found

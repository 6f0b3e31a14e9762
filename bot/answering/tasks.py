"""Texts that are no questions: one to be checked, or a quote to be found. Pure.

A task is told by how it begins ("a-t-on écrit que… ?", "Vérifier : …", "qui a dit « … » ?"), so
that it goes the way of questions through every front, is kept and taken up again like one. Fronts
that have a command for it put the beginning before the text (`worded`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.answering.intents import Intent, folded, table
from bot.answering.understanding import UnderstoodQuestion
from retrieval.errors import BadQuestion
from retrieval.text.analysis import guess_language
from retrieval.vocabulary import Question

MAX_CHARS = 200_000
"""Characters of a task that are looked at; checks and the quote finder read fewer."""
_OPENING = 400
_QUESTION = 2_500
"""Characters of a question about a quote."""
_MARKS = " \t\n\u00a0\u202f«»“”\"„'’‘"
_WORDED = {
    (Intent.CLAIM, "fr"): "Vérifier\u00a0: ",
    (Intent.CLAIM, "en"): "Check: ",
    (Intent.QUOTE, "fr"): "Citation\u00a0: ",
    (Intent.QUOTE, "en"): "Quote: ",
}


@dataclass(frozen=True, slots=True)
class Task:
    """A text to be checked, or a quote to be found.

    Args:
        intent: ``CLAIM`` or ``QUOTE``.
        text: what is checked or looked for.
        speaker: the words before a quote, which may name who said it.
    """

    intent: Intent
    text: str
    speaker: str = ""

    def understood(self, whole: str) -> UnderstoodQuestion:
        """The task as a question that was understood.

        Args:
            whole: as it was typed.

        Raises:
            BadQuestion: there is no word to check or to look for.
        """
        if not any(letter.isalnum() for letter in self.text):
            raise BadQuestion("check_empty" if self.intent is Intent.CLAIM else "quote_empty")
        question = Question(whole, guess_language(self.text))
        return UnderstoodQuestion(question, self.intent, self.speaker, self.text)


def worded(intent: Intent, text: str, language: str) -> str:
    """A text as the task that a command names.

    Args:
        intent: ``CLAIM`` or ``QUOTE``.
        text: to be checked, or the quote.
        language: ``fr`` or ``en``, of the beginning.
    """
    return _WORDED[(intent, "en" if language == "en" else "fr")] + text.strip()


def task_of(text: str) -> Task | None:
    """The task that a text is; None for a question or anything else."""
    text = text[:MAX_CHARS].strip()
    opening = folded(text[:_OPENING])
    claim = _pattern("claim").match(opening)
    if claim:
        rest = text[claim.end() :].strip()
        named = ":" in claim[0]
        return Task(Intent.CLAIM, rest if named else rest.rstrip("? \u00a0\u202f"))
    quote = _pattern("quote").match(opening)
    if quote:
        return Task(Intent.QUOTE, text[quote.end() :].strip(_MARKS))
    return _asked(text) if len(text) <= _QUESTION else None


def _asked(text: str) -> Task | None:
    """A question whether or where words were said."""
    plain = folded(text)
    match = _pattern("said").fullmatch(plain)
    if match is None or not ("?" in match["after"] or _pattern("asks").match(plain)):
        return None
    name = next(one for one in ("fr", "en", "plain") if match[one] is not None)
    start, end = match.span(name)
    return Task(Intent.QUOTE, text[start:end].strip(_MARKS), text[: match.end("before")].strip())


@lru_cache(maxsize=4)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(table()["tasks"][name], re.DOTALL)

"""Prompt files into messages: pure, so that the exact text that is sent can be asserted.

A file holds messages, each under a line ``--- role``, with ``$names`` that are filled in once;
what is filled in is data and is not looked at for names again. Articles and questions are
hostile: nothing in them can close the fence around them, pass for a citation or for a mark of
the model's own (``<|im_end|>``, ``[INST]``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from prompts.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = re.compile(r"^--- (system|user|assistant)\n", re.MULTILINE)
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "【": "(", "】": ")"})
_LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Fenced:
    """A passage as the model is given it.

    Args:
        number: what it is cited by, from 1.
        title: of its article.
        outlet: of its article, in the reader's words when unknown.
        published: of its article, written out.
        text: what it says.
    """

    number: int
    title: str
    outlet: str
    published: str
    text: str


@lru_cache(maxsize=32)
def template(name: str, language: str) -> tuple[tuple[str, Template], ...]:
    """The messages of a prompt file: roles, and texts with names to fill in.

    Args:
        name: of the file (``answer``).
        language: ``fr`` or ``en``; another is French.
    """
    written = language if language in _LANGUAGES else "fr"
    text = files("prompts").joinpath(f"{name}.{written}.md").read_text(encoding="utf-8")
    parts = _HEAD.split(text)[1:]
    return tuple(
        (role, Template(body.strip())) for role, body in zip(parts[::2], parts[1::2], strict=True)
    )


def answer(
    question: str,
    language: str,
    passages: Sequence[Fenced],
    hints: Sequence[tuple[int, str]],
    *,
    may_decline: bool,
) -> tuple[Message, ...]:
    """The messages that ask for an answer from passages.

    Args:
        question: what is asked.
        language: the answer's.
        passages: what it may be taken from.
        hints: sentences of the passages that probably answer, each with its passage's number.
        may_decline: whether the model is told what to write when there is no answer; small
            ones write it too often, and are better asked beforehand (`verdict`).
    """
    values = _from_passages(question, language, passages)
    values["hints"] = "\n".join(f"[{number}] {harmless(text)}" for number, text in hints)
    return _filled("answer_or_decline" if may_decline else "answer", language, values)


def verdict(question: str, language: str, passages: Sequence[Fenced]) -> tuple[Message, ...]:
    """The messages that ask, for a yes or a no, whether passages hold the answer.

    They begin as those of `answer` do, so that a server which keeps what it has read reads
    the passages once.
    """
    return _filled("verdict", language, _from_passages(question, language, passages))


def standalone(question: str, language: str, turns: Sequence[str]) -> tuple[Message, ...]:
    """The messages that ask for a follow-up in words that need no earlier question.

    Args:
        question: the follow-up.
        language: of the question.
        turns: the questions before it, oldest first.
    """
    before = "\n".join(f"- {harmless(turn)}" for turn in turns)
    return _filled("standalone", language, {"before": before, "question": harmless(question)})


def harmless(text: str) -> str:
    """A text that cannot pass for anything but data; as long as it was."""
    return text.translate(_HARMLESS)


def _from_passages(question: str, language: str, passages: Sequence[Fenced]) -> dict[str, str]:
    return {
        "passages": "\n".join(_fence(one, language) for one in passages),
        "question": harmless(" ".join(question.split())),
    }


def _fence(passage: Fenced, language: str) -> str:
    title, outlet, date = (
        ("title", "outlet", "date") if language == "en" else ("titre", "journal", "date")
    )
    head = " ".join(
        f'{name}="{_attribute(value)}"'
        for name, value in (
            ("n", str(passage.number)),
            (title, passage.title),
            (outlet, passage.outlet),
            (date, passage.published),
        )
    )
    return f"<article {head}>\n{harmless(passage.text.strip())}\n</article>"


def _attribute(value: str) -> str:
    """A value that stays between its quotation marks, on its line."""
    return harmless(" ".join(value.split())).replace('"', "'")


def _filled(name: str, language: str, values: dict[str, str]) -> tuple[Message, ...]:
    return tuple(
        Message(
            role, text.substitute({k: v for k, v in values.items() if k in text.get_identifiers()})
        )
        for role, text in template(name, language)
    )

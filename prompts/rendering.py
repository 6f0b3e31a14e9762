"""Prompt files into messages: pure, so that the exact text that is sent can be asserted.

A file holds messages, each under a line ``--- role``, with ``$names`` that are filled in once;
what is filled in is data and is not looked at for names again. Articles and questions are
hostile: nothing in them can close the fence around them, pass for a citation or for a mark of
the model's own (``<|im_end|>``, ``[INST]``).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with a model.

    Args:
        role: ``system``, ``user`` or ``assistant``.
        text: what it says.
    """

    role: str
    text: str


_HEAD = re.compile(r"^--- (system|user|assistant)\n", re.MULTILINE)
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "【": "(", "】": ")"})
_LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class PromptPassage:
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


@dataclass(frozen=True, slots=True)
class PromptQuestion:
    """A question as it is put to a model.

    Args:
        text: the question.
        language: the answer's.
        today: the day on which it is asked, written out.
        before: what was said before it, oldest first: context, no evidence.
    """

    text: str
    language: str
    today: str
    before: tuple[str, ...] = ()


@lru_cache(maxsize=32)
def template(name: str, language: str) -> tuple[tuple[str, Template], ...]:
    """The messages of a prompt file: roles, and texts with names to fill in.

    Args:
        name: of the file (``write``).
        language: ``fr`` or ``en``; another is French.
    """
    text = files("prompts").joinpath(f"{name}.{_known(language)}.md").read_text(encoding="utf-8")
    parts = _HEAD.split(text)[1:]
    return tuple(
        (role, Template(body.strip())) for role, body in zip(parts[::2], parts[1::2], strict=True)
    )


def write(posed: PromptQuestion, passages: Sequence[PromptPassage]) -> tuple[Message, ...]:
    """The messages that ask for an answer, a line a statement, each with its proof.

    The question stands last: a server that keeps what it has read reads the passages once.
    """
    return _filled("write", posed.language, _of(posed, passages))


def overview(
    posed: PromptQuestion, passages: Sequence[PromptPassage], max_statements: int
) -> tuple[Message, ...]:
    """The messages that ask for a dated text of so many statements at most, as in `write`."""
    return _filled(
        "overview", posed.language, {**_of(posed, passages), "most": str(max_statements)}
    )


def verify(statement: str, language: str, passages: Sequence[PromptPassage]) -> tuple[Message, ...]:
    """The messages that ask, for a yes or a no, whether passages say all of a statement."""
    values = {"passages": _fenced(passages, language), "statement": _one_line(statement)}
    return _filled("verify", language, values)


def check(
    claim: str, language: str, today: str, passages: Sequence[PromptPassage]
) -> tuple[Message, ...]:
    """The messages that ask whether passages have written a claim, for a verdict and its proof.

    Args:
        claim: one sentence of a text that is checked.
        language: of the verdict.
        today: the day of the check, written out.
        passages: what is nearest to it.
    """
    values = {"passages": _fenced(passages, language), "claim": _one_line(claim), "today": today}
    return _filled("check", language, values)


def reword(posed: PromptQuestion) -> tuple[Message, ...]:
    """The messages that ask for three other searches, a line each."""
    values = {"question": _one_line(posed.text), "today": posed.today}
    return _filled("reword", posed.language, values)


def select(
    question: str, language: str, sentences: Sequence[tuple[str, str]]
) -> tuple[Message, ...]:
    """The messages that ask for the numbers of the sentences that answer.

    Args:
        question: what is asked.
        language: of the question.
        sentences: each with where it comes from (title and date).
    """
    listed = "\n".join(
        f"[{number}] ({_one_line(origin)}) {_one_line(text)}"
        for number, (origin, text) in enumerate(sentences, 1)
    )
    return _filled("select", language, {"sentences": listed, "question": _one_line(question)})


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


def _known(language: str) -> str:
    return language if language in _LANGUAGES else "fr"


@cache
def _parts(language: str) -> dict[str, str]:
    """The words of ``parts.toml`` in a language."""
    table = tomllib.loads(files("prompts").joinpath("parts.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = table[_known(language)]
    return words


def _one_line(text: str) -> str:
    return harmless(" ".join(text.split()))


def _of(posed: PromptQuestion, passages: Sequence[PromptPassage]) -> dict[str, str]:
    said = [f"- {_one_line(turn)}" for turn in posed.before]
    before = "\n".join([_parts(posed.language)["before"], *said, ""]) if said else ""
    return {
        "passages": _fenced(passages, posed.language),
        "question": _one_line(posed.text),
        "today": posed.today,
        "before": before,
    }


def _fenced(passages: Sequence[PromptPassage], language: str) -> str:
    return "\n".join(_fence(one, language) for one in passages)


def _fence(passage: PromptPassage, language: str) -> str:
    names = _parts(language)
    head = " ".join(
        f'{name}="{_attribute(value)}"'
        for name, value in (
            ("n", str(passage.number)),
            (names["title"], passage.title),
            (names["outlet"], passage.outlet),
            (names["date"], passage.published),
        )
    )
    return f"<article {head}>\n{harmless(passage.text.strip())}\n</article>"


def _attribute(value: str) -> str:
    """A value that stays between its quotation marks, on its line."""
    return _one_line(value).replace('"', "'")


def _filled(name: str, language: str, values: dict[str, str]) -> tuple[Message, ...]:
    return tuple(
        Message(
            role, text.substitute({k: v for k, v in values.items() if k in text.get_identifiers()})
        )
        for role, text in template(name, language)
    )

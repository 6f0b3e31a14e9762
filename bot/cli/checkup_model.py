"""What ``kiosque doctor`` says of the model that writes: does it answer, what did its test give."""

from __future__ import annotations

import asyncio
import difflib
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bot.answering.trust import Mode, verifies
from bot.cli.failures import explained
from prompts.messages import Message
from retrieval.errors import BadSettings, KiosqueError, WriterUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.exam import Marks
    from bot.answering.model.endpoint import ChatEndpoint
    from bot.answering.trust import Examiner
    from bot.app import Kiosque
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and what to do when it is wrong."""

    name: str
    well: bool
    found: str
    do: str = ""


_NAME = "writer"
_QUESTION = (Message("user", "2 + 2 = 4 ? (oui / non)"),)
_SHOWN, _LONGEST = 8, 80
"""Of the names of models, which are whatever a server says."""


def writer_check(app: Kiosque, texts: Catalogue) -> Check:
    """Ask the endpoint for a word: the only proof that address, key and model are right."""
    try:
        endpoint = app.chat_endpoint
    except KiosqueError as error:
        return _wrong(error, texts)
    if endpoint is None:
        return Check(_NAME, True, texts.text("doctor.no_writer"))
    return _asked(endpoint, app.settings.llm.max_tokens, texts)


def _asked(endpoint: ChatEndpoint, max_tokens: int, texts: Catalogue) -> Check:
    try:
        if not endpoint.name:
            error = BadSettings("llm_model_unnamed", host=endpoint.host)
            return _wrong(error, texts, asyncio.run(endpoint.models()))
        asyncio.run(_ask(endpoint, max_tokens))
    except WriterUnavailable as error:
        offered = _offered(endpoint) if error.key == "llm_model_unknown" else ()
        return _wrong(error, texts, offered)
    said = texts.text("doctor.writer_answers", model=endpoint.name, host=endpoint.host)
    return Check(_NAME, True, said)


async def _ask(endpoint: ChatEndpoint, max_tokens: int) -> None:
    """Wait for the first piece of an answer.

    Raises:
        WriterUnavailable: no answer came.
    """
    async with aclosing(endpoint.stream(_QUESTION, max_tokens=max_tokens)) as pieces:
        async for piece in pieces:
            if piece.strip():
                return


def _offered(endpoint: ChatEndpoint) -> tuple[str, ...]:
    try:
        return asyncio.run(endpoint.models())
    except WriterUnavailable:
        return ()  # many servers have no list; what was wrong is known


def _wrong(error: KiosqueError, texts: Catalogue, offered: Sequence[str] = ()) -> Check:
    said = explained(error, texts)
    if not offered:
        return Check(_NAME, False, said.message, said.do)
    wanted = str(error.facts.get("model", ""))
    near = difflib.get_close_matches(wanted, offered, n=_SHOWN, cutoff=0.5) or offered[:_SHOWN]
    names = texts.listing(name[:_LONGEST] for name in near)
    return Check(_NAME, False, said.message, texts.text("doctor.name_a_model", names=names))


_TRUST, _MODEL_CHARS = "trust", 80


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the doctor found of a model's test.

    Args:
        check: what people read.
        examiner: knows the mode and the marks.
    """

    check: Check
    examiner: Examiner

    def record(self) -> dict[str, Any]:
        """What a program reads."""
        examinee, marks = self.examiner.examinee, self.examiner.marks
        return {
            "setting": self.examiner.setting,
            "mode": self.examiner.mode.value,
            "model": examinee.model,
            "verifier": examinee.verifier,
            "marks": asdict(marks) if marks else None,
        }


def examined(examiner: Examiner, bars: Bars, texts: Catalogue, *, again: bool) -> Trusted:
    """The model's marks and mode: those that are kept, else by its test, which is put now.

    Args:
        examiner: of the model.
        bars: shows how far the test is.
        texts: the language.
        again: whether the test is put though there are marks, or though the mode is set.
    """
    marks = examiner.marks
    try:
        if again or examiner.setting == "auto":
            marks = asyncio.run(examiner.examine(bars.counter("trust"), again=again))
    except KiosqueError as error:
        said = explained(error, texts)
        return Trusted(Check(_TRUST, False, said.message, said.do), examiner)
    finally:
        bars.stop()
    return Trusted(_check(examiner, marks, texts), examiner)


def _check(examiner: Examiner, marks: Marks | None, texts: Catalogue) -> Check:
    mode, model = examiner.mode, examiner.examinee.model[:_MODEL_CHARS]
    if examiner.setting != "auto" or marks is None:
        return Check(_TRUST, True, texts.text(f"doctor.trust_forced_{mode}", model=model))
    said = texts.text(
        f"doctor.trust_{mode}",
        model=model,
        verified=_verified(examiner, marks, texts),
        written=marks.written.right,
        selected=marks.selected.right,
        questions=marks.written.total,
    )
    do = texts.text("doctor.trust_off_do") if mode is Mode.OFF else ""
    return Check(_TRUST, True, said, do)


def _verified(examiner: Examiner, marks: Marks, texts: Catalogue) -> str:
    well = verifies(marks, examiner.limits)
    return texts.text(
        "doctor.trust_verifies" if well else "doctor.trust_verifies_not",
        verifier=examiner.examinee.verifier[:_MODEL_CHARS],
        supported=marks.supported.right,
        supported_of=marks.supported.total,
        altered=marks.altered.right,
        altered_of=marks.altered.total,
    )

"""What ``kiosque doctor`` says of how far the model is trusted: its test is put to it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bot.answering.trust import Mode, verifies
from bot.cli.check import Check
from bot.cli.failures import explained
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from bot.answering.examination import Marks
    from bot.answering.examiner import Examiner
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue

_NAME, _LONGEST = "trust", 80


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
        return Trusted(Check(_NAME, False, said.message, said.do), examiner)
    finally:
        bars.stop()
    return Trusted(_check(examiner, marks, texts), examiner)


def _check(examiner: Examiner, marks: Marks | None, texts: Catalogue) -> Check:
    mode, model = examiner.mode, examiner.examinee.model[:_LONGEST]
    if examiner.setting != "auto" or marks is None:
        return Check(_NAME, True, texts.text(f"doctor.trust_forced_{mode}", model=model))
    said = texts.text(
        f"doctor.trust_{mode}",
        model=model,
        verified=_verified(examiner, marks, texts),
        written=marks.written.right,
        selected=marks.selected.right,
        questions=marks.written.total,
    )
    do = texts.text("doctor.trust_off_do") if mode is Mode.OFF else ""
    return Check(_NAME, True, said, do)


def _verified(examiner: Examiner, marks: Marks, texts: Catalogue) -> str:
    well = verifies(marks, examiner.limits)
    return texts.text(
        "doctor.trust_verifies" if well else "doctor.trust_verifies_not",
        verifier=examiner.examinee.verifier[:_LONGEST],
        supported=marks.supported.right,
        supported_of=marks.supported.total,
        altered=marks.altered.right,
        altered_of=marks.altered.total,
    )

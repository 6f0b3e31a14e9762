"""The questions that searches are timed with: always the same ones for the same archive."""

from __future__ import annotations

import calendar
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.vocabulary import Period, PublicationDate

if TYPE_CHECKING:
    from retrieval.archive.rows import Entry

_HALF = 160


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the date and the outlet that it may be narrowed to."""

    text: str
    published: PublicationDate
    outlet: str

    @property
    def month(self) -> Period:
        """The month of its date."""
        day = self.published
        month = day.month or 1
        last = calendar.monthrange(day.year, month)[1]
        return Period(date(day.year, month, 1), date(day.year, month, last))

    @property
    def year(self) -> Period:
        """The year of its date."""
        return Period(date(self.published.year, 1, 1), date(self.published.year, 12, 31))


def questions(entries: Sequence[Entry], piaf: Path) -> list[Asked]:
    """Titles of the archive's articles and questions about other things, half and half.

    Each is given the date and the outlet of an article drawn at random, so that a month
    is as often a full one as readers would ask for it.
    """
    from bot.evaluation.questions import read_squad

    drawn = random.Random(0)  # noqa: S311 - the same questions every time
    dated = [one for one in entries if one.published and one.outlet]
    texts = drawn.sample([one.title for one in dated], min(_HALF, len(dated)))
    texts += drawn.sample([known.question for known in read_squad(piaf).questions], _HALF)
    drawn.shuffle(texts)
    asked = []
    for text in texts:
        one = drawn.choice(dated)
        if one.published and one.outlet:
            asked.append(Asked(text, one.published, one.outlet))
    return asked

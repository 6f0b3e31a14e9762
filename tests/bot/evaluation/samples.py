"""Small outcomes, and questions over the sample articles, for the tests of this folder."""

from __future__ import annotations

from dataclasses import replace

from bot.evaluation.outcomes import AnswerOutcome
from bot.evaluation.questions import KnownQuestion

STATIONS = KnownQuestion(
    "1",
    "Combien de stations aura la ligne T2 ?",
    articles=("tramway-t2-vote.txt",),
    quotes=("jalonnée de dix-sept stations",),
    must_contain=(("dix-sept", "17"),),
)
OFF_TOPIC = KnownQuestion("2", "Qui a remporté la Coupe du monde de football ?", answerable=False)

SAID = AnswerOutcome(
    id="q",
    question="Q ?",
    kind="",
    style="plain",
    status="extractive",
    answerable=True,
    said=True,
    right_by_quote=False,
    right_by_span=False,
    right=False,
    cited=False,
    corrected=False,
    shown=False,
    nearest_right=False,
    inexact_quotes=0,
    text="said",
    confidence=None,
    milliseconds=10.0,
)
"""An answer that is wrong."""
RIGHT = replace(SAID, right_by_quote=True, right=True, cited=True, shown=True, nearest_right=True)
"""One that cites the gold quote."""
UNSAID = replace(SAID, status="refused", said=False, text="not_in_archive")
"""A refusal of what the archive answers."""
DUE = replace(UNSAID, answerable=False, kind="near-miss", shown=None)
"""A refusal of what it does not."""
FALSE = replace(SAID, answerable=False, kind="near-miss", shown=None)
"""An answer to what it does not."""

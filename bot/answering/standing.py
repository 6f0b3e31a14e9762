"""Follow-ups put into words that stand alone: what a model is asked for, and what is accepted.

Pure. A model may lose the subject or bring in another. What it gives is only searched for, and
only when it is made of the words of the conversation; else the subject of the last question is
carried over (`bot.answering.understanding`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.closeness import best_match
from bot.answering.understanding import is_follow_up, understand
from retrieval.analysis import analyse, guess_language, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.events import Request
    from retrieval.vocabulary import Turn

_TURNS, _TURN_CHARS = 4, 300
_LONGEST = 300


def leans(request: Request) -> bool:
    """Whether a question needs those before it to be understood."""
    if not any(turn.speaker == "user" for turn in request.turns):
        return False
    return is_follow_up(request.text, understand(request.text, request.today))


def lately(turns: Sequence[Turn]) -> tuple[str, ...]:
    """The last turns, shortened, oldest first."""
    return tuple(" ".join(turn.text.split())[:_TURN_CHARS] for turn in turns[-_TURNS:])


def accepted(written: str, request: Request) -> str | None:
    """The question that a model wrote, when it asks the same with what the follow-up leaned on.

    Every name, number and content word must stand in the conversation, some of the follow-up's
    own must be left, and what it leaned on must be there: a copy of it is no better than itself.
    """
    lines = [line.strip(' -"«»\u00a0') for line in written.splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _LONGEST:
        return None
    language = guess_language(request.text)
    own = frozenset(analyse(request.text, language))
    known = own | {
        term for turn in lately(request.turns) for term in analyse(turn, guess_language(turn))
    }
    found = terms(lines[0], language)
    if not found or any(not best_match(one.term, known) for one in found):
        return None
    kept = frozenset(one.term for one in found)
    if kept <= own or (own and not any(best_match(term, kept) for term in own)):
        return None
    alone = understand(lines[0], request.today)
    return None if is_follow_up(lines[0], alone) else lines[0]

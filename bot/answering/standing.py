"""Follow-ups put into words that stand alone: what a model is asked for, and what is accepted.

Pure. A model may lose the subject or bring in another. What it gives is only searched for, and
only when it is made of the words of the conversation; else the subject of the last question is
carried over (`bot.answering.understanding`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.closeness import best_match
from bot.answering.relevance import light_terms
from bot.answering.understanding import is_follow_up, understand, wording
from retrieval.analysis import Term, analyse, fold, guess_language, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.events import Request
    from retrieval.vocabulary import Turn

_TURNS, _TURN_CHARS = 4, 300
_LONGEST = 300
_NEW_SHARE = 0.34


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

    Its names and numbers, and most of its words, must stand in the conversation, and some of
    the follow-up's own be left. A mere copy is taken only from a question that leans on nothing.
    """
    lines = [line.strip(' -"«»\u00a0') for line in written.splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _LONGEST or not lines[0].endswith("?"):
        return None
    language = guess_language(request.text)
    own = frozenset(analyse(request.text, language))
    found = terms(lines[0], language)
    if not _is_known(found, own | _said(request.turns)):
        return None
    kept = frozenset(one.term for one in found)
    if own and not any(best_match(term, kept) for term in own):
        return None
    return lines[0] if kept - own or _stands(lines[0], kept) else None


def _said(turns: Sequence[Turn]) -> frozenset[str]:
    """The terms of the last turns."""
    return frozenset(term for turn in lately(turns) for term in analyse(turn, guess_language(turn)))


def _is_known(found: Sequence[Term], known: frozenset[str]) -> bool:
    """Whether all names and numbers, and most words, are those of the conversation."""
    new = [
        one for one in found if one.term not in light_terms() and not best_match(one.term, known)
    ]
    names = any(one.is_number or (one.is_name and one.start > 0) for one in new)
    return bool(found) and not names and len(new) <= _NEW_SHARE * len(found)


def _stands(question: str, kept: frozenset[str]) -> bool:
    """Whether a question names what it is about, as far as its words tell."""
    folded = fold(question.replace("’", "'"))
    if any(wording(name).search(folded) for name in ("instead", "and")):
        return False
    # "la ligne ouvrira-t-elle" has its subject, "quand quitte-t-il son poste" has not.
    return len(kept) >= (3 if wording("pronoun").search(folded) else 2)

"""A question that wants a yes or a no, in a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue

_LONGEST = 200


def confirmed(question: str, texts: Catalogue) -> bool:
    """Whether somebody at a terminal says yes; without a terminal nobody does."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} {texts.text('confirm.choices')} ")
    sys.stderr.flush()
    said = sys.stdin.readline(_LONGEST).strip().lower()
    return said in texts.text("confirm.yes").split()

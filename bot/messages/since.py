"""What became of a source since an answer quoted it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.answering.since import Since
    from bot.messages.catalogue import Catalogue


def since_lines(since: Since, texts: Catalogue) -> list[str]:
    """Withdrawn, and why; or corrected, with both texts where they are known."""
    if since.withdrawn:
        lines = [texts.text("since.withdrawn")]
        return [*lines, texts.text("since.why", reason=since.reason)] if since.reason else lines
    if not since.before:
        return [texts.text("since.corrected")]
    lines = [texts.text("since.corrected_from", quote=since.before)]
    return [*lines, texts.text("since.now"), since.now] if since.now else lines

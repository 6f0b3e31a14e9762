"""What changed between two texts of an article, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.vocabulary import PublicationDate

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue
    from retrieval.change.report import Difference, FieldChange


def difference_lines(difference: Difference, texts: Catalogue) -> list[str]:
    """One line a field that changed, then one for the text."""
    lines = [_field(change, texts) for change in difference.fields]
    found = difference.paragraphs
    counts = {"added": found.added, "removed": found.removed, "changed": found.changed}
    told = [texts.text(f"difference.{name}", count=n) for name, n in counts.items() if n]
    if told:
        lines.append(texts.listing(told))
    elif difference.layout:
        lines.append(texts.text("difference.layout"))
    return lines


def _field(change: FieldChange, texts: Catalogue) -> str:
    values = {
        side: _value(change.name, value, texts)
        for side, value in (("before", change.before), ("after", change.after))
    }
    return texts.text("difference.field", name=texts.text(f"show.{change.name}"), **values)


def _value(name: str, value: str | None, texts: Catalogue) -> str:
    if value is None:
        return "–"
    return texts.date(PublicationDate.parse(value)) if name == "published" else value

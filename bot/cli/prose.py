"""Text for a terminal that never breaks where French holds words together.

Rich breaks lines at any space, those that forbid it included: a line would begin with ``:``
or ``»``. While lines are made, such spaces stand aside for characters that no text has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, JustifyMethod, OverflowMethod, RenderableType
from rich.containers import Lines
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.cli.output import harmless

# No-break spaces, and the ordinary ones that many a writer types in their place, each with a
# noncharacter of Unicode, which `harmless` lets through from nowhere.
_SPACES = {"\u00a0": "\ufdd0", "\u202f": "\ufdd1", "\u2007": "\ufdd2", " ": "\ufdd3"}
_HOLDING = re.compile(r"[\u00a0\u202f\u2007]| (?=[;:!?»])|(?<=«) ")
_BACK = str.maketrans({held: space for space, held in _SPACES.items()})


class FrenchText(Text):
    """A text of Rich that wraps as French is written; nothing is lost or changed."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        """The lines of the text, at most ``width`` cells each."""
        held = self.copy()
        held.plain = _HOLDING.sub(lambda space: _SPACES[space[0]], self.plain)
        lines = held.wrap(
            console, width, justify=justify, overflow=overflow, tab_size=tab_size, no_wrap=no_wrap
        )
        for line in lines:
            line.plain = line.plain.translate(_BACK)
        return lines


def prose(text: str, style: str = "", *, overflow: OverflowMethod | None = None) -> FrenchText:
    """A text of the catalogue or of an article, made harmless."""
    return FrenchText(harmless(text), style, overflow=overflow)


def hanging(mark: str, lines: Sequence[Text], style: str = "") -> RenderableType:
    """Lines beside a mark, which stands alone in its column; a long word is folded, never cut."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(style=style, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(prose(mark), Group(*lines))
    return grid


def stacked(parts: Iterable[RenderableType]) -> RenderableType:
    """Parts below one another, each with its own way of wrapping."""
    return Group(*parts)


def bullets(lines: Iterable[str]) -> list[RenderableType]:
    """A list: each line hangs from a dash."""
    return [Padding(hanging("–", [prose(line)]), (0, 0, 0, 2)) for line in lines]


def folding_table(heads: Sequence[str], *, wide: int) -> Table:
    """A table whose cells are folded, never cut.

    Args:
        heads: of the columns.
        wide: the column that takes the width that is left.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for at, head in enumerate(heads):
        table.add_column(head, ratio=1 if at == wide else None, overflow="fold")
    return table

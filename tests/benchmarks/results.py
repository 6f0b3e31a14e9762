"""``results.md``: a section for each measurement, rewritten in place when it is made again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.md")
_HEAD = """# Results

Written by `make bench` and `make evaluate`, each section by itself: its first line says on
what machine, with what versions and when. Figures of one table were measured in one run;
ratios are what carries over to other machines.
"""
ORDER = (
    "Press questions, development split",
    "Press questions without a model",
    "Press questions through a strong model",
    "Questions over the five articles",
    "Questions over our sample articles",
    "Questions that the archive does not answer",
    "PIAF",
    "Answers through a model",
    "Checked claims",
    "Quotes",
    "Cold start",
    "Indexing",
    "Indexing, 2,500 articles",
    "Search",
    "Search with the reader",
    "A big archive",
    "One vector a passage",
    "Vectors in half the room",
    "The reader",
    "Embedding",
    "Extraction",
    "A dirty export",
    "Near-duplicates",
    "Gap report",
    "A correction to 300 chats",
    "Several workers behind a webhook",
    "Following through kills",
    "First minutes",
    "Killed at any moment",
    "Failing writes",
    "Damaged indexes",
    "A bot while another process indexes",
    "A thousand rounds of replacing 1 %",
    "A Chroma server",
    "Telegram",
    "The house before and after",
)


def put(sections: Mapping[str, str], page: Path = RESULTS) -> None:
    """Write sections, by title; the others of the page stay as they are."""
    old = page.read_text(encoding="utf-8") if page.is_file() else ""
    parts = re.split(r"^## (.+)\n", old, flags=re.MULTILINE)
    kept = dict(zip(parts[1::2], (body.strip() for body in parts[2::2]), strict=True))
    kept.update({title: body.strip() for title, body in sections.items()})
    titles = sorted(kept, key=lambda title: (_place(title), title))
    written = [_HEAD] + [f"## {title}\n\n{kept[title]}\n" for title in titles]
    page.write_text("\n".join(written), encoding="utf-8")


def _place(title: str) -> int:
    return ORDER.index(title) if title in ORDER else len(ORDER)


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def with_interval(figures: Mapping[str, Any], name: str) -> str:
    """A share of `bot.evaluation`, with its 95 % interval."""
    if figures[name] is None:
        return "–"
    low, high = figures["intervals"][name]
    return f"{figures[name]:.3f} ({low:.2f}–{high:.2f})"

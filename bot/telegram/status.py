"""How the bot and its archive are, for administrators."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from bot.messages.wording import coverage_line

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue
    from bot.telegram.context import Desk

_PACKAGES = ("kiosque", "python-telegram-bot", "chromadb", "langchain-core")


def status_lines(desk: Desk, texts: Catalogue) -> list[str]:
    """Articles, index, model, queue, latency, versions; it reads the archive."""
    figures, reader = desk.figures, desk.reader
    generation = reader.live_generation()
    return [
        coverage_line(texts, reader.coverage()),
        texts.text(
            "telegram.status.index", generation=generation or 0, model=reader.model_id() or "–"
        ),
        texts.text("telegram.status.model", model=desk.model or texts.text("telegram.status.none")),
        texts.text("telegram.status.queue", running=desk.runs.count, waiting=desk.runs.waiting),
        texts.text("telegram.status.answers", answered=figures.answered, failed=figures.failed),
        texts.text(
            "telegram.status.latency",
            median=texts.number(figures.percentile(0.5), 2),
            slow=texts.number(figures.percentile(0.95), 2),
        ),
        *_following(desk, texts),
        ", ".join([*(_version(name) for name in _PACKAGES), f"Python {platform.python_version()}"]),
    ]


def _following(desk: Desk, texts: Catalogue) -> list[str]:
    """When feeds and folders were last looked at, and what was wrong."""
    figures = desk.figures
    if figures.followed_at is None:
        return []
    at = f"{figures.followed_at.astimezone():%H:%M}"
    if figures.follow_problem:
        problem = figures.follow_problem
        return [texts.text("telegram.status.follow_failed", time=at, problem=problem)]
    return [texts.text("telegram.status.followed", time=at)]


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} ?"

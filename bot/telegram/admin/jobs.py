"""The commands of ``kiosque`` that an order is planned and done with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram.admin.order import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.telegram.admin.order import Order


def planning(order: Order, files: Sequence[Path]) -> list[str] | None:
    """What tells what an order would do; None when no command is needed for that.

    Args:
        order: what is asked for.
        files: where its files are now.
    """
    if order.kind in {Kind.INDEX, Kind.REINDEX, Kind.FEED}:
        return ["index", *_sources(order, files), "--dry-run", "--explain", "--json"]
    if order.kind is Kind.CORRECT and files:
        return ["correct", order.facts["article"], str(files[0]), "--dry-run", "--json"]
    return None


def doing(order: Order, files: Sequence[Path]) -> list[list[str]]:
    """What does an order, one command after the other."""
    signed = ["--json", "--by", order.by]
    if order.kind in {Kind.INDEX, Kind.REINDEX}:
        return [["index", *_sources(order, files), "--yes", *signed]]
    if order.kind is Kind.FEED:
        (url,) = order.facts["sources"]
        return [["feeds", "add", url, "--json"], ["index", url, "--yes", *signed]]
    if order.kind is Kind.UNFEED:
        return [["feeds", "remove", *order.facts["sources"], "--json"]]
    if order.kind is Kind.CORRECT:
        return [["correct", order.facts["article"], *map(str, files), *signed]]
    if order.kind is Kind.WITHDRAW:
        # One word: a reason may begin with dashes.
        return [["withdraw", order.facts["article"], f"--reason={order.facts['reason']}", *signed]]
    return [["rollback", "--change", str(order.facts["change"]), *signed]]


def _sources(order: Order, files: Sequence[Path]) -> list[str]:
    return [*map(str, files), *order.facts.get("sources", ())]

"""``kiosque boilerplate``: cleaning rules that an export may need, shown and never applied."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.opened import opened
from bot.cli.output import display, harmless, print_json
from retrieval.errors import Failed
from retrieval.reading import Sandbox, find_sources, read
from retrieval.reading.text.boilerplate import Boilerplate, BoilerplateLimits
from retrieval.vocabulary import Draft

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue
    from retrieval.reading.text.boilerplate import Proposal

_NAME_CHARS = 60


@dataclass(frozen=True, slots=True)
class BoilerplateRequest:
    """Where to look, and what counts as repeated.

    Args:
        paths: files and folders.
        share: of the articles of an outlet that must have it, 0 to 1.
        articles: that must have it, at least.
        as_toml: print rules for ``cleaning.toml``, and nothing else.
    """

    paths: tuple[Path, ...]
    share: float
    articles: int
    as_toml: bool = False


def boilerplate(invocation: Invocation, request: BoilerplateRequest, *, as_json: bool) -> None:
    """Show what repeats across the articles of some files.

    Raises:
        NotFound: a path does not exist.
        Failed: there is no article in them.
    """
    with opened(invocation) as (app, bars):
        counted = Boilerplate(BoilerplateLimits(request.share, request.articles))
        for draft in _drafts(app, request.paths, bars):
            counted.add(draft)
        if not counted.articles:
            raise Failed("no_articles", paths=", ".join(map(str, request.paths)))
        found = counted.proposals()
    if as_json:
        print_json([asdict(proposal) for proposal in found])
    elif request.as_toml:
        sys.stdout.write(_toml(found))
    else:
        _show(found, counted.articles, app, invocation.texts)


def _drafts(app: Kiosque, paths: Sequence[Path], bars: Bars) -> Iterator[Draft]:
    rules, limit = app.cleaning_rules, app.settings.indexing.max_file_mb * 1_000_000
    bars.stage("read", None)
    with Sandbox(app.reading_limits) as parser:
        for source in find_sources(paths):
            if isinstance(source, Path):
                for each in read(source, str(source), rules, limit, app.today(), parser):
                    if isinstance(each, Draft):
                        bars.advance(1)
                        yield each


def _show(found: Sequence[Proposal], articles: int, app: Kiosque, texts: Catalogue) -> None:
    from rich.table import Table

    from bot.cli.prose import prose

    if not found:
        display(texts.text("boilerplate.none", count=articles))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("outlet", "share", "kind", "text"):
        ratio = 1 if name == "text" else None
        table.add_column(texts.text(f"boilerplate.column.{name}"), ratio=ratio, overflow="fold")
    for each in found:
        share = texts.text("boilerplate.share", percent=round(100 * each.share))
        cells = (each.outlet or "–", share, each.kind, each.text)
        table.add_row(*map(prose, map(harmless, cells)))
    place = app.settings.home / "cleaning.toml"
    head = texts.text("boilerplate.found", count=len(found), articles=articles)
    display(prose(head), table, prose(texts.text("boilerplate.how", path=place), style="dim"))


def _toml(found: Iterable[Proposal]) -> str:
    """The rules as they would stand in ``cleaning.toml``; JSON's strings are TOML's, too."""
    rules = ["extends = true\n"]
    for each in found:
        fields = {
            "name": each.text[:_NAME_CHARS],
            "kind": each.kind,
            **({"outlet": each.outlet} if each.outlet else {}),
            "pattern": each.pattern,
            "why": f"in {each.articles} articles ({each.share:.0%}), such as {each.sources[0]}",
        }
        lines = (f"{key} = {_string(value)}" for key, value in fields.items())
        rules.append("[[rule]]\n" + "\n".join(lines) + "\n")
    return "\n".join(rules)


def _string(value: str) -> str:
    return json.dumps(harmless(value), ensure_ascii=False)

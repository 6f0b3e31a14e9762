"""What could not be read, as a person reads it: file by file, not a line for each bad record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.messages.catalogue import Catalogue
from retrieval.vocabulary import Unreadable

if TYPE_CHECKING:
    from retrieval.change.report import LeftOutCount

_NUMBERED = re.compile(r"(.+):(\d+)", re.DOTALL)
_MOST = 3
# The details of these reasons name something; those of the others are a parser's English.
_NAMING = frozenset(
    "missing_column metadata_column no_text_field unknown_json redirection row_without_file"
    " same_origin unknown_format sitemap_index xml_catalogue xml_data xml_digitised xml_document"
    " xml_site xml_unknown".split()
)


def unreadable_lines(
    texts: Catalogue, problems: Iterable[Unreadable], *, explain: bool = False
) -> list[str]:
    """Each source that gave no article, and why; many records of a file that share it are one.

    Args:
        texts: the reader's language.
        problems: as the report has them.
        explain: show every record, with the detail that its parser gives.
    """
    groups: dict[tuple[str, str], list[Unreadable]] = {}
    for problem in problems:
        groups.setdefault((_place(problem)[0], problem.reason), []).append(problem)
    return [line for group in groups.values() for line in _lines(texts, group, explain)]


def _lines(texts: Catalogue, group: Sequence[Unreadable], explain: bool) -> Iterator[str]:
    numbers = [number for _, number in map(_place, group) if number]
    if explain or len(numbers) <= _MOST:
        yield from (_line(texts, problem, explain) for problem in group)
        return
    shown, others = numbers[:_MOST], len(numbers) - _MOST
    source = texts.text(
        "unreadable.records", source=_place(group[0])[0], lines=", ".join(shown), count=others
    )
    yield texts.text("unreadable.line", source=source, reason=_reason(texts, group[0]))


def _line(texts: Catalogue, problem: Unreadable, explain: bool) -> str:
    source, number = _place(problem)
    if number:
        source = texts.text("unreadable.record", source=source, line=number)
    detail = problem.detail
    if not explain:  # the number of the line is told already, in the reader's words
        detail = detail.removeprefix(f"line {number}: ") if problem.reason in _NAMING else ""
    key = "unreadable.line_detail" if detail else "unreadable.line"
    return texts.text(key, source=source, reason=_reason(texts, problem), detail=detail)


def _reason(texts: Catalogue, problem: Unreadable) -> str:
    key = f"unreadable.{problem.reason}"
    return texts.text(key) if texts.has(key) else problem.reason


def left_out_lines(
    texts: Catalogue, groups: Iterable[LeftOutCount], *, explain: bool = False
) -> list[str]:
    """What was left out on purpose, a line for each reason.

    Args:
        texts: the reader's language.
        groups: as the report counts them.
        explain: name the first sources, too.
    """
    return [_left_out_line(texts, group, explain) for group in groups]


def _left_out_line(texts: Catalogue, group: LeftOutCount, explain: bool) -> str:
    key = f"left_out.{group.reason}"
    line = texts.text(key, count=group.count, detail=group.detail or "?")
    if group.until:
        line = texts.text("left_out.until", line=line, day=texts.date(group.until.date()))
    if explain:
        line = texts.text("left_out.named", line=line, sources=", ".join(group.sources))
    return line


def _place(problem: Unreadable) -> tuple[str, str]:
    """The file, and the number of the line in it, if the source is a record.

    A web address may end in the number of a port.
    """
    found = None if "://" in problem.source else _NUMBERED.fullmatch(problem.source)
    return (found[1], found[2]) if found else (problem.source, "")

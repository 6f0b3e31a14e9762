"""Groups for training: a question, the window that answers it, and near ones that do not.

The near ones are what our own search gives for the question, so that the reader learns to
tell apart what it will be shown.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from retrieval.search import HybridSearch, Query
from retrieval.text.analysis import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.archive.reader import ArchiveReader
    from retrieval.search import RankedWindow
    from retrieval.vocabulary import Article, Window

_PASSAGES = 10
_NEAR = 24
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class GroupWindow:
    """A window as it is read: under its article's title.

    Args:
        title: of the article.
        text: of the window.
        cosine: with the question.
        score: what search gave it.
        place: its rank among the windows of the best ten passages; -1 when not among them.
        passage: the rank of its passage among those found; -1 when not found.
    """

    title: str
    text: str
    cosine: float = 0.0
    score: float = 0.0
    place: int = -1
    passage: int = -1


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """A question and its windows.

    Args:
        id: of the question.
        question: as it was typed.
        answerable: whether ``target`` answers; if not, it is the nearest that does not.
        target: the window with the answer.
        start: where the answer starts in ``target.text``.
        end: where it ends.
        near: other windows, none of which is known to answer, best first.
    """

    id: str
    question: str
    answerable: bool
    target: GroupWindow
    start: int
    end: int
    near: tuple[GroupWindow, ...]

    @classmethod
    def of_json(cls, line: str) -> QuestionGroup:
        """From a line of a file of groups."""
        values = json.loads(line)
        near = tuple(GroupWindow(**each) for each in values.pop("near"))
        return cls(target=GroupWindow(**values.pop("target")), near=near, **values)


@dataclass(frozen=True, slots=True)
class _Gold:
    """Where the answer of a question stands in an article: quote and answer, as offsets."""

    article: Article
    quote: tuple[int, int]
    answer: tuple[int, int]


def make_groups(
    search: HybridSearch, archive: ArchiveReader, questions: Path
) -> Iterator[QuestionGroup | str]:
    """The group of each question of a file; the id alone of one whose quote is not found.

    Args:
        search: over an archive that holds the articles of the questions.
        archive: that archive.
        questions: lines of JSON with ``id``, ``article`` (the end of its source), ``question``,
            and either ``quote`` with ``answer`` (and ``at``, where it starts in the quote), or
            ``nearest``, which does not answer.
    """
    ids = {entry.source.rpartition("#")[2]: entry.id for entry in archive.entries()}
    for line in questions.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        article = ids.get(row["article"])
        gold = _find(archive.article(article), row) if article else None
        yield _group(search, archive, row, gold) if gold else str(row["id"])


def write_groups(groups: list[QuestionGroup], path: Path) -> None:
    """Write groups as lines of JSON."""
    lines = (json.dumps(asdict(group), ensure_ascii=False) for group in groups)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_groups(path: Path) -> list[QuestionGroup]:
    """Read what `write_groups` wrote."""
    return [QuestionGroup.of_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _find(article: Article, row: dict[str, str]) -> _Gold | None:
    quote = row.get("quote") or row["nearest"]
    start = place(article.text, quote)
    if start is None:
        return None
    end = start + len(quote)
    if "nearest" in row:
        return _Gold(article, (start, end), (start, end))
    at = int(row.get("at", article.text[start:end].find(row["answer"])))
    if at < 0:
        return None
    return _Gold(article, (start, end), (start + at, start + at + len(row["answer"])))


def place(text: str, quote: str) -> int | None:
    """Where a quote starts, whatever white space cleaning changed in it."""
    if (exact := text.find(quote)) >= 0:
        return exact
    found = re.search(r"\s+".join(map(re.escape, quote.split())), text)
    return found.start() if found else None


def _group(
    search: HybridSearch, archive: ArchiveReader, row: dict[str, str], gold: _Gold
) -> QuestionGroup | str:
    found = search.search(Query(row["question"]), 20)
    ranked = search.windows(found, _PASSAGES)
    target = _target(archive, gold)
    if target is None:
        return str(row["id"])
    order = {one.passage.id: rank for rank, one in enumerate(found.evidence)}
    places = {one.window.id: place for place, one in enumerate(ranked)}
    pieces = [_piece(one, places, order) for one in ranked]
    mine = next(
        (p for p, one in zip(pieces, ranked, strict=True) if one.window.id == target.id),
        GroupWindow(gold.article.title, target.text),
    )
    near = [p for p, one in zip(pieces, ranked, strict=True) if not _may_answer(one, gold)]
    answer = [max(0, edge - target.start) for edge in gold.answer]
    return QuestionGroup(
        str(row["id"]), row["question"], "nearest" not in row, mine,
        answer[0], min(answer[1], len(target.text)), tuple(near[:_NEAR]),
    )  # fmt: skip


def _target(archive: ArchiveReader, gold: _Gold) -> Window | None:
    """The window that holds most of the answer."""
    start, end = gold.answer
    windows = [w for p in archive.passages_of(gold.article.id) for w in archive.windows_within(p)]
    inside = [w for w in windows if w.start < end and w.end > start]
    return max(inside, key=lambda w: min(end, w.end) - max(start, w.start), default=None)


def _piece(one: RankedWindow, places: dict[int, int], order: dict[int, int]) -> GroupWindow:
    return GroupWindow(
        one.evidence.article.title, one.window.text, round(one.cosine, 5), round(one.score, 5),
        places[one.window.id], order[one.evidence.passage.id],
    )  # fmt: skip


def _may_answer(one: RankedWindow, gold: _Gold) -> bool:
    """Whether a window overlaps the quote, or has the words of the answer."""
    if one.evidence.article.id == gold.article.id:
        start, end = gold.quote
        if one.window.start < end and one.window.end > start:
            return True
    answer = _folded(gold.article.text[slice(*gold.answer)])
    return bool(answer) and answer in _folded(one.window.text)


def _folded(text: str) -> str:
    return " ".join(["", *_WORD.findall(fold(text)), ""])

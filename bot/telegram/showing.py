"""An answer as Telegram shows it: values in, blocks out. The words are those of every front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.wording import (
    answer_within,
    lead_lines,
    marked,
    marks,
    notice_lines,
    on_lines,
    passage_line,
    source_line,
    told,
)
from bot.telegram.rich import Block, Run, Shown, block, emphasised, messages
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer, Citation, Statement


def answer_messages(answer: Answer, texts: Catalogue) -> list[Shown]:
    """The whole answer: its sentences or what comes near, what to know of it, its sources."""
    return messages(list(_answer(answer, texts)))


def partial_message(said: Sequence[Statement], texts: Catalogue) -> Shown:
    """What is verified so far, while the rest is being written; what one message holds of it."""
    blocks = [*_statements(said, texts), block(texts.text("telegram.going_on"), "i")]
    return messages(blocks)[0]


def interrupted_messages(said: Sequence[Statement], texts: Catalogue) -> list[Shown]:
    """What was verified before the answer was stopped, that it was, and that a program wrote it."""
    known = [block(texts.text("telegram.interrupted"), "i", "\n\n")]
    if said:  # only what a model writes is shown before it is whole
        known.append(block(texts.text("answer.written"), "i"))
    listed = _sources({c.number: c for s in said for c in s.citations}, texts)
    return messages([*_statements(said, texts), *known, *listed])


def _answer(answer: Answer, texts: Catalogue) -> Iterator[Block]:
    if answer.refusal is not None and not answer.refusal.coverage.articles:
        yield block(texts.text("telegram.empty"))
    elif not answer.statements:
        yield from (block(line) for line in lead_lines(texts, answer))
        yield from (_near(citation, texts) for citation in answer.passages)
    gap = "\n" if on_lines(answer) else " "
    yield from _statements(answer.statements, texts, gap, dated=answer.evolution)
    for at, line in enumerate(notice_lines(texts, answer)):
        yield block(line, "i", "\n" if at else "\n\n")
    yield from _sources({c.number: c for c in answer.sources}, texts)


def _statements(
    said: Sequence[Statement], texts: Catalogue, gap: str = "\n", *, dated: bool = False
) -> Iterator[Block]:
    for statement in said:
        numbers = marks(statement)
        cited = (Run(" "), Run(numbers, "b")) if numbers else ()
        yield Block((*_said(statement, texts, dated=dated), *cited), gap)


def _said(statement: Statement, texts: Catalogue, *, dated: bool) -> Iterator[Run]:
    """A sentence; in one taken from an article, the words that answer are in bold."""
    before, _, after = told(texts, statement, dated=dated).rpartition(statement.text)
    words = _on_a_line(statement.text, marked(statement))
    yield from (run for run in (Run(before), *words, Run(after)) if run.text)


def _near(citation: Citation, texts: Catalogue) -> Block:
    """What comes near: its number, its words with those that would answer in bold, its source."""
    quote = " ".join(citation.quote.split())
    number, _, source = passage_line(texts, citation).partition(quote)
    words = _on_a_line(citation.quote, answer_within(citation))
    runs = (Run(number.rstrip(), "b"), Run(" "), *words, Run(" "), Run(source.lstrip(), "i"))
    return Block(runs, "\n\n")


def _on_a_line(text: str, words: Span | None) -> tuple[Run, ...]:
    """Words of an article without the line breaks among them, some in bold."""
    line = " ".join(text.split())
    if words is None:
        return (Run(line),)
    end = len(" ".join(text[: words.end].split()))
    start = end - len(" ".join(text[words.start : words.end].split()))
    return emphasised(line, Span(start, end))


def _sources(cited: dict[int, Citation], texts: Catalogue) -> Iterator[Block]:
    """A line an article: the numbers that cite it, where it comes from, its date."""
    numbers: dict[str, list[int]] = {}
    for number in sorted(cited):
        numbers.setdefault(cited[number].article.id, []).append(number)
    for at, group in enumerate(numbers.values()):
        line = source_line(texts, cited[group[0]].article)
        shown = "".join(f"[{number}]" for number in group)
        yield Block((Run(shown, "b"), Run(f" {line}")), "\n" if at else "\n\n")

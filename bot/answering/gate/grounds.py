"""The sentences that may support a statement, with what stands before each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.gate.agents import speakers
from bot.answering.gate.patterns import listed
from bot.answering.gate.reading import Reading, read
from bot.answering.gate.tokens import MOST_CHARS
from bot.answering.gate.wording import gives_orders
from retrieval.analysis import fold_in_place
from retrieval.segmentation import sentences
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from bot.answering.gate.names import Name
    from retrieval.vocabulary import Evidence

MOST_SENTENCES = 60
_BACK = 4
_LEAD_CHARS = 700


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a passage.

    ``number`` is the passage's in the prompt; ``before`` are the sentences before it, the
    nearest first; ``title`` is the article's, ``article`` its text folded; ``context`` are
    the terms of the title and of the two sentences before.
    """

    number: int
    evidence: Evidence
    span: Span
    read: Reading
    before: tuple[Reading, ...]
    title: Reading
    article: str
    context: frozenset[str]

    @property
    def refers_back(self) -> bool:
        """Whether it leans on what stands before it."""
        words = listed("names", "refers_back")
        return any(token.folded in words for token in self.read.tokens)

    def antecedents(self) -> tuple[Name, ...]:
        """The people that "il", "elle" or "le ministre" may be: those last spoken of."""
        for one in self.before[:_BACK]:
            people = persons(one)
            if people:
                speaking = tuple(name for name in speakers(one) if name in people)
                return speaking or people
        return persons(self.title)

    def things(self) -> tuple[Name, ...]:
        """The names of the title and of the sentences before."""
        return self.title.names + tuple(name for one in self.before[:2] for name in one.names)


def persons(one: Reading) -> tuple[Name, ...]:
    """The names of a sentence that are of people: with a title, or a first name and a last."""
    sizes: dict[int, int] = {}
    titled = {name.run for name in one.names if name.titled}
    for name in one.names:
        hyphen = one.text[one.tokens[name.at].start - 1 : one.tokens[name.at].start] == "-"
        sizes[name.run] = sizes.get(name.run, 0) + (not name.people and not hyphen)
    return tuple(
        name
        for name in one.names
        if not name.people and (name.run in titled or (sizes[name.run] >= 2 and _cased(one, name)))
    )


def _cased(one: Reading, name: Name) -> bool:
    """Whether a word of a name is neither all capitals nor the beginning of a title in quotes."""
    before = one.tokens[name.at - 1].folded if name.at else ""
    return not one.tokens[name.at].text.isupper() and before not in tuple('«"“')


def units(number: int, evidence: Evidence) -> list[Unit]:
    """The sentences of a passage that may support something."""
    article, passage = evidence.article, evidence.passage
    language = "en" if article.language == "en" else "fr"
    lead_start = max(0, passage.start - _LEAD_CHARS)
    lead = sentences(article.text[lead_start : passage.start], lead_start)
    own = sentences(article.text[passage.start : passage.end], passage.start)[:MOST_SENTENCES]
    title = read(article.title, language)
    folded = fold_in_place(f"{article.title}\n{article.text[:20_000]}")
    result: list[Unit] = []
    before: list[Reading] = []
    for span in lead[-_BACK:] + own:
        text = article.text[span.start : span.end]
        if len(text) > MOST_CHARS or gives_orders(text):
            continue
        reading = read(text, language)
        if span.start >= passage.start:
            back = tuple(reversed(before[-_BACK:]))
            near = title.terms.union(*(one.terms for one in back[:2]))
            result.append(Unit(number, evidence, span, reading, back, title, folded, near))
        before.append(reading)
    return result

"""A statement held against one sentence of an article: words in common, and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.gate.agents import agent_changed
from bot.answering.gate.alignment import departs
from bot.answering.gate.dates import Dates, holds
from bot.answering.gate.figures import same_value, stands_in
from bot.answering.gate.grounds import Unit, persons
from bot.answering.gate.names import Name, named_in
from bot.answering.gate.polarity import contradicted, overstated
from bot.answering.gate.verdict import Fault
from retrieval.analysis import fold

if TYPE_CHECKING:
    from bot.answering.gate.reading import Reading

_SHORT = 3


def fault_against(said: Reading, unit: Unit) -> Fault | None:
    """What a statement says that a sentence of an article does not, or says otherwise."""
    if not _numbers_stand(said, unit):
        return Fault.NUMBER
    if not _dates_stand(said, unit):
        return Fault.DATE
    if not _names_stand(said, unit):
        return Fault.NAME
    departed = departs(said, unit.read)
    if departed is not None:
        return departed
    if _denies(said, unit.read):
        return Fault.NEGATION
    if agent_changed(said, unit.read):
        return Fault.AGENT
    return None


def says_other(said: Reading, unit: Unit, fault: Fault) -> bool:
    """Whether a sentence has something else in the place of what it was found to lack."""
    held = unit.read
    if fault is Fault.NUMBER:
        return any(not stands_in(one, said.figures) for one in held.figures)
    if fault is Fault.DATE:
        return any(one not in said.dates.said for one in held.dates.said)
    if fault is Fault.NAME:
        return any(not named_in(name, said.names) for name in held.names)
    return True


def _numbers_stand(said: Reading, unit: Unit) -> bool:
    years = {one.year for one in unit.read.dates.said}
    return all(
        stands_in(figure, unit.read.figures) or (figure.value in years and not figure.unit)
        for figure in said.figures
    )


def _dates_stand(said: Reading, unit: Unit) -> bool:
    published = unit.evidence.article.published
    counted = unit.read.figures
    for one in said.dates.said:
        bare_year = one.year and not one.month and not one.weekday
        if bare_year and any(same_value(one.year, figure.value) for figure in counted):
            continue
        if not holds(one, _dates_of(unit), published, said.dates):
            return False
    return True


def of_another(asked: Reading, said: Reading, unit: Unit) -> bool:
    """Whether "il" of a statement is who the question names, but its support tells of others.

    Args:
        asked: the question.
        said: the statement.
        unit: what would support it.
    """
    pronoun = said.tokens[0].folded in ("il", "elle", "ils", "elles", "he", "she", "they")
    people, told = persons(asked), persons(unit.read)
    if not (pronoun and people and told):
        return False
    behind = unit.antecedents()
    return not any(named_in(name, told) or named_in(name, behind) for name in people)


def _dates_of(unit: Unit) -> Dates:
    """The dates of a sentence; when it says none, those of the two before it."""
    own = unit.read.dates
    if own.said:
        return own
    said = tuple(date for one in unit.before[:2] for date in one.dates.said)
    return Dates(said, own.taken, own.shifts)


def _names_stand(said: Reading, unit: Unit) -> bool:
    """Whether each name is in the support, or is what the support refers back to."""
    held = unit.read
    written = {token.folded for token in held.tokens}
    missing = [
        name
        for name in said.names
        if not named_in(name, held.names)
        and name.folded not in written
        and name.term not in held.terms
    ]
    if not missing:
        return True
    present = [name for name in said.names if name not in missing]
    return all(
        _completes(name, said, present, unit)
        or _is_outlet(name, unit)
        or _referred_to(name, said, unit)
        for name in missing
    )


def _completes(name: Name, said: Reading, present: list[Name], unit: Unit) -> bool:
    """Whether a name stands in the article beside one that the support has ("Jens" Stoltenberg)."""
    mates = [other for other in present if other.run == name.run]
    if not mates:
        mates = [
            other
            for other in said.names
            if other.run == name.run and other is not name and _referred_to(other, said, unit)
        ]
    for other in mates:
        pair = (name, other) if name.at < other.at else (other, name)
        text = said.text[said.tokens[pair[0].at].start : said.tokens[pair[1].at].end]
        if fold(text).replace("’", "'") in unit.article:
            return True
    return False


def _is_outlet(name: Name, unit: Unit) -> bool:
    article = unit.evidence.article
    return name.folded in fold(f"{article.outlet or ''} {article.author or ''}").split()


def _referred_to(name: Name, said: Reading, unit: Unit) -> bool:
    """Whether the support may speak of a name that only stands before it."""
    in_title = named_in(name, unit.title.names) or any(
        token.has_capital and token.folded == name.folded for token in unit.title.tokens
    )
    if name in persons(said) or named_in(name, persons(unit.title)) or _is_person(name, unit):
        dropped = [one for one in persons(unit.read) if not named_in(one, said.names)]
        if dropped:
            return False
        return named_in(name, unit.antecedents()) or in_title
    if not (unit.refers_back or in_title or _noun_before(name, said) in unit.read.terms):
        return False
    return named_in(name, unit.things()) and not _takes_the_place(name, said, unit)


def _noun_before(name: Name, said: Reading) -> str:
    """The word that a name stands by: "rue" of "la rue des Tanneurs"."""
    near = [
        said.content.get(token.start, "") for token in said.tokens[max(0, name.at - 3) : name.at]
    ]
    return next((term for term in reversed(near) if term), "")


def _takes_the_place(name: Name, said: Reading, unit: Unit) -> bool:
    """Whether another name that the statement drops stands in the same place: "à Bruxelles"."""
    here = _neighbours(said, name)
    return any(
        word and word == there
        for other in unit.read.names
        if not named_in(other, said.names)
        for word, there in zip(here, _neighbours(unit.read, other), strict=True)
    )


def _neighbours(read: Reading, name: Name) -> tuple[str, str]:
    """The words before and after a name; stops are none."""
    before = read.tokens[name.at - 1] if name.at else None
    after = read.tokens[name.at + 1] if name.at + 1 < len(read.tokens) else None
    return (
        before.folded if before and before.is_word else "",
        after.folded if after and after.is_word and len(after.text) > _SHORT else "",
    )


def _is_person(name: Name, unit: Unit) -> bool:
    return any(named_in(name, persons(one)) for one in unit.before)


def _denies(said: Reading, held: Reading) -> bool:
    if contradicted(said.polarity, said.words, held.polarity, held.words):
        return True
    return overstated(said.polarity, said.words, held.polarity) or _only_wished(said, held)


def _only_wished(said: Reading, held: Reading) -> bool:
    """Whether a statement makes a fact of a name's part in what is only asked for."""
    wished = held.polarity.wished
    if not wished or said.polarity.keeps_doubt:
        return False
    return any(
        places and wished.issuperset(places)
        for name in said.names
        for places in [[one.at for one in held.names if named_in(name, (one,))]]
    )

"""Errata in words: what readers are told, and what administrators are told of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.desk.errata import Fate
from bot.dossier.dossier import plain
from bot.memory.values import ErratumOutcome, ErratumState
from bot.messages.answers import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from bot.desk.errata import CitedArticle, ErratumCounts, ErratumReader, QuoteNow
    from bot.memory.values import Erratum
    from bot.messages.catalogue import Catalogue

_QUOTE_CHARS, _TITLE_CHARS, _OUTLET_CHARS, _REASON_CHARS = 250, 160, 80, 300


# --- for readers --------------------------------------------------------------------------


def erratum_lines(
    texts: Catalogue, article: CitedArticle, reader: ErratumReader, at: datetime, zone: tzinfo
) -> list[str]:
    """What a reader is told; the first line is the heading.

    Args:
        texts: the reader's language.
        article: as it is now.
        reader: what was read of it.
        at: when the erratum is sent.
        zone: the time zone in which days are counted.
    """
    changed = article.changed.astimezone(zone).date() if article.changed else None
    state = "withdrawn" if article.is_withdrawn else "corrected"
    state = "elsewhere" if not article.is_withdrawn and not reader.is_wrong else state
    lead = f"erratum.lead.{state}" if changed else f"erratum.lead_undated.{state}"
    lines = [
        texts.text("erratum.head", date=texts.date(at.astimezone(zone).date())),
        texts.text(lead, source=_source_line(texts, article), date=texts.date(changed)),
    ]
    if article.is_withdrawn and article.reason:
        reason = shortened(article.reason, _REASON_CHARS)
        lines.append(texts.text("since.why", reason=reason))
    for number, one in enumerate(reader.shown, 1):
        lines += _quote_lines(texts, article, one, number)
    left = len(reader.concerned) - len(reader.shown)
    return [*lines, texts.text("erratum.more", count=left)] if left else lines


def _quote_lines(texts: Catalogue, article: CitedArticle, one: QuoteNow, number: int) -> list[str]:
    quote = shortened(plain(one.source.quote), _QUOTE_CHARS)
    lines = [texts.text("erratum.said", number=number, quote=quote)] if quote else []
    if one.fate is Fate.STANDS:
        return [*lines, texts.text("erratum.stands")]
    if one.fate is Fate.WITHDRAWN:
        return lines
    if one.now is None or article.text is None:
        return [*lines, texts.text("erratum.not_said")]
    now = plain(article.text[one.now.start : one.now.end])
    return [*lines, texts.text("erratum.now", quote=shortened(now, _QUOTE_CHARS))]


def _source_line(texts: Catalogue, article: CitedArticle) -> str:
    outlet = shortened(article.outlet or texts.text("source.unknown_outlet"), _OUTLET_CHARS)
    title, date = shortened(article.title, _TITLE_CHARS), texts.date(article.published)
    return texts.text("source.line", title=title, outlet=outlet, date=date)


# --- for administrators -------------------------------------------------------------------


def cited_lines(
    texts: Catalogue, article: CitedArticle, counts: ErratumCounts, told: int = 0
) -> list[str]:
    """How many answers cite an article that was changed, in how many conversations.

    Args:
        texts: the language.
        article: as it is now.
        counts: of those who read something of it.
        told: the conversations that were told already.
    """
    state = "withdrawn" if article.is_withdrawn else "corrected"
    lines = [texts.text(f"erratum.article.{state}", source=_source_line(texts, article))]
    if not counts.answers:
        return [*lines, texts.text("erratum.uncited")]
    lines += _where_cited(texts, counts)
    if counts.stands:
        lines.append(texts.text("erratum.unchanged"))
    elif counts.wrong:
        lines.append(texts.text("erratum.wrong", count=counts.wrong))
    return [*lines, texts.text("erratum.told_already", count=told)] if told else lines


def _where_cited(texts: Catalogue, counts: ErratumCounts) -> list[str]:
    """How many answers cite an article, in Telegram and in terminals."""
    if not counts.chats:
        return [texts.text("erratum.only_in_terminal", count=counts.terminal)]
    facts = {"private": counts.private, "groups": counts.groups}
    answers = texts.text("erratum.answers", count=counts.answers)
    where = texts.text("erratum.conversations", count=counts.chats, **facts)
    lines = [texts.text("erratum.cited", answers=answers, where=where)]
    if counts.terminal:
        lines.append(texts.text("erratum.in_terminal", count=counts.terminal))
    return lines


def state_line(
    texts: Catalogue, erratum: Erratum | None, outcomes: Mapping[tuple[int, int], ErratumOutcome]
) -> str:
    """How far an erratum is; empty when nobody had it sent."""
    if erratum is None or erratum.state is ErratumState.PROPOSED:
        return ""
    said = outcome_parts(texts, outcomes)
    key = f"erratum.state.{erratum.state}"
    return texts.text(key, outcomes=said, date=texts.date(erratum.at.date()))


def end_lines(
    texts: Catalogue, erratum: Erratum, outcomes: Mapping[tuple[int, int], ErratumOutcome]
) -> list[str]:
    """How the sending of an erratum ended."""
    title = shortened(erratum.title, _TITLE_CHARS)
    key = "outdated" if erratum.state is ErratumState.OUTDATED else "sent"
    said = outcome_parts(texts, outcomes)
    return [texts.text(f"erratum.end.{key}", title=title), texts.text("erratum.line", text=said)]


def outcome_parts(texts: Catalogue, outcomes: Mapping[tuple[int, int], ErratumOutcome]) -> str:
    """How many conversations were told, are to be, and could not be."""
    counted = Counter(outcomes.values())
    counted[ErratumOutcome.WAITING] += counted.pop(ErratumOutcome.UNDER_WAY, 0)
    parts = [
        texts.text(f"erratum.outcome.{outcome}", count=counted[outcome])
        for outcome in ErratumOutcome
        if counted[outcome] or outcome is ErratumOutcome.TOLD
    ]
    return ", ".join(parts)


def preview_head(texts: Catalogue, conversations: int, at: int, pages: Sequence[int]) -> str:
    """Above a message that is shown before it is sent: to how many conversations it goes.

    Args:
        texts: the language.
        conversations: that the erratum goes to.
        at: which of its messages, from 0.
        pages: to how many conversations each goes.
    """
    head = texts.text("erratum.preview", count=conversations)
    if len(pages) == 1:
        return head
    which = texts.text("erratum.variant", number=at + 1, of=len(pages), count=pages[at])
    return f"{head} {which}"

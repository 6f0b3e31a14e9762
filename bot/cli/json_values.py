"""What programs read: plain values with stable names, as the design fixes them.

What is not listed is not shown: a value may have more attributes than its JSON has names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from bot.answering.findings import CheckReport, QuoteReport
from bot.messages.answers import answer_text, is_written, notice_line
from retrieval.text.file_names import shown_name
from retrieval.vocabulary import PublicationDate

if TYPE_CHECKING:
    # A question need not load what takes articles in.
    from pathlib import Path

    from bot.answering.findings import CheckedClaim, QuoteMatch
    from bot.answering.trust import Examiner
    from bot.cli.doctor import Check
    from bot.memory.values import StoredAnswer, Vote
    from bot.messages.catalogue import Catalogue
    from bot.messages.errors import Failure
    from config.loading import Effective
    from retrieval.archive.history import Change
    from retrieval.archive.rows import Entry, Link
    from retrieval.change import Edited, Undone
    from retrieval.change.backup import Backup
    from retrieval.change.repair import Rebuilt
    from retrieval.change.report import Difference, Item, LeftOutCount, Report
    from retrieval.vocabulary import (
        Answer,
        Article,
        Citation,
        Evidence,
        Period,
        Statement,
        Understanding,
    )
    from retrieval.web.watch import RoundReport
    from retrieval.web.watch_store import FeedState

_TIMINGS = ("understand", "search", "read", "answer", "total")


def plain(value: Any) -> Any:  # noqa: ANN401 - what an attribute may hold
    """A value as JSON has it: moments to the second, dates as precise as they are."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value) if isinstance(value, date | PublicationDate) else value


def picked(value: object, names: str) -> dict[str, Any]:
    """Some attributes of a value, in their order.

    Args:
        value: any object.
        names: those of the attributes; ``n=article.number`` gives one another name.
    """
    pairs = (name.partition("=") for name in names.split())
    return {name: plain(attrgetter(of or name)(value)) for name, _, of in pairs}


def answer_as_json(answer: Answer, texts: Catalogue, model: str = "") -> dict[str, Any]:
    """``ask --json``: ``text`` is what a person would read, with its ``[n]``.

    ``generated`` marks it as made by a program; ``model`` names the model that wrote it, null
    when its sentences are quotes alone. ``check --json`` and ``quote --json`` have the verdicts,
    too.
    """
    written = is_written(answer)
    by_model = (model or None) if written else None
    return {
        "question": answer.question.text,
        "language": answer.question.language,
        "status": answer.status.value,
        "reason": answer.refusal.reason.value if answer.refusal else None,
        "as_of": plain(answer.as_of),
        "text": answer_text(texts, answer),
        "statements": [_statement(statement) for statement in answer.statements],
        "sources": [source_as_json(citation) for citation in answer.sources],
        "passages": [source_as_json(citation) for citation in answer.passages],
        "notices": [{"key": n.key, "text": notice_line(texts, n)} for n in answer.notices],
        "timings_ms": _timings(answer),
        "generated": {"by": "program", "model": by_model, "written": written},
        "understood": _understood(answer.understood),
        **_findings(answer),
    }


def _findings(answer: Answer) -> dict[str, Any]:
    """The verdicts of a check, or of a quote that was looked for."""
    if isinstance(answer, CheckReport):
        claims = [_checked_claim(claim) for claim in answer.claims]
        return {"claims": claims, **picked(answer, "skipped unread")}
    if isinstance(answer, QuoteReport):
        matches = [_quote_match(match) for match in answer.matches]
        return {**picked(answer, "quote publication"), "matches": matches}
    return {}


def _checked_claim(claim: CheckedClaim) -> dict[str, Any]:
    """A claim with its verdict; of ``near`` and ``absent``, sources are only what is nearest."""
    probability = claim.probability
    return {
        **picked(claim, "text verdict=standing"),
        "probability": None if probability is None else round(probability, 3),
        "differs": [picked(one, "detail words") for one in claim.discrepancies],
        "sources": [source_as_json(citation) for citation in claim.citations],
    }


def _quote_match(match: QuoteMatch) -> dict[str, Any]:
    differences = [picked(one, "kind asked published") for one in match.differences]
    source = source_as_json(match.citation)
    return {**source, "likeness": round(match.likeness, 3), "differences": differences}


def _understood(known: Understanding | None) -> dict[str, Any] | None:
    """How the question was taken: as it stands alone, its period, its outlets."""
    if known is None:
        return None
    period = _period(known.period)
    return {"question": known.question, "period": period, "outlets": list(known.outlets)}


def _timings(answer: Answer) -> dict[str, float]:
    """The milliseconds of each stage; of the model only where one was asked."""
    took = answer.timings_ms
    names = [*_TIMINGS, "model"] if "model" in took else _TIMINGS
    return {name: round(took.get(name, 0.0), 1) for name in names}


def search_as_json(
    question: str, period: Period | None, found: Sequence[Evidence], took_ms: float
) -> dict[str, Any]:
    """``search --json``: the passages, best first; offsets count in the article's text."""
    return {
        "question": question,
        "period": _period(period),
        "passages": [_evidence(evidence) for evidence in found],
        "took_ms": round(took_ms, 1),
    }


def report_as_json(report: Report, *, explain: bool = False) -> dict[str, Any]:
    """``index --json``: numbers, the unreadable; ``left_out``, ``embedding`` if there is much.

    Args:
        report: of a change, or of a plan.
        explain: list each article that is not as before, too.
    """
    groups = [_left_out(group) for group in report.left_out]
    left_out = {"left_out": groups} if groups else {}
    work = {"embedding": asdict(report.work)} if report.work.seconds else {}
    items = {"items": [_item(item) for item in report.items]} if explain else {}
    return {
        **picked(report, "added changed unchanged removed near_duplicates"),
        "unreadable": [picked(one, "source reason") for one in report.unreadable],
        **picked(report, "passages windows took_ms"),
        **work,
        **left_out,
        **items,
    }


def _left_out(group: LeftOutCount) -> dict[str, Any]:
    """What was left out for one reason; ``sources`` holds the first of them."""
    until = group.until.isoformat() if group.until else None
    return {**picked(group, "reason detail count sources"), "until": until}


def _item(item: Item) -> dict[str, Any]:
    """An article of a plan; of a near-duplicate, ``article_id`` is what it repeats."""
    like = item.like
    return {
        **picked(item, "kind article_id source title published outlet"),
        "changes": difference_as_json(item.changes) if item.changes else None,
        "like": like and {**picked(like, "article_id title"), "likeness": round(like.share, 4)},
        "same_address": item.same_address or None,
    }


def round_as_json(done: RoundReport) -> dict[str, Any]:
    """``watch --json``: as ``index --json``, and what the round looked at.

    ``passages`` and ``windows`` are null when there was nothing to read.
    """
    from retrieval.change.report import Report

    report = done.report or Report()
    size = {} if done.report else {"passages": None, "windows": None}
    return {
        **report_as_json(report),
        **size,
        "unreadable": [picked(one, "source reason") for one in done.problems],
        "withdrawn": report.removed if report.pruned else 0,
        **picked(done, "feeds waiting more"),
    }


def feeds_as_json(feeds: Sequence[FeedState]) -> list[dict[str, Any]]:
    """``feeds --json``: a list; ``checked`` is null for a feed that was never asked."""
    return [
        {
            "url": feed.url,
            "checked": _moment(feed.checked),
            "reason": feed.reason or None,
            "failures": feed.failures,
            "next_check": _moment(feed.next_check),
            "gone": feed.gone,
        }
        for feed in feeds
    ]


def _moment(seconds: float) -> str | None:
    """A moment as programs read it, in UTC."""
    return plain(datetime.fromtimestamp(seconds, UTC)) if seconds else None


def articles_as_json(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """``articles --json``: a list, without the texts."""
    names = "article_id=id title outlet published source state passages"
    return [picked(entry, names) for entry in entries]


def article_as_json(article: Article, links: Sequence[Link] = ()) -> dict[str, Any]:
    """``show --json``: everything that the archive knows of an article, its text included.

    ``duplicates`` are the other sources that say the same.
    """
    facts = "article_id=id title outlet author published url source language state revision"
    return {
        **picked(article, f"{facts} digest text"),
        "duplicates": [
            {
                **picked(link, "title outlet published url source"),
                "likeness": round(link.likeness, 4),
            }
            for link in links
        ],
    }


def _statement(statement: Statement) -> dict[str, Any]:
    numbers = [citation.number for citation in statement.citations]
    return {"text": statement.text, "citations": numbers}


def source_as_json(citation: Citation) -> dict[str, Any]:
    """A source of an answer: its article, its quote, and where that stands in the text.

    ``answer`` is where the words that answer stand, when they are marked.
    """
    article = picked(citation.article, "article_id=id title outlet published url source")
    answer = citation.answer and picked(citation.answer, "start end")
    return {
        "n": citation.number,
        **article,
        **picked(citation, "quote start end"),
        "answer": answer,
    }


def difference_as_json(difference: Difference) -> dict[str, Any]:
    """What changed: ``{field: {"before", "after"}}``, and how many paragraphs."""
    fields = {one.name: picked(one, "before after") for one in difference.fields}
    return {**fields, "paragraphs": picked(difference.paragraphs, "added removed changed")}


def change_as_json(change: Change) -> dict[str, Any]:
    """``history --json``: one change."""
    return picked(change, "id action by at=started counts detail undone_by undoable")


def _evidence(evidence: Evidence) -> dict[str, Any]:
    names = "article_id=article.id source=article.source title=article.title"
    names += " published=article.published start=passage.start end=passage.end text=passage.text"
    scores = {name: round(getattr(evidence, name), 4) for name in ("score", "dense", "lexical")}
    return {
        **picked(evidence, names),
        **scores,
        "window": picked(evidence.window, "start end text"),
    }


def _period(period: Period | None) -> dict[str, str | None] | None:
    return None if period is None else picked(period, "first last")


def withdrawal_as_json(edited: Edited) -> dict[str, Any]:
    """``withdraw --json``."""
    articles = [picked(one, "article_id=id title") for one in edited.before]
    return {"change": edited.change, "withdrawn": articles, "took_ms": edited.took_ms}


def correction_as_json(
    change: int, before: Article, changes: Difference, took_ms: int, *, dry_run: bool
) -> dict[str, Any]:
    """``correct --json``; of a dry run, ``change`` is 0 and ``revision`` that of the archive."""
    return {
        "change": change,
        "article_id": before.id,
        "title": before.title,
        "revision": before.revision + (not dry_run),
        "changes": difference_as_json(changes),
        "took_ms": took_ms,
    }


def rollback_as_json(undone: Change, done: Undone | None) -> dict[str, Any]:
    """``rollback --json``; of a dry run, for which there is no result, the numbers are 0."""
    return {
        "change": done.change if done else 0,
        "undone": change_as_json(undone),
        "articles": done.articles if done else 0,
        "took_ms": done.took_ms if done else 0,
    }


def rebuild_as_json(made: Rebuilt) -> dict[str, Any]:
    """``rebuild --json``."""
    models = {"from": made.before.facts(), "to": made.after.facts()}
    return models | picked(made, "passages windows embedded took_ms")


def backup_as_json(path: Path, made: Backup) -> dict[str, Any]:
    """``backup --json``."""
    return {"path": shown_name(path), **picked(made, "articles bytes")}


def stored_answer_as_json(answer: StoredAnswer) -> dict[str, Any]:
    """``answers --json``: an earlier answer; only those in Telegram have an id."""
    origin = answer_origin(answer)
    return {
        "at": plain(answer.at),
        "from": origin,
        **picked(answer, "question status answer=text"),
        "answer_id": answer.id if origin == "telegram" else None,
    }


def answer_origin(answer: StoredAnswer) -> str:
    """Where an answer was given: in the ``chat`` of a terminal, or in ``telegram``."""
    from bot.memory.values import TERMINAL

    return "chat" if answer.place.chat == TERMINAL else "telegram"


def vote_as_json(vote: Vote) -> dict[str, Any]:
    """``feedback --json``: a vote and the answer that it is on."""
    names = "question status answer=text answer_id=id"
    return {**picked(vote, "at good"), **picked(vote.answer, names)}


def settings_as_json(file: Path | None, rows: Iterable[Effective]) -> dict[str, Any]:
    """``config --json``: the settings in force; the origin of a default is null."""
    settings = [picked(row, "key value origin") for row in rows]
    return {"file": shown_name(file) if file else None, "settings": settings}


def checkup_as_json(
    checks: Sequence[Check], examiner: Examiner | None, *, repaired: bool
) -> dict[str, Any]:
    """``doctor --json``; ``trust`` is null where no model writes, or when something is wrong."""
    rows = [{**picked(one, "check=name ok=well found"), "do": one.do or None} for one in checks]
    return {
        "ok": all(check.well for check in checks),
        "repaired": repaired,
        "checks": rows,
        "trust": examiner and _trust(examiner),
    }


def _trust(examiner: Examiner) -> dict[str, Any]:
    """The setting, the mode, and the marks of the model in its test."""
    facts = picked(examiner, "setting mode model=examinee.model verifier=examinee.verifier")
    return {**facts, "marks": asdict(examiner.marks) if examiner.marks else None}


def failure_as_json(failure: Failure) -> dict[str, Any]:
    """An error of any command."""
    return {"error": picked(failure, "key message do")}

"""What programs read: plain values with stable names, as the design fixes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.messages.answers import answer_text, is_written, notice_line

if TYPE_CHECKING:
    # A question need not load what takes articles in.
    from pathlib import Path

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
        Coverage,
        Evidence,
        Period,
        PublicationDate,
        Statement,
        Understanding,
    )
    from retrieval.web.feeds import FoundFeed
    from retrieval.web.watch import RoundReport
    from retrieval.web.watch_store import FeedState

_TIMINGS = ("understand", "search", "read", "answer", "total")


def answer_as_json(answer: Answer, texts: Catalogue, model: str = "") -> dict[str, Any]:
    """``ask --json``: ``text`` is what a person would read, with its ``[n]``.

    ``generated`` marks it as made by a program; ``model`` names the model that wrote it, null
    when its sentences are quotes alone.
    """
    written = is_written(answer)
    by_model = (model or None) if written else None
    return {
        "question": answer.question.text,
        "language": answer.question.language,
        "status": answer.status.value,
        "reason": answer.refusal.reason.value if answer.refusal else None,
        "as_of": _date(answer.as_of),
        "text": answer_text(texts, answer),
        "statements": [_statement(statement) for statement in answer.statements],
        "sources": [source_as_json(citation) for citation in answer.sources],
        "passages": [source_as_json(citation) for citation in answer.passages],
        "notices": [{"key": n.key, "text": notice_line(texts, n)} for n in answer.notices],
        "timings_ms": _timings(answer),
        "generated": {"by": "program", "model": by_model, "written": written},
        "understood": _understood(answer.understood),
    }


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
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "near_duplicates": report.near_duplicates,
        "unreadable": [{"source": p.source, "reason": p.reason} for p in report.unreadable],
        "passages": report.passages,
        "windows": report.windows,
        "took_ms": report.took_ms,
        **work,
        **left_out,
        **items,
    }


def _left_out(group: LeftOutCount) -> dict[str, Any]:
    """What was left out for one reason; ``sources`` holds the first of them."""
    return {
        "reason": group.reason,
        "detail": group.detail,
        "count": group.count,
        "sources": list(group.sources),
        "until": group.until.isoformat() if group.until else None,
    }


def _item(item: Item) -> dict[str, Any]:
    """An article of a plan; of a near-duplicate, ``article_id`` is what it repeats."""
    like = item.like
    return {
        "kind": item.kind.value,
        "article_id": item.article_id,
        "source": item.source,
        "title": item.title,
        "published": _date(item.published),
        "outlet": item.outlet,
        "changes": difference_as_json(item.changes) if item.changes else None,
        "like": like
        and {
            "article_id": like.article_id,
            "title": like.title,
            "likeness": round(like.share, 4),
        },
        "same_address": item.same_address or None,
    }


def round_as_json(done: RoundReport) -> dict[str, Any]:
    """``watch --json``: as ``index --json``, and what the round looked at.

    ``passages`` and ``windows`` are null when there was nothing to read.
    """
    from retrieval.change.report import Report

    report = done.report or Report()
    size = {} if done.report else {"passages": None, "windows": None}
    unread = [{"source": each.source, "reason": each.reason} for each in done.problems]
    return {
        **report_as_json(report),
        **size,
        "unreadable": unread,
        "withdrawn": report.removed if report.pruned else 0,
        "feeds": done.feeds,
        "waiting": done.waiting,
        "more": done.more,
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


def found_feeds_as_json(feeds: Sequence[FoundFeed]) -> list[dict[str, Any]]:
    """``feeds find --json``: the feeds of a site, the main one first."""
    return [{"url": feed.url, "title": feed.title} for feed in feeds]


def _moment(seconds: float) -> str | None:
    """A moment as programs read it, in UTC."""
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def articles_as_json(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """``articles --json``: a list, without the texts."""
    return [
        {
            "article_id": entry.id,
            "title": entry.title,
            "outlet": entry.outlet,
            "published": _date(entry.published),
            "source": entry.source,
            "state": entry.state.value,
            "passages": entry.passages,
        }
        for entry in entries
    ]


def article_as_json(article: Article, links: Sequence[Link] = ()) -> dict[str, Any]:
    """``show --json``: everything that the archive knows of an article, its text included.

    ``duplicates`` are the other sources that say the same.
    """
    return {
        "article_id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "author": article.author,
        "published": _date(article.published),
        "url": article.url,
        "source": article.source,
        "language": article.language,
        "state": article.state.value,
        "revision": article.revision,
        "digest": article.digest,
        "text": article.text,
        "duplicates": [_duplicate(link) for link in links],
    }


def _duplicate(link: Link) -> dict[str, Any]:
    return {
        "title": link.title,
        "outlet": link.outlet,
        "published": _date(link.published),
        "url": link.url,
        "source": link.source,
        "likeness": round(link.likeness, 4),
    }


def _statement(statement: Statement) -> dict[str, Any]:
    numbers = [citation.number for citation in statement.citations]
    return {"text": statement.text, "citations": numbers}


def source_as_json(citation: Citation) -> dict[str, Any]:
    """A source of an answer: its article, its quote, and where that stands in the text.

    ``answer`` is where the words that answer stand, when they are marked.
    """
    article, answer = citation.article, citation.answer
    return {
        "n": citation.number,
        "article_id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "published": _date(article.published),
        "url": article.url,
        "source": article.source,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "answer": answer and {"start": answer.start, "end": answer.end},
    }


def difference_as_json(difference: Difference) -> dict[str, Any]:
    """What changed: ``{field: {"before", "after"}}``, and how many paragraphs."""
    fields = {one.name: {"before": one.before, "after": one.after} for one in difference.fields}
    found = difference.paragraphs
    paragraphs = {"added": found.added, "removed": found.removed, "changed": found.changed}
    return {**fields, "paragraphs": paragraphs}


def change_as_json(change: Change) -> dict[str, Any]:
    """``history --json``: one change."""
    return {
        "id": change.id,
        "action": change.action,
        "by": change.by,
        "at": change.started.isoformat(timespec="seconds"),
        "counts": change.counts,
        "detail": change.detail,
        "undone_by": change.undone_by,
        "undoable": change.undoable,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    article, passage, window = evidence.article, evidence.passage, evidence.window
    return {
        "article_id": article.id,
        "source": article.source,
        "title": article.title,
        "published": _date(article.published),
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": round(evidence.score, 4),
        "dense": round(evidence.dense, 4),
        "lexical": round(evidence.lexical, 4),
        "window": {"start": window.start, "end": window.end, "text": window.text},
    }


def _period(period: Period | None) -> dict[str, str | None] | None:
    if period is None:
        return None
    first = period.first.isoformat() if period.first else None
    return {"first": first, "last": period.last.isoformat() if period.last else None}


def _date(published: PublicationDate | None) -> str | None:
    return str(published) if published else None


def withdrawal_as_json(edited: Edited) -> dict[str, Any]:
    """``withdraw --json``."""
    articles = [{"article_id": one.id, "title": one.title} for one in edited.before]
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
    return {
        "from": made.before.facts(),
        "to": made.after.facts(),
        "passages": made.passages,
        "windows": made.windows,
        "embedded": made.embedded,
        "took_ms": made.took_ms,
    }


def backup_as_json(path: Path, made: Backup) -> dict[str, Any]:
    """``backup --json``."""
    return {"path": str(path), "articles": made.articles, "bytes": made.bytes}


def restore_as_json(path: Path, coverage: Coverage) -> dict[str, Any]:
    """``restore --json``."""
    return {"path": str(path), "articles": coverage.articles}


def stored_answer_as_json(answer: StoredAnswer) -> dict[str, Any]:
    """``answers --json``: an earlier answer; only those in Telegram have an id."""
    origin = answer_origin(answer)
    return {
        "at": answer.at.isoformat(timespec="seconds"),
        "from": origin,
        "question": answer.question,
        "status": answer.status,
        "answer": answer.text,
        "answer_id": answer.id if origin == "telegram" else None,
    }


def answer_origin(answer: StoredAnswer) -> str:
    """Where an answer was given: in the ``chat`` of a terminal, or in ``telegram``."""
    from bot.memory.values import TERMINAL

    return "chat" if answer.place.chat == TERMINAL else "telegram"


def vote_as_json(vote: Vote) -> dict[str, Any]:
    """``feedback --json``: a vote and the answer that it is on."""
    return {
        "at": vote.at.isoformat(timespec="seconds"),
        "good": vote.good,
        "question": vote.answer.question,
        "status": vote.answer.status,
        "answer": vote.answer.text,
        "answer_id": vote.answer.id,
    }


def settings_as_json(file: Path | None, rows: Iterable[Effective]) -> dict[str, Any]:
    """``config --json``: the settings in force; the origin of a default is null."""
    settings = [{"key": row.key, "value": row.value, "origin": row.origin} for row in rows]
    return {"file": str(file) if file else None, "settings": settings}


def checkup_as_json(
    checks: Sequence[Check], examiner: Examiner | None, *, repaired: bool
) -> dict[str, Any]:
    """``doctor --json``; ``trust`` is null where no model writes, or when something is wrong."""
    rows = [
        {"check": check.name, "ok": check.well, "found": check.found, "do": check.do or None}
        for check in checks
    ]
    return {
        "ok": all(check.well for check in checks),
        "repaired": repaired,
        "checks": rows,
        "trust": examiner and _trust(examiner),
    }


def _trust(examiner: Examiner) -> dict[str, Any]:
    """The setting, the mode, and the marks of the model in its test."""
    examinee, marks = examiner.examinee, examiner.marks
    return {
        "setting": examiner.setting,
        "mode": examiner.mode.value,
        "model": examinee.model,
        "verifier": examinee.verifier,
        "marks": asdict(marks) if marks else None,
    }


def failure_as_json(failure: Failure) -> dict[str, Any]:
    """An error of any command."""
    return {"error": {"key": failure.key, "message": failure.message, "do": failure.do}}

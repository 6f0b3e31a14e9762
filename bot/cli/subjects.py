"""``kiosque follow`` and ``kiosque following``: subjects, and what is new about them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import picked
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import Json, command, typer_app
from bot.memory.values import TERMINAL, Place, Subject
from retrieval.errors import BadUse, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app import Kiosque
    from bot.memory.subjects import SubjectStore
    from bot.memory.values import NewsItem
    from bot.messages.catalogue import Catalogue

app = typer_app()

_HERE = Place(TERMINAL, 0, TERMINAL)
_WHOLE = 2_000


@command(app, "follow")
def follow(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="help.follow.question")] = "",
    as_list: Annotated[bool, typer.Option("--list", help="help.follow.list")] = False,
    remove: Annotated[
        int, typer.Option("--remove", metavar="NUMBER", help="help.follow.remove")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Follow a question, list what is followed, or follow a subject no more.

    Raises:
        BadQuestion: it is too long.
        BadUse: nothing is asked for; it asks nothing; too much is followed.
        NotFound: no subject has that number.
    """
    invocation: Invocation = ctx.obj
    text = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    with opened(invocation) as (parts, _), _stored(parts) as subjects:
        if remove:
            shown = _removed(subjects, remove, invocation.texts)
        elif text:
            shown = _begun(parts, subjects, text, invocation.texts)
        elif as_list:
            shown = ""
        else:
            raise BadUse("missing_value", name="QUESTION", command="kiosque follow")
        found = subjects.of_place(_HERE)
    if as_json:
        print_json([_subject_as_json(n, one) for n, one in enumerate(found, 1)])
    else:
        display(shown or _listed(found, invocation.texts))


@command(app, "following")
def following(
    ctx: typer.Context,
    only_new: Annotated[bool, typer.Option("--new", help="help.following.new")] = False,
    as_json: Json = False,
) -> None:
    """Ask what is followed again, and show what is new since last time."""
    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, _), _stored(parts) as subjects:
        followed = subjects.of_place(_HERE)
        news = [(one, _asked_again(parts, subjects, one)) for one in followed]
        items = [item for _, each in news for item in each]
        if as_json:
            print_json([_news_as_json(n, *each) for n, each in enumerate(news, 1)])
        else:
            zone = ZoneInfo(parts.settings.reading.timezone)
            lines = _news_lines(news, invocation.texts, zone)
            nothing = invocation.texts.text("follow.terminal.nothing")
            listed = [] if only_new else [_listed(followed, invocation.texts), ""]
            display("\n".join([*listed, *(lines or ([nothing] if followed or only_new else []))]))
        subjects.told_in_terminal(items, datetime.now(UTC))  # what was shown is told


@contextmanager
def _stored(parts: Kiosque) -> Iterator[SubjectStore]:
    from bot.memory.history import open_memory
    from bot.memory.subjects import SubjectStore

    with open_memory(parts.settings.home, parts.settings.answers.keep_days) as store:
        yield SubjectStore(store)


def _begun(parts: Kiosque, subjects: SubjectStore, text: str, texts: Catalogue) -> str:
    from bot.answering.following import MAX_SUBJECTS

    if parts.subjects.refusal(text, (), parts.today()) is not None:
        raise BadUse("follow_too_vague", question=text)
    newest, now = parts.subjects.newest(), datetime.now(UTC)
    known = {one.question for one in subjects.of_place(_HERE)}
    subject = Subject(0, _HERE, now, texts.language, text, (), newest, newest)
    if subjects.add(subject, MAX_SUBJECTS) is None:
        raise BadUse("follow_too_many", count=MAX_SUBJECTS)
    key = "follow.terminal.known" if text in known else "follow.terminal.begun"
    return texts.text(key, question=harmless(text))


def _removed(subjects: SubjectStore, number: int, texts: Catalogue) -> str:
    found = subjects.of_place(_HERE)
    if not 1 <= number <= len(found):
        raise NotFound("unknown_subject", number=number)
    subjects.remove(found[number - 1].id)
    return texts.text("follow.terminal.removed", question=harmless(found[number - 1].question))


def _asked_again(parts: Kiosque, subjects: SubjectStore, subject: Subject) -> list[NewsItem]:
    """What is new for a subject and still stands; it is stored before it is shown."""
    from bot.answering.following import standing
    from bot.memory.conversation import stored_source

    newest = parts.subjects.newest()
    subjects.rewind(newest)
    if subject.looked < newest:
        found = parts.subjects.news(subject, subjects.news(subject.id), parts.today())
        news = [(stored_source(one.citation), one.changed) for one in found]
        subjects.add_news(subject.id, news, newest, datetime.now(UTC))
    waiting = subjects.news(subject.id, waiting=True)
    articles = parts.reader.articles_of([one.source.article_id for one in waiting])
    stand = standing(waiting, articles)
    subjects.drop_news([one for one in waiting if one not in stand])
    return stand


def _listed(found: list[Subject], texts: Catalogue) -> str:
    """The subjects, with the numbers that ``--remove`` takes."""
    if not found:
        return texts.text("follow.terminal.none")
    lines = []
    for number, one in enumerate(found, 1):
        facts = {"question": harmless(one.question), "date": texts.date(one.at.date())}
        lines.append(texts.text("follow.subject", number=number, **facts))
    return "\n".join(lines)


def _news_lines(
    news: list[tuple[Subject, list[NewsItem]]], texts: Catalogue, zone: ZoneInfo
) -> list[str]:
    from bot.messages.news import news_heading, news_line

    lines: list[str] = []
    number = 0
    for subject, items in news:
        if items:
            lines += [""] if lines else []
            lines.append(harmless(news_heading(texts, subject, zone)))
        for item in items:
            number += 1
            lines.append(harmless(news_line(texts, item, number, _WHOLE)))
    return lines


def _subject_as_json(number: int, subject: Subject) -> dict[str, Any]:
    """``follow --json``: a subject, its number, and since when it is followed."""
    return {"number": number, **picked(subject, "question since=at")}


def _news_as_json(number: int, subject: Subject, items: list[NewsItem]) -> dict[str, Any]:
    """``following --json``: a subject with what is new for it."""
    names = "article_id title outlet published url quote start end"
    news = [picked(one.source, names) | {"corrected": one.changed} for one in items]
    return {**_subject_as_json(number, subject), "news": news}

"""``kiosque errata``: which answers quote what their articles do not say any more, and telling it.

A terminal sends nothing: it notes what is to be sent, and the bot, which keeps Telegram's limits
and knows what is under way, sends it.
"""

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
from bot.messages.catalogue import Catalogue
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.app import Kiosque
    from bot.desk.errata import ErratumReader, ProposedErratum
    from bot.memory.errata import ErratumStore

app = typer_app()


@command(app, "errata")
def errata(
    ctx: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID", help="help.errata.id")] = "",
    send: Annotated[bool, typer.Option("--send", help="help.errata.send")] = False,
    everybody: Annotated[bool, typer.Option("--all", help="help.errata.all")] = False,
    as_json: Json = False,
) -> None:
    """List the articles that stored answers quote otherwise than they are now; show one, send it.

    Raises:
        BadUse: there is nobody to be told, or no article to tell of.
        NotFound: no article, or more than one, has an id that begins so.
    """
    invocation: Invocation = ctx.obj
    if send and not article_id:
        raise BadUse("missing_value", name="ID", command="kiosque errata --send")
    with opened(invocation) as (parts, _), _stored(parts) as store:
        if not article_id:
            found = _changed(parts, store, everything=everybody)
            if as_json:
                print_json([_as_json(store, one) for one in found])
            else:
                display(_listed(store, found, invocation.texts))
            return
        one = _one(parts, store, article_id)
        readers = one.to_tell(everybody=everybody)
        begun = _begun(store, one, readers) if send else 0
        zone = ZoneInfo(parts.settings.reading.timezone)
        if as_json:
            print_json(_as_json(store, one) | _details(one, readers, begun, zone))
        else:
            lines = _shown(store, one, readers, begun, invocation.texts, zone)
            display("\n".join(map(harmless, lines)))


@contextmanager
def _stored(parts: Kiosque) -> Iterator[ErratumStore]:
    from bot.memory.errata import ErratumStore
    from bot.memory.history import open_memory

    with open_memory(parts.settings.home, parts.settings.answers.keep_days) as store:
        yield ErratumStore(store)


def _changed(parts: Kiosque, store: ErratumStore, *, everything: bool) -> list[ProposedErratum]:
    """The articles of which something was read that does not stand, the untold first.

    With ``everything``, those too of which all that was read stands.
    """
    from bot.desk.errata import proposed, suspects

    now = datetime.now(UTC)
    every = [
        proposed(store, parts.reader, id_, now) for id_ in suspects(store.cited(), parts.reader)
    ]
    shown = [one for one in every if everything or not one.counts.stands]
    return sorted(shown, key=lambda one: (not one.to_tell(), -one.counts.answers))


def _one(parts: Kiosque, store: ErratumStore, article_id: str) -> ProposedErratum:
    """The article that is meant; one that is gone is known by the answers that cite it."""
    from bot.desk.errata import proposed

    whole = article_id if article_id in store.cited() else parts.reader.article(article_id).id
    return proposed(store, parts.reader, whole, datetime.now(UTC))


def _begun(store: ErratumStore, one: ProposedErratum, readers: Iterable[ErratumReader]) -> int:
    """Have it sent; to how many conversations it goes.

    Raises:
        BadUse: nobody is to be told.
    """
    where = [reader.conversation for reader in readers]
    begun = store.begin(one.erratum, 0, datetime.now(UTC), where)
    if not begun:
        key = "erratum_stands" if one.to_tell(everybody=True) else "erratum_nobody"
        raise BadUse(key, id=one.article.id, title=one.article.title)
    return begun


# --- for people ---------------------------------------------------------------------------


def _listed(store: ErratumStore, found: list[ProposedErratum], texts: Catalogue) -> str:
    from bot.messages.errata import cited_lines, state_line

    if not found:
        return texts.text("erratum.none")
    lines = [texts.text("erratum.listed")]
    for one in found:
        head, *others = cited_lines(texts, one.article, one.counts)
        state = state_line(texts, one.erratum, store.outcomes(one.erratum.id))
        lines += ["", f"{one.article.id} · {head}", *others, *filter(None, [state])]
    return "\n".join(map(harmless, lines))


def _shown(
    store: ErratumStore,
    one: ProposedErratum,
    readers: list[ErratumReader],
    begun: int,
    texts: Catalogue,
    zone: ZoneInfo,
) -> Iterator[str]:
    """Who read it, how far its erratum is, and each message as it would be sent."""
    from bot.desk.errata import variants
    from bot.messages.errata import cited_lines, erratum_lines, preview_head, state_line

    id_ = one.article.id
    yield from cited_lines(texts, one.article, one.counts, len(one.told))
    if begun:
        yield texts.text("erratum.begun_terminal", id=id_)
        return
    yield from filter(None, [state_line(texts, one.erratum, store.outcomes(one.erratum.id))])
    pages = variants(readers)
    for at, (reader, _) in enumerate(pages):
        yield ""
        yield preview_head(texts, len(readers), at, [count for _, count in pages])
        now = datetime.now(UTC)
        spoken = Catalogue(reader.language)
        yield from (f"   {line}" for line in erratum_lines(spoken, one.article, reader, now, zone))
    if readers:
        yield ""
        yield texts.text("erratum.send_how", id=id_)
    elif one.to_tell(everybody=True):
        yield texts.text("erratum.send_anyway", id=id_)


# --- for programs -------------------------------------------------------------------------


def _as_json(store: ErratumStore, one: ProposedErratum) -> dict[str, Any]:
    from collections import Counter

    counts, article = one.counts, one.article
    outcomes = Counter(outcome.value for outcome in store.outcomes(one.erratum.id).values())
    return {
        **picked(article, "article_id=id title withdrawn=is_withdrawn changed"),
        "answers": counts.answers,
        "conversations": picked(counts, "private groups"),
        **picked(counts, "terminal_answers=terminal wrong"),
        "to_tell": len(one.to_tell()),
        "erratum": {"state": one.erratum.state.value, "outcomes": dict(outcomes)},
    }


def _details(
    one: ProposedErratum, readers: list[ErratumReader], begun: int, zone: ZoneInfo
) -> dict[str, Any]:
    from bot.desk.errata import variants
    from bot.messages.errata import erratum_lines

    now = datetime.now(UTC)
    messages = [
        {
            "language": reader.language,
            "conversations": count,
            "text": "\n".join(
                erratum_lines(Catalogue(reader.language), one.article, reader, now, zone)
            ),
        }
        for reader, count in variants(readers)
    ]
    return {"messages": messages, "begun": begun}


# --- after a change -----------------------------------------------------------------------


def cited_hint(parts: Kiosque, article_ids: Iterable[str], texts: Catalogue) -> list[str]:
    """What to say after a change of some articles: which answers cite them, and what to do."""
    from bot.desk.errata import proposed
    from bot.memory.history import has_memory
    from bot.messages.errata import cited_lines

    changed = {*article_ids}
    if not changed or not has_memory(parts.settings.home):
        return []
    with _stored(parts) as store:
        ids = sorted(store.cited().keys() & changed)
        found = [proposed(store, parts.reader, id_, datetime.now(UTC)) for id_ in ids]
    if len(found) == 1:
        _, *lines = cited_lines(texts, found[0].article, found[0].counts)
        stands = found[0].counts.stands
        return lines if stands else [*lines, texts.text("erratum.hint", id=ids[0])]
    wrong = any(not one.counts.stands for one in found)
    return [texts.text("erratum.hint_many")] if wrong else []

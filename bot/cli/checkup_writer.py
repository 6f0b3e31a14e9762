"""What ``kiosque doctor`` says of the model that writes the answers: it is asked something."""

from __future__ import annotations

import asyncio
import difflib
from contextlib import aclosing
from typing import TYPE_CHECKING

from bot.cli.check import Check
from bot.cli.failures import explained
from prompts.messages import Message
from retrieval.errors import BadSettings, KiosqueError, WriterUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.model.endpoint import ChatEndpoint
    from bot.app import Kiosque
    from bot.messages.catalogue import Catalogue

_NAME = "writer"
_QUESTION = (Message("user", "2 + 2 = 4 ? (oui / non)"),)
_SHOWN, _LONGEST = 8, 80
"""Of the names of models, which are whatever a server says."""


def writer_check(app: Kiosque, texts: Catalogue) -> Check:
    """Ask the endpoint for a word: the only proof that address, key and model are right."""
    try:
        endpoint = app.chat_endpoint
    except KiosqueError as error:
        return _wrong(error, texts)
    if endpoint is None:
        return Check(_NAME, True, texts.text("doctor.no_writer"))
    return _asked(endpoint, app.settings.llm.max_tokens, texts)


def _asked(endpoint: ChatEndpoint, max_tokens: int, texts: Catalogue) -> Check:
    try:
        if not endpoint.name:
            error = BadSettings("llm_model_unnamed", host=endpoint.host)
            return _wrong(error, texts, asyncio.run(endpoint.models()))
        asyncio.run(_ask(endpoint, max_tokens))
    except WriterUnavailable as error:
        offered = _offered(endpoint) if error.key == "llm_model_unknown" else ()
        return _wrong(error, texts, offered)
    said = texts.text("doctor.writer_answers", model=endpoint.name, host=endpoint.host)
    return Check(_NAME, True, said)


async def _ask(endpoint: ChatEndpoint, max_tokens: int) -> None:
    """Wait for the first piece of an answer.

    Raises:
        WriterUnavailable: no answer came.
    """
    async with aclosing(endpoint.stream(_QUESTION, max_tokens=max_tokens)) as pieces:
        async for piece in pieces:
            if piece.strip():
                return


def _offered(endpoint: ChatEndpoint) -> tuple[str, ...]:
    try:
        return asyncio.run(endpoint.models())
    except WriterUnavailable:
        return ()  # many servers have no list; what was wrong is known


def _wrong(error: KiosqueError, texts: Catalogue, offered: Sequence[str] = ()) -> Check:
    said = explained(error, texts)
    if not offered:
        return Check(_NAME, False, said.message, said.do)
    wanted = str(error.facts.get("model", ""))
    near = difflib.get_close_matches(wanted, offered, n=_SHOWN, cutoff=0.5) or offered[:_SHOWN]
    names = texts.listing(name[:_LONGEST] for name in near)
    return Check(_NAME, False, said.message, texts.text("doctor.name_a_model", names=names))

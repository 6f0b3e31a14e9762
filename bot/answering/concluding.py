"""The end of an answer that a model wrote: with its notices, or what is said in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.differences import changes
from retrieval.vocabulary import Answer, Notice, Status

if TYPE_CHECKING:
    from bot.answering.answerer import Answerer
    from bot.answering.editing import Editor
    from bot.answering.prepared import Prepared


def concluded(answerer: Answerer, prepared: Prepared, editor: Editor) -> Answer:
    """The whole answer, once the model is done or gone.

    Where it left nothing to say, the articles' own sentences answer, unless the model, asked
    whether the answer is there, makes that improbable.

    Raises:
        KiosqueError: the archive cannot be read.
    """
    draft = editor.draft
    if draft.statements:
        editor.complete()
        return answerer.written(prepared, draft)
    if draft.cut:
        return _with_notice(answerer.extractive(prepared), "model_away")
    # Where dated articles answer differently, no doubt is left that they answer.
    if not (editor.is_answered or changes(prepared.asked, prepared.judged)):
        return answerer.refuse(prepared)
    return _with_notice(answerer.extractive(prepared, is_there=True), "model_unsupported")


def _with_notice(answer: Answer, key: str) -> Answer:
    """An extractive answer that says why no model wrote it."""
    if answer.status is not Status.EXTRACTIVE:
        return answer
    others = tuple(one for one in answer.notices if one.key != "without_model")
    return replace(answer, notices=(Notice(key), *others))

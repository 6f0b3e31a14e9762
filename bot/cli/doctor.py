"""``kiosque doctor``: is the archive sound, do the indexes agree with it, do the models work."""

from __future__ import annotations

import asyncio
import difflib
import platform
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import checkup_as_json
from bot.cli.output import display, print_json
from bot.cli.translated import Json, command, typer_app
from bot.messages.errors import explained
from retrieval.errors import (
    ArchiveDamaged,
    ArchiveMissing,
    BadSettings,
    ForeignFile,
    IndexDamaged,
    KiosqueError,
    ModelMismatch,
    ModelUnavailable,
    ModelUnknown,
    WriterUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.answering.exam import Marks
    from bot.answering.model.endpoint import ChatEndpoint
    from bot.answering.trust import Examiner
    from bot.app import Kiosque
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue

app = typer_app()

_LIBRARIES = ("kiosque", "chromadb", "tantivy", "onnxruntime", "langchain-core", "langchain-openai")
_MAX_MODELS, _MAX_MODEL_CHARS = 8, 80
"""Of the names of models, which are what a server sends."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Args:
        name: of the check (``doctor.check.NAME``).
        well: whether it is as it should be.
        found: what was found.
        do: what to do about it.
    """

    name: str
    well: bool
    found: str
    do: str = ""


@command(app, "doctor")
def doctor(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="help.doctor.repair")] = False,
    again: Annotated[bool, typer.Option("--again", help="help.doctor.again")] = False,
    as_json: Json = False,
) -> int:
    """Check the archive, its indexes and the models; 1 when something stays wrong.

    Args:
        ctx: the run of the command.
        repair: whether what is damaged is made again first.
        again: whether the writing model takes its test once more.
        as_json: whether a program reads.
    """
    invocation: Invocation = ctx.obj
    texts = invocation.texts
    with opened(invocation) as (parts, bars):
        repaired = _repaired(parts, bars) if repair else []
        checks = list(_checks(parts, texts))
        examiner = None
        if checks[-1].well:
            examiner = parts.examiner(parts.settings.llm.parallel)
            if examiner is not None:
                checks.append(trust_check(examiner, bars, texts, again=again))
    well = all(check.well for check in checks)
    if as_json:
        print_json(checkup_as_json(checks, examiner, repaired=bool(repaired)))
    else:
        _show(checks, texts, well=well, repaired=repaired)
    return 0 if well else 1


def _failed(name: str, error: KiosqueError, texts: Catalogue) -> Check:
    failure = explained(error, texts)
    return Check(name, False, failure.message, failure.do)


def _repaired(parts: Kiosque, bars: Bars) -> list[str]:
    """Put right what can be; the names of what was made again."""
    from retrieval.change import rebuild_generation, verify
    from retrieval.crossencoder.engine import damaged_reader, ensure_reader, reader_folder
    from retrieval.embedding import reconvert
    from retrieval.embedding import verify as damaged_files

    made = []
    if _is_built_in(parts) and _was_made(parts) and damaged_files(parts.settings.home):
        reconvert(parts.settings.home, bars.counter("model"))
        made.append("model")
    if reader_folder(parts.settings.home).exists() and damaged_reader(parts.settings.home):
        ensure_reader(parts.settings.home, again=True)
        made.append("reader")
    if any(isinstance(problem, IndexDamaged) for problem in verify(parts.places)):
        rebuild_generation(parts.places, embedder=parts.models.embedder, progress=bars)
        made.append("indexes")
    return made


def _is_built_in(parts: Kiosque) -> bool:
    chosen = parts.settings.embedding
    return not chosen.base_url and chosen.model_dir is None


def _model_folder(parts: Kiosque) -> Path:
    from retrieval.embedding.model import model_folder

    return model_folder(parts.settings.home)


def _was_made(parts: Kiosque) -> bool:
    """Whether the built-in model is there; it is made by the first command that needs it."""
    return _model_folder(parts).exists()


def _checks(parts: Kiosque, texts: Catalogue) -> Iterator[Check]:
    from bot.version import installed

    found = ", ".join(f"{name} {installed(name)}" for name in _LIBRARIES)
    yield Check("python", True, f"Python {platform.python_version()}, {found}")
    yield Check("home", True, str(parts.settings.home))
    yield from _server(parts, texts)
    yield from _indexes(parts, texts)
    yield _model(parts, texts)
    yield _judge(parts, texts)
    yield from _listener(parts, texts)
    yield _writer(parts, texts)


def _server(parts: Kiosque, texts: Catalogue) -> Iterator[Check]:
    """Ask the Chroma server for its version, where one is set."""
    server = parts.places.server
    if server is None:
        return
    try:
        version, tenant, database = server.about()
    except KiosqueError as error:
        yield _failed("chroma", error, texts)
        return
    facts = {"version": version, "tenant": tenant, "database": database}
    yield Check("chroma", True, texts.text("doctor.chroma_answers", url=server.address, **facts))


def _indexes(parts: Kiosque, texts: Catalogue) -> Iterator[Check]:
    from retrieval.change import verify

    problems = verify(parts.places)
    for problem in problems:
        yield _failed("indexes", problem, texts)
    if problems:
        return
    try:
        coverage = parts.reader.coverage()
    except ArchiveMissing as error:
        failure = explained(error, texts)
        yield Check("archive", True, failure.message, failure.do)
        return
    from bot.messages.answers import coverage_line

    number = parts.reader.live_generation()
    found = [coverage_line(texts, coverage)]
    if number is not None:
        found.append(texts.text(f"doctor.graph.{parts.places.kind(number)}"))
    yield Check("indexes", True, " ".join(found))


def _model(parts: Kiosque, texts: Catalogue) -> Check:
    """Embed something: the only proof that the model, or its endpoint, works."""
    from retrieval.embedding import verify as damaged_files
    from retrieval.embedding.model import find_weights

    try:
        if _is_built_in(parts):
            if not _was_made(parts):
                find_weights()
                return Check(
                    "model", True, texts.text("doctor.no_model"), texts.text("doctor.no_model_do")
                )
            if damaged_files(parts.settings.home):
                raise ModelUnavailable("model_damaged", path=str(_model_folder(parts)))
        parts.models.embedder.embed_query("Kiosque")
        _compare_models(parts)
    except KiosqueError as error:
        return _failed("model", error, texts)
    return Check("model", True, parts.models.embedder.model_id)


def _judge(parts: Kiosque, texts: Catalogue) -> Check:
    """Whether the network that reads what search finds is whole, once it was made."""
    from retrieval.crossencoder.engine import damaged_reader, reader_folder

    folder = reader_folder(parts.settings.home)
    if not folder.exists():
        return Check("reader", True, texts.text("doctor.no_reader"))
    if damaged_reader(parts.settings.home):
        return _failed("reader", ModelUnavailable("model_damaged", path=str(folder)), texts)
    return Check("reader", True, folder.name)


def _compare_models(parts: Kiosque) -> None:
    """See that the indexes were made with the model of the settings.

    Raises:
        ModelMismatch: they were not: every question would be refused.
    """
    try:
        made = parts.reader.model_id()
    except (ArchiveMissing, ArchiveDamaged, ForeignFile):
        return  # the check of the indexes reports it
    if made and made != parts.models.embedder.model_id:
        raise ModelMismatch("model_mismatch", made=made, asked=parts.models.embedder.model_id)


def _listener(parts: Kiosque, texts: Catalogue) -> Iterator[Check]:
    """Have what puts voice messages into words listen to a second of silence, where it is set."""
    from bot.options import transcription_choice

    choice = transcription_choice(parts.settings)
    if choice is None:
        return
    from bot.answering.model.transcription import Transcriber, silence

    try:
        transcriber = Transcriber(choice)
        asyncio.run(transcriber.words(silence()))
    except KiosqueError as error:
        yield _failed("transcription", error, texts)
        return
    facts = {"model": transcriber.model, "host": transcriber.host}
    yield Check("transcription", True, texts.text("doctor.listener_answers", **facts))


def _writer(parts: Kiosque, texts: Catalogue) -> Check:
    """Ask the endpoint for a word: the only proof that address, key and model are right."""
    try:
        endpoint = parts.endpoints.writer
    except KiosqueError as error:
        return _wrong(error, texts)
    if endpoint is None:
        return Check("writer", True, texts.text("doctor.no_writer"))
    return _asked(endpoint, parts.settings.llm.max_tokens, texts)


def _asked(endpoint: ChatEndpoint, max_tokens: int, texts: Catalogue) -> Check:
    from bot.answering.model.probe import first_word

    try:
        if not endpoint.name:
            error = BadSettings("llm_model_unnamed", host=endpoint.host)
            return _wrong(error, texts, asyncio.run(endpoint.models()))
        asyncio.run(first_word(endpoint, max_tokens))
    except WriterUnavailable as error:
        offered = _offered(endpoint) if isinstance(error, ModelUnknown) else ()
        return _wrong(error, texts, offered)
    found = texts.text("doctor.writer_answers", model=endpoint.name, host=endpoint.host)
    return Check("writer", True, found)


def _offered(endpoint: ChatEndpoint) -> tuple[str, ...]:
    try:
        return asyncio.run(endpoint.models())
    except WriterUnavailable:
        return ()  # many servers have no list; what was wrong is known


def _wrong(error: KiosqueError, texts: Catalogue, offered: Sequence[str] = ()) -> Check:
    check = _failed("writer", error, texts)
    if not offered:
        return check
    wanted = str(error.facts.get("model", ""))
    near = (
        difflib.get_close_matches(wanted, offered, n=_MAX_MODELS, cutoff=0.5)
        or offered[:_MAX_MODELS]
    )
    names = texts.listing(name[:_MAX_MODEL_CHARS] for name in near)
    return replace(check, do=texts.text("doctor.name_a_model", names=names))


def trust_check(examiner: Examiner, bars: Bars, texts: Catalogue, *, again: bool) -> Check:
    """The marks and the mode of the writing model: as stored, else by its test, taken now.

    Args:
        examiner: of the model.
        bars: they show how far the test is.
        texts: the language.
        again: whether it takes the test though there are marks, or though the mode is set.
    """
    marks = examiner.marks
    try:
        if again or examiner.setting == "auto":
            marks = asyncio.run(examiner.examine(bars.counter("trust"), again=again))
    except KiosqueError as error:
        return _failed("trust", error, texts)
    finally:
        bars.stop()
    return _mode_check(examiner, marks, texts)


def _mode_check(examiner: Examiner, marks: Marks | None, texts: Catalogue) -> Check:
    from bot.answering.trust import Mode

    mode, model = examiner.mode, examiner.examinee.model[:_MAX_MODEL_CHARS]
    if examiner.setting != "auto" or marks is None:
        return Check("trust", True, texts.text(f"doctor.trust_forced_{mode}", model=model))
    found = texts.text(
        f"doctor.trust_{mode}",
        model=model,
        verified=_verified(examiner, marks, texts),
        written=marks.written.right,
        selected=marks.selected.right,
        questions=marks.written.total,
    )
    do = texts.text("doctor.trust_off_do") if mode is Mode.OFF else ""
    return Check("trust", True, found, do)


def _verified(examiner: Examiner, marks: Marks, texts: Catalogue) -> str:
    from bot.answering.trust import verifies

    well = verifies(marks, examiner.limits)
    return texts.text(
        "doctor.trust_verifies" if well else "doctor.trust_verifies_not",
        verifier=examiner.examinee.verifier[:_MAX_MODEL_CHARS],
        supported=marks.supported.right,
        supported_of=marks.supported.total,
        altered=marks.altered.right,
        altered_of=marks.altered.total,
    )


def _show(checks: list[Check], texts: Catalogue, *, well: bool, repaired: list[str]) -> None:
    from rich.table import Table

    from bot.cli.render import prose

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for _ in ("mark", "name", "found"):
        table.add_column(overflow="fold")
    for check in checks:
        mark = prose("✓", "green") if check.well else prose("✗", "bold red")
        found = f"{check.found}\n→ {check.do}" if check.do else check.found
        table.add_row(mark, prose(texts.text(f"doctor.check.{check.name}")), prose(found))
    display(*(prose(texts.text(f"doctor.made_again.{name}")) for name in repaired), table)
    if well:
        display(prose(texts.text("doctor.well")))

"""``kiosque doctor``: is the archive sound, do the indexes agree with it, do the models work."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from bot.cli.checkup_model import Check, Trusted, examined, writer_check
from bot.cli.failures import explained
from bot.cli.opened import opened
from bot.cli.output import display, print_json
from bot.messages.wording import coverage_line
from bot.version import installed
from retrieval.errors import (
    ArchiveDamaged,
    ArchiveMissing,
    ForeignFile,
    IndexDamaged,
    KiosqueError,
    ModelMismatch,
    ModelUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue


_LIBRARIES = ("kiosque", "chromadb", "tantivy", "onnxruntime", "langchain-core", "langchain-openai")


def doctor(invocation: Invocation, *, repair: bool, again: bool, as_json: bool) -> int:
    """Look at everything, and put right what can be; 1 when something stays wrong.

    Args:
        invocation: the settings, and the language.
        repair: whether what is damaged is made again.
        again: whether the model's test is put to it once more.
        as_json: whether a program reads.
    """
    with opened(invocation) as (app, bars):
        repaired = _repaired(app, bars) if repair else []
        checks = list(_checks(app, invocation.texts))
        trusted = _trusted(app, bars, invocation.texts, again=again) if checks[-1].well else None
        checks += [trusted.check] if trusted else []
    well = all(check.well for check in checks)
    if as_json:
        rows = _as_json(checks, well=well, repaired=bool(repaired))
        print_json({**rows, "trust": trusted.record() if trusted else None})
    else:
        _show(checks, invocation.texts, well=well, repaired=repaired)
    return 0 if well else 1


def _repaired(app: Kiosque, bars: Bars) -> list[str]:
    """Put right what can be; the names of what was made again."""
    from retrieval.change import rebuild_generation, verify
    from retrieval.crossencoder.network import damaged_reader, ensure_reader, reader_folder
    from retrieval.embedding import reconvert
    from retrieval.embedding import verify as damaged_files

    made = []
    if _is_built_in(app) and _was_made(app) and damaged_files(app.settings.home):
        reconvert(app.settings.home, bars.counter("model"))
        made.append("model")
    if reader_folder(app.settings.home).exists() and damaged_reader(app.settings.home):
        ensure_reader(app.settings.home, again=True)
        made.append("reader")
    if any(isinstance(problem, IndexDamaged) for problem in verify(app.places)):
        rebuild_generation(app.places, embedder=app.embedder, progress=bars)
        made.append("indexes")
    return made


def _is_built_in(app: Kiosque) -> bool:
    chosen = app.settings.embedding
    return not chosen.base_url and chosen.model_dir is None


def _model_folder(app: Kiosque) -> Path:
    from retrieval.embedding.conversion import model_folder

    return model_folder(app.settings.home)


def _was_made(app: Kiosque) -> bool:
    """Whether the built-in model is there; it is made by the first command that needs it."""
    return _model_folder(app).exists()


def _checks(app: Kiosque, texts: Catalogue) -> Iterator[Check]:
    found = ", ".join(f"{name} {installed(name)}" for name in _LIBRARIES)
    yield Check("python", True, f"Python {platform.python_version()}, {found}")
    yield Check("home", True, str(app.settings.home))
    yield from _indexes(app, texts)
    yield _model(app, texts)
    yield _judge(app, texts)
    yield writer_check(app, texts)


def _indexes(app: Kiosque, texts: Catalogue) -> Iterator[Check]:
    from retrieval.change import verify

    problems = verify(app.places)
    for problem in problems:
        said = explained(problem, texts)
        yield Check("indexes", False, said.message, said.do)
    if problems:
        return
    try:
        coverage = app.reader.coverage()
    except ArchiveMissing as error:
        said = explained(error, texts)
        yield Check("archive", True, said.message, said.do)
        return
    yield Check("indexes", True, coverage_line(texts, coverage))


def _model(app: Kiosque, texts: Catalogue) -> Check:
    """Embed something: the only proof that the model, or its endpoint, works."""
    from retrieval.embedding import verify as damaged_files
    from retrieval.embedding.weights import find_source

    try:
        if _is_built_in(app):
            if not _was_made(app):
                find_source()
                return Check(
                    "model", True, texts.text("doctor.no_model"), texts.text("doctor.no_model_do")
                )
            if damaged_files(app.settings.home):
                raise ModelUnavailable("model_damaged", path=str(_model_folder(app)))
        app.embedder.embed_query("Kiosque")
        _compare_models(app)
    except KiosqueError as error:
        said = explained(error, texts)
        return Check("model", False, said.message, said.do)
    return Check("model", True, app.embedder.model_id)


def _judge(app: Kiosque, texts: Catalogue) -> Check:
    """Whether the network that reads what search finds is whole, once it was made."""
    from retrieval.crossencoder.network import damaged_reader, reader_folder

    folder = reader_folder(app.settings.home)
    if not folder.exists():
        return Check("reader", True, texts.text("doctor.no_reader"))
    if damaged_reader(app.settings.home):
        said = explained(ModelUnavailable("model_damaged", path=str(folder)), texts)
        return Check("reader", False, said.message, said.do)
    return Check("reader", True, folder.name)


def _compare_models(app: Kiosque) -> None:
    """See that the indexes were made with the model of the settings.

    Raises:
        ModelMismatch: they were not: every question would be refused.
    """
    try:
        made = app.reader.model_id()
    except (ArchiveMissing, ArchiveDamaged, ForeignFile):
        return  # said by the check of the indexes
    if made and made != app.embedder.model_id:
        raise ModelMismatch("model_mismatch", made=made, asked=app.embedder.model_id)


def _trusted(app: Kiosque, bars: Bars, texts: Catalogue, *, again: bool) -> Trusted | None:
    """How far the model is trusted, which answers; None when none is set."""
    examiner = app.new_examiner(app.settings.llm.parallel)
    return None if examiner is None else examined(examiner, bars, texts, again=again)


def _as_json(checks: list[Check], *, well: bool, repaired: bool) -> dict[str, Any]:
    rows = [
        {"check": check.name, "ok": check.well, "found": check.found, "do": check.do or None}
        for check in checks
    ]
    return {"ok": well, "repaired": repaired, "checks": rows}


def _show(checks: list[Check], texts: Catalogue, *, well: bool, repaired: list[str]) -> None:
    from rich.table import Table

    from bot.cli.prose import prose

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

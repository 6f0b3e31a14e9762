"""From the settings to the options of the parts: nothing is opened here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bot.answering.model.protocol import ModelChoice
    from bot.answering.model.transcription import TranscriptionChoice
    from bot.answering.pipeline import AnswerOptions
    from config.settings import Settings
    from retrieval.change import Options
    from retrieval.embedding import EmbeddingChoice
    from retrieval.index.generations import Places
    from retrieval.index.server import ChromaServer
    from retrieval.reading import CleaningRules, Limits
    from retrieval.search import SearchOptions
    from retrieval.web.response import FetchLimits


def embedding_choice(settings: Settings) -> EmbeddingChoice:
    """Which embedding model to open."""
    from retrieval.embedding import EmbeddingChoice

    chosen = settings.embedding
    return EmbeddingChoice(
        model_dir=chosen.model_dir,
        base_url=chosen.base_url or None,
        model=chosen.model or None,
        api_key=chosen.api_key.get_secret_value() or None,
        timeout=chosen.timeout_s,
        batch=chosen.batch,
        parallel=chosen.parallel,
        threads=chosen.threads,
        device=chosen.device,
    )


def search_options(settings: Settings) -> SearchOptions:
    """How passages are searched for."""
    from retrieval.search import SearchOptions

    chosen = settings.search
    return SearchOptions(
        chosen.k,
        chosen.dense_weight,
        chosen.candidates,
        chosen.exact_below,
    )


def places(settings: Settings) -> Places:
    """Where the archive and its indexes are."""
    from retrieval.index.entries import Form
    from retrieval.index.generations import Places

    form = Form(settings.indexing.vectors, settings.chroma.texts)
    return Places(settings.home, _chroma_server(settings), form)


def _chroma_server(settings: Settings) -> ChromaServer | None:
    """The Chroma server that holds the windows; None when they are files of the home."""
    chosen = settings.chroma
    if not chosen.url:
        return None
    from retrieval.index.server import ChromaServer

    return ChromaServer(
        chosen.url,
        chosen.user,
        chosen.password.get_secret_value(),
        chosen.api_key.get_secret_value(),
        chosen.header,
        chosen.tenant,
        chosen.database,
        str(chosen.ca_file or ""),
        chosen.timeout_s,
        chosen.query_timeout_s,
        chosen.retry_s,
        chosen.max_results,
        chosen.max_records,
    )


def answer_options(settings: Settings) -> AnswerOptions:
    """How much an answer may say."""
    from bot.answering.picking import load_limits
    from bot.answering.pipeline import AnswerOptions

    chosen = settings.answers
    return AnswerOptions(
        chosen.max_statements, chosen.max_written, chosen.max_question_chars, load_limits()
    )


def writer_choice(settings: Settings) -> ModelChoice | None:
    """The model that writes the answers; None when no endpoint is set."""
    from bot.answering.model.protocol import ModelChoice

    chosen = settings.llm
    if not chosen.base_url:
        return None
    key = chosen.api_key.get_secret_value() or None
    return ModelChoice(
        chosen.base_url, chosen.model, key, chosen.timeout_s, chosen.parallel, chosen.retries
    )


def verifier_choice(settings: Settings) -> ModelChoice | None:
    """The model that verifies, when it is not the one that writes.

    One at an address of its own is given its own key, never the writer's.
    """
    from bot.answering.model.protocol import ModelChoice

    chosen, writing = settings.llm.verifier, settings.llm
    if not writing.base_url or not (chosen.base_url or chosen.model):
        return None
    key = chosen.api_key if chosen.base_url else writing.api_key
    return ModelChoice(
        chosen.base_url or writing.base_url,
        chosen.model or writing.model,
        key.get_secret_value() or None,
        chosen.timeout_s,
        writing.parallel,
        writing.retries,
    )


def transcription_choice(settings: Settings) -> TranscriptionChoice | None:
    """What puts voice messages into words; None when no endpoint is set."""
    from bot.answering.model.transcription import TranscriptionChoice

    chosen = settings.transcription
    if not chosen.base_url:
        return None
    language = "" if chosen.language == "auto" else chosen.language
    key = chosen.api_key.get_secret_value() or None
    return TranscriptionChoice(chosen.base_url, chosen.model, key, language, chosen.timeout_s)


def change_options(settings: Settings, by: str) -> Options:
    """How changes are made; ``by`` names their author in the history."""
    from retrieval.change import Options, Retention

    chosen = settings.indexing
    return Options(
        chosen.max_file_mb * 1_000_000,
        chosen.passage_chars,
        chosen.window_chars,
        chosen.keep_generations,
        Retention(chosen.keep_changes, chosen.keep_days),
        by,
        reading_limits(settings),
        chosen.near_duplicates == "link",
        settings.reading.timezone,
    )


def reading_limits(settings: Settings) -> Limits:
    """What reading one source may cost."""
    from retrieval.reading import Limits

    chosen, admit = settings.indexing, settings.reading.admit
    return Limits(chosen.max_pages, chosen.read_timeout_s, chosen.read_memory_mb, admit)


def fetch_limits(settings: Settings) -> FetchLimits:
    """What fetching a page or a feed may cost, and how Kiosque names itself."""
    from bot.version import installed
    from retrieval.web.response import FetchLimits

    chosen = settings.fetch
    return FetchLimits(
        chosen.timeout_s,
        chosen.max_mb * 1_000_000,
        chosen.pause_s,
        chosen.robots,
        chosen.allow_private,
        chosen.user_agent or f"Kiosque/{installed('kiosque')}",
    )


def cleaning_rules(home: Path) -> CleaningRules:
    """The rules of cleaning: the builtin ones, or the administrator's beside the archive.

    Raises:
        BadSettings: a rule is not well formed.
    """
    from config.data import path
    from retrieval.reading import load_rules

    own, builtin = home / "cleaning.toml", path("reading/cleaning.toml")
    return load_rules(own if own.is_file() else builtin, builtin)

"""Everything that can be set, as one frozen object; what each option is for is in kiosque.toml.

A value is read once, at the start, by `config.loading`; the other packages are given values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from config.places import default_home


def _web_address(value: str) -> str:
    """Let an empty text or an ``http(s)://host…`` address through."""
    if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
        raise PydanticCustomError("not_url", "not a web address")
    return value


def _header(value: str) -> str:
    """Let through what a header of HTTP can carry."""
    if not (value.isascii() and (value.isprintable() or not value)):
        raise PydanticCustomError("not_header", "not the value of a header")
    return value


def _time_zone(value: str) -> str:
    """Let through the name of a time zone of the IANA database."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("not_time_zone", "not a time zone") from None
    return value


def _split_ids(value: Any) -> Any:  # noqa: ANN401 - whatever TOML or the environment holds
    """Read ``12, 34`` as TOML's ``[12, 34]``: the environment has no lists."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


TimeZone = Annotated[str, AfterValidator(_time_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Ids = Annotated[tuple[int, ...], BeforeValidator(_split_ids)]
Words = Annotated[tuple[str, ...], BeforeValidator(_split_ids)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class _Section(BaseModel):
    """Frozen, closed, and never showing a value in an error: it might be a secret."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, protected_namespaces=()
    )


class EmbeddingSettings(_Section):
    """What makes vectors: the model of the package, a folder, or an endpoint."""

    model_dir: Path | None = None
    base_url: WebAddress = ""
    model: str = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: Seconds = 30.0
    batch: int = Field(default=32, ge=1, le=256)
    parallel: int = Field(default=4, ge=1, le=64)
    threads: int = Field(default=0, ge=0, le=256)
    device: Literal["cpu", "cuda"] = "cpu"


class ChromaSettings(_Section):
    """Where the vectors live: a server, or files under the home when ``url`` is empty."""

    url: WebAddress = Field(default="", repr=False)  # it may have a password
    user: str = ""
    password: SecretStr = SecretStr("")
    api_key: SecretStr = SecretStr("")
    header: Literal["Authorization", "X-Chroma-Token"] = "Authorization"
    tenant: str = ""
    database: str = ""
    ca_file: Path | None = None
    timeout_s: Seconds = 30.0
    query_timeout_s: Seconds = 5.0
    retry_s: float = Field(default=60.0, ge=0, le=3600)
    max_results: int = Field(default=0, ge=0, le=10_000)
    max_records: int = Field(default=0, ge=0, le=10_000)
    texts: bool | Literal["auto"] = "auto"


class SearchSettings(_Section):
    """How passages are found."""

    k: int = Field(default=10, ge=1, le=100)
    dense_weight: float = Field(default=0.7, ge=0, le=1)
    candidates: int = Field(default=500, ge=10, le=10_000)
    exact_below: int = Field(default=2_000, ge=0, le=1_000_000)


class IndexingSettings(_Section):
    """How articles are taken in."""

    max_file_mb: int = Field(default=50, ge=1, le=4096)
    max_pages: int = Field(default=500, ge=1, le=100_000)
    read_timeout_s: Seconds = 30.0
    read_memory_mb: int = Field(default=1024, ge=256, le=65_536)
    window_chars: int = Field(default=280, ge=80, le=2000)
    passage_chars: int = Field(default=1200, ge=200, le=8000)
    keep_generations: int = Field(default=2, ge=1, le=20)
    keep_changes: int = Field(default=50, ge=1, le=10_000)
    keep_days: int = Field(default=365, ge=1, le=36_500)
    near_duplicates: Literal["link", "index"] = "link"
    vectors: Literal["windows", "passages", "auto"] = "auto"
    tail_share: float = Field(default=0.1, ge=0.01, le=0.5)
    confirm_above: int = Field(default=100, ge=0, le=100_000_000)
    confirm_minutes: float = Field(default=30.0, ge=0, le=1_000_000)


class ReadingSettings(_Section):
    """What is read of a source, and how it is understood."""

    timezone: TimeZone = "Europe/Paris"
    admit: Words = ()


class FetchSettings(_Section):
    """How pages and feeds are fetched."""

    allow_private: bool = False
    robots: bool = True
    user_agent: Annotated[str, AfterValidator(_header)] = ""
    pause_s: float = Field(default=1.0, ge=0, le=60)
    timeout_s: Seconds = 30.0
    max_mb: int = Field(default=20, ge=1, le=1000)
    full_articles: bool = True


class WatchSettings(_Section):
    """What `kiosque watch` follows, beside the list of feeds."""

    folders: tuple[Path, ...] = ()
    every_s: Annotated[float, Field(ge=1, le=86_400)] = 900.0
    prune: bool = False


class AnswerSettings(_Section):
    """How questions are answered."""

    max_statements: int = Field(default=3, ge=1, le=20)
    max_written: int = Field(default=6, ge=1, le=20)
    max_question_chars: int = Field(default=2000, ge=50, le=100_000)
    turns: int = Field(default=6, ge=0, le=50)
    keep_days: int = Field(default=30, ge=0, le=3650)
    disclosure: str = Field(default="", max_length=500)


class VerifierSettings(_Section):
    """The chat model that verifies statements; empty: the endpoint and the model that write."""

    base_url: WebAddress = ""
    model: str = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: Seconds = 20.0


class LlmSettings(_Section):
    """The chat model, behind any endpoint that speaks OpenAI's protocol; none by default."""

    base_url: WebAddress = ""
    model: str = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: Seconds = 60.0
    max_tokens: int = Field(default=600, ge=16, le=32_000)
    context_tokens: int = Field(default=8192, ge=512, le=10_000_000)
    parallel: int = Field(default=4, ge=1, le=1000)
    retries: int = Field(default=2, ge=0, le=10)
    trust: Literal["auto", "write", "select", "off"] = "auto"
    verifier: VerifierSettings = VerifierSettings()


class TranscriptionSettings(_Section):
    """What puts voice messages into words, behind OpenAI's protocol; nothing by default."""

    base_url: WebAddress = ""
    model: str = "whisper-1"
    api_key: SecretStr = SecretStr("")
    language: Literal["auto", "fr", "en"] = "auto"
    timeout_s: Seconds = 60.0
    max_s: int = Field(default=120, ge=1, le=3600)
    max_mb: int = Field(default=10, ge=1, le=20)


class TelegramSettings(_Section):
    """The bot, and whom it answers."""

    token: SecretStr = SecretStr("")
    base_url: WebAddress = ""
    base_file_url: WebAddress = ""
    admins: Ids = ()
    allowed_users: Ids = ()
    allowed_chats: Ids = ()
    admission: Literal["list", "code"] = "list"
    follow_in_groups: Literal["admins", "members"] = "admins"
    inline: bool = False
    per_minute: int = Field(default=5, ge=1, le=1000)
    per_hour: int = Field(default=40, ge=1, le=10_000)
    concurrent: int = Field(default=8, ge=1, le=256)
    queue: int = Field(default=50, ge=0, le=10_000)
    answer_timeout_s: Seconds = 180.0
    keep_days: int = Field(default=90, ge=1, le=3650)
    gaps_day: Literal[
        "off", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = "monday"
    gaps_hour: int = Field(default=8, ge=0, le=23)
    gaps_people: int = Field(default=2, ge=1, le=100)
    webhook_url: WebAddress = ""
    webhook_listen: str = "127.0.0.1"
    webhook_port: int = Field(default=8443, ge=1, le=65_535)
    webhook_secret: SecretStr = SecretStr("")
    workers: int = Field(default=1, ge=1, le=64)


class MetricsSettings(_Section):
    """Where the bot tells its figures to a monitoring system; 0: nowhere."""

    port: int = Field(default=0, ge=0, le=65_535)


class Settings(_Section):
    """All the settings."""

    home: Path = Field(default_factory=default_home)
    language: Literal["auto", "fr", "en"] = "auto"
    embedding: EmbeddingSettings = EmbeddingSettings()
    chroma: ChromaSettings = ChromaSettings()
    search: SearchSettings = SearchSettings()
    indexing: IndexingSettings = IndexingSettings()
    reading: ReadingSettings = ReadingSettings()
    fetch: FetchSettings = FetchSettings()
    watch: WatchSettings = WatchSettings()
    answers: AnswerSettings = AnswerSettings()
    llm: LlmSettings = LlmSettings()
    transcription: TranscriptionSettings = TranscriptionSettings()
    telegram: TelegramSettings = TelegramSettings()
    metrics: MetricsSettings = MetricsSettings()

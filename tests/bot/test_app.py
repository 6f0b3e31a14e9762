"""The composition root: parts are opened when used, once, and closed in reverse."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from bot.answering.request import Request
from bot.app import Kiosque
from bot.options import cleaning_rules
from config.data import path as data_path
from config.settings import (
    AnswerSettings,
    EmbeddingSettings,
    IndexingSettings,
    LlmSettings,
    SearchSettings,
    Settings,
)
from retrieval.embedding.model import model_folder
from retrieval.errors import BadSettings, ModelUnavailable, NotFound
from retrieval.reading import load_rules
from retrieval.search import Query
from retrieval.vocabulary import Status
from tests.sample_home import ARTICLES, TODAY

QUESTION = "Combien de stations aura la ligne T2 ?"


def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    """To make and close a Kiosque touches no file, not even a home that is not there."""
    with Kiosque(Settings(home=tmp_path / "nowhere")) as app:
        assert app.places.home == tmp_path / "nowhere"
    assert list(tmp_path.iterdir()) == []


def test_parts_are_opened_once(sample_home: Path) -> None:
    """The same part is given each time, and all share one archive."""
    with Kiosque(Settings(home=sample_home)) as app:
        assert app.reader is app.reader
        assert app.search is app.search
        assert app.models.embedder is app.models.embedder
        assert app.answering.pipeline is app.answering.pipeline


def test_what_was_opened_is_closed_whatever_happens(sample_home: Path) -> None:
    """After an error inside, the archive's connection is closed all the same."""
    opened: list[sqlite3.Connection] = []

    def fail() -> None:
        with Kiosque(Settings(home=sample_home)) as app:
            app.search.search(Query("la T2"))
            with app.reader._connections.lend() as connection:
                opened.append(connection)
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        fail()
    with pytest.raises(sqlite3.ProgrammingError):
        opened[0].execute("SELECT 1")


def test_chat_model_is_the_one_of_the_settings(tmp_path: Path) -> None:
    """Without an endpoint there is none; with one it is made once, and must have a name."""
    with Kiosque(Settings(home=tmp_path)) as app:
        assert app.endpoints.named() is None
    chosen = LlmSettings(base_url="http://localhost:11434/v1", model="qwen2.5:3b")
    with Kiosque(Settings(home=tmp_path, llm=chosen)) as app:
        assert app.endpoints is app.endpoints
        named = app.endpoints.named()
        assert named is not None
        assert [(one.name, one.host) for one in named] == [("qwen2.5:3b", "localhost:11434")] * 2
    with Kiosque(
        Settings(home=tmp_path, llm=LlmSettings(base_url="http://localhost:11434"))
    ) as app:
        assert app.endpoints.writer is not None
        with pytest.raises(BadSettings, match="llm_model_unnamed"):
            app.endpoints.named()


def test_the_way_of_an_answer_is_chosen_by_the_model(sample_home: Path) -> None:
    """LangChain joins the stages where a model is asked, and is not needed where none is."""
    chosen = LlmSettings(base_url="http://127.0.0.1:9/v1", model="m", trust="write")
    for llm, chained in ((LlmSettings(), False), (chosen, True)):
        with Kiosque(Settings(home=sample_home, llm=llm)) as app:
            assert (app.answering.chain is not None) is chained
            assert (app.answering.examiner is not None) is chained


def test_settings_are_checked_before_anything_is_opened(tmp_path: Path) -> None:
    """A home that is a file or no UTF-8, a model without a name: before a missing archive."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadSettings, match="home_not_folder"), Kiosque(Settings(home=file)):
        pass
    odd = Settings(home=tmp_path / "ann\udce9es")
    with pytest.raises(BadSettings, match="home_not_utf8"), Kiosque(odd):
        pass
    unnamed = Settings(
        home=tmp_path / "nowhere", llm=LlmSettings(base_url="http://localhost:11434")
    )
    with Kiosque(unnamed) as app, pytest.raises(BadSettings, match="llm_model_unnamed"):
        _ = app.answering


def test_nothing_is_written_into_it(tmp_path: Path) -> None:
    """Its parts are its own: no other can be put in their place."""
    with Kiosque(Settings(home=tmp_path)) as app:
        for name in ("reader", "models", "search", "settings"):
            with pytest.raises(FrozenInstanceError):
                setattr(app, name, None)


def test_models_may_be_shared(sample_home: Path, tmp_path: Path) -> None:
    """An archive that is searched with the models of another leaves them open, and makes none."""
    with Kiosque(Settings(home=sample_home)) as app:
        with Kiosque(Settings(home=tmp_path / "home"), shared=app.models) as inside:
            assert inside.indexer().index([ARTICLES]).added == 14
            assert inside.search.search(Query("la T2")).evidence
            assert inside.models.embedder is app.models.embedder
        assert not (tmp_path / "home" / "models").exists()
        assert app.search.search(Query("la T2")).evidence


def test_connections_of_the_embedding_endpoint_are_closed(tmp_path: Path) -> None:
    """At the end the HTTP client of an embedding model behind an endpoint is closed."""
    chosen = EmbeddingSettings(base_url="http://127.0.0.1:9/v1", model="e5")
    with Kiosque(Settings(home=tmp_path, embedding=chosen)) as app:
        embedder = app.models.embedder
    with pytest.raises(RuntimeError, match="closed"):
        embedder.embed_query("phare")


def test_nothing_goes_on_loading(sample_home: Path) -> None:
    """At the end no thread of a model is left in the background."""
    with Kiosque(Settings(home=sample_home)) as app:
        _ = app.search
    assert not [one for one in threading.enumerate() if one.name.endswith("-warm")]


@pytest.mark.skipif(sys.platform != "linux", reason="no such list of what is in memory")
def test_memory_of_what_was_loaded_is_given_back(own_home: Path) -> None:
    """Both networks leave at the end, not when Python looks for what nobody uses."""
    models, maps = str(own_home / "models"), Path("/proc/self/maps")
    with Kiosque(Settings(home=own_home)) as app:
        app.models.embedder.embed_query("phare")
        app.models.reader.relevance("Qui ?", [("Le phare", "Le phare de Brume a un gardien.")])
        assert models in maps.read_text()
    assert models not in maps.read_text()


def test_without_an_archive_no_model_is_made(tmp_path: Path) -> None:
    """Asking before the first article says so at once, and converts nothing."""
    with Kiosque(Settings(home=tmp_path / "home")) as app:
        with pytest.raises(NotFound):
            _ = app.answering
        with pytest.raises(NotFound):
            _ = app.search
    assert not (tmp_path / "home").exists()


def test_settings_reach_the_parts(sample_home: Path) -> None:
    """How many passages and sentences are given is what is set."""
    settings = Settings(
        home=sample_home, search=SearchSettings(k=3), answers=AnswerSettings(max_statements=1)
    )
    with Kiosque(settings, lambda: TODAY) as app:
        assert len(app.search.search(Query("la T2")).evidence) == 3
        answer = asyncio.run(app.answering.answer(Request(QUESTION, app.today())))
    assert (answer.status, len(answer.statements)) == (Status.EXTRACTIVE, 1)


def test_model_folder_that_is_not_there(sample_home: Path, tmp_path: Path) -> None:
    """A model that cannot be opened is said when it is first needed, not before."""
    settings = Settings(
        home=sample_home, embedding=EmbeddingSettings(model_dir=tmp_path / "nowhere")
    )
    with Kiosque(settings) as app:
        assert app.reader.coverage().articles == 14
        with pytest.raises(ModelUnavailable):
            _ = app.search


def test_conversion_is_told(home_of_the_model: Path) -> None:
    """A model that is already there reports no conversion: nobody sees an idle bar."""
    told: list[tuple[int, int]] = []
    settings = Settings(home=home_of_the_model)
    with Kiosque(settings, converting=lambda done, of: told.append((done, of))) as app:
        assert app.models.embedder.embed_query("phare").shape == (384,)
    assert told == []
    assert model_folder(home_of_the_model).is_dir()


def test_own_cleaning_rules(empty_home: Path) -> None:
    """Rules beside the archive stand in the place of the package's, or beside them."""
    builtin = load_rules(data_path("reading/cleaning.toml"), data_path("reading/cleaning.toml"))
    rule = '[[rule]]\nname = "menu"\nkind = "line"\npattern = "Menu"\nwhy = "test"\n'
    own = empty_home / "cleaning.toml"
    with Kiosque(Settings(home=empty_home)) as app:
        assert cleaning_rules(app.settings.home) == builtin
        own.write_text(rule)
        assert [rule.name for rule in cleaning_rules(app.settings.home).line] == ["menu"]
        own.write_text(f"extends = true\n{rule}")
        assert len(cleaning_rules(app.settings.home).line) == len(builtin.line) + 1


def test_indexer_takes_the_sizes_that_are_set(empty_home: Path) -> None:
    """The lengths of passages and windows are those of the settings."""
    sizes = IndexingSettings(passage_chars=200, window_chars=80)
    with Kiosque(Settings(home=empty_home, indexing=sizes)) as app:
        report = app.indexer().index([ARTICLES / "crue-mirvolle.txt"])
        passages = app.reader.passages_of(app.reader.entries()[0].id)
    assert report.passages == len(passages) > 3

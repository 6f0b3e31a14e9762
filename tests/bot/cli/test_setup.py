"""``kiosque setup`` on a fresh machine: few questions, the settings written, or nothing at all."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.interview import Interview
from bot.cli.setup_answers import OfferedModel, SetupAnswers, SetupQuestions, values_of
from bot.messages.catalogue import Catalogue
from config.loading import load_file
from config.settings import Settings
from tests.bot.cli.conftest import Kiosque
from tests.bot.cli.respondent import Respondent, TelegramAside
from tests.bot.cli.typist import typing
from tests.fake_llm import FakeLlm, says
from tests.fake_llm.examinee import perfect
from tests.fake_telegram.people import Person
from tests.sample_home import ARTICLES

KEY = "sk-of-no-worth-456"
MAX_QUESTIONS = 10


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[TelegramAside]:
    """The fake Telegram, whose address the environment gives."""
    aside = TelegramAside()
    with aside.served() as server:
        monkeypatch.setenv("KIOSQUE_TELEGRAM__BASE_URL", server.base_url)
        monkeypatch.setenv("KIOSQUE_TELEGRAM__BASE_FILE_URL", server.base_file_url)
        yield aside


def test_everything_on_a_fresh_machine(empty_home: Path, telegram: TelegramAside) -> None:
    """A model with a key, the bot, its administrator, articles: ten questions at most."""
    token, ana, bob = telegram.fake.token, Person(telegram.fake, "Ana"), Person(telegram.fake, "B")
    with (
        FakeLlm(perfect, models=["petit", "grand"], key=KEY) as model,
        typing(empty_home, "-m", "bot.cli", "setup") as typist,
    ):
        somebody = Respondent(typist)
        somebody.answers("")
        somebody.answers(model.url)
        somebody.answers(KEY)
        somebody.answers("2")
        assert "grand" in somebody.answers("")
        somebody.answers("12:wrong")
        assert "ne connaît pas ce jeton" in somebody.answers(token)
        assert "@kiosque_test_bot" in somebody.answers("")
        code = re.search(r"envoyez (\d{6}) ", typist.reads("start="))
        assert code is not None
        wrong = f"{(int(code[1]) + 1) % 10**6:06}"
        telegram.says(bob, wrong)
        telegram.says(ana, code[1])
        assert str(ana.id) in somebody.answers(str(ARTICLES))
        rest = typist.reads("kiosque doctor.", 120)
        assert typist.ends() == 0
    assert 0 < somebody.questions <= MAX_QUESTIONS
    assert "14 articles" in rest
    assert "il écrit" in " ".join(rest.split())
    assert token not in somebody.shown + rest
    assert KEY not in somebody.shown + rest
    settings = load_file(empty_home / "kiosque.toml", {}).settings
    assert (settings.llm.base_url, settings.llm.model) == (model.url, "grand")
    assert settings.llm.api_key.get_secret_value() == KEY
    assert settings.telegram.token.get_secret_value() == token
    assert settings.telegram.admins == (ana.id,)
    for secret in ("kiosque-llm.key", "kiosque-telegram.token"):
        assert stat.S_IMODE((empty_home / secret).stat().st_mode) == 0o600
    for path in (empty_home / "kiosque.toml", *(empty_home / "logs").glob("*")):
        assert token not in path.read_text("utf-8")
        assert KEY not in path.read_text("utf-8")
    assert bob.private.texts == []


@pytest.mark.parametrize("leaving", ["q\n", "\x03", "\x04"])
def test_who_leaves_leaves_nothing(empty_home: Path, leaving: str) -> None:
    """After some answers, with q, Ctrl-C or Ctrl-D: no file, and no settings."""
    before = sorted(empty_home.rglob("*"))
    with typing(empty_home, "-m", "bot.cli", "setup") as typist:
        somebody = Respondent(typist)
        somebody.answers("")
        somebody.answers("0")
        typist.reads("> ")
        typist.types(leaving)
        assert "Rien n’a été écrit" in typist.reads("écrit.") + "écrit."
        assert typist.ends() == (130 if leaving == "\x03" else 1)
    assert sorted(empty_home.rglob("*")) == before


def test_nobody_to_ask(kiosque: Kiosque, tmp_path: Path) -> None:
    """Without a terminal it says so, and the defaults must be asked for."""
    home = tmp_path / "fresh"
    said = kiosque(home, "setup").failed(2)
    assert "--yes" in said
    assert kiosque(home, "setup", "--json").failed_in_json(2) == "nobody_to_ask"
    assert not home.exists()


def test_defaults(
    kiosque: Kiosque, empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --yes the defaults are written; again, the file stays."""
    monkeypatch.setenv("KIOSQUE_LLM__TRUST", "off")  # a model of this machine is not to be tested
    value = kiosque(empty_home, "setup", "--yes", "--json").json
    file = empty_home / "kiosque.toml"
    del value["model"]  # this machine may have one
    assert value == {
        "file": str(file),
        "home": str(empty_home),
        "telegram": False,
        "admins": [],
        "indexed": None,
    }
    text = file.read_text("utf-8")
    shown = kiosque(empty_home, "setup", "--yes").out
    assert "kiosque ask" in shown
    assert "--config" not in shown
    assert file.read_text("utf-8") == text
    own = tmp_path / "mine.toml"
    assert "--config" in kiosque(empty_home, "setup", "--yes", "--config", str(own)).out
    assert load_file(own, {}).settings.home == empty_home


def questions(found: list[OfferedModel], settings: Settings) -> SetupQuestions:
    """The questions, answered by default."""
    return SetupQuestions(Interview(), settings, Catalogue("fr"), lambda _: None, found)


def test_model_of_this_machine(tmp_path: Path) -> None:
    """The first that is found is the default, if it answers; else none is set."""
    settings = Settings(home=tmp_path)
    with FakeLlm(says("oui")) as server:
        found = [OfferedModel(server.url, "petit"), OfferedModel(server.url, "grand")]
        answers = questions(found, settings).answers()
    assert answers == SetupAnswers(tmp_path, found[0], tests_model=True)
    answers = questions([OfferedModel("http://127.0.0.1:9/v1", "petit")], settings).answers()
    assert (answers.model, answers.tests_model) == (None, False)


def test_another_model_never_gets_the_key_of_the_last(tmp_path: Path) -> None:
    """A key goes with its address; what was not changed is not written."""
    file = tmp_path / "kiosque.toml"
    file.write_text('[llm]\nbase_url = "https://a.example/v1"\napi_key = "sk"\n', encoding="utf-8")
    before = load_file(file, {})
    other = OfferedModel("http://127.0.0.1:11434/v1", "petit")
    changed = values_of(SetupAnswers(before.settings.home, other), before, file)
    assert changed == {
        "llm.base_url": other.base_url,
        "llm.model": "petit",
        "llm.api_key": None,
        "llm.api_key_file": None,
    }
    assert values_of(SetupAnswers(before.settings.home), before, file) == {}
    none = values_of(SetupAnswers(before.settings.home, OfferedModel()), before, file)
    assert (none["llm.base_url"], none["llm.api_key"]) == ("", None)


def test_settings_that_are_there_are_shown_first(empty_home: Path) -> None:
    """An existing file is replaced only by who says so; what was not asked stays in it."""
    file = empty_home / "kiosque.toml"
    file.write_text("# à nous\n[search]\nk = 3\n", encoding="utf-8")
    for reply, expected in (("n", 1), ("", 0)):
        with typing(empty_home, "-m", "bot.cli", "setup") as typist:
            somebody = Respondent(typist)
            for answer in (str(empty_home / "other"), "0", "", ""):
                somebody.answers(answer)
            assert str(file) in somebody.answers(reply).replace(" ", "")
            assert typist.ends() == expected
        if reply:
            assert file.read_text("utf-8") == "# à nous\n[search]\nk = 3\n"
    assert file.read_text("utf-8").startswith("home = ")
    assert "# à nous\n[search]\nk = 3\n" in file.read_text("utf-8")


def test_bad_answers_get_a_clear_sentence(empty_home: Path, tmp_path: Path) -> None:
    """What cannot be is said, and asked again; three times, and it is left as it is."""
    taken = tmp_path / "taken"
    taken.write_text("", encoding="utf-8")
    answers = (
        (str(taken), ""),
        ("\x01" + str(empty_home), "n’est pas un dossier"),
        ("77", ""),
        ("ftp://x", "n’est pas dans la liste"),
        ("0", "n’est pas une adresse"),
        ("", ""),
        ("x" * 1_000, ""),
        ("é" * 1_000, "n’existe pas"),
        (str(tmp_path / "none"), ""),
    )
    with typing(empty_home, "-m", "bot.cli", "setup") as typist:
        somebody = Respondent(typist)
        for answer, said in answers:
            assert said in somebody.answers(answer)
        typist.reads("Pour Telegram")
        assert typist.ends() == 0
    assert load_file(empty_home / "kiosque.toml", {}).settings.home == empty_home


def test_settings_that_cannot_be_written_or_read(kiosque: Kiosque, tmp_path: Path) -> None:
    """A wrong file, one that cannot be changed so, and a place without room: a sentence each."""
    broken, dotted = tmp_path / "broken.toml", tmp_path / "dotted.toml"
    broken.write_text("[llm\n", encoding="utf-8")
    dotted.write_text('x = """', encoding="utf-8")
    for file in (broken, dotted):
        before = file.read_bytes()
        assert kiosque(tmp_path, "setup", "--yes", "--config", file).failed(2)
        assert file.read_bytes() == before
    taken = tmp_path / "taken"
    taken.write_text("", encoding="utf-8")
    assert str(taken) in kiosque(taken / "home", "setup", "--yes").failed(1)

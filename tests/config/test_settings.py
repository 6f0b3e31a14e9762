"""Settings: what wins, what is refused, what is never shown."""

from __future__ import annotations

import os
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from config.loading import effective, load, options, secret_files, secrets
from config.masking import MASK
from config.places import SettingsError, default_home, peek_language
from config.settings import Settings

REFERENCE = files("config").joinpath("kiosque.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts in an empty folder."""
    monkeypatch.chdir(tmp_path)


def written(path: Path, text: str) -> Path:
    """The path, once the text is in it."""
    path.write_text(text, encoding="utf-8")
    return path


def refused(
    text: str = "", environ: dict[str, str] | None = None, name: str = "a.toml"
) -> SettingsError:
    """The error that a file or an environment gives."""
    named = written(Path.cwd() / name, text) if text else None
    with pytest.raises(SettingsError) as caught:
        load(named, environ or {})
    return caught.value


def test_defaults_without_file_or_environment() -> None:
    """With nothing set, the settings are the model's defaults and have no origin."""
    loaded = load(None, {})
    assert loaded.settings == Settings()
    assert loaded.settings.home == default_home()
    assert (loaded.file, dict(loaded.origins)) == (None, {})


def test_environment_wins_over_file(tmp_path: Path) -> None:
    """A variable overrides the file, and each setting remembers where it came from."""
    path = written(tmp_path / "k.toml", 'language = "fr"\n[search]\nk = 4\ncandidates = 99\n')
    loaded = load(path, {"KIOSQUE_SEARCH__K": "7"})
    assert (loaded.settings.search.k, loaded.settings.search.candidates) == (7, 99)
    assert loaded.origins == {
        "language": str(path),
        "search.candidates": str(path),
        "search.k": "KIOSQUE_SEARCH__K",
    }


def test_file_is_found_here_then_in_the_home(tmp_path: Path) -> None:
    """Without a named file, ./kiosque.toml is read, else the one in the home."""
    home = tmp_path / "home"
    home.mkdir()
    environ = {"KIOSQUE_HOME": str(home)}
    written(home / "kiosque.toml", "[search]\nk = 2\n")
    assert load(None, environ).settings.search.k == 2
    written(tmp_path / "kiosque.toml", "[search]\nk = 3\n")
    assert load(None, environ).settings.search.k == 3


def test_named_file_must_be_there(tmp_path: Path) -> None:
    """A file that was named and is absent is an error, not a silent default."""
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "none.toml", {})
    assert caught.value.key == "settings_missing"


@pytest.mark.parametrize(
    ("environ", "nearest"),
    [
        ({"KIOSQUE_LLM__BASEURL": "x"}, "KIOSQUE_LLM__BASE_URL"),
        ({"KIOSQUE_TELEGRAM_TOKEN": "x"}, "KIOSQUE_TELEGRAM__TOKEN"),
        ({"KIOSQUE_TOKEN": "x"}, "KIOSQUE_TELEGRAM__TOKEN"),
    ],
)
def test_unknown_variable_names_the_nearest(environ: dict[str, str], nearest: str) -> None:
    """An unknown variable stops the start and names the nearest known one."""
    error = refused(environ=environ)
    assert (error.key, error.facts["nearest"]) == ("setting_unknown_near", nearest)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("[serach]\nk = 1\n", "search.k"),
        ("[search]\ndense_wieght = 1\n", "search.dense_weight"),
        ('langage = "fr"\n', "language"),
        ("k = 3\n", "search.k"),
    ],
)
def test_unknown_key_names_the_nearest(text: str, nearest: str) -> None:
    """An unknown key or section of the file is refused with the nearest known one."""
    error = refused(text)
    if error.key == "setting_unknown_near":
        assert error.facts["nearest"] == nearest
    else:
        pytest.fail(f"no neighbour for {text!r}")


def test_unknown_without_a_neighbour() -> None:
    """A key that looks like none is refused all the same."""
    assert refused(environ={"KIOSQUE_ZZZZ": "1"}).key == "setting_unknown"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[search]\nk = "many"\n', "setting_not_integer"),
        ("[search]\nk = 0\n", "setting_too_small"),
        ("[search]\ndense_weight = 1.5\n", "setting_too_large"),
        ('[search]\ndense_weight = "x"\n', "setting_not_number"),
        ('language = "de"\n', "setting_not_one_of"),
        ('[llm]\nbase_url = "localhost:1"\n', "setting_not_url"),
        ("[llm]\nmodel = 3\n", "setting_wrong"),
        ("[llm]\nparallel = 0\n", "setting_too_small"),
        ("[llm]\nmax_tokens = 1\n", "setting_too_small"),
        ("[llm]\ncontext_tokens = 100\n", "setting_too_small"),
        ("[llm]\nretries = -1\n", "setting_too_small"),
        ('[llm]\ntrust = "yes"\n', "setting_not_one_of"),
        ("[llm.verifier]\ntimeout_s = 0\n", "setting_too_small"),
        ("[llm]\nverifier = 3\n", "setting_unknown_near"),
        ("[telegram]\nadmins = [1, 'x']\n", "setting_not_integer"),
        ("[watch]\nfolders = 3\n", "setting_wrong"),
        ("[watch]\nfolders = [3]\n", "setting_wrong"),
        ("[watch]\nevery_s = 0\n", "setting_too_small"),
        ('[fetch]\nuser_agent = "a\\nb"\n', "setting_not_header"),
        ('[fetch]\nuser_agent = "é"\n', "setting_not_header"),
        ('[reading]\ntimezone = "Paris"\n', "setting_not_time_zone"),
        ('[reading]\ntimezone = "../etc/passwd"\n', "setting_not_time_zone"),
        ('[reading]\ntimezone = ""\n', "setting_not_time_zone"),
        ("llm = 3\n", "setting_unknown_near"),
        ("x = \n", "settings_not_toml"),
    ],
)
def test_wrong_values_say_how(text: str, key: str) -> None:
    """A value of the wrong kind or out of bounds has its own sentence."""
    assert refused(text).key == key


def test_allowed_values_are_listed_in_no_language() -> None:
    """They stand in a sentence of the reader's language."""
    assert refused('[indexing]\nvectors = "both"\n').facts["bound"] == "windows, passages, auto"


def test_wrong_value_is_never_shown() -> None:
    """An error names the setting, never the value: it might be a secret."""
    error = refused("[telegram]\ntoken = 123456789\n")
    assert "123456789" not in f"{error} {error.facts}"
    assert error.__cause__ is None


def test_lists_of_ids_are_comma_separated_in_the_environment() -> None:
    """``12, 34`` and ``12`` are lists of ids; an empty text is none."""
    environ = {
        "KIOSQUE_TELEGRAM__ADMINS": "12, 34",
        "KIOSQUE_TELEGRAM__ALLOWED_USERS": "5",
        "KIOSQUE_TELEGRAM__ALLOWED_CHATS": "",
    }
    telegram = load(None, environ).settings.telegram
    assert (telegram.admins, telegram.allowed_users, telegram.allowed_chats) == ((12, 34), (5,), ())


def test_secrets_may_come_from_a_file(tmp_path: Path) -> None:
    """``…_FILE`` names a file whose stripped text is the secret, and wins over kiosque.toml."""
    secret = written(tmp_path / "key", "s3cr3t\n")
    path = written(tmp_path / "k.toml", '[llm]\napi_key = "old"\n')
    loaded = load(path, {"KIOSQUE_LLM__API_KEY_FILE": str(secret)})
    assert loaded.settings.llm.api_key == SecretStr("s3cr3t")
    assert loaded.origins["llm.api_key"] == "KIOSQUE_LLM__API_KEY_FILE"


def test_secret_file_that_cannot_be_read() -> None:
    """A file of a secret that is not there stops the start."""
    assert refused(environ={"KIOSQUE_TELEGRAM__TOKEN_FILE": "/none"}).key == "secret_unreadable"


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    """A path in a file is relative to that file's folder, and ``~`` is the user's."""
    (tmp_path / "etc").mkdir()
    path = written(tmp_path / "etc" / "k.toml", 'home = "data"\n[embedding]\nmodel_dir = "~/m"\n')
    settings = load(path, {}).settings
    assert settings.home == tmp_path / "etc" / "data"
    assert settings.embedding.model_dir == Path.home() / "m"


def test_folders_are_a_list_of_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is relative to the file's folder; in the environment they are separated as in PATH."""
    path = written(tmp_path / "k.toml", '[watch]\nfolders = ["press", "~/m", "/abs"]\n')
    folders = (tmp_path / "press", Path.home() / "m", Path("/abs"))
    assert load(path, {}).settings.watch.folders == folders
    monkeypatch.chdir(tmp_path)
    environ = {"KIOSQUE_WATCH__FOLDERS": os.pathsep.join(["press", "", "/abs"])}
    assert load(path, environ).settings.watch.folders == (tmp_path / "press", Path("/abs"))


def test_sections_inside_sections(tmp_path: Path) -> None:
    """The verifier has a section of its own, in the file, in the environment and for its key."""
    path = written(tmp_path / "k.toml", '[llm]\nmodel = "a"\n[llm.verifier]\nmodel = "b"\n')
    (tmp_path / "key").write_text("s3cr3t\n", encoding="utf-8")
    environ = {
        "KIOSQUE_LLM__VERIFIER__TIMEOUT_S": "7",
        "KIOSQUE_LLM__VERIFIER__API_KEY_FILE": str(tmp_path / "key"),
    }
    loaded = load(path, environ)
    chosen = loaded.settings.llm
    assert (chosen.model, chosen.verifier.model, chosen.verifier.timeout_s) == ("a", "b", 7)
    assert secrets(loaded) == ("s3cr3t",)
    assert "s3cr3t" not in str(effective(loaded))
    assert loaded.origins["llm.verifier.model"] == str(path)


def test_settings_are_frozen() -> None:
    """Nothing changes the settings after they were read, at any depth."""
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.search.k = 3  # type: ignore[misc]


def test_secrets_are_masked_everywhere() -> None:
    """A secret is in no repr, dump or table of the settings, nor a password in an address."""
    environ = {
        "KIOSQUE_TELEGRAM__TOKEN": "42:PLANTED",
        "KIOSQUE_TELEGRAM__WEBHOOK_SECRET": "hook-PLANTED",
        "KIOSQUE_LLM__API_KEY": "sk-PLANTED",
        "KIOSQUE_CHROMA__URL": "http://me:PLANTED@host:1/x",
        "KIOSQUE_CHROMA__API_KEY": "chroma-PLANTED",
        "KIOSQUE_CHROMA__PASSWORD": "pass-PLANTED",
    }
    loaded = load(None, environ)
    rows = {row.key: row for row in effective(loaded)}
    assert rows["telegram.token"].value == MASK
    assert rows["chroma.url"].value == f"http://{MASK}@host:1/x"
    held = loaded.settings
    shown = f"{rows} {held.llm!r} {held.chroma!r} {held.telegram} {held.llm}"
    assert "PLANTED" not in shown
    assert set(secrets(loaded)) == {
        *("sk-PLANTED", "42:PLANTED", "hook-PLANTED", "PLANTED"),
        *("chroma-PLANTED", "pass-PLANTED"),
    }


def test_effective_lists_every_option() -> None:
    """`kiosque config` shows each option once, in the model's order."""
    assert [row.key for row in effective(load(None, {}))] == list(options())


def _flat(table: dict[str, Any], section: str) -> dict[str, Any]:
    """The values of a table by their dotted names."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{section}{key}"
        found |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return found


def test_reference_file_has_every_option_and_its_default() -> None:
    """kiosque.toml, uncommented, is the model's defaults: nothing more, nothing less."""
    active = re.sub(r"^#(?=\w+ = )", "", REFERENCE, flags=re.MULTILINE)
    found = _flat(tomllib.loads(active), "")
    expected = {row.key: row.value for row in effective(load(None, {}))}
    expected |= dict.fromkeys(secret_files(), "")
    expected |= {"home": "", "embedding.model_dir": "", "chroma.ca_file": ""}
    assert found == expected


def test_reference_file_changes_nothing(tmp_path: Path) -> None:
    """Read as it is, or with every option uncommented, kiosque.toml gives the defaults."""
    active = re.sub(r"^#(?=\w+ = )", "", REFERENCE, flags=re.MULTILINE)
    for text in (REFERENCE, active):
        assert load(written(tmp_path / "k.toml", text), {}).settings == Settings()


def test_language_is_peeked_without_checking_the_rest(tmp_path: Path) -> None:
    """Help and errors find their language even when the settings are wrong."""
    path = written(tmp_path / "k.toml", 'language = "en"\nnonsense = 1\n')
    assert peek_language(path, {}) == "en"
    assert peek_language(path, {"KIOSQUE_LANGUAGE": "fr"}) == "fr"
    assert peek_language(tmp_path / "none.toml", {}) == "auto"
    assert peek_language(written(tmp_path / "bad.toml", "= ="), {}) == "auto"

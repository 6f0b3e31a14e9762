"""Options set in a settings file: all else stays, and what cannot be changed is left alone."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from config.loading import load_file, options
from config.places import SettingsError
from config.settings_file import edited, example, write

OWN = """\
# ours
home = "old"  # kept for years
[telegram]
admins = [
    1,  # the chief
    2,
]
token = "42:secret"
per_minute = 7

[llm]
model = "petit"
"""


def test_example_takes_an_option_in_its_place(tmp_path: Path) -> None:
    """An option that stands there in a comment is set where its explanation is."""
    values = {"home": "/a", "llm.base_url": "http://x/v1", "llm.verifier.model": "juge"}
    text = edited(example(), values)
    before, after = example().splitlines(), text.splitlines()
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == len(values)
    (tmp_path / "kiosque.toml").write_text(text, encoding="utf-8")
    settings = load_file(tmp_path / "kiosque.toml", {}).settings
    assert (settings.llm.base_url, settings.llm.verifier.model) == ("http://x/v1", "juge")


def test_every_option_can_be_set_in_the_example() -> None:
    """None is missing from it, and none is taken for another."""
    for name in options():
        *sections, option = name.split(".")
        table = tomllib.loads(edited(example(), {name: "x"}))
        for section in sections:
            table = table[section]
        assert table[option] == "x"


def test_everything_else_stays() -> None:
    """Comments and other options are as they were; a value over several lines goes whole."""
    values = {"home": 'a "b" \\ c', "telegram.admins": [1, 2, 3], "telegram.token": None}
    text = edited(OWN, {**values, "telegram.token_file": "t", "chroma.url": "http://c"})
    assert text.startswith("# ours\n")
    assert "per_minute = 7" in text
    assert "secret" not in text
    assert "chief" not in text
    assert tomllib.loads(text) == {
        "home": 'a "b" \\ c',
        "telegram": {"admins": [1, 2, 3], "per_minute": 7, "token_file": "t"},
        "llm": {"model": "petit"},
        "chroma": {"url": "http://c"},
    }


def test_nothing_to_take_out_changes_nothing() -> None:
    """An option that is only explained in a comment stays explained."""
    assert edited(example(), {"telegram.token": None, "llm.api_key": None}) == example()


@pytest.mark.parametrize(
    "text",
    [
        'llm = { base_url = "http://old" }\n',
        'llm.base_url = "http://old"\n',
        'x = """\n[llm]\n"""\n[llm]\nbase_url = "http://old"\n',
        "llm = 3\n",
        "[llm\n",
    ],
)
def test_what_cannot_be_changed_is_refused(text: str) -> None:
    """However it is written: a wrong file is never made of a right one."""
    with pytest.raises(SettingsError, match="settings_not_editable"):
        edited(text, {"llm.base_url": "http://new"})


def test_secrets_are_for_their_owner(tmp_path: Path) -> None:
    """A private file is so from its first byte; a settings file keeps the mode that it had."""
    write(tmp_path / "new" / "token", "42:secret\n", private=True)
    assert stat.S_IMODE((tmp_path / "new" / "token").stat().st_mode) == 0o600
    own = tmp_path / "kiosque.toml"
    own.write_text("", encoding="utf-8")
    own.chmod(0o640)
    write(own, "a = 1\n")
    assert stat.S_IMODE(own.stat().st_mode) & 0o007 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kiosque.toml", "new"]

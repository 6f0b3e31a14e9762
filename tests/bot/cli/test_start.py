"""Every command: its language, its exit codes, and errors that people and programs can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from bot.cli import main
from bot.cli.start import COMMANDS, app, config_first
from bot.cli.translated import TranslatedCommand
from retrieval.errors import ArchiveBusy, Failed

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home and folder, and a French terminal."""
    folder = tmp_path / "home"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIOSQUE_HOME", str(folder))
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    return folder


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> str:
    """A command, added for one test, that raises what its argument names."""
    commands = list(app.registered_commands)
    monkeypatch.setattr(app, "registered_commands", commands)

    @app.command("fail", help="help.about", cls=TranslatedCommand)
    def fail(what: str, _json: bool = typer.Option(False, "--json", help="help.json")) -> int:
        raised: dict[str, BaseException] = {
            "ours": ArchiveBusy("archive_busy", pid=12345, command="kiosque index"),
            "unlisted": Failed("no_such_sentence", path="/x"),
            "fault": RuntimeError("sk-PLANTED and more"),
            "stop": KeyboardInterrupt(),
            "pipe": BrokenPipeError(),
        }
        if what == "refused":
            return 3
        raise raised[what]

    return "fail"


def test_help_is_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """French by default, English by locale, and the setting before the locale."""
    assert main(["--help"]) == 0
    assert "Affiche les réglages" in capsys.readouterr().out
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    main(["config", "--help"])
    assert "Shows the settings" in capsys.readouterr().out
    monkeypatch.setenv("KIOSQUE_LANGUAGE", "fr")
    main(["--help"])
    assert "Commandes" in capsys.readouterr().out


def test_every_command_is_listed() -> None:
    """A command that its module registers is in the table of the commands, and the reverse."""
    apps = [import_module(module).app for module in sorted(set(COMMANDS.values()))]
    assert {each.name for app in apps for each in app.registered_commands} == set(COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS, ""])
def test_help_speaks_one_language(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No word of Typer's is left in French help, no sentence is cut, and -h is --help."""
    monkeypatch.setenv("COLUMNS", "80")
    words = [command] if command else []
    assert main([*words, "--help"]) == 0
    long = capsys.readouterr().out
    assert main([*words, "-h"]) == 0
    assert capsys.readouterr().out == long
    for alien in ("required", "list[", "PATH", "FILE", "NAME", "...", "range", "{", "<"):
        assert alien not in long
    assert "-h, --help" in long
    assert max(map(len, long.splitlines())) <= 80


@pytest.mark.parametrize(("command", "name"), [("index", "SOURCE"), ("evaluate", "FICHIER")])
def test_missing_argument_is_named(
    command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing has the name that the help gives it."""
    assert main([command]) == 2
    assert f"Il manque {name}.\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environ", "heading"),
    [
        ({"LC_ALL": "C"}, "Commandes"),
        ({"LC_ALL": "", "LANG": "en_US.UTF-8"}, "Commands"),
        ({"LC_ALL": "", "LC_MESSAGES": "fr_CA.UTF-8", "LANG": "en_US.UTF-8"}, "Commandes"),
        ({"LC_ALL": "de_DE.UTF-8"}, "Commandes"),
    ],
)
def test_locale_chooses_the_language(
    environ: dict[str, str],
    heading: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first of LC_ALL, LC_MESSAGES and LANG decides; French where it names neither."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    main([])
    assert heading in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["confg"], "Vouliez-vous dire kiosque config"),
        (["zzz"], "Commande inconnue"),
        (["config", "--exmple"], "Vouliez-vous dire --example"),
        (["config", "--zzz"], "Option inconnue"),
        (["config", "extra"], "n’a pas été comprise"),
        (["--config", "/none", "config"], "n’existe pas"),
        (["fail"], "Il manque"),
    ],
)
@pytest.mark.usefixtures("failing")
def test_bad_use_is_explained(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has no meaning ends with 2, and says what was meant or where to look."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert (captured.out, said in captured.err) == ("", True)
    assert "→" in captured.err


@pytest.mark.usefixtures("failing")
def test_our_errors_say_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of ours is two sentences on standard error, with its exit code."""
    assert main(["fail", "ours"]) == 1
    happened, do = capsys.readouterr().err.splitlines()
    assert "processus 12345" in happened
    assert do.startswith("→ Attendez")


@pytest.mark.usefixtures("failing")
def test_errors_are_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json, the error is an object on standard output, and the code is the same."""
    assert main(["fail", "ours", "--json"]) == 1
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert set(error) == {"key", "message", "do"}
    assert (error["key"], captured.err) == ("archive_busy", "")


@pytest.mark.usefixtures("failing")
def test_error_without_sentence_is_still_said(capsys: pytest.CaptureFixture[str]) -> None:
    """An error that the catalogue does not know shows its facts and names the doctor."""
    assert main(["fail", "unlisted"]) == 1
    assert "/x" in capsys.readouterr().err


@pytest.mark.usefixtures("failing")
def test_fault_is_logged_and_never_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault is one sentence with a reference; the traceback is in the log under it."""
    assert main(["fail", "fault"]) == 1
    said = capsys.readouterr().err
    log = (home / "logs" / "kiosque.log").read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert "PLANTED" not in said
    assert "Traceback" in log
    assert log.split()[1] in said
    monkeypatch.setenv("KIOSQUE_HOME", "/proc/nowhere")
    assert main(["fail", "fault"]) == 1


@pytest.mark.usefixtures("failing")
def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """A command's own code is the process's; an interruption is said in a word."""
    assert main(["fail", "refused"]) == 3
    assert main(["fail", "stop"]) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Interrompu.\n")


def test_home_that_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A home that is no folder is bad use, and is not taken for an archive to come."""
    path = tmp_path / "file"
    path.touch()
    monkeypatch.setenv("KIOSQUE_HOME", str(path))
    for words in (["articles"], ["ask", "Qui ?"], ["doctor"], ["index", str(tmp_path)]):
        assert main(words) == 2
        assert "n’est pas un dossier" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ask", "q", "--config", "f"], ["--config", "f", "ask", "q"]),
        (["ask", "--config=f", "q"], ["--config=f", "ask", "q"]),
        (["ask", "--", "--config", "f"], ["ask", "--", "--config", "f"]),
        (["ask", "q", "--config"], ["ask", "q", "--config"]),
    ],
)
def test_config_may_stand_anywhere(words: list[str], expected: list[str]) -> None:
    """``--config`` belongs to kiosque, and people write it after the command."""
    assert config_first(words) == expected


def kiosque(*words: str, **environ: str) -> subprocess.Popen[bytes]:
    """The real command, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_closed_pipe_is_quiet() -> None:
    """``kiosque … | head -0`` says nothing on standard error."""
    process = kiosque("config", "--example")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(10)


def test_terminal_of_another_encoding() -> None:
    """On a Latin-1 terminal, what it cannot show is replaced, and JSON stays UTF-8."""
    latin = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    out, err = kiosque("config", **latin).communicate(timeout=20)
    assert (b"R\xe9glage" in out, err) == (True, b"")
    out, _ = kiosque("zzz\u202f", "--json", **latin).communicate(timeout=20)
    assert json.loads(out.decode("utf-8"))["error"]["key"] == "unknown_command"


def test_help_imports_little() -> None:
    """``--help`` imports none of what takes its time: it must show at once."""
    code = (
        "import sys; from bot.cli import main; main(['--help']);"
        "heavy = {'rich', 'pydantic', 'numpy', 'chromadb', 'langchain_core', 'onnxruntime'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert out.stdout.splitlines()[-1] == b"[]"


def test_a_question_loads_nothing_that_changes_the_archive() -> None:
    """``ask`` imports neither the readers of articles nor what takes them in."""
    code = (
        "import sys; from bot.cli import main; main(['ask', 'x']);"
        "changing = {'retrieval.change', 'retrieval.reading', 'retrieval.web'};"
        "print(sorted(changing & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert out.stdout.splitlines()[-1] == b"[]"

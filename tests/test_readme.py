"""What the READMEs show is run: every command that needs no network, and the Python of it."""

from __future__ import annotations

import io
import re
import runpy
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.cli import main
from config.loading import load
from tests.sample_home import indexed_home, new_home

ROOT = Path(__file__).parents[1]
LOCALES = {"README.md": "en_GB.UTF-8", "README.fr.md": "fr_FR.UTF-8"}
READMES = tuple(LOCALES)
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_FIGURES = "tests/benchmarks/results.md"  # made by `make evaluate` and `make bench`


@dataclass(frozen=True)
class Shown:
    """A command of a session, what is shown of its output, and the exit code it must have."""

    command: str
    output: str = ""
    code: int = 0


def blocks(readme: str, kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    found = _FENCED.findall((ROOT / readme).read_text(encoding="utf-8"))
    return [text for named, text in found if named == kind]


def typed(readme: str) -> list[str]:
    """The commands to type, without their comments."""
    lines = "".join(blocks(readme, "sh")).splitlines()
    return [line.split(" #")[0].strip() for line in lines if line.strip()]


def sessions(readme: str) -> list[Shown]:
    """The commands of the sessions; ``$ echo $?`` tells the exit code of the one before."""
    shown: list[Shown] = []
    for part in re.split(r"^\$ ", "".join(blocks(readme, "console")), flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        if command == "echo $?":
            shown[-1] = Shown(shown[-1].command, shown[-1].output, int(output))
        else:
            shown.append(Shown(command, output))
    return shown


def exports(readme: str) -> list[tuple[str, str]]:
    """The variables that the README sets."""
    words = (shlex.split(line) for line in typed(readme) if line.startswith("export "))
    return [
        (name, value) for line in words for name, _, value in (w.partition("=") for w in line[1:])
    ]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample articles, indexed: what `make demo` leaves."""
    return new_home(indexed_home(tmp_path_factory), tmp_path_factory.mktemp("readme") / "home")


@pytest.fixture(autouse=True)
def _at_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder where the paths of the README lead somewhere."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "articles").symlink_to(ROOT / "tests/data/articles")
    (tmp_path / "corrected.txt").write_text("Le texte corrigé de l'article.\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIOSQUE_HOME", str(home))


def conversation(shown: str) -> tuple[str, str]:
    """What is typed in a conversation, after its prompts, and what is answered."""
    lines = shown.splitlines()
    typed = [line.removeprefix("> ") for line in lines if line.startswith("> ")]
    return "\n".join(typed), "\n".join(line for line in lines if not line.startswith("> "))


def run(command: str) -> int:
    """Run a command of ours as the shell would; ``ID`` stands for an article's."""
    words = shlex.split(command.partition(">")[0])[1:]
    if "ID" in words:
        with Kiosque(load().settings) as kiosque:
            words[words.index("ID")] = kiosque.reader.entries()[0].id
    return main(words)


def words_of(text: str) -> str:
    """A text without its line breaks, which change with the width of the terminal."""
    return " ".join(text.split())


def test_both_show_the_same() -> None:
    """The commands, the sessions and the Python are the same in both languages."""
    english, french = READMES
    assert typed(english) == typed(french)
    assert blocks(english, "python") == blocks(french, "python")
    in_english = [(shown.command, shown.code) for shown in sessions(english)]
    assert in_english == [(shown.command, shown.code) for shown in sessions(french)]


@pytest.mark.parametrize("readme", READMES)
def test_sessions_are_real(
    readme: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands end as the session says; `ask` and `chat` say what it shows: else paste it again."""
    monkeypatch.setenv("LC_ALL", LOCALES[readme])
    monkeypatch.setenv("KIOSQUE_ANSWERS__KEEP_DAYS", "0")  # no conversation goes on in the next
    assert len(sessions(readme)) >= 5
    for shown in sessions(readme):
        lines, answers = conversation(shown.output)
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        assert run(shown.command) == shown.code, shown.command
        said = capsys.readouterr().out
        if shown.command.startswith("kiosque ask"):
            assert words_of(said) == words_of(shown.output)
        if shown.command == "kiosque chat":
            assert words_of(said) == words_of(answers)


def test_commands_do_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command of ours to type ends with exit code 0."""
    ours = [command for command in typed(READMES[0]) if command.startswith("kiosque ")]
    assert len(ours) >= 7
    for command in ours:
        assert run(command) == 0, f"{command}\n{capsys.readouterr().out}"


@pytest.mark.parametrize(("name", "value"), exports(READMES[0]))
def test_settings_have_their_names(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the README exports is a setting, and `kiosque config` says where it was set."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv(name, value)
    assert main(["config"]) == 0
    assert name in capsys.readouterr().out


def test_the_python_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The retriever's lines run as they stand, and find who runs the hospital."""
    (code,) = blocks(READMES[0], "python")
    script = tmp_path / "snippet.py"
    script.write_text(code, encoding="utf-8")
    runpy.run_path(str(script))
    assert "2021-06-08 Le Courrier de Vaubrelles - Nadège Oriol" in capsys.readouterr().out


@pytest.mark.parametrize("readme", READMES)
def test_links_lead_somewhere(readme: str) -> None:
    """A relative link names a file of the repository, or the one that measuring writes."""
    links = _LINK.findall((ROOT / readme).read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if link != _FIGURES and not (ROOT / link).exists()]

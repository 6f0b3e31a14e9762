"""What the documents show is run: commands that need no network, sessions, Python, file names."""

from __future__ import annotations

import io
import re
import runpy
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.cli import main
from config.loading import load
from tests.sample_home import indexed_home, new_home, pairs_read_once

ROOT = Path(__file__).parents[1]
READERS = ("README", "docs/asking", "docs/archive", "docs/telegram", "docs/operating")
"""In English and in French."""

DEVELOPERS = ("docs/developing.md", "docs/decisions.md")
LOCALES = {".md": "en_GB.UTF-8", ".fr.md": "fr_FR.UTF-8"}
DOCUMENTS = (*(name + ending for name in READERS for ending in LOCALES), *DEVELOPERS)
IN_ENGLISH = (*(f"{name}.md" for name in READERS), *DEVELOPERS)
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)?(?:#([^)]+))?\)")
_FILE = re.compile(r"`((?:bot|config|prompts|retrieval|tests)/[\w/.]*)`")
_FIGURES = "tests/benchmarks/results.md"  # made by `make evaluate` and `make bench`


@dataclass(frozen=True)
class Shown:
    """A command of a session, what is shown of its output, and the exit code it must have."""

    command: str
    output: str = ""
    code: int = 0


def text_of(document: str) -> str:
    """A document, by its path in the repository."""
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str, kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    return [text for named, text in _FENCED.findall(text_of(document)) if named == kind]


def typed(document: str) -> list[str]:
    """The commands to type, without their comments."""
    lines = "".join(blocks(document, "sh")).splitlines()
    return [line.split(" #")[0].strip() for line in lines if line.strip()]


def sessions(document: str) -> list[Shown]:
    """The commands of the sessions; ``$ echo $?`` tells the exit code of the one before."""
    shown: list[Shown] = []
    for part in re.split(r"^\$ ", "".join(blocks(document, "console")), flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        if command == "echo $?":
            shown[-1] = Shown(shown[-1].command, shown[-1].output, int(output))
        else:
            shown.append(Shown(command, output))
    return shown


def exports() -> list[tuple[str, str]]:
    """The variables that the documents set, each once."""
    lines = [line for document in IN_ENGLISH for line in typed(document)]
    words = [shlex.split(line) for line in lines if line.startswith("export ")]
    pairs = [word.partition("=") for line in words for word in line[1:]]
    return list(dict.fromkeys((name, value) for name, _, value in pairs))


def anchors(document: str) -> set[str]:
    """The headings of a document, as links name them."""
    prose = _FENCED.sub("", text_of(document))
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample articles, indexed: what `make demo` leaves."""
    with pairs_read_once():
        yield new_home(indexed_home(tmp_path_factory), tmp_path_factory.mktemp("readme") / "home")


@pytest.fixture(autouse=True)
def _at_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder where the paths of the documents lead somewhere."""
    data = tmp_path / "tests/data"
    data.mkdir(parents=True)
    (data / "articles").symlink_to(ROOT / "tests/data/articles")
    questions = (ROOT / "tests/data/questions.jsonl").read_text("utf-8").splitlines()
    (data / "questions.jsonl").write_text("\n".join(questions[::20]), "utf-8")
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


@pytest.mark.parametrize("name", READERS)
def test_both_languages_show_the_same(name: str) -> None:
    """The commands and the sessions are the same in both languages."""
    english, french = f"{name}.md", f"{name}.fr.md"
    assert typed(english) == typed(french)
    in_english = [(shown.command, shown.code) for shown in sessions(english)]
    assert in_english == [(shown.command, shown.code) for shown in sessions(french)]


@pytest.mark.parametrize("name", [name for name in READERS if sessions(f"{name}.md")])
@pytest.mark.parametrize("ending", LOCALES)
def test_sessions_are_real(
    name: str, ending: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands end as the session says; `ask` and `chat` say what it shows: else paste it again."""
    monkeypatch.setenv("LC_ALL", LOCALES[ending])
    monkeypatch.setenv("KIOSQUE_ANSWERS__KEEP_DAYS", "0")  # no conversation goes on in the next
    for shown in sessions(name + ending):
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
    lines = dict.fromkeys(line for document in IN_ENGLISH for line in typed(document))
    ours = [line for line in lines if line.startswith("kiosque ")]
    assert len(ours) >= 15
    for command in ours:
        assert run(command) == 0, f"{command}\n{capsys.readouterr().out}"


@pytest.mark.parametrize(("name", "value"), exports())
def test_settings_have_their_names(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the documents export is a setting, and `kiosque config` says where it was set."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv(name, value)
    assert main(["config"]) == 0
    assert name in capsys.readouterr().out


def test_the_python_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The retriever's lines run as they stand, and find who runs the hospital."""
    (code,) = (code for document in IN_ENGLISH for code in blocks(document, "python"))
    script = tmp_path / "snippet.py"
    script.write_text(code, encoding="utf-8")
    runpy.run_path(str(script))
    assert "2021-06-08 Le Courrier de Vaubrelles - Nadège Oriol" in capsys.readouterr().out


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """A relative link names a file of the repository and a heading of it."""
    for path, anchor in _LINK.findall(text_of(document)):
        target = ((ROOT / document).parent / path).resolve() if path else ROOT / document
        name = str(target.relative_to(ROOT))
        assert target.exists() or name == _FIGURES, f"{document}: {path}"
        assert not anchor or anchor in anchors(name), f"{document}: {path}#{anchor}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_exist(document: str) -> None:
    """A file or a folder of the code that a document names is there."""
    missing = [name for name in _FILE.findall(text_of(document)) if not (ROOT / name).exists()]
    assert missing in ([], [_FIGURES])

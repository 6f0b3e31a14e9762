"""What terminals left: taken over from the old file once, bounded, private, never mixed up."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.memory.history import has_memory, open_memory
from bot.memory.store import FILE_NAME, Store
from bot.memory.values import TERMINAL, PendingQuestion, Place, StoredAnswer, StoredSource
from retrieval.errors import KiosqueError
from retrieval.vocabulary import Span

ROOT = Path(__file__).parents[3]
MONTH = 30
SOURCE = {"number": 1, "article_id": "a1", "digest": "d1", "start": 3, "end": 9}
WHOLE = {
    "thread": "3f2a9c",
    "at": "2026-11-25T09:30:00+00:00",
    "question": "Où ?",
    "answer": "Là.\nOui.",
    "status": "answered",
    "sources": [SOURCE | {"answer": {"start": 4, "end": 8}}],
}


def ago(days: float) -> datetime:
    """A time so many days ago."""
    return datetime.now(UTC) - timedelta(days=days)


def record(question: str, days: float = 0, thread: str = "3f2a9c") -> dict[str, Any]:
    """An exchange as earlier versions wrote it."""
    return WHOLE | {"question": question, "at": ago(days).isoformat(), "thread": thread}


def left(home: Path, *values: object) -> Path:
    """The file of an earlier version, with these values or bytes."""
    path = home / "chat" / "history.jsonl"
    path.parent.mkdir(exist_ok=True)
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in values]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def questions(home: Path, days: int = MONTH) -> list[str]:
    """The questions of terminals that are stored, oldest first."""
    with open_memory(home, days) as store:
        return store.questions(TERMINAL, 2_000)


def exchange(question: str, days: float = 0, thread: int = 7) -> StoredAnswer:
    """An answer in a terminal."""
    place = Place(TERMINAL, thread, TERMINAL)
    return StoredAnswer(0, place, ago(days), "fr", question, "answered", "Là.")


def test_old_conversations_are_taken_over_once(tmp_path: Path) -> None:
    """Each exchange comes with its sources; the file goes, and coming back it adds nothing."""
    lines = (record("Un ?", 1), record("Deux ?", 0.01))
    path = left(tmp_path, *lines)
    assert has_memory(tmp_path)
    with open_memory(tmp_path, MONTH) as store:
        first, second = store.newest(TERMINAL, 9)
        assert (first.question, second.question, second.text) == ("Un ?", "Deux ?", "Là.\nOui.")
        assert first.place == second.place
        (source,) = store.sources(second.id)
        assert source == StoredSource(
            1, "a1", 3, 9, "", "", None, None, None, Span(4, 8), "d1"
        )  # fmt: skip
        assert [one.question for one in store.citing("a1")] == ["Deux ?", "Un ?"]
    assert not path.parent.exists()
    left(tmp_path, *lines)  # as after a crash before it was removed
    assert questions(tmp_path) == ["Un ?", "Deux ?"]


def test_conversation_that_was_left_does_not_come_back(tmp_path: Path) -> None:
    """A conversation that its user had left for a new one is stored, and does not go on."""
    left(tmp_path, record("Un ?", 0.01), {"thread": "3f2a9c", "at": ago(0).isoformat()})
    with open_memory(tmp_path, MONTH) as store:
        assert store.newest(TERMINAL, 9) == []
        assert store.questions(TERMINAL, 9) == ["Un ?"]


@pytest.mark.parametrize(
    "damage",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"",
        b"null",
        b"3",
        b'{"thread": "cut',
        WHOLE | {"at": "2026-11-25T09:30:00"},
        WHOLE | {"at": "yesterday"},
        WHOLE | {"at": 3},
        WHOLE | {"question": None},
        WHOLE | {"answer": ["x"]},
        WHOLE | {"thread": 1},
        WHOLE | {"sources": 1},
        WHOLE | {"sources": ["x"]},
        WHOLE | {"sources": [SOURCE | {"start": float("inf")}]},
        WHOLE | {"sources": [SOURCE | {"start": 9, "end": 3}]},
        WHOLE | {"sources": [SOURCE | {"answer": "x"}]},
        {name: value for name, value in WHOLE.items() if name != "status"},
    ],
)
def test_damaged_line_costs_itself_alone(tmp_path: Path, damage: object) -> None:
    """What cannot be read is left out, and nothing else; the file goes all the same."""
    path = left(tmp_path, record("Un ?", 2), damage, record("Deux ?", 1))
    assert questions(tmp_path) == ["Un ?", "Deux ?"]
    assert not path.exists()


def test_line_of_a_still_earlier_version(tmp_path: Path) -> None:
    """A line from before the words that answer were marked is read, with none marked."""
    left(tmp_path, record("Un ?") | {"sources": [SOURCE]})
    with open_memory(tmp_path, MONTH) as store:
        (source,) = store.sources(store.newest(TERMINAL, 1)[0].id)
    assert source.answer is None


def test_huge_file_is_read_from_its_end(tmp_path: Path) -> None:
    """Of a file that somebody blew up, the last megabytes are read."""
    left(tmp_path, b"x" * 10_000_000, record("Un ?"))
    assert questions(tmp_path) == ["Un ?"]


def test_something_else_in_its_place(tmp_path: Path) -> None:
    """A file in the place of the folder is no conversation, and stays."""
    (tmp_path / "chat").write_text("x")
    assert not has_memory(tmp_path)
    assert questions(tmp_path) == []
    assert (tmp_path / "chat").read_text() == "x"


def test_old_answers_are_deleted(tmp_path: Path) -> None:
    """What terminals left is deleted when it is too old; what Telegram left is not."""
    with Store(tmp_path / FILE_NAME) as store:
        for days in (31, 29, 40, 1):
            store.add_answer(exchange(f"{days} ?", days, thread=days), [])
        telegram = StoredAnswer(0, Place(5, 0, 5), ago(40), "fr", "Lui ?", "answered", "Là.")
        number = store.add_answer(telegram, [])
        store.end_conversation(Place(TERMINAL, 31, TERMINAL))
        store.add_pending(PendingQuestion(Place(TERMINAL, 1, TERMINAL), 1, ago(31), "Perdue ?"))
    left(tmp_path, record("Vieux ?", 32))
    assert questions(tmp_path) == ["29 ?", "1 ?"]
    with Store(tmp_path / FILE_NAME) as store:
        assert store.answer(number) is not None
        assert store.rows("SELECT * FROM pending") == store.rows("SELECT * FROM beginnings") == []
    assert questions(tmp_path, days=0) == []


def test_number_is_bounded(tmp_path: Path) -> None:
    """Only the last thousand answers of terminals are stored."""
    left(tmp_path, *(record(f"{n} ?") for n in range(1_100)))
    found = questions(tmp_path)
    assert (len(found), found[0], found[-1]) == (1_000, "100 ?", "1099 ?")


def test_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else can read the memory, not even one that an earlier version made readable."""
    path = tmp_path / FILE_NAME
    for _ in range(2):
        with open_memory(tmp_path, MONTH) as store:
            store.add_answer(exchange("Un ?"), [])
            assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
        path.chmod(0o644)


def test_no_right_to_write(tmp_path: Path) -> None:
    """A folder in the place of the file is one of our errors."""
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(KiosqueError):
        open_memory(tmp_path, MONTH)


def test_what_is_forgotten_while_a_terminal_answers(tmp_path: Path) -> None:
    """An answer that ends after another terminal forgot all leaves nothing behind."""
    place = Place(TERMINAL, 7, TERMINAL)
    with open_memory(tmp_path, MONTH) as asking, open_memory(tmp_path, MONTH) as other:
        asking.add_pending(PendingQuestion(place, 12, ago(0), "Question très secrète ?"))
        assert asking.pending() == []  # nothing for Telegram to answer after a crash
        other.add_answer(exchange("Encore plus secrète ?"), [])
        assert other.forget(TERMINAL) == 1
        answer = StoredAnswer(0, place, ago(0), "fr", "Question très secrète ?", "answered", "", 12)
        assert asking.add_answer(answer, []) == 0
    for path in tmp_path.iterdir():
        assert "secrète".encode() not in path.read_bytes()


_WRITER = """
import sys
from pathlib import Path
from bot.memory.history import open_memory
from tests.bot.memory.test_history import MONTH, exchange
for n in range(25):
    with open_memory(Path(sys.argv[1]), MONTH) as store:
        for m in range(4):
            question = f"{sys.argv[2]}-{4 * n + m}"
            store.add_answer(exchange(question, thread=int(sys.argv[2])), [])
        store.add_answer(exchange("Vieux ?", 99), [])  # for the next to delete
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    """Two processes that write, and delete what is old, lose and spoil nothing."""
    left(tmp_path, *(record(f"0-{n}", thread="aa") for n in range(50)))
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, first], cwd=ROOT) for first in ("1", "2")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    found = questions(tmp_path)
    expected = [[f"{d}-{n}" for n in range(count)] for d, count in ((0, 50), (1, 100), (2, 100))]
    assert [[q for q in found if q.startswith(f"{d}-")] for d in range(3)] == expected

"""``kiosque chat`` with its lines piped in: answers, commands, and what is kept of them."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.chat import ChatCommand, TypedCommand, UnknownCommand, parse_line
from bot.memory.store import FILE_NAME, Store
from bot.memory.values import TERMINAL, StoredAnswer
from tests.bot.cli.conftest import QUESTION, Kiosque, Ran
from tests.sample_home import ARTICLES, DATA, new_home

FOLLOW_UP = "elle ira où ?"
SENTENCE = "dix-sept stations"
NEAR_MISSES = [
    question["question"]
    for question in map(json.loads, (DATA / "questions.jsonl").read_text("utf-8").splitlines())
    if question["kind"] == "absent-near"
][:5]
Chat = Callable[..., Ran]


@pytest.fixture
def chat(kiosque: Kiosque, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """``chat("line", "line", words=["--json"])`` on a copy of the sample archive."""

    def run(*lines: str | bytes, words: tuple[str, ...] = (), home: Path = own_home) -> Ran:
        typed = b"".join((one if isinstance(one, bytes) else one.encode()) + b"\n" for one in lines)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
        return kiosque(home, "chat", *words)

    return run


@pytest.fixture
def memory(own_home: Path) -> Path:
    """Where the memory of that home is."""
    return own_home / FILE_NAME


def remembered(memory: Path) -> list[StoredAnswer]:
    """The answers of the newest conversation that is stored."""
    with Store(memory) as store:
        return store.newest(TERMINAL, 99)


def flowed(text: str) -> str:
    """A text without its line ends."""
    return " ".join(text.split())


def values(ran: Ran) -> list[dict[str, Any]]:
    """The JSON values of a chat, one a line."""
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/new", TypedCommand(ChatCommand.NEW)),
        (" /Nouveau ", TypedCommand(ChatCommand.NEW)),
        ("/sources  2", TypedCommand(ChatCommand.SOURCES, "2")),
        ("/oublié", TypedCommand(ChatCommand.FORGET)),
        ("/aide\x00", TypedCommand(ChatCommand.HELP)),
        ("/QUITTER", TypedCommand(ChatCommand.QUIT)),
        ("/sorces 2", UnknownCommand("sorces", "sources")),
        ("/x", UnknownCommand("x", None)),
        ("/", UnknownCommand("", None)),
        ("Qui a dit /new ?", "Qui a dit /new ?"),
        ("a\x1b[2Jb\t", "a [2Jb"),
        ("😀", "😀"),
        ("", None),
        (" \x01\x7f\r\n", None),
    ],
)
def test_what_a_line_means(line: str, expected: object) -> None:
    """Commands have French and English names; without a slash a line is a question."""
    assert parse_line(line) == expected


def test_answer_without_noise(chat: Chat, kiosque: Kiosque, own_home: Path) -> None:
    """A piped question gives the very text of ``ask``: no prompt, no greeting, exit code 0."""
    asked = kiosque(own_home, "ask", QUESTION)
    ran = chat(QUESTION)
    assert (ran.code, ran.out, ran.err) == (0, f"{asked.out}\n", "")
    assert (chat("/quitter", QUESTION).out, chat().code) == ("", 0)


def test_follow_up_leans_on_the_question_before(chat: Chat) -> None:
    """A question without a subject has that of the one before, until a new conversation."""
    ran = chat(QUESTION, FOLLOW_UP)
    assert flowed(ran.out).count("Longue de 9,8 km") >= 2
    _, leaning, _, alone = values(chat(QUESTION, FOLLOW_UP, "/new", FOLLOW_UP, words=("--json",)))
    assert leaning["status"] != "refused"
    assert alone["status"] == "refused"


def test_no_turns_no_memory(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``answers.turns`` at 0, every question stands alone."""
    monkeypatch.setenv("KIOSQUE_ANSWERS__TURNS", "0")
    _, alone = values(chat(QUESTION, FOLLOW_UP, words=("--json",)))
    assert alone["status"] == "refused"


def test_sources(chat: Chat) -> None:
    """/sources shows the quotes in their paragraph, /sources 1 the whole article."""
    ran = chat(QUESTION, "/new", "/sources", QUESTION, "/sources", "/source [1]")
    answer, _, rest = ran.out.partition("Nouvelle conversation")
    _, _, rest = rest.partition("Aucune réponse")
    assert SENTENCE in flowed(answer)
    assert flowed(rest).count(SENTENCE) >= 4  # in the answer, its source, /sources, the article
    assert "Révision" in rest
    assert (ran.code, ran.err) == (0, "")


def test_what_comes_near_opens_like_a_source(chat: Chat) -> None:
    """After a question without a sure answer, the numbers of its passages show their articles."""
    asked = [line for question in NEAR_MISSES for line in (question, "/sources", "/sources 1")]
    shown = values(chat(*asked, words=("--json",)))
    opened = 0
    for answer, sources, whole in zip(shown[::3], shown[1::3], shown[2::3], strict=True):
        if answer["passages"]:
            assert sources["sources"] == answer["passages"]
            assert whole["article"]["article_id"] == answer["passages"][0]["article_id"]
            opened += answer["status"] == "passages"
    assert opened


def test_sources_that_are_not(chat: Chat) -> None:
    """A source that the answer does not have, or an answer without any, is said."""
    ran = chat(QUESTION, "/sources 9", "/sources x", "Bonjour !", "/sources")
    assert ran.err.count("La dernière réponse n’a pas de source") == 2
    assert "ne cite aucun article" in ran.out
    assert ran.code == 0


def test_source_that_was_changed_since(
    chat: Chat, kiosque: Kiosque, home_of_the_model: Path, tmp_path: Path
) -> None:
    """Of a corrected article, both texts; of a withdrawn one, the reason and no text."""
    home, articles = new_home(home_of_the_model, tmp_path / "new"), tmp_path / "articles"
    shutil.copytree(ARTICLES, articles)
    kiosque(home, "index", articles)
    assert flowed(chat(QUESTION, "/sources", home=home).out).count(SENTENCE) == 3
    vote = articles / "tramway-t2-vote.txt"
    vote.write_text(vote.read_text(encoding="utf-8").replace("dix-sept", "seize"), encoding="utf-8")
    assert kiosque(home, "index", articles, "--json").json["changed"] == 1
    said = flowed(chat("/sources", "/sources 1", home=home).out)
    assert said.count("a été corrigé depuis la réponse") == 2
    assert said.count(SENTENCE) == 2
    assert "seize stations" in said.partition("dit maintenant")[2]
    listed = kiosque(home, "articles", "--json").json
    cited = next(one["article_id"] for one in listed if one["source"] == str(vote))
    kiosque(home, "withdraw", cited, "--reason", "Plainte du maire")
    said = flowed(chat("/sources", home=home).out)
    assert "a été retiré de l’archive" in said
    assert "Raison : Plainte du maire" in said
    assert SENTENCE not in said


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_bad_lines_do_not_end_it(chat: Chat, words: tuple[str, ...]) -> None:
    """Careless lines each get their sentence, and the next question its answer."""
    bad = ["x" * 3000, "/zzz", "/sorces", b"\xff\xfe\x00", "", " ", "\x1b[2J", "😀", "/sources 1"]
    ran = chat(*bad, QUESTION, words=words)
    assert ran.code == 0
    assert SENTENCE in flowed(ran.out)
    assert "\x1b" not in ran.out + ran.err
    said = ran.out + ran.err
    for sentence in ("3\u202f000 caractères", "Commande inconnue", "Vouliez-vous dire /sources"):
        assert sentence in said
    assert "inattendue" not in said
    if words:
        assert len(values(ran)) == len(bad) + 1
        assert ran.err == ""


def test_json_is_a_value_a_line(chat: Chat, kiosque: Kiosque, own_home: Path, memory: Path) -> None:
    """Programs read one value for each line, an answer as ``ask --json`` gives it."""
    lines = [QUESTION, "/sources", "/sources 1", "/aide", "/new", "", "Bonjour !"]
    ran = chat(*lines, words=("--json",))
    answer, sources, whole, about, new, empty, refused = values(ran)
    asked = kiosque(own_home, "ask", QUESTION, "--json").json
    assert list(answer) == list(asked)
    assert answer["sources"] == asked["sources"] == sources["sources"] == whole["sources"]
    assert SENTENCE in whole["article"]["text"]
    assert [one["command"] for one in (sources, whole, about, new)] == [
        "sources", "sources", "help", "new",
    ]  # fmt: skip
    assert empty["error"]["key"] == "question_empty"
    assert refused["status"] == "refused"
    assert (ran.code, ran.err, memory.exists()) == (0, "", False)


def test_what_is_kept(chat: Chat, memory: Path) -> None:
    """Of each question: the time, the question, the answer, the status, and where it quoted."""
    chat(QUESTION, "/sources", "Bonjour !", "/zzz")
    first, second = remembered(memory)
    assert (first.question, first.status, first.language) == (QUESTION, "extractive", "fr")
    assert SENTENCE in first.text
    assert second.status == "refused"
    with Store(memory) as store:
        source = store.sources(first.id)[0]
        assert source.answer is not None
        assert source.start <= source.answer.start < source.answer.end <= source.end
        assert store.sources(second.id) == []
        assert store.rows("SELECT * FROM pending") == []
    assert memory.stat().st_mode & 0o777 == 0o600


def test_two_chats_are_two_conversations(chat: Chat, memory: Path) -> None:
    """After /new another conversation is stored, and the one before is not added to."""
    chat(QUESTION, "/new", "Bonjour !")
    assert [one.question for one in remembered(memory)] == ["Bonjour !"]


def test_old_history_is_taken_over(chat: Chat, own_home: Path, memory: Path) -> None:
    """The conversations of an earlier version go on, and their file is gone."""
    at = datetime.now(UTC).isoformat()
    old = {"thread": "ab12", "at": at, "question": QUESTION, "answer": "…", "status": "extractive"}
    path = own_home / "chat" / "history.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps(old | {"sources": []}) + "\n{damaged", encoding="utf-8")
    ran = chat(FOLLOW_UP)
    assert QUESTION in ran.err.replace("\u00a0", " ").replace("\n", " ")
    assert "Longue de 9,8 km" in flowed(ran.out)
    assert [one.question for one in remembered(memory)] == [QUESTION, FOLLOW_UP]
    assert not path.exists()


def test_recent_conversation_goes_on(chat: Chat) -> None:
    """The next chat goes on, says so apart from the answers, and has the last sources."""
    chat(QUESTION)
    ran = chat("/sources", FOLLOW_UP)
    assert f"On reprend après « {QUESTION} »" in ran.err.replace("\u00a0", " ").replace("\n", " ")
    assert flowed(ran.out).count("Longue de 9,8 km") >= 2
    assert chat("/new").code == 0
    ran = chat("/sources", FOLLOW_UP)
    assert ran.err == ""
    assert "Aucune réponse" in ran.out
    assert "Longue de 9,8 km" not in flowed(ran.out)


def test_old_conversation_does_not(chat: Chat, memory: Path) -> None:
    """A conversation of another day is kept, and does not go on."""
    chat(QUESTION)
    with Store(memory) as store:
        yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="milliseconds")
        store.rows("UPDATE answers SET at = ?", yesterday)
    ran = chat("/sources")
    assert (ran.err, "Aucune réponse" in ran.out) == ("", True)
    assert [one.question for one in remembered(memory)] == [QUESTION]


def test_forgetting(chat: Chat, own_home: Path, memory: Path) -> None:
    """/oublie deletes all that was said, in every file, and the conversation is forgotten too."""
    ran = chat(QUESTION, "/oublie", "/sources")
    assert remembered(memory) == []
    assert "Aucune réponse" in ran.out
    for path in own_home.glob(f"{FILE_NAME}*"):
        assert SENTENCE.encode() not in path.read_bytes()
    chat(QUESTION)
    assert chat("/forget", words=("--json",)).json["command"] == "forget"
    assert remembered(memory) == []


def test_keeping_nothing(chat: Chat, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``answers.keep_days`` at 0, nothing is written, and what was there goes."""
    monkeypatch.setenv("KIOSQUE_ANSWERS__KEEP_DAYS", "0")
    assert SENTENCE in flowed(chat(QUESTION, "/new").out)
    assert not memory.exists()
    monkeypatch.setenv("KIOSQUE_ANSWERS__KEEP_DAYS", "1")
    chat(QUESTION)
    monkeypatch.setenv("KIOSQUE_ANSWERS__KEEP_DAYS", "0")
    assert chat(FOLLOW_UP).err == ""
    assert remembered(memory) == []


def test_memory_that_cannot_be_written(chat: Chat, memory: Path) -> None:
    """It is said once, and the conversation goes on, with its memory."""
    memory.mkdir()
    ran = chat(QUESTION, FOLLOW_UP)
    assert ran.err.count("ne sont pas gardées") == 1
    assert ran.err.count("\n") == 2
    assert flowed(ran.out).count("Longue de 9,8 km") >= 2
    assert ran.code == 0


def test_without_an_archive(chat: Chat, own_home: Path) -> None:
    """Without an archive there is no conversation: it is said at once, with exit code 2."""
    (own_home / "archive.db").unlink()
    assert "pas encore d’archive" in chat(QUESTION).failed(2)
    assert chat(QUESTION, words=("--json",)).failed_in_json(2) == "no_archive"


def test_checks_and_quotes(chat: Chat) -> None:
    """The commands of Telegram are understood here too; bare, they say what to give."""
    claim, words = "La ligne T2 a ouvert en janvier 2021.", "un seul axe"
    lines = ("/verifier", f"/verifier {claim}", f"/citation {words}")
    how, checked, quote = values(chat(*lines, words=("--json",)))
    assert "/verifier" in how["text"]
    assert checked["claims"]
    assert words in quote["text"]


def test_chronology(chat: Chat) -> None:
    """``/chrono`` gives a subject's dated lines, oldest first, which `/sources` opens."""
    how, answer, sources = values(
        chat("/chrono", "/chrono ligne T2", "/sources", words=("--json",))
    )
    assert "/chrono" in how["text"]
    years = [one["published"][:4] for one in answer["sources"]]
    assert years == sorted(years)
    assert len(years) > 1
    assert [one["n"] for one in sources["sources"]] == [one["n"] for one in answer["sources"]]

"""``kiosque evaluate``: figures of our own question files and of SQuAD sets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.conftest import Kiosque
from tests.sample_home import DATA

RETRIEVAL = ["recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10", "questions", "passages"]
ANSWERS = [
    "right", "right_by_quote", "right_by_span", "cited", "wrong_when_said", "shown",
    "refused_rightly", "refusal_precision", "refusal_recall", "inexact_quotes",
    "answerable", "unanswerable", "said", "refused", "p50_ms", "p95_ms",
    "intervals", "by_style", "by_unanswerable",
]  # fmt: skip
SQUAD = {
    "data": [
        {
            "title": "Le <i>phare</i>",
            "paragraphs": [
                {
                    "context": "Le phare de Port-Lannec a été allumé en 1874 par un ingénieur.",
                    "qas": [
                        {
                            "id": 7,
                            "question": "Quand le phare a-t-il été allumé ?",
                            "answers": [{"text": "1874", "answer_start": 40}],
                        },
                        {"question": "Qui ?", "answers": [], "is_impossible": True},
                    ],
                },
                {"context": "Le marché de Brume ouvre le mardi matin.", "qas": []},
            ],
        }
    ]
}


@pytest.fixture
def some(tmp_path: Path) -> Path:
    """Ten of the sample questions, answerable ones and others."""
    lines = (DATA / "questions.jsonl").read_text("utf-8").splitlines()
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(lines[::6]) + "\n\n", encoding="utf-8")
    return path


def test_question_file(kiosque: Kiosque, sample_home: Path, some: Path) -> None:
    """Retrieval and answers have the design's figures, shares from 0 to 1; no quote is inexact."""
    ran = kiosque(sample_home, "evaluate", some, "--json")
    assert (ran.code, ran.err, list(ran.json)) == (
        0,
        "",
        ["retrieval", "retrieval_without_reader", "answers"],
    )
    retrieval, answers = ran.json["retrieval"], ran.json["answers"]
    assert (list(retrieval), list(answers)) == (RETRIEVAL, ANSWERS)
    assert (retrieval["passages"], retrieval["questions"]) == (29, answers["answerable"])
    assert answers["answerable"] + answers["unanswerable"] == 10
    assert 0 <= retrieval["recall@1"] <= retrieval["recall@5"] <= retrieval["recall@10"] <= 1
    assert answers["cited"] <= answers["right"] <= 1
    assert answers["inexact_quotes"] == 0
    assert 0 < answers["p50_ms"] <= answers["p95_ms"]


def test_details_list_what_failed(kiosque: Kiosque, sample_home: Path, some: Path) -> None:
    """``--details`` adds the questions that did not succeed, and people read them one by one."""
    ran = kiosque(sample_home, "evaluate", some, "--details", "--json")
    assert all(
        failure["what"] in ("retrieval", "answer") and failure["question"]
        for failure in ran.json["failures"]
    )
    people = kiosque(sample_home, "evaluate", some, "--details")
    assert (people.code, people.err) == (0, "")
    assert "Bon passage trouvé en premier" in people.out
    for alien in ("recall", "retrieval", "right", "rank", " 0.", "not_in"):
        assert alien not in people.out
    assert all(failure["id"] in people.out for failure in ran.json["failures"])


SPANNED = [
    {
        "id": "n1", "split": "dev", "article": "tramway-t2-vote.txt", "style": "plain",
        "question": "Combien de stations aura la ligne T2 ?",
        "quote": "jalonnée de dix-sept stations", "answer": "dix-sept",
    },
    {
        "id": "n2", "split": "dev", "article": "tramway-t2-vote.txt", "style": "careless",
        "question": "qui a gagne la coupe du monde de football", "unanswerable": "near-miss",
    },
    {
        "id": "n3", "split": "train", "article": "tramway-t2-vote.txt", "style": "plain",
        "question": "Qui a inventé le téléphone ?", "unanswerable": "other-entity",
    },
]  # fmt: skip


@pytest.fixture
def spanned(tmp_path: Path) -> Path:
    """Questions with the words that answer, of two parts of a set."""
    path = tmp_path / "spanned.jsonl"
    path.write_text("\n".join(map(json.dumps, SPANNED)), encoding="utf-8")
    return path


def test_part_of_a_set(kiosque: Kiosque, sample_home: Path, spanned: Path) -> None:
    """``--split`` measures one part only, with intervals and the figures of each style."""
    answers = kiosque(sample_home, "evaluate", spanned, "--split", "dev", "--json").json["answers"]
    assert (answers["answerable"], answers["unanswerable"], answers["right"]) == (1, 1, 1.0)
    assert answers["intervals"]["right"] == [0.2065, 1.0]
    assert list(answers["by_style"]) == ["careless", "plain"]
    assert list(answers["by_unanswerable"]) == ["near-miss"]
    nowhere = kiosque(sample_home, "evaluate", spanned, "--split", "test", "--json")
    assert nowhere.failed_in_json(2) == "questions_no_split"
    people = kiosque(sample_home, "evaluate", spanned).out
    assert "Réponses justes" in people
    assert "100,0\N{NO-BREAK SPACE}% (21–100)" in people
    assert "négligée" in people


def test_runs_are_compared(
    kiosque: Kiosque, sample_home: Path, spanned: Path, tmp_path: Path
) -> None:
    """A run that was saved is compared question by question; so is what ``--details`` printed."""
    saved, printed = tmp_path / "run.json", tmp_path / "printed.json"
    first = kiosque(sample_home, "evaluate", spanned, "--save", saved, "--details", "--json")
    printed.write_text(first.out, encoding="utf-8")
    for earlier in (saved, printed):
        ran = kiosque(sample_home, "evaluate", spanned, "--against", earlier, "--json")
        comparison = ran.json["comparison"]
        assert (comparison["both"], comparison["p"], comparison["changed"]) == (3, 1.0, [])
    run = json.loads(saved.read_text("utf-8"))
    run["questions"][0]["succeeded"] = False
    saved.write_text(json.dumps(run))
    people = kiosque(sample_home, "evaluate", spanned, "--against", saved)
    assert "gagnée n1" in people.out
    assert (people.code, people.err) == (0, "")


def test_run_that_cannot_be_read(kiosque: Kiosque, sample_home: Path, some: Path) -> None:
    """A file that is no run is bad use, told before anything is measured."""
    ran = kiosque(sample_home, "evaluate", some, "--against", some, "--json")
    assert ran.failed_in_json(2) == "run_unreadable"


@pytest.mark.parametrize("option", ["--save", "--report"])
def test_place_that_cannot_be_written(
    option: str, kiosque: Kiosque, sample_home: Path, some: Path, tmp_path: Path
) -> None:
    """Where nothing can be written is told before the work, in a sentence."""
    place = tmp_path if option == "--save" else some
    ran = kiosque(sample_home, "evaluate", some, option, place, "--json")
    assert ran.failed_in_json(2) == "cannot_write"


def test_tests_of_refusal(kiosque: Kiosque, sample_home: Path, some: Path) -> None:
    """They are counted apart from the file's own questions, and need no file."""
    ran = kiosque(sample_home, "evaluate", some, "--unanswerable", "2", "--json")
    assert list(ran.json) == [
        "retrieval",
        "retrieval_without_reader",
        "answers",
        "refusal_tests",
    ]
    tests = ran.json["refusal_tests"]
    assert (tests["unanswerable"], tests["inexact_quotes"]) == (2, 0)
    assert ran.json["answers"]["answerable"] + ran.json["answers"]["unanswerable"] == 10
    alone = kiosque(sample_home, "evaluate", "--unanswerable", "3", "--seed", "1", "--json")
    assert list(alone.json) == ["refusal_tests"]
    assert "mécaniques" in kiosque(sample_home, "evaluate", "--unanswerable", "2").out


def test_report(kiosque: Kiosque, sample_home: Path, spanned: Path, tmp_path: Path) -> None:
    """``--report`` leaves a page of the figures that were printed."""
    folder = tmp_path / "report"
    ran = kiosque(sample_home, "evaluate", spanned, "--report", folder)
    page = (folder / "report.md").read_text("utf-8")
    assert page.startswith("# Évaluation spanned.jsonl\n")
    assert "Bon passage trouvé en premier" in page
    assert "Bon passage trouvé en premier" in ran.out


@pytest.mark.parametrize("packed", [False, True])
def test_squad_set(packed: bool, kiosque: Kiosque, sample_home: Path, tmp_path: Path) -> None:
    """A SQuAD set is searched in an archive of its own, and the real one is left as it is."""
    before = kiosque(sample_home, "articles", "--json").out
    raw = json.dumps(SQUAD).encode()
    path = tmp_path / ("set.json.gz" if packed else "set.json")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    ran = kiosque(sample_home, "evaluate", path, *(["--answers"] if packed else []), "--json")
    assert (ran.code, ran.err) == (0, "")
    retrieval = ran.json["retrieval"]
    assert (retrieval["questions"], retrieval["passages"], retrieval["recall@1"]) == (1, 2, 1.0)
    assert ("answers" in ran.json) is packed
    if packed:
        assert ran.json["answers"]["answerable"] == ran.json["answers"]["unanswerable"] == 1
        assert ran.json["answers"]["inexact_quotes"] == 0
    assert kiosque(sample_home, "articles", "--json").out == before


BAD: dict[str, bytes] = {
    "broken.jsonl": b'{"question": "Qui ?"}\n{"question": \n',
    "nameless.jsonl": b"{}\n",
    "list.jsonl": b"[1]\n",
    "number.jsonl": b'{"question": 5}\n',
    "noise.jsonl": b"\xff\xfe\x00\x01" * 100,
    "list.json": b"[]",
    "text.json": b'{"data": "x"}',
    "number.json": b'{"data": [{"paragraphs": [{"context": 5, "qas": []}]}]}',
    "noise.json.gz": b"not gzip",
    "cut.json.gz": gzip.compress(json.dumps(SQUAD).encode())[:-20],
}


@pytest.mark.parametrize("name", BAD)
def test_file_that_is_no_question_file(
    name: str, kiosque: Kiosque, sample_home: Path, tmp_path: Path
) -> None:
    """A file of another kind is bad use, and the sentence says which kinds are read."""
    (tmp_path / name).write_bytes(BAD[name])
    assert "SQuAD" in kiosque(sample_home, "evaluate", tmp_path / name).failed(2)
    assert "Traceback" not in kiosque(sample_home, "evaluate", tmp_path / name).err


@pytest.mark.parametrize(("name", "content"), [("none.jsonl", "\n"), ("none.json", '{"data": []}')])
def test_file_without_questions(
    name: str, content: str, kiosque: Kiosque, sample_home: Path, tmp_path: Path
) -> None:
    """No figure can be made of no question: bad use, rather than a table of nothing."""
    (tmp_path / name).write_text(content)
    ran = kiosque(sample_home, "evaluate", tmp_path / name, "--json")
    assert ran.failed_in_json(2) == "questions_none"


def test_folder(kiosque: Kiosque, sample_home: Path, tmp_path: Path) -> None:
    """A folder exists, and is no file of questions: that is what is said."""
    assert "est un dossier" in kiosque(sample_home, "evaluate", tmp_path).failed(2)


def test_missing_file(kiosque: Kiosque, sample_home: Path, tmp_path: Path) -> None:
    """A file that is not there is bad use."""
    assert "nowhere" in kiosque(sample_home, "evaluate", tmp_path / "nowhere.jsonl").failed(2)


def test_line_that_is_wrong_is_named(kiosque: Kiosque, sample_home: Path, tmp_path: Path) -> None:
    """The number of the first bad line is in the sentence."""
    rows: list[dict[str, Any]] = [{"question": "Qui ?"}, {"question": "Quand ?"}, {"q": "Où ?"}]
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    assert "(3: " in kiosque(sample_home, "evaluate", path).failed(2)

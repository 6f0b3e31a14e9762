"""Marks become a mode, by thresholds that were computed, and are kept where they cannot harm."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answering.exam import Grade, Marks, Tally
from bot.answering.trust import (
    Examinee,
    Mode,
    TrustStore,
    choose,
    load_limits,
    mode_of,
    sign_test,
)
from retrieval.errors import StorageFull
from tests.benchmarks.trust import bars

LIMITS = load_limits()
EXAMINEE = Examinee("localhost:11434", "qwen", "localhost:11434", "qwen")
GOOD, HALF = Tally(right=20), Tally(right=10, missed=4, wrong=6)
MARKS = Marks(GOOD, GOOD, GOOD, GOOD, HALF, gained=10, lost=0)


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    """A store whose file is not there yet."""
    return TrustStore(tmp_path / "home" / "trust.json")


def test_thresholds_are_the_surest_that_let_a_strong_model_pass() -> None:
    """95 % of strong models pass, and the fewest of the 80 % class, 5 % at most."""
    best = bars()[0]
    assert (LIMITS.supported, LIMITS.altered, LIMITS.written) == best.marks
    assert best.strong >= 0.95
    assert best.weak <= 0.05


@pytest.mark.parametrize(
    ("gained", "lost", "probability"),
    [(0, 0, 1.0), (5, 0, 1 / 32), (4, 0, 1 / 16), (0, 5, 1.0), (7, 1, 9 / 256), (3, 3, 42 / 64)],
)
def test_sign_test(gained: int, lost: int, probability: float) -> None:
    """One-sided and exact."""
    assert sign_test(gained, lost) == pytest.approx(probability)


@pytest.mark.parametrize(
    ("marks", "mode"),
    [
        (MARKS, Mode.WRITE),
        (replace(MARKS, supported=Tally(18, 1, 1), altered=Tally(18, 0, 2)), Mode.WRITE),
        (replace(MARKS, supported=Tally(17, 1, 2)), Mode.SELECT),
        (replace(MARKS, altered=Tally(17, 1, 2)), Mode.SELECT),
        (replace(MARKS, written=Tally(16, 4, 0)), Mode.WRITE),
        (replace(MARKS, written=Tally(15, 5, 0)), Mode.SELECT),
        (replace(MARKS, altered=HALF, gained=4), Mode.OFF),
        (replace(MARKS, altered=HALF, gained=7, lost=1), Mode.SELECT),
        (replace(MARKS, altered=HALF, gained=6, lost=1), Mode.OFF),
        (replace(MARKS, altered=HALF, selected=Tally(13, 0, 7)), Mode.OFF),
        (replace(MARKS, altered=HALF, read=None), Mode.OFF),
    ],
)
def test_modes(marks: Marks, mode: Mode) -> None:
    """It writes if it verifies and writes well; chooses if better than luck; else is not used."""
    assert choose(marks, LIMITS) is mode


def test_setting_wins_over_marks() -> None:
    """A forced mode needs no test; an untested model is not used."""
    assert mode_of("write", None, LIMITS) is Mode.WRITE
    assert mode_of("select", MARKS, LIMITS) is Mode.SELECT
    assert mode_of("off", MARKS, LIMITS) is Mode.OFF
    assert mode_of("auto", MARKS, LIMITS) is Mode.WRITE
    assert mode_of("auto", None, LIMITS) is Mode.OFF


def test_marks_are_kept_for_their_model_alone(store: TrustStore, tmp_path: Path) -> None:
    """Another model, host or verifier has none; what is kept is read back as it was."""
    store.conclude(EXAMINEE, MARKS)
    again = TrustStore(tmp_path / "home" / "trust.json")
    assert again.marks(EXAMINEE) == MARKS
    for other in ("host", "model", "verifier_host", "verifier"):
        assert again.marks(replace(EXAMINEE, **{other: "x"})) is None
    other_marks = replace(MARKS, read=None)
    store.conclude(replace(EXAMINEE, model="x"), other_marks)
    assert again.marks(EXAMINEE) == MARKS
    assert again.marks(replace(EXAMINEE, model="x")) == other_marks


@pytest.mark.parametrize("name", ["version", "prompts"])
def test_another_test_or_other_prompts_make_marks_void(
    name: str, store: TrustStore, tmp_path: Path
) -> None:
    """Marks are those of one version of the test and of the prompts."""
    store.conclude(EXAMINEE, MARKS)
    path = tmp_path / "home" / "trust.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["tests"][0][name] = "other"
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert store.marks(EXAMINEE) is None


def test_grades_are_kept_until_the_marks_are(store: TrustStore) -> None:
    """A test that was begun goes on; one that is over has no grades; one forgotten has nothing."""
    store.note(EXAMINEE, "s01", Grade.RIGHT)
    store.note(EXAMINEE, "s02", Grade.WRONG)
    assert store.grades(EXAMINEE) == {"s01": Grade.RIGHT, "s02": Grade.WRONG}
    assert store.marks(EXAMINEE) is None
    store.conclude(EXAMINEE, MARKS)
    assert store.grades(EXAMINEE) == {}
    store.forget(EXAMINEE)
    assert store.marks(EXAMINEE) is None


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"tests": 3}',
        b'{"tests": [null, 3, {}]}',
        b"[" * 100_000,
        b"x" * 3_000_000,
    ],
)
def test_damaged_file_is_an_empty_one(damage: bytes, store: TrustStore, tmp_path: Path) -> None:
    """The model counts as untested, and the next test is kept as if nothing had been."""
    path = tmp_path / "home" / "trust.json"
    path.parent.mkdir()
    path.write_bytes(damage)
    assert (store.marks(EXAMINEE), store.grades(EXAMINEE)) == (None, {})
    store.note(EXAMINEE, "s01", Grade.RIGHT)
    assert store.grades(EXAMINEE) == {"s01": Grade.RIGHT}


@pytest.mark.parametrize("name", ["marks", "grades"])
@pytest.mark.parametrize(
    "value",
    [None, 3, "x", [], {}, {"supported": {"right": "many"}}, {"supported": {"other": 1}}],
)
def test_damaged_row_is_an_untested_model(
    name: str, value: object, store: TrustStore, tmp_path: Path
) -> None:
    """Marks or grades that are not whole count for nothing, and are written over."""
    store.note(EXAMINEE, "s01", Grade.RIGHT)
    path = tmp_path / "home" / "trust.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["tests"][0][name] = value
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert store.marks(EXAMINEE) is None
    store.note(EXAMINEE, "s02", Grade.WRONG)
    assert store.grades(EXAMINEE)["s02"] is Grade.WRONG


def test_file_is_for_its_owner_and_stays_small(store: TrustStore, tmp_path: Path) -> None:
    """Nobody else reads it, names are cut, and the oldest tests go."""
    for number in range(60):
        store.conclude(replace(EXAMINEE, model=f"{number}{'x' * 5000}"), MARKS)
    path = tmp_path / "home" / "trust.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(json.loads(path.read_text(encoding="utf-8"))["tests"]) == 50
    assert path.stat().st_size < 100_000
    assert {one.name for one in path.parent.iterdir()} <= {"trust.json", "trust.lock"}


def test_several_write_at_once(store: TrustStore) -> None:
    """Nothing that was noted is lost."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.note(EXAMINEE, f"s{n}", Grade.RIGHT), range(40)))
    assert len(store.grades(EXAMINEE)) == 40


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    """It is said as a disk that fails; what was there is untouched."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageFull) as failure:
        TrustStore(tmp_path / "file" / "trust.json").conclude(EXAMINEE, MARKS)
    assert failure.value.key == "trust_failed"
    (tmp_path / "trust.json").mkdir()
    store = TrustStore(tmp_path / "trust.json")
    assert store.marks(EXAMINEE) is None
    with pytest.raises(StorageFull):
        store.conclude(EXAMINEE, MARKS)
    assert {one.name for one in tmp_path.iterdir()} <= {"file", "trust.json", "trust.lock"}

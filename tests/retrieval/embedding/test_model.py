"""The built-in model is made once, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.embedding import EmbeddingChoice, open_embedder, reconvert, verify
from retrieval.embedding.conversion import E5Weights
from retrieval.embedding.model import MODEL_ID, find_weights, is_whole, model_folder
from retrieval.errors import ModelUnavailable, StorageFull

OPEN = """
import sys
from pathlib import Path
from retrieval.embedding import EmbeddingChoice, open_embedder
steps = []
open_embedder(EmbeddingChoice(), Path(sys.argv[1]), lambda done, of: steps.append(done))
print(len(steps))
"""
OPEN_ON_A_FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    exec(sys.argv[2])
except Exception as error:
    print(type(error).__name__, error.key, error.facts["path"])
"""


def spoil(path: Path, at: int) -> None:
    """Change one byte, so that neither size nor anything else tells."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0xFF]))


def test_a_whole_model_is_left_alone(home: Path) -> None:
    """Opening again makes nothing, and says nothing."""
    steps: list[int] = []
    embedder = open_embedder(EmbeddingChoice(), home, lambda done, _of: steps.append(done))
    assert (embedder.model_id, embedder.dimension) == (MODEL_ID, 384)
    assert steps == []
    assert verify(home) == ()


@pytest.mark.parametrize(("name", "at"), [("model.onnx", 4000), ("piece_ids.npy", 5000)])
def test_a_changed_byte_of_a_small_file_is_seen_at_once(
    home_to_spoil: Path, name: str, at: int
) -> None:
    """What is small is read in full at every opening."""
    spoil(model_folder(home_to_spoil) / name, at)
    assert not is_whole(model_folder(home_to_spoil))
    assert verify(home_to_spoil) == (name,)


def test_a_changed_byte_of_the_weights_is_seen_by_verify(home_to_spoil: Path) -> None:
    """What is large is read by the doctor."""
    spoil(model_folder(home_to_spoil) / "weights.bin", 50_000_000)
    assert is_whole(model_folder(home_to_spoil))
    assert verify(home_to_spoil) == ("weights.bin",)


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"files": {"a": 1}}', '{"files": null}'])
def test_a_nonsense_manifest_is_damage(home_to_spoil: Path, manifest: str) -> None:
    """A manifest cut short or rewritten never passes."""
    (model_folder(home_to_spoil) / "checksums.json").write_text(manifest)
    assert not is_whole(model_folder(home_to_spoil))


def test_a_damaged_model_is_made_anew(home_to_spoil: Path) -> None:
    """Opening repairs, counts its steps up to the last, and leaves no rest behind."""
    folder = model_folder(home_to_spoil)
    (folder / "weights.bin").write_bytes(b"cut short")
    left = folder.with_name(f".{folder.name}-killed")
    left.mkdir()
    steps: list[tuple[int, int]] = []
    open_embedder(EmbeddingChoice(), home_to_spoil, lambda done, of: steps.append((done, of)))
    assert verify(home_to_spoil) == ()
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    assert {path.name for path in folder.parent.iterdir()} <= {MODEL_ID, f"{MODEL_ID}.lock"}


def test_reconvert_repairs_what_looks_whole(home_to_spoil: Path) -> None:
    """What only the doctor saw is repaired on demand, into the same bytes."""
    manifest = model_folder(home_to_spoil) / "checksums.json"
    before = manifest.read_text()
    spoil(model_folder(home_to_spoil) / "weights.bin", 50_000_000)
    reconvert(home_to_spoil)
    assert verify(home_to_spoil) == ()
    assert manifest.read_text() == before


def test_two_processes_make_one_model(tmp_path: Path) -> None:
    """The second waits for the first and uses what it made."""
    command = [sys.executable, "-c", OPEN, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    steps = sorted(int(each.communicate(timeout=60)[0]) for each in both)
    assert steps[0] == 0
    assert steps[1] > 10
    assert verify(tmp_path) == ()


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    """A write that the system refuses in the middle is `StorageFull`, without half a model."""
    script = "import sys\n" + OPEN_ON_A_FULL_DISK
    command = [sys.executable, "-c", script, str(tmp_path), OPEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("StorageFull storage_full")
    assert [path for path in (tmp_path / "models").iterdir() if path.is_dir()] == []


def test_a_home_that_is_no_folder_is_said(tmp_path: Path) -> None:
    """A home that cannot be written to is `StorageFull`, with its path."""
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StorageFull) as caught:
        open_embedder(EmbeddingChoice(), tmp_path / "home")
    assert caught.value.key == "storage_failed"


@pytest.mark.parametrize("size", [0, 100, 3_000_000, 40_000_000])
def test_a_source_cut_short_is_refused(tmp_path: Path, size: int) -> None:
    """A package whose file is not whole gives no model."""
    with find_weights().open("rb") as whole:
        (tmp_path / "cut.bin").write_bytes(whole.read(size))
    with pytest.raises(ModelUnavailable) as caught:
        E5Weights(tmp_path / "cut.bin")
    assert caught.value.key == "model_source_damaged"

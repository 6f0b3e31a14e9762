"""The built-in model and a named folder give the right vectors, whatever the text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.embedding import Embedder, EmbeddingChoice, open_embedder
from retrieval.errors import ModelUnavailable
from tests.retrieval.embedding.sentences import PASSAGES, QUERIES, reference


def queries(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """The vectors of several questions."""
    return np.array([embedder.embed_query(text) for text in texts])


def replace(path: Path, content: bytes) -> None:
    """Put another file in its place, without touching what others have linked."""
    path.unlink()
    path.write_bytes(content)


def test_queries_agree_with_the_reference(embedder: Embedder) -> None:
    """A question's vector is the one of the full model, within a cosine of 0.99."""
    cosines = (queries(embedder, QUERIES) * reference("queries")).sum(axis=1)
    assert cosines.min() > 0.99


def test_passages_agree_with_the_reference(embedder: Embedder) -> None:
    """A passage's vector is the one of the full model, within a cosine of 0.99."""
    cosines = (embedder.embed_passages(PASSAGES) * reference("passages")).sum(axis=1)
    assert cosines.min() > 0.99


def test_each_question_finds_its_passage(embedder: Embedder) -> None:
    """Careless French and English questions are nearest to the passage that answers them."""
    scores = queries(embedder, QUERIES) @ embedder.embed_passages(PASSAGES).T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]


def test_a_vector_depends_on_its_text_alone(embedder: Embedder) -> None:
    """Order and company change no bit of a vector, in batches of any size."""
    texts = [*PASSAGES, *(passage[:20] for passage in PASSAGES), PASSAGES[0] * 5]
    together = embedder.embed_passages(texts)
    backwards = embedder.embed_passages(texts[::-1])[::-1]
    alone = np.concatenate([embedder.embed_passages([text]) for text in texts])
    assert np.array_equal(together, backwards)
    assert np.array_equal(together, alone)


def test_the_whole_vocabulary_changes_nothing(home: Path) -> None:
    """After many characters the other tokeniser takes over, with the same vectors."""
    embedder = open_embedder(EmbeddingChoice(), home)
    before = embedder.embed_passages(PASSAGES)
    embedder.embed_passages(["." * 400_000])
    assert np.array_equal(before, embedder.embed_passages(PASSAGES))


def test_threads_share_an_embedder(home: Path) -> None:
    """Several threads may load and call one embedder at the same time."""
    embedder = open_embedder(EmbeddingChoice(threads=3), home)
    embedder.warm()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(embedder.embed_query, [*QUERIES] * 4))
    expected = queries(embedder, QUERIES)
    assert np.array_equal(np.array(found), np.tile(expected, (4, 1)))


def test_a_process_may_end_while_it_loads(home: Path) -> None:
    """Warming and then leaving at once is a quiet end."""
    script = (
        "import sys; from pathlib import Path; from retrieval.embedding import *; "
        "open_embedder(EmbeddingChoice(), Path(sys.argv[1])).warm()"
    )
    command = [sys.executable, "-c", script, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == ""


def test_nothing_of_the_conversion_is_loaded(home: Path) -> None:
    """A question needs the runtime and the tokenizer; what made the model stays outside."""
    script = (
        "import sys; from pathlib import Path; from retrieval.embedding import *; "
        "from retrieval.reranker import Reader; "
        "open_embedder(EmbeddingChoice(), Path(sys.argv[1])).embed_query('Où ?'); "
        "Reader(Path(sys.argv[1])).relevance('Où ?', [('', 'Ici.')]); "
        "print(sorted({'onnx', 'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "['onnxruntime', 'tokenizers']\n"


@pytest.mark.parametrize("text", ["", " \n\t", "\ud800", "\0", "🗞️" * 50, "a" * 30_000])
def test_any_text_has_a_vector(embedder: Embedder, text: str) -> None:
    """Empty, broken or endless text gives a finite vector of length 1."""
    for vector in (embedder.embed_query(text), embedder.embed_passages([text])[0]):
        assert vector.shape == (embedder.dimension,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_a_long_text_is_cut_at_512_tokens(embedder: Embedder) -> None:
    """What comes after the model's window has no influence, and no cost."""
    words = "Le conseil a voté le budget. " * 200
    with_more = words + "La régate de Brest. " * 5000
    assert np.array_equal(*embedder.embed_passages([words, with_more]))


def test_no_passages_make_no_vectors(embedder: Embedder) -> None:
    """An empty batch is an empty matrix of the right width."""
    assert embedder.embed_passages([]).shape == (0, 384)


def test_a_named_folder_is_used_instead(folder: Path, tmp_path: Path, embedder: Embedder) -> None:
    """A folder with model.onnx and tokenizer.json is another vector space, with its vectors."""
    mine = open_embedder(EmbeddingChoice(model_dir=folder), tmp_path)
    assert mine.model_id.startswith("my-e5-")
    assert mine.model_id != embedder.model_id
    assert mine.dimension == 384
    assert np.allclose(mine.embed_passages(PASSAGES), embedder.embed_passages(PASSAGES), atol=0.02)


def test_another_model_in_the_folder_is_another_space(folder: Path, tmp_path: Path) -> None:
    """Replacing the files of a named folder changes its id: no silent nonsense."""
    before = open_embedder(EmbeddingChoice(model_dir=folder), tmp_path).model_id
    replace(folder / "model.onnx", b"another")
    assert open_embedder(EmbeddingChoice(model_dir=folder), tmp_path).model_id != before


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """Opening names the file that is missing."""
    with pytest.raises(ModelUnavailable) as caught:
        open_embedder(EmbeddingChoice(model_dir=tmp_path), tmp_path)
    assert caught.value.key == "model_file_missing"
    assert caught.value.facts["path"] == tmp_path / "model.onnx"


@pytest.mark.parametrize("spoiled", ["model.onnx", "tokenizer.json"])
def test_a_folder_with_nonsense_is_refused(folder: Path, tmp_path: Path, spoiled: str) -> None:
    """A file that is no model or no tokenizer is an error of ours, at the first text."""
    replace(folder / spoiled, b"nonsense")
    broken = open_embedder(EmbeddingChoice(model_dir=folder), tmp_path)
    broken.warm()
    with pytest.raises(ModelUnavailable) as caught:
        broken.embed_query("Où ?")
    assert caught.value.key == "model_damaged"


def test_prefixes_follow_the_name_unless_they_are_set() -> None:
    """The e5 family wants its prefixes; others get what the settings say, or nothing."""
    choice = EmbeddingChoice()
    assert choice.prefixes("intfloat/multilingual-e5-small"[9:]) == ("query: ", "passage: ")
    assert choice.prefixes("bge-m3") == ("", "")
    assert EmbeddingChoice(query_prefix="Q ").prefixes("bge-m3") == ("Q ", "")

"""Turns texts into token ids; the only user of `tokenizers`.

The whole vocabulary has 250,002 pieces: loading it costs 0.7 s and 280 MB, which is right
for an archive and wrong for one question. `FewTexts` finds the pieces that can stand in
the given texts at all, and gives only those to the same tokenizer: the tokens are the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from retrieval.embedding.model import TOKENIZER_FILE
from retrieval.storage import load_array

MAX_TOKENS = 512
"""What the model takes, both ends included."""

_TEXTS, _IDS, _SCORES = "pieces.npy", "piece_ids.npy", "piece_scores.npy"
_SPECIAL = 4
"""Begin, pad, end and unknown lead the vocabulary, in every XLM-R tokenizer."""
_MAX_PIECE = 16
"""Characters of the longest piece."""
_MAX_CHARACTERS = 20_000
"""What lies beyond is not among the first 512 tokens, but for absurd runs of spaces."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The vocabulary of the SentencePiece Unigram tokenizer; a piece's id is its index."""

    texts: tuple[str, ...]
    scores: NDArray[np.float32]


class Tokens(Protocol):
    """Cuts texts into the ids of tokens, 512 at most, with begin and end."""

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text; an empty text has begin and end."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in tokens, without begin and end.

    Args:
        ids: of the tokens.
        offsets: start and end of each token in the text, in characters.
    """

    ids: list[int]
    offsets: list[tuple[int, int]]


class ManyTexts:
    """The whole vocabulary, from a ``tokenizer.json``.

    Raises:
        ValueError: the file is not a tokenizer.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # The library raises nothing narrower.
            raise ValueError(f"not a tokenizer: {path.name}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text."""
        cut = [_cut(text) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(cut)]

    def cuts(self, texts: Sequence[str]) -> list[Cut]:
        """The tokens of each text with their places, without begin and end."""
        cut = [_cut(text) for text in texts]
        found = self._tokenizer.encode_batch(cut, add_special_tokens=False)
        return [Cut(each.ids, each.offsets) for each in found]


class FewTexts:
    """As much of the vocabulary as the texts at hand need, looked up in mapped files.

    Raises:
        OSError, ValueError: the files are missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._texts = load_array(folder / _TEXTS, mapped=True)
        self._ids = load_array(folder / _IDS, mapped=True)
        self._scores = load_array(folder / _SCORES, mapped=True)
        self._longest = self._texts.dtype.itemsize
        self._normaliser = _normaliser()
        self._splitter = _splitter()
        rarest = int(self._scores.argmin())
        self._fixed = {self._text(number): number for number in (*range(_SPECIAL), rarest)}

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text."""
        cut = [_cut(text) for text in texts]
        tokenizer, ids = self._for(cut)
        return [[ids[i] for i in each.ids] for each in tokenizer.encode_batch_fast(cut)]

    def cuts(self, texts: Sequence[str]) -> list[Cut]:
        """The tokens of each text with their places, without begin and end."""
        cut = [_cut(text) for text in texts]
        tokenizer, ids = self._for(cut)
        found = tokenizer.encode_batch(cut, add_special_tokens=False)
        return [Cut([ids[i] for i in each.ids], each.offsets) for each in found]

    def _for(self, texts: Sequence[str]) -> tuple[Tokenizer, list[int]]:
        """A tokenizer of the pieces that these texts need, and the ids of its pieces."""
        chosen = self._chosen({word for text in texts for word in self._words(text)})
        vocabulary = [(piece, float(self._scores[i])) for piece, i in chosen.items()]
        tokenizer = _tokenizer(vocabulary)
        tokenizer.enable_truncation(MAX_TOKENS)
        return tokenizer, list(chosen.values())

    def _text(self, number: int) -> str:
        place = np.flatnonzero(self._ids == number)[0]
        return bytes(self._texts[place]).decode()

    def _words(self, text: str) -> Iterator[str]:
        normal = self._normaliser.normalize_str(text)
        return (word for word, _span in self._splitter.pre_tokenize_str(normal))

    def _chosen(self, words: Iterable[str]) -> dict[str, int]:
        """The pieces that stand in the words, with their ids.

        The least likely piece is always among them: the score of an unknown character
        hangs on it.
        """
        chosen = dict(self._fixed)
        parts = {part for word in words for part in self._parts(word)}
        if parts:
            wanted = np.array([part.encode() for part in parts], self._texts.dtype)
            places = np.searchsorted(self._texts, wanted).clip(max=len(self._texts) - 1)
            found = places[self._texts[places] == wanted]
            for piece, number in zip(self._texts[found], self._ids[found], strict=True):
                chosen.setdefault(piece.decode(), int(number))
        return chosen

    def _parts(self, word: str) -> Iterator[str]:
        """Every run of characters that is short enough to be a piece."""
        for start in range(len(word)):
            for end in range(start + 1, min(start + _MAX_PIECE, len(word)) + 1):
                part = word[start:end]
                if len(part.encode()) <= self._longest:
                    yield part


def _cut(text: str) -> str:
    """As much of a text as can matter, without halves of surrogate pairs."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def write_tokenizer(pieces: Pieces, folder: Path) -> None:
    """Write ``tokenizer.json``, and the files `FewTexts` looks pieces up in.

    Raises:
        OSError: the folder cannot be written to.
    """
    scored = list(zip(pieces.texts, pieces.scores.tolist(), strict=True))
    # As the library writes a small one: to build the whole only to write it costs 280 MB.
    description = json.loads(_tokenizer(scored[:_SPECIAL]).to_str())
    description["model"]["vocab"] = scored
    text = json.dumps(description, ensure_ascii=False)
    (folder / TOKENIZER_FILE).write_text(text, encoding="utf-8")
    encoded = np.array([text.encode() for text in pieces.texts])
    order = np.argsort(encoded, kind="stable")
    _save(folder / _TEXTS, encoded[order])
    _save(folder / _IDS, order.astype(np.int32))
    _save(folder / _SCORES, pieces.scores.astype(np.float32))


def _save(path: Path, values: NDArray[np.generic]) -> None:
    with path.open("wb") as out:
        np.save(out, values, allow_pickle=False)


def _tokenizer(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """The SentencePiece Unigram tokenizer of XLM-R, with these pieces."""
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = _normaliser()
    tokenizer.pre_tokenizer = _splitter()
    ends = [("<s>", 0), ("</s>", 2)]
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=ends)
    return tokenizer


def _normaliser() -> normalizers.Normalizer:
    steps = [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    return normalizers.Sequence(steps)


def _splitter() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Metaspace(prepend_scheme="always")

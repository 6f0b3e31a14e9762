"""A big archive out of a small one: copies of articles with other names, numbers and dates.

A copy keeps its words in small letters, so that it is written as news is; its names are other
names of the same length, its numbers and dates others. It is other news for the reader of
near-duplicates. The vector of a copy's window is that of its original moved a little, along
the differences between real vectors: questions meet as many near windows as in a real archive
of that size, and nothing of the copies is embedded.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.archive.rows import window_digest
from retrieval.archive.tables import BYTES_A_NUMBER
from retrieval.embedding.embedder import Embedder
from retrieval.packed import KINDS, floats
from tests.benchmarks.alterations import runs

_VOWELS, _CONSONANTS = "aeiouy", "bcdfghjklmnpqrstvwxz"
_YEAR = re.compile(r"(?<![\d.,])20[012]\d(?![\d.,]\d)")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche"
_CALENDAR = tuple(words.split() for words in (_MONTHS, _DAYS))
_DATED = frozenset(itertools.chain(*_CALENDAR))
_FIRST, _LAST = date(2011, 1, 1), date(2020, 12, 31)
_FILE = 5_000
"""Articles a file: one stays below the size that indexing takes."""
_SOME = 5_000
_MOVED = 0.5
"""Of the difference of two real vectors: a copy's cosine with its original is about 0.95."""

Record = dict[str, str | None]


def write_export(folder: Path, news: Path, articles: int, first: Sequence[str] = ()) -> None:
    """Write an export of so many articles: the real ones, then copies of them.

    Args:
        folder: of the files; it is made.
        news: the gzipped export of the real ones.
        articles: how many in all.
        first: ids of articles to begin with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    real = real_articles(news)
    wanted = set(first)
    real.sort(key=lambda record: record["id"] not in wanted)
    records = itertools.islice(_records(real), articles)
    for number in itertools.count():
        part = list(itertools.islice(records, _FILE))
        if not part:
            return
        text = "\n".join(json.dumps(record, ensure_ascii=False) for record in part)
        (folder / f"news-{number:03}.jsonl").write_text(text + "\n", encoding="utf-8")


def real_articles(news: Path) -> list[Record]:
    """The real articles of a gzipped export."""
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _records(real: list[Record]) -> Iterator[Record]:
    yield from real
    for number in itertools.count(1):
        yield from (copy(record, number) for record in real)


def copy(record: Record, number: int) -> Record:
    """The copy of an article that has this number (1 and up), always the same one."""
    drawn = random.Random(f"{record['id']} {number}")  # noqa: S311 - no secret
    before = int(str(record["published"])[:4])
    day = _FIRST + timedelta(days=drawn.randrange((_LAST - _FIRST).days))
    hand = _Hand(number, day.year - before)
    return record | {
        "id": f"{record['id']}-{number}",
        "url": f"{record['url']}?copy={number}",
        "title": hand.rewritten(str(record["title"])),
        "text": hand.rewritten(str(record["text"])),
        "published": day.isoformat(),
    }


class _Hand:
    """Rewrites texts; one name becomes the same other name all over a copy."""

    def __init__(self, number: int, years: int) -> None:
        self._years = years
        self._number = number
        letters: dict[int, int] = {}
        for kind, step in ((_VOWELS, 1 + number % 5), (_CONSONANTS, 1 + number % 19)):
            turned = kind[step:] + kind[:step]
            letters |= str.maketrans(kind + kind.upper(), turned + turned.upper())
        self._letters = letters

    def rewritten(self, text: str) -> str:
        """A text with other names, numbers and dates."""
        parts, at = [], 0
        for name in runs(text):
            parts += [self._counted(text[at : name.start()]), self._named(name[0])]
            at = name.end()
        return "".join([*parts, self._counted(text[at:])])

    def _named(self, name: str) -> str:
        return _WORD.sub(
            lambda word: word[0].translate(self._letters) if word[0][0].isupper() else word[0],
            name,
        )

    def _counted(self, text: str) -> str:
        pieces, at = [], 0
        for year in _YEAR.finditer(text):
            moved = str(int(year[0]) + self._years)
            pieces += [_NUMBER.sub(self._other, text[at : year.start()]), moved]
            at = year.end()
        pieces.append(_NUMBER.sub(self._other, text[at:]))
        return _WORD.sub(self._another_day, "".join(pieces))

    def _other(self, number: re.Match[str]) -> str:
        digits = (str((int(digit) + self._number - 1) % 9 + 1) for digit in number[0])
        return "".join(digits)

    def _another_day(self, word: re.Match[str]) -> str:
        for words in _CALENDAR:
            if word[0] in words:
                return words[(words.index(word[0]) + self._number) % len(words)]
        return word[0]


def kept(text: str) -> str:
    """What a copy leaves as it is: the words in small letters that are no dates."""
    return " ".join(w for w in _WORD.findall(text) if w.islower() and w not in _DATED)


class RealVectors:
    """Vectors that an archive holds, finished or not.

    Args:
        archive: its file ``archive.db``, made with the built-in model.
        texts: the windows' texts as they are embedded, to find vectors by; those without a
            vector are left out. Without any text, some vectors are taken as they come.

    Attributes:
        rows: the vectors.
        places: the row of a window, by its digest.
        likenesses: the row of a window, by what a copy of it keeps.
    """

    def __init__(self, archive: Path, texts: Sequence[str] = ()) -> None:
        by_digest = {window_digest(text): text for text in texts}
        found: list[NDArray[np.float32]] = []
        self.places: dict[bytes, int] = {}
        self.likenesses: dict[bytes, int] = {}
        with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
            most = -1 if texts else _SOME  # SQLite: no limit
            rows = connection.execute(
                f"SELECT digest, vector, {BYTES_A_NUMBER} FROM vectors LIMIT ?",  # noqa: S608
                (most,),
            )
            for digest, vector, width in rows:
                if (text := by_digest.get(digest)) is not None:
                    self.likenesses[window_digest(kept(text))] = len(found)
                    self.places[digest] = len(found)
                elif texts:
                    continue
                found.append(floats(np.frombuffer(vector, KINDS[width])))
        self.rows: NDArray[np.float32] = np.stack(found)


class CopyEmbedder:
    """An `Embedder` of a copied archive: real questions and windows, and moved copies.

    Args:
        model: embeds questions; its model is that of the archive.
        real: the vectors to start from.

    Attributes:
        counts: how many texts had a vector of their own, that of their original moved, and,
            because their original has none yet, that of another window moved.
    """

    def __init__(self, model: Embedder, real: RealVectors) -> None:
        self._model = model
        self._real = real
        self.model_id = model.model_id
        self.dimension = model.dimension
        self.counts = {"real": 0, "moved": 0, "drawn": 0}

    def warm(self) -> None:
        """There is nothing to load for windows."""

    def close(self) -> None:
        """There is nothing to let go; the model is its owner's."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question."""
        return self._model.embed_query(text)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of windows, in their order."""
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        rows = self._real.rows
        digest = window_digest(text)
        if (at := self._real.places.get(digest)) is not None:
            self.counts["real"] += 1
            own: NDArray[np.float32] = rows[at]
            return own
        # Three places out of the digest: its base when its original is unknown, and the two
        # real vectors along whose difference it is moved. The same for the same text.
        numbers = np.frombuffer(hashlib.blake2b(digest, digest_size=24).digest(), "<u8")
        base, one, other = (int(number % len(rows)) for number in numbers)
        at = self._real.likenesses.get(window_digest(kept(text)))
        self.counts["drawn" if at is None else "moved"] += 1
        vector = rows[base if at is None else at] + _MOVED * (rows[one] - rows[other])
        moved: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return moved

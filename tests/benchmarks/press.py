"""The press archive of ``make evaluate``: the articles of a split, and others that nobody asks of.

Of `news_fr_12k.jsonl.gz`: the articles that the ``dev`` questions of `news_questions.jsonl` are
about, and 410 others, drawn from those that no question of any split is about.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.command import kiosque
from tests.benchmarks.common import AbsentError, Setup

OTHERS = 410
QUESTIONS = "train/news_questions.jsonl"
SPLIT = "dev"
_SEED = 460
_EXPORT = "press.jsonl"


def press_home(setup: Setup) -> Path:
    """The home of that archive, kept in ``--work``; made when it is not there, or ``--anew``.

    Raises:
        AbsentError: the data are not there, or cannot be indexed.
    """
    home = setup.work / "kiosque-bench-press"
    if setup.anew or not (home / "archive.db").exists():
        export = setup.fresh(home) / _EXPORT
        with export.open("w", encoding="utf-8") as file:
            for row in chosen(setup):
                # Without its address a row is known by its id, as the questions name it.
                kept = {name: value for name, value in row.items() if name != "url"}
                file.write(json.dumps(kept, ensure_ascii=False) + "\n")
        ran = kiosque(home, "index", export, "--json", quiet=False)
        if ran.code:
            raise AbsentError(f"kiosque index ended with {ran.code}")
    return home


def chosen(setup: Setup) -> Iterator[dict[str, object]]:
    """The rows of the articles, in the order of the export."""
    rows = [json.loads(line) for line in setup.data(QUESTIONS).read_text("utf-8").splitlines()]
    asked = {row["article"] for row in rows}
    with gzip.open(setup.data("data/news_fr_12k.jsonl.gz"), "rt", encoding="utf-8") as file:
        articles = {row["id"]: row for row in map(json.loads, file)}
    drawn = random.Random(_SEED)  # noqa: S311 - the same articles every time
    others = drawn.sample(sorted(articles.keys() - asked), OTHERS)
    wanted = {row["article"] for row in rows if row["split"] == SPLIT} | set(others)
    return (row for id_, row in articles.items() if id_ in wanted)

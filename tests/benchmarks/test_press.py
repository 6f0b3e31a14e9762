"""The press archive: which articles are in it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from tests.benchmarks.common import Setup
from tests.benchmarks.press import OTHERS, QUESTIONS, chosen


def test_articles_of_the_split_and_others_that_nobody_asks_of(tmp_path: Path) -> None:
    """All of the split's articles and as many others as said, none of them of another split."""
    asked = [("dev", "a1"), ("dev", "a2"), ("dev", "a2"), ("train", "a3")]
    rows = [{"split": split, "article": article} for split, article in asked]
    questions, data = tmp_path / QUESTIONS, tmp_path / "data"
    questions.parent.mkdir()
    data.mkdir()
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with gzip.open(data / "news_fr_12k.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": f"a{at}"}) + "\n" for at in range(OTHERS + 50))
    ids = [str(row["id"]) for row in chosen(Setup(shared=tmp_path))]
    assert len(ids) == len(set(ids)) == OTHERS + 2
    assert {"a1", "a2"} <= set(ids)
    assert "a3" not in ids
    assert ids == [str(row["id"]) for row in chosen(Setup(shared=tmp_path))]

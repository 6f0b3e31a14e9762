"""Exports: many articles in one file; a bad record never stops the others."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from retrieval.reading import CleaningRules, read
from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import TODAY, Reading

_RECORD = {
    "id": "r1", "url": "https://gazette.example/pont", "title": "Le pont", "outlet": "La Gazette",
    "published": "2017-05-24T14:00:00+02:00", "author": None, "language": "fr",
    "text": "Le pont est ouvert.\nIl était fermé.",
}  # fmt: skip


def _line(**changes: object) -> str:
    return json.dumps(_RECORD | changes, ensure_ascii=False) + "\n"


def test_a_record_becomes_a_draft(tmp_path: Path, reading: Reading) -> None:
    """A record with an address is that address; its fields are the draft's."""
    path = tmp_path / "a.jsonl"
    path.write_text(_line())
    [draft], problems = reading(path)
    assert problems == []
    assert (draft.origin, draft.source) == (_RECORD["url"], _RECORD["url"])
    assert (draft.title, draft.outlet, draft.author) == ("Le pont", "La Gazette", None)
    assert (str(draft.published), draft.text) == ("2017-05-24", _RECORD["text"])
    assert json.loads(draft.raw) == _RECORD


def test_a_row_of_metadata_names_the_newspaper_of_records_that_do_not(
    tmp_path: Path, reading: Reading
) -> None:
    """Only that: its title and its date are of the file, and a record's own newspaper is surer."""
    path = tmp_path / "a.jsonl"
    path.write_text(_line(url=None, outlet=None, published=None) + _line(id="r2", url=None))
    row = "source,outlet,title,published\na.jsonl,Le Fanal,Un envoi,2019-05-12\n"
    (tmp_path / "metadata.csv").write_text(row)
    drafts, problems = reading(path)
    assert problems == []
    assert [draft.outlet for draft in drafts] == ["Le Fanal", "La Gazette"]
    assert [(draft.title, draft.published is None) for draft in drafts] == [
        ("Le pont", True),
        ("Le pont", False),
    ]


def test_records_without_address_are_told_apart(tmp_path: Path, reading: Reading) -> None:
    """An id names a record, else its line; the name of the file does not date it."""
    path = tmp_path / "2016-01-01.jsonl"
    path.write_text(_line(url=None) + _line(url="", id=None, published=None))
    first, second = reading(path)[0]
    assert (first.source, second.source) == (f"{path.name}#r1", f"{path.name}#2")
    assert first.origin == f"file:{path.resolve()}#r1"
    assert second.published is None


def test_bad_lines_are_reported_and_the_others_go_on(tmp_path: Path, reading: Reading) -> None:
    """Each bad line is one report with its number."""
    path = tmp_path / "a.jsonl"
    bad = ['{"text": "Le', "[1, 2]", "[" * 50_000, '{"id": 3}', '{"text": 12}', '{"text": "  "}']
    path.write_text("\n".join([_line().strip(), *bad, "", _line(url="http://b.example/").strip()]))
    drafts, problems = reading(path)
    assert len(drafts) == 2
    assert [(problem.source, problem.reason) for problem in problems] == [
        *((f"a.jsonl:{line}", "bad_json") for line in (2, 3, 4)),
        ("a.jsonl:5", "no_text_field"),
        *((f"a.jsonl:{line}", "no_text") for line in (6, 7)),
    ]


def test_a_line_over_the_limit_is_passed_over(tmp_path: Path, reading: Reading) -> None:
    """A record that is too large is refused; the next is read."""
    path = tmp_path / "a.jsonl"
    path.write_text(_line(text="a" * 1_100_000) + _line())
    drafts, problems = reading(path)
    assert len(drafts) == 1
    assert [(problem.source, problem.reason) for problem in problems] == [
        ("a.jsonl:1", "too_large")
    ]


def test_a_file_of_nothing_but_bad_lines_is_given_up(tmp_path: Path, reading: Reading) -> None:
    """A file that is no export at all does not fill the report."""
    path = tmp_path / "a.jsonl"
    path.write_text("ceci n'est pas du JSON\n" * 5000)
    drafts, problems = reading(path)
    assert drafts == []
    assert len(problems) == 101
    assert problems[-1].reason == "no_records"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_exports_in_other_encodings(tmp_path: Path, reading: Reading, encoding: str) -> None:
    """Exports are decoded as other files are."""
    path = tmp_path / "a.jsonl"
    path.write_bytes((_line(text="L’été à l’École, 3 €.") * 2).encode(encoding))
    assert [draft.text for draft in reading(path)[0]] == ["L’été à l’École, 3 €."] * 2


def test_compressed_exports(tmp_path: Path, reading: Reading) -> None:
    """Gzipped exports are read; a damaged one gives what it can and says so."""
    whole, cut = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    whole.write_bytes(gzip.compress(_line().encode()))
    cut.write_bytes(gzip.compress("".join(_line(id=n) for n in range(999)).encode())[:-20])
    assert len(reading(whole)[0]) == 1
    assert [problem.reason for problem in reading(cut)[1]] == ["damaged"]


def test_memory_holds_one_record(tmp_path: Path, rules: CleaningRules) -> None:
    """A compressed export of 15 MB is streamed."""
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        for number in range(150):
            file.write(_line(url=None, id=number, text="un pont " * 12_000))
    tracemalloc.start()
    count = sum(isinstance(item, Draft) for item in read(path, "a", rules, 1_000_000, TODAY))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 150
    assert peak < 6_000_000


def test_csv_rows_become_drafts(tmp_path: Path, reading: Reading) -> None:
    """A row is an article; cells may hold line ends, columns may be missing or in any order."""
    path = tmp_path / "a.csv"
    path.write_text('text,Title,id\n"Le pont\nest ouvert.",Le pont,7\n\nIl est fermé.,,\n')
    drafts, problems = reading(path)
    assert problems == []
    assert [draft.text for draft in drafts] == ["Le pont\nest ouvert.", "Il est fermé."]
    assert [draft.source for draft in drafts] == ["a.csv#7", "a.csv#5"]


def test_csv_of_a_french_spreadsheet(tmp_path: Path, reading: Reading) -> None:
    """Semicolons, latin-1 and French column names."""
    path = tmp_path / "a.csv"
    path.write_bytes(
        "titre;date;text\nÉté;24/05/2017;Le café, fermé; ouvert\n".encode("latin-1")[:-9]
    )
    [draft], _ = reading(path)
    assert (draft.title, str(draft.published), draft.text) == (
        "Été",
        "2017-05-24",
        "Le café, fermé",
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id,title\n1,Le pont\n", "missing_column"), ("text,id\nLe pont,1,2\n", "bad_csv"),
        ("text,id\n,1\n", "no_text"), ("", "empty"), ("text,id\n", "empty"),
    ],
)  # fmt: skip
def test_bad_csv_has_a_reason(tmp_path: Path, reading: Reading, content: str, reason: str) -> None:
    """Missing columns, rows of another width and empty files are reported."""
    path = tmp_path / "a.csv"
    path.write_text(content)
    drafts, problems = reading(path)
    assert (drafts, [problem.reason for problem in problems]) == ([], [reason])


def test_an_unclosed_quote_does_not_eat_memory(tmp_path: Path, reading: Reading) -> None:
    """A cell may be as long as an article, not as long as the file."""
    path = tmp_path / "a.csv"
    path.write_text('text,id\n"Le pont' + "\nest ouvert" * 200_000)
    drafts, problems = reading(path)
    assert (drafts, [problem.reason for problem in problems]) == ([], ["bad_csv"])


def test_a_stray_quote_costs_its_rows(tmp_path: Path, reading: Reading) -> None:
    """A quote that is not closed is reported with its line; the rows after it go on.

    It does not swallow the next row, which is one by itself.
    """
    path = tmp_path / "a.csv"
    path.write_text('text,id\n"Le pont,1\n"Le port",2\n"La gare",3\n')
    drafts, problems = reading(path)
    assert [draft.text for draft in drafts] == ["Le port", "La gare"]
    assert [(problem.source, problem.reason) for problem in problems] == [("a.csv:2", "bad_csv")]

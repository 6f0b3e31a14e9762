"""What could not be read: one line a file and reason, in the reader's language."""

from __future__ import annotations

from bot.messages.archive import unreadable_lines
from bot.messages.catalogue import Catalogue
from retrieval.vocabulary import Unreadable

FRENCH, ENGLISH = Catalogue("fr"), Catalogue("en")


def records(count: int, reason: str = "bad_json", file: str = "a.jsonl") -> list[Unreadable]:
    """So many bad lines of a file, as its reader reports them."""
    return [Unreadable(f"{file}:{n}", reason, f"line {n}: no") for n in range(1, count + 1)]


def french(problems: list[Unreadable], *, explain: bool = False) -> list[str]:
    """The lines in French, with ordinary spaces."""
    lines = unreadable_lines(FRENCH, problems, explain=explain)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def test_many_records_are_one_line() -> None:
    """The first three of many are named, and the others counted; each file has its own line."""
    found = french([*records(60), Unreadable("a.jsonl", "no_records"), *records(4, file="b.jsonl")])
    assert found == [
        "a.jsonl (lignes 1, 2, 3 et 57 autres) : ce n’est pas un objet JSON",
        "a.jsonl : il n’y a aucun article",
        "b.jsonl (lignes 1, 2, 3 et 1 autre) : ce n’est pas un objet JSON",
    ]
    assert "and 57 others" in unreadable_lines(ENGLISH, records(60))[0]


def test_a_port_is_no_line() -> None:
    """A web address that ends in the number of a port is not a record of a file."""
    found = french([Unreadable("http://nas:8080", "fetch_timeout")])
    assert found == ["http://nas:8080 : le site est trop lent (réglage fetch.timeout_s)"]


def test_few_records_are_named() -> None:
    """A bad line among good ones is named, and no English of a parser is shown."""
    assert french(records(1)) == ["a.jsonl (ligne 1) : ce n’est pas un objet JSON"]
    assert len(french(records(3))) == 3


def test_reasons_stay_apart() -> None:
    """Two things wrong with a file are two lines."""
    assert len(french([*records(9), *records(9, "no_text")])) == 2


def test_detail_that_names_something_is_shown() -> None:
    """The column that is missing is said; a parser's words only when everything is asked for."""
    column = Unreadable("metadata.csv", "metadata_column", "source")
    assert french([column]) == ["metadata.csv : il manque une colonne (source)"]
    explained = french(records(60), explain=True)
    assert len(explained) == 60
    assert explained[6].endswith("(line 7: no)")


def test_the_number_of_a_line_is_told_once() -> None:
    """The names of a record's fields are shown without the English of the reader."""
    fields = Unreadable("a.jsonl:4", "no_text_field", "line 4: titre, lien")
    [line] = french([fields])
    assert line.startswith("a.jsonl (ligne 4) : ")
    assert line.endswith("(titre, lien)")


def test_reason_that_is_new() -> None:
    """A reason without a sentence is shown as it is."""
    assert french([Unreadable("a.txt", "brand_new", "x")]) == ["a.txt : brand_new"]

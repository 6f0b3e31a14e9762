"""Tables: CSV in the dialects of spreadsheets, databases and people, and workbooks."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.conftest import Reading, ReadingAll

_TEXT = "Le lavoir, de Brenac, sera restauré."


def _texts(reading: Reading, path: Path) -> list[str]:
    drafts, problems = reading(path)
    assert problems == []
    return [draft.text for draft in drafts]


@pytest.mark.parametrize(
    "content",
    [
        f'sep=;\ntitre;texte\nLe lavoir;"{_TEXT}"\n',
        f'"sep=|"\ntitre|texte\nLe lavoir|{_TEXT}\n',
        f"titre\ttexte\nLe lavoir\t{_TEXT}\n",
        f"titre|date|texte\nLe lavoir|2017-05-04|{_TEXT}\n",
        f'\n\nExport des articles\n;;\nTitre;Texte\nLe lavoir;"{_TEXT}"\n',
        f'Export du 3 mai, tous articles\n\ntitre,texte\nLe lavoir,"{_TEXT}"\n',
        f'TITRE;TEXTE\nLe lavoir;"{_TEXT}"\nTITRE;TEXTE\n',
        f'titre,"texte de\nl’article"\nLe lavoir,"{_TEXT}"\n'.replace("\nl’", " l’"),
        f'titre;texte\rLe lavoir;"{_TEXT}"\r',
        f'titre;texte\r\nLe lavoir;"{_TEXT}"\r\n',
        f'"titre,texte"\n"Le lavoir,""{_TEXT}"""\n',
        f"texte;;\n{_TEXT};;\n",
        f'Export\rde mai\ntitre;texte\nLe\rlavoir;"{_TEXT}"\n',
    ],
)
def test_dialects(tmp_path: Path, reading: Reading, content: str) -> None:
    """The delimiter and the headings are found, whatever stands above and between."""
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode())
    assert _texts(reading, path) == [_TEXT]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_and_old_line_ends(tmp_path: Path, reading: Reading, encoding: str) -> None:
    """Excel's encodings, with the line ends of each system."""
    for number, end in enumerate(("\n", "\r\n", "\r")):
        path = tmp_path / f"{number}.csv"
        table = f'Titre;Texte;Année{end}Le lavoir;"{_TEXT}";2017{end}' * 2
        path.write_bytes(table.encode(encoding))
        assert _texts(reading, path) == [_TEXT, _TEXT]


def test_tab_separated_and_packed(tmp_path: Path, reading: Reading) -> None:
    """``.tsv``, ``.csv.gz``, and a table of text that is called ``.xls``."""
    content = f"titre\ttexte\nLe lavoir\t{_TEXT}\n".encode()
    for name in ("a.tsv", "b.xls", "c.csv"):
        (tmp_path / name).write_bytes(content)
        assert _texts(reading, tmp_path / name) == [_TEXT]
    packed = tmp_path / "d.tsv.gz"
    packed.write_bytes(gzip.compress(content))
    assert _texts(reading, packed) == [_TEXT]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ('Le lavoir,"Il a dit : "oui" hier.",2017', 'Il a dit : "oui" hier.'),
        ('Le lavoir,"Il a dit : ""oui"", puis "non".",2017', 'Il a dit : "oui", puis "non".'),
        ('Le lavoir,"Il a dit \\"oui\\", hier.",2017', 'Il a dit "oui", hier.'),
        ('Le lavoir,"Oui" dit le maire.,2017', '"Oui" dit le maire.'),
        ('Le lavoir,Le "vieux" lavoir.,2017', 'Le "vieux" lavoir.'),
        ('Le lavoir,"Il a dit\n"oui" hier,\net "non".",2017', 'Il a dit\n"oui" hier,\net "non".'),
        ('Le lavoir,"Un mot.\n\nUn autre.",2017', "Un mot.\n\nUn autre."),
    ],
)  # fmt: skip
def test_stray_quotes(tmp_path: Path, reading: Reading, row: str, text: str) -> None:
    """A quote that nobody doubled is a quote, when the row then has all its cells."""
    path = tmp_path / "a.csv"
    path.write_text(f'titre,texte,date\n{row}\nLe quai,"Le quai, fermé.",2018\n')
    drafts, problems = reading(path)
    assert problems == []
    assert [(d.text, str(d.published)) for d in drafts] == [
        (text, "2017"), ("Le quai, fermé.", "2018"),
    ]  # fmt: skip


def test_what_cannot_be_mended_is_told(tmp_path: Path, reading: Reading) -> None:
    """A row that no reading gives its cells is one problem with its line; nothing is guessed."""
    path = tmp_path / "a.csv"
    path.write_text('titre,texte,date\nA,"Un "mot", deux", trois,2017\nB,Le quai.,2018\n')
    drafts, problems = reading(path)
    assert [draft.text for draft in drafts] == ["Le quai."]
    assert [(problem.source, problem.reason) for problem in problems] == [("a.csv:2", "bad_csv")]


def test_rows_that_never_end_take_little_time(tmp_path: Path, reading: Reading) -> None:
    """Each row of a hostile table opens a quote: the work is bounded."""
    path = tmp_path / "a.csv"
    path.write_text("texte,id\n" + 'Le quai.,1\n"a"b\n' * 2_000)
    drafts, problems = reading(path)
    assert len(drafts) + len(problems) >= 2_000


@pytest.mark.parametrize(
    ("cell", "date"), [("43193", "2018-04-03"), ("43193,4166", "2018-04-03"), ("2018", "2018")]
)
def test_days_of_a_spreadsheet(tmp_path: Path, reading: Reading, cell: str, date: str) -> None:
    """A date that was saved as its number is that day; a year is a year."""
    path = tmp_path / "a.csv"
    path.write_text(f"texte;date\nLe lavoir de Brenac.;{cell}\n")
    assert str(reading(path)[0][0].published) == date


def _workbook(path: Path) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Notes"
    notes.append(["à faire"])
    sheet = book.create_sheet("Articles")
    sheet.append(["Export de mai"])
    sheet.append(["Titre", "Texte", "Date", "Lien", "Statut", "Remarques du texte"])
    for row in (
        ["Le lavoir", f"<p>{_TEXT}</p>", datetime(2017, 5, 4), "ici", "publié", "secret"],
        ["Le quai", "Le quai est fermé.", 43193, "https://a.example/q", "brouillon", ""],
        ["Le pont", "Le pont est caché.", "4 mai 2017", "", "publié", ""],
        ["Le bac", "Le bac est en panne.", "4 mai 2017", "", "", ""],
    ):
        sheet.append(row)
    sheet["D3"].hyperlink = "https://a.example/lavoir"
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["F"].hidden = True
    hidden = book.create_sheet("Brouillons")
    hidden.append(["titre", "texte"])
    hidden.append(["Non", "Ce texte n’est pas publié."])
    hidden.sheet_state = "hidden"
    book.save(path)
    return path


def test_a_workbook(tmp_path: Path, reading_all: ReadingAll) -> None:
    """A row is an article; drafts and hidden sheets and rows are left out; links are followed."""
    items = reading_all(_workbook(tmp_path / "a.xlsx"))
    drafts = [item for item in items if isinstance(item, Draft)]
    assert [(d.title, d.text, str(d.published), d.url) for d in drafts] == [
        ("Le lavoir", _TEXT, "2017-05-04", "https://a.example/lavoir"),
        ("Le bac", "Le bac est en panne.", "2017-05-04", None),
    ]
    left = [item.reason for item in items if isinstance(item, LeftOut)]
    assert sorted(left) == ["draft", "hidden", "hidden"]
    assert len(items) == 5
    assert b"secret" not in b"".join(draft.raw for draft in drafts)


def test_rows_keep_their_names(tmp_path: Path, reading: Reading) -> None:
    """A row without id or address is known by title and date, wherever it moves."""
    import openpyxl

    origins = []
    for rows in (["Le quai", "Le bac"], ["Le pont", "Le bac"][::-1]):
        book = openpyxl.Workbook()
        book.active.append(["titre", "texte"])
        for title in rows:
            book.active.append([title, f"{title} est fermé."])
        book.save(tmp_path / "a.xlsx")
        origins.append({d.title: d.origin for d in reading(tmp_path / "a.xlsx")[0]})
    assert origins[0]["Le bac"] == origins[1]["Le bac"]


def test_workbooks_that_give_nothing(tmp_path: Path, reading_all: ReadingAll) -> None:
    """Other formats, damage, growth and missing columns each have their reason."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["titre", "lien"])
    book.save(tmp_path / "columns.xlsx")
    (tmp_path / "a.ods").write_bytes(b"PK\x03\x04 mimetype")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    whole = _workbook(tmp_path / "whole.xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("xl/workbook.xml", "<a/>")
        package.writestr("xl/sharedStrings.xml", bytes(250_000_000))
    (tmp_path / "bomb.xlsx").write_bytes(bomb.getvalue())
    found = {}
    for path in sorted(tmp_path.iterdir()):
        items = reading_all(path)
        found[path.name] = [i.reason for i in items if isinstance(i, Unreadable)]
    assert found == {
        "a.ods": ["foreign_sheet"], "bomb.xlsx": ["too_large"], "columns.xlsx": ["missing_column"],
        "cut.xlsx": ["damaged"], "old.xls": ["foreign_sheet"], "whole.xlsx": [],
    }  # fmt: skip


def test_a_newspaper_on_the_web_is_the_same_one(tmp_path: Path, reading: Reading) -> None:
    """Databases write "(site web)" behind a name; a name with other brackets is whole."""
    path = tmp_path / "a.csv"
    path.write_text(
        "title;date;source;text\nUn;2018-09-08;Le Fanal (site web);Le pont ferme.\n"
        "Deux;2018-09-09;Le Fanal (Royec);Le pont rouvre.\n"
    )
    drafts, _ = reading(path)
    assert [draft.outlet for draft in drafts] == ["Le Fanal", "Le Fanal (Royec)"]

"""Files whose own date and title are not those of the article: the case, and others of its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import ROOT, Reading
from tests.retrieval.reading.pdfwriter import Line, column, pdf

_CASES = ROOT / "tests" / "data" / "cases" / "file-dates"
_LINES = ["Une explosion s’est produite hier matin au moulin de Brigny.", "On compte six blessés."]


def _read(reading: Reading, path: Path, raw: bytes = b"") -> Draft:
    if raw:
        path.write_bytes(raw)
    drafts, problems = reading(path)
    assert problems == []
    return drafts[0]


def _page(number: int) -> list[Line]:
    """A page that is like no other."""
    return column(
        [("Le moulin explose.", "Le pont ferme.")[number % 2], *_LINES[number % 2 :]], 700
    )


@pytest.mark.parametrize(
    ("name", "title", "published"),
    [
        ("01_1907.pdf", "LA CATASTROPHE DE SAINTE-BARBE", "1907-03-04"),
        ("03_modele.docx", "Le bac de Noirvaux reprend du service", "None"),
        ("07_headerdate.html", "La fanfare de Bazoges fête ses cent ans", "None"),
    ],
)
def test_the_case(reading: Reading, name: str, title: str, published: str) -> None:
    """A digitised paper has its masthead's date; a template and a banner give none."""
    draft = _read(reading, _CASES / name)
    assert (draft.title, str(draft.published)) == (title, published)


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("Lundi 4 mars 1907 - N° 63 - Cinq centimes", "1907-03-04"),
        ("Quarante-troisième année – N° 12 345 – Lundi 4 mars 1907", "1907-03-04"),
        ("N° 4321 du 12/05/2009", "2009-05-12"),
        ("Samedi 3 et dimanche 4 avril 2010", "2010-04-03"),
        ("Journal quotidien – mardi 3 juin 1890 – Prix : 5 centimes", "1890-06-03"),
        ("Le Courrier daté du 3-4 avril 2010", "2010-04-03"), ("18 mars 2010, p. 12", "2010-03-18"),
    ],
)  # fmt: skip
def test_mastheads(tmp_path: Path, reading: Reading, head: str, published: str) -> None:
    """The head of a page dates its article, and the day of the scan does not."""
    raw = pdf([column([head, "", *_LINES])], {"CreationDate": "D:20111018102233+02'00'"})
    draft = _read(reading, tmp_path / "a.pdf", raw)
    assert str(draft.published) == published
    assert head not in draft.text


def test_a_running_header_dates_a_paper(tmp_path: Path, reading: Reading) -> None:
    """A header that stands on every page is no text, and its date is that of the paper."""
    pages = [
        [Line(f"Le Courrier – mardi 3 juin 1890 – {n}", y=800, size=8), *_page(n)] for n in (1, 2)
    ]
    draft = _read(reading, tmp_path / "a.pdf", pdf(pages, {"CreationDate": "D:20111018"}))
    assert str(draft.published) == "1890-06-03"


def test_the_head_of_a_printed_page_is_no_masthead(tmp_path: Path, reading: Reading) -> None:
    """A browser puts day and hour over each page that it prints: the file was made then."""
    for count in (1, 2):
        head = Line("29/10/2026 14:02", y=800, size=8)
        pages = [[head, *_page(number)] for number in range(count)]
        raw = pdf(pages, {"CreationDate": "D:20261029140233+01'00'"})
        assert _read(reading, tmp_path / "a.pdf", raw).published is None


def test_big_letters_over_a_masthead_name_the_paper(tmp_path: Path, reading: Reading) -> None:
    """They are the newspaper's name; the title is the biggest below."""
    lines = [Line("LE FIL DU BOCAGE", y=800, size=26), Line("Lundi 4 mars 1907", y=770, size=11),
             Line("Le moulin explose", y=740, size=18), *column(_LINES, 700)]  # fmt: skip
    draft = _read(reading, tmp_path / "a.pdf", pdf([lines], {"Title": "bpt6k5551234x"}))
    assert (draft.outlet, draft.title) == ("LE FIL DU BOCAGE", "Le moulin explose")


@pytest.mark.parametrize(
    ("info", "published"),
    [
        ({"Title": "LF_20190512_P03.indd", "CreationDate": "D:20190601"}, "2019-05-12"),
        ({"Title": "Scan0001", "CreationDate": "D:20190512"}, "None"),
        ({"Title": "Explosion au moulin", "CreationDate": "D:20190512"}, "None"),
    ],
)
def test_what_the_properties_tell(
    tmp_path: Path, reading: Reading, info: dict[str, str], published: str
) -> None:
    """The name of a layout dates its page; a day of which the text says nothing does not."""
    assert (
        str(_read(reading, tmp_path / "a.pdf", pdf([column(_LINES)], info)).published) == published
    )


def test_a_file_of_the_year_of_its_text_is_dated(tmp_path: Path, reading: Reading) -> None:
    """The day of the file counts where the text, or the file's name, is of the same year."""
    raw = pdf([column(_LINES)], {"CreationDate": "D:20190512"})
    assert str(_read(reading, tmp_path / "moulin de 2019.pdf", raw).published) == "2019-05-12"
    raw = pdf([column([*_LINES, "En 2021, il rouvrira."])], {"CreationDate": "D:20190512"})
    assert _read(reading, tmp_path / "moulin de 2019.pdf", raw).published is None

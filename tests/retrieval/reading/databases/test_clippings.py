"""Press reviews: clippings are told apart by their mastheads, or the review is refused."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import Reading
from tests.retrieval.reading.pdfwriter import Line, column, pdf
from tests.retrieval.reading.samples import rtf_file, word_file

_PISCINE = (
    "Le conseil municipal de Royec a voté lundi soir la construction d'une piscine couverte. Le"
    " chantier durera deux ans et coûtera onze millions d'euros, a indiqué la maire, qui attend"
    " une aide de la région. L'opposition a voté contre, faute d'étude sur le chauffage."
)
_PORT = (
    "Les pêcheurs de Brigny ont bloqué le port mercredi pendant quatre heures. Ils demandent que"
    " la taxe d'amarrage soit gelée jusqu'à la fin de l'année. Le préfet recevra leurs délégués"
    " vendredi matin, selon la préfecture, qui n'a pas dit ce qu'elle proposerait."
)
_TWO = [
    ("Royec aura sa piscine", "Le Fanal", "2019-03-05"),
    ("Le port de Brigny bloqué", "La Gazette", "2019-03-07"),
]


def _page(head: Sequence[str], title: str, text: str, foot: Sequence[str] = ()) -> list[Line]:
    """A page with lines at its top, a big title, a text in a column and lines at its foot."""
    lines = [Line(words, 72, 790 - 14 * place) for place, words in enumerate(head)]
    top = 770.0 - 14 * len(head)
    for words in textwrap.wrap(title, 40):
        lines.append(Line(words, 72, top, 18))
        top -= 22
    lines += column(textwrap.wrap(text, 80), top=top - 10)
    return [*lines, *(Line(words, 72, 40 + 12 * place) for place, words in enumerate(foot))]


def _read(reading: Reading, folder: Path, name: str, raw: bytes) -> tuple[list[Draft], list[str]]:
    path = folder / name
    path.write_bytes(raw)
    drafts, problems = reading(path)
    return drafts, [problem.reason for problem in problems]


def _said(drafts: Sequence[Draft]) -> list[tuple[str, str, str]]:
    return [(draft.title, draft.outlet or "", str(draft.published)) for draft in drafts]


_RIGHTS = ["Tous droits réservés à l'éditeur"]
_HEADS = {
    "two lines": (["Le Fanal", "mardi 5 mars 2019"], ["La Gazette", "Jeudi 7 mars 2019, p. 3"]),
    "one line": (
        ["Le Fanal – mardi 5 mars 2019 – p. 12"], ["La Gazette – jeudi 7 mars 2019 – p. 3"],
    ),
    "date first": (["mardi 5 mars 2019", "Le Fanal"], ["jeudi 7 mars 2019", "La Gazette"]),
    "boxes": (
        ["Date : 05/03/2019", "Pays : FR", "Périodicité : Quotidien", "Journaliste : -",
         "Page 1/1", "Le Fanal"],
        ["Date : 07/03/2019", "Source : La Gazette", "Périodicité : Hebdomadaire", "Page 1/1"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("head", sorted(_HEADS))
def test_pages_with_mastheads(head: str, tmp_path: Path, reading: Reading) -> None:
    """A page that begins with a newspaper and a full date begins a clipping; a cover is none."""
    one, other = _HEADS[head]
    cover = [Line("Revue de presse", 72, 700, 24), Line("12 mars 2019", 72, 660)]
    pages = [
        cover,
        _page(one, "Royec aura sa piscine", _PISCINE, _RIGHTS),
        _page(other, "Le port de Brigny bloqué", _PORT, _RIGHTS),
    ]
    drafts, problems = _read(reading, tmp_path, "a.pdf", pdf(pages, {"CreationDate": "D:20190312"}))
    assert problems == []
    assert _said(drafts) == _TWO
    assert [draft.text for draft in drafts] == [_PISCINE, _PORT]


def test_a_clipping_of_two_pages(tmp_path: Path, reading: Reading) -> None:
    """A page without a masthead, or with the same one, goes on with the clipping before it."""
    one, other = _HEADS["two lines"]
    pages = [
        _page(one, "Royec aura sa piscine", _PISCINE),
        column(textwrap.wrap(_PORT, 80), top=780),
        _page(one, "Le bassin", _PORT),
        _page(other, "Le port de Brigny bloqué", _PORT),
    ]
    drafts, _ = _read(reading, tmp_path, "a.pdf", pdf(pages))
    assert _said(drafts) == _TWO
    assert drafts[0].text.count(_PORT) == 2


@pytest.mark.parametrize("make", [word_file, lambda *lines: rtf_file("\n".join(lines))])
def test_clippings_in_a_document(make: object, tmp_path: Path, reading: Reading) -> None:
    """In a document without pages, newspaper and date are two paragraphs of their own."""
    lines = [
        "Le Fanal", "mardi 5 mars 2019", "Royec aura sa piscine", "Par Ève Nicolas", _PISCINE,
        "La Gazette", "Jeudi 7 mars 2019", "Le port de Brigny bloqué", _PORT,
    ]  # fmt: skip
    raw: bytes = make(*lines)  # type: ignore[operator]
    drafts, problems = _read(reading, tmp_path, "a.docx", raw)
    assert (_said(drafts), problems) == (_TWO, [])
    assert drafts[0].author == "Ève Nicolas"


def test_clippings_in_a_text(tmp_path: Path, reading: Reading) -> None:
    """A text is split like a document."""
    text = (
        f"REVUE DE PRESSE\n\nLe Fanal\nmardi 5 mars 2019\nRoyec aura sa piscine\n\n{_PISCINE}\n\n"
        f"La Gazette\njeudi 7 mars 2019\nLe port de Brigny bloqué\n\n{_PORT}\n"
    )
    drafts, problems = _read(reading, tmp_path, "a.txt", text.encode())
    assert (_said(drafts), problems) == (_TWO, [])


def test_one_issue_is_not_split(tmp_path: Path, reading: Reading) -> None:
    """The same masthead on each page is a running head: the file is one article."""
    one, _ = _HEADS["two lines"]
    pages = [_page(one, "Royec aura sa piscine", _PISCINE), _page(one, "La suite", _PORT)]
    drafts, problems = _read(reading, tmp_path, "a.pdf", pdf(pages))
    assert (len(drafts), problems) == (1, [])


def test_datelines_and_dates_as_headings_do_not_split(tmp_path: Path, reading: Reading) -> None:
    """A long article with several datelines, or told day by day, is one article."""
    text = f"Paris, 5 mars 2019. {_PISCINE} Brigny, le 7 mars 2019. {_PORT}"
    raw = word_file(
        "Une année de grève", text, "La rupture", "5 mars 2019", _PISCINE, "Le blocage",
        "7 mars 2019", _PORT, "Le Havre", "Jeudi dernier", _PORT,
    )  # fmt: skip
    drafts, problems = _read(reading, tmp_path, "a.docx", raw)
    assert (len(drafts), problems) == (1, [])


@pytest.mark.parametrize("ending", ["pdf", "docx"])
def test_a_review_that_nothing_splits(ending: str, tmp_path: Path, reading: Reading) -> None:
    """A review that lists what it holds and has no mastheads is never one article."""
    listed = [
        "Royec aura sa piscine ............ 2", "Le port bloqué ............ 3",
        "Cordesse monte ............ 4",
    ]  # fmt: skip
    title = "Panorama de presse du 12 mars 2019"
    if ending == "pdf":
        cover = [Line(title, 72, 760, 20), *column(listed, top=700)]
        raw = pdf(
            [cover, _page([], "Royec aura sa piscine", _PISCINE), _page([], "Le port", _PORT)]
        )
    else:
        raw = word_file(title, *listed, "Royec aura sa piscine", _PISCINE, "Le port bloqué", _PORT)
    drafts, problems = _read(reading, tmp_path, f"a.{ending}", raw)
    assert (drafts, problems) == ([], ["many_articles"])


def test_a_review_told_as_an_article(tmp_path: Path, reading: Reading) -> None:
    """An article that is called "Revue de presse" and lists nothing is an article."""
    raw = word_file("Revue de presse : la piscine divise Royec", _PISCINE, _PORT)
    drafts, problems = _read(reading, tmp_path, "a.docx", raw)
    assert (len(drafts), problems) == (1, [])


_BRIEF = "Le conseil de Royec a voté lundi soir une piscine de onze millions d'euros."
_HARBOUR = "Les pêcheurs de Brigny ont bloqué le port mercredi pendant quatre heures."


@pytest.mark.parametrize("names", [("LE FANAL", "LA GAZETTE"), ("Brigny-Ouest", "Royec Sud")])
def test_short_clippings_of_a_document(
    names: tuple[str, str], tmp_path: Path, reading: Reading
) -> None:
    """Short clippings are told by a title over a sentence below each newspaper and page."""
    one, other = names
    raw = word_file(
        "Revue de presse du 12 mars 2019", one, "Mardi 5 mars 2019, p. 4", "Royec aura sa piscine",
        _BRIEF, other, "Jeudi 7 mars 2019, p. 2", "Le port de Brigny bloqué", _HARBOUR,
    )  # fmt: skip
    drafts, problems = _read(reading, tmp_path, "a.docx", raw)
    assert problems == []
    assert [(draft.outlet, str(draft.published), draft.text) for draft in drafts] == [
        (one, "2019-03-05", _BRIEF), (other, "2019-03-07", _HARBOUR),
    ]  # fmt: skip


def test_clippings_of_which_one_is_not_told(tmp_path: Path, reading: Reading) -> None:
    """Where two clippings are plain and a third is not, the file is never one article."""
    raw = word_file(
        "Le Fanal", "Mardi 5 mars 2019", "Royec aura sa piscine", _BRIEF,
        "La Gazette", "Jeudi 7 mars 2019", "Le port de Brigny bloqué", _HARBOUR,
        "L'Avenir", "Vendredi 8 mars 2019", _HARBOUR,
    )  # fmt: skip
    assert _read(reading, tmp_path, "a.docx", raw) == ([], ["many_articles"])


def test_newspapers_and_days_without_titles_do_not_split(tmp_path: Path, reading: Reading) -> None:
    """A chronicle of what newspapers wrote, and a list of sources, are parts of one article."""
    raw = word_file(
        "Ce que la presse a dit de la grève", _PISCINE, "Le Fanal", "5 mars 1936", _BRIEF,
        "La Gazette", "7 mars 1936", _HARBOUR, "Sources", "L'Avenir", "12 mars 2019",
        "Le Courrier", "14 mars 2019",
    )  # fmt: skip
    drafts, problems = _read(reading, tmp_path, "a.docx", raw)
    assert (len(drafts), problems) == (1, [])

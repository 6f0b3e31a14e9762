"""Exports of press databases: each article has its own newspaper, day, title and author."""

from __future__ import annotations

import textwrap
import tracemalloc
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from retrieval.reading import form_of_content
from retrieval.reading.databases.grammar import is_rights
from retrieval.reading.databases.splitting import is_export, read_export, split_lines
from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import CASES, Reading
from tests.retrieval.reading.pdfwriter import column, pdf
from tests.retrieval.reading.samples import rtf_file, word_file

_CASES = CASES / "many_articles"
Said = tuple[str, str, str, str | None]

_DIGUE = ("La digue de Cordesse cède", "Le Fanal", "2006-03-14", "Ève Nicolas")
_TUILERIE = ("La tuilerie de Cordesse licencie", "L'Avenir", "2008-11-07", None)
_CONSERVERIE = ("La conserverie de Royec recrute", "Le Fanal", "2018-05-09", "Ève Nicolas")
_CHAMPION = ("Royec champion", "Le Courrier", "2018-05-10", None)
_LICENCIE = (
    "La tuilerie de Cordesse licencie trente-huit salariés avant l'été, malgré les promesses",
    "Le Fanal", "2008-11-07", "Hugo Tessier",
)  # fmt: skip
_MONTE = ("Cordesse monte", "La Gazette", "2013-05-13", None)
_EXPECTED: dict[str, list[Said]] = {
    "europresse.html": [
        _DIGUE, (*_TUILERIE[:3], "Hugo Tessier"),
        ("Cordesse monte en première division", "La Gazette", "2013-05-13", "Ana Ruiz"),
    ],
    "europresse_spans.html": [
        ("La liste d'union de Royec se déchire", "Le Fanal", "2014-02-06",
         "Nadia Cerf et Paul Moreuil"),
        ("Tempête : trois départements en alerte", "L'Avenir de Cordesse", "2014-02-08", None),
        ("Bridge reopens after ten years", "The Valley Herald", "2015-11-13", "Tom Hale"),
    ],
    "europresse_tables.html": [
        ("La filature ferme ses portes", "La Gazette", "2006-04-13", "Rivière, Paule"),
        ("Le stade attendra", "Le Fanal", "2006-04-14", None),
    ],
    "europresse_copied.txt": [_DIGUE, _TUILERIE],
    "europresse_printed.txt": [
        _DIGUE, ("Cordesse monte en première division", "La Gazette", "2013-05-13", None),
    ],
    "factiva_display.txt": [_CONSERVERIE, _CHAMPION],
    "factiva_indexed.txt": [_CONSERVERIE, _CHAMPION],
    "factiva_display.html": [
        _CONSERVERIE,
        ("River Orne Bursts Its Banks", "The Valley Herald", "2019-12-01", "Tom Hale"),
    ],
    "factiva_indexed.html": [
        ("Le préfet reçoit les maires", "La Gazette", "2011-03-02", "Paul Moreuil"),
    ],
    "lexisnexis_english.txt": [_LICENCIE, _MONTE],
    "lexisnexis_french.txt": [
        ("Le barrage sera vidé", "L'Avenir, Cordesse", "2005-05-03", "NADIA CERF"),
    ],
    "lexisnexis.html": [(_TUILERIE[0], "Le Fanal", "2008-11-07", "Hugo Tessier"), _MONTE],
    "europresse_divs.html": [
        ("La foire ouvre", "Le Fanal", "2017-04-01", "MOREUIL Paul"),
        ("La foire ferme", "La Gazette", "2017-04-02", None),
    ],
    "factiva_uncounted.txt": [_CONSERVERIE, _CHAMPION],
    "lexisnexis_flat.txt": [_CONSERVERIE, _CHAMPION],
    "lexisnexis_rights_first.txt": [
        ("Cordesse monte en première division", "La Gazette", "2013-05-13", "Ana Ruiz"),
        ("La tuilerie licencie", "L'Avenir", "2008-11-07", None),
    ],
    "nexis_uni.txt": [_CONSERVERIE, _CHAMPION],
    "nexis_uni_french.txt": [
        ("Le pont de Brigny rouvre", "La Gazette", "2019-09-03", "Ana Ruiz"),
    ],
    "proquest.txt": [(*_CONSERVERIE[:3], "Nicolas, Ève"), _CHAMPION],
}  # fmt: skip
_CUT = {"europresse_printed.txt", "lexisnexis_french.txt"}
# What belongs to the export, and to none of its articles.
_NOT_TEXT = (
    "droits réservés", "Copyright", "©", "Document ", "certificat", "Certificat", "·", "LENGTH",
    "LONGUEUR", "LOAD-DATE", "Load-Date", "DATE-CHARGEMENT", "Language", "DOCUMENTS",
    "mots", "words", "Classification", "Nom de la source", "ProQuest", "Illustration", "FANAL",
    "Publication title", "Search Terms",
)  # fmt: skip


def _said(draft: Draft) -> Said:
    return draft.title, draft.outlet or "", str(draft.published), draft.author


@pytest.mark.parametrize("name", sorted(_EXPECTED))
def test_each_article_is_its_own_newspapers(name: str, reading: Reading) -> None:
    """Title, newspaper, day and author are those of each record; a cut one is reported."""
    drafts, problems = reading(_CASES / name)
    assert [_said(draft) for draft in drafts] == _EXPECTED[name]
    assert [problem.reason for problem in problems] == ["cut_record"] * (name in _CUT)


@pytest.mark.parametrize("name", sorted(_EXPECTED))
def test_no_label_is_text(name: str, reading: Reading) -> None:
    """Labels, notices of rights and certificates are no part of any text."""
    for draft in reading(_CASES / name)[0]:
        assert [words for words in _NOT_TEXT if words in draft.text] == []
        assert len(draft.text) > 20


def test_the_number_of_a_document_names_it(reading: Reading) -> None:
    """The database's own number tells articles apart, and stays the same at each reading."""
    drafts, _ = reading(_CASES / "europresse.html")
    again, _ = reading(_CASES / "europresse.html")
    assert [draft.origin.rpartition("#")[2] for draft in drafts] == [
        "news·20060314·FA·1", "news·20081107·AV·2", "news·20130513·GA·3",
    ]  # fmt: skip
    assert [draft.origin for draft in drafts] == [draft.origin for draft in again]


def test_records_without_numbers_have_lasting_names(tmp_path: Path, reading: Reading) -> None:
    """An article keeps its name when others are put before it: its place is not its name."""
    text = (_CASES / "lexisnexis_english.txt").read_text()
    names = {
        draft.origin.rpartition("#")[2] for draft in reading(_CASES / "lexisnexis_english.txt")[0]
    }
    path = tmp_path / "more.txt"
    first = text[text.index("1 of 2") :].split("2 of 2")[0].replace("licencie", "ferme")
    path.write_text(f"1 of 3 DOCUMENTS{first[16:]}\n{text[text.index('1 of 2') - 31 :]}")
    drafts, _ = reading(path)
    assert len(drafts) == 3
    assert names <= {draft.origin.rpartition("#")[2] for draft in drafts}


def test_a_standfirst_begins_the_text(reading: Reading) -> None:
    """The subtitle of Europresse and the highlight of LexisNexis belong to their articles."""
    [first, *_], _ = reading(_CASES / "europresse_spans.html")
    assert first.text.startswith("Deux colistiers claquent la porte")
    [other, *_], _ = reading(_CASES / "lexisnexis_english.txt")
    assert other.text.startswith("Le comité d'entreprise a été réuni jeudi.")


def test_a_capital_sentence_is_no_code(reading: Reading) -> None:
    """A paragraph that begins with "LA MAIRIE" is text, though LA is the code of a language."""
    [first, *_], _ = reading(_CASES / "factiva_indexed.txt")
    assert "LA MAIRIE SE RÉJOUIT." in first.text


def _rtf(text: str) -> bytes:
    return rtf_file(text, r"{\title Sans titre}{\creatim\yr2019\mo3\dy2}")


def _docx(text: str) -> bytes:
    return word_file(*(line.strip() for line in text.split("\n") if line.strip()))


def _pdf(text: str) -> bytes:
    wrapped = [
        part for line in text.split("\n") for part in textwrap.wrap(line.strip(), 70) or [""]
    ]
    pages = [column(wrapped[start : start + 45], top=760) for start in range(0, len(wrapped), 45)]
    return pdf(pages, {"Title": "Microsoft Word - x", "CreationDate": "D:20190312"})


@pytest.mark.parametrize("name", [name for name in sorted(_EXPECTED) if name.endswith(".txt")])
@pytest.mark.parametrize(("ending", "make"), [("rtf", _rtf), ("docx", _docx), ("pdf", _pdf)])
def test_the_same_in_other_containers(
    name: str, ending: str, make: Callable[[str], bytes], tmp_path: Path, reading: Reading
) -> None:
    """An RTF, Word or PDF file gives the articles of the text; the file's own date is none's."""
    text = (_CASES / name).read_text()
    if ending == "docx":  # there, a title is one paragraph
        text = text.replace("malgré les\npromesses", "malgré les promesses")
    path = tmp_path / f"export.{ending}"
    path.write_bytes(make(text))
    drafts, _ = reading(path)
    assert [_said(draft) for draft in drafts] == _EXPECTED[name]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("name", ["europresse_copied.txt", "factiva_display.txt", "nexis_uni.txt"])
def test_encodings(name: str, encoding: str, tmp_path: Path, reading: Reading) -> None:
    """Windows text, UTF-16 and marked UTF-8 are recognised and read alike."""
    path = tmp_path / "export.txt"
    path.write_bytes((_CASES / name).read_text().encode(encoding))
    assert [_said(draft) for draft in reading(path)[0]] == _EXPECTED[name]


def test_line_ends_of_windows_and_packed_files(tmp_path: Path, reading: Reading) -> None:
    """A file written on Windows has the same articles."""
    path = tmp_path / "export.txt"
    path.write_bytes((_CASES / "factiva_display.txt").read_text().replace("\n", "\r\n").encode())
    assert len(reading(path)[0]) == 2


def test_one_article_alone(tmp_path: Path, reading: Reading) -> None:
    """An export of one article is that article, under its own newspaper and day."""
    whole = (_CASES / "factiva_display.txt").read_text()
    path = tmp_path / "one.txt"
    path.write_text(whole.split("\n\n\n")[0])
    assert [_said(draft) for draft in reading(path)[0]] == [_CONSERVERIE]
    path.write_text(whole.split("\nDocument FANAL")[0])
    drafts, problems = reading(path)
    assert (len(drafts), problems) == (1, [])


def test_pages_of_print_within_a_text(tmp_path: Path, reading: Reading) -> None:
    """The numbers of printed pages go out of the text."""
    text = (_CASES / "factiva_display.txt").read_text()
    path = tmp_path / "printed.txt"
    path.write_text(
        text.replace("\n\nLe directeur", "\n\nPage 1 of 4 © 2018 Factiva, Inc.\n\nLe directeur")
    )
    assert "Factiva" not in reading(path)[0][0].text


def test_a_record_that_breaks(tmp_path: Path, reading: Reading) -> None:
    """A record without text is reported under its number, and the others are read."""
    html = (_CASES / "europresse.html").read_text()
    start, end = (
        html.index("<section><p>La tuilerie"),
        html.index("</section>", html.index("La tuilerie de Cordesse va")),
    )
    path = tmp_path / "europresse.html"
    path.write_text(html[:start] + "<section>" + html[end:])
    drafts, problems = reading(path)
    assert [draft.outlet for draft in drafts] == ["Le Fanal", "La Gazette"]
    assert [(problem.source, problem.reason) for problem in problems] == [
        ("europresse.html#news·20081107·AV·2", "no_text")
    ]


@pytest.mark.parametrize(
    "article",
    [
        "Le titre\nmardi 14 mars 2006\n512 mots\nLe conseil a voté lundi.\n© 2006 {}\n\n",
        "Titre : La foire\nSource : {}\nDate : 9 mai 2018\n\nLe conseil a voté lundi.\n\n---\n\n",
    ],
)
def test_an_export_that_nothing_splits(article: str, tmp_path: Path, reading: Reading) -> None:
    """What has the marks of several articles and no order that is known is never one article."""
    path = tmp_path / "unknown.txt"
    path.write_text(
        "".join(article.format(name) for name in ("Le Fanal", "L'Avenir", "La Gazette"))
    )
    drafts, problems = reading(path)
    assert drafts == []
    assert [problem.reason for problem in problems] == ["many_articles"]


def test_a_database_page_behind_a_long_style(tmp_path: Path, reading: Reading) -> None:
    """A page whose head is longer than what is looked at first is split all the same."""
    html = (
        (_CASES / "europresse.html")
        .read_text()
        .replace("<title>", f"<style>{'a{}' * 40_000}</style><title>")
    )
    path = tmp_path / "saved.html"
    path.write_text(html)
    assert [_said(draft) for draft in reading(path)[0]] == _EXPECTED["europresse.html"]


def test_the_content_alone_tells() -> None:
    """Bytes without a name are known for an export too; an ordinary text is not taken for one."""
    raw = (_CASES / "factiva_display.txt").read_bytes()
    assert form_of_content(raw) == "database"
    assert form_of_content((_CASES / "europresse.html").read_bytes(), "text/html") == "database"
    assert (
        form_of_content("Le conseil a voté. © 2006 Le Fanal. Tous droits réservés.".encode())
        == "text"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Document de travail\n\nLe conseil a vu le document 12 mardi 14 mars 2006.\n\n512 mots",
        "Fin du document\n\nLa mairie a publié hier la fin du document. Longueur : 12 mètres.",
        "Body art\n\nLength: the festival lasts three days.\n\nBody\n\nIt began on May 9, 2018.",
        "HD vidéo\n\nPD M. Martin, président délégué.\n\nLe Fanal, mardi 14 mars 2006.",
        "1 of 2 documents was lost, said the mayor.\n\nIt was the second of 2 documents.",
        "La digue\n\n© 2006 Le Fanal. Tous droits réservés.\n\n© 2006 L'Avenir",
    ],
)
def test_an_article_that_speaks_of_documents(text: str, tmp_path: Path, reading: Reading) -> None:
    """Words of the labels within an article do not make it an export."""
    path = tmp_path / "article.txt"
    path.write_text(text)
    assert not is_export(text.encode())
    assert split_lines(text.split("\n")) == ()
    assert len(reading(path)[0]) == 1


def _many(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield (
            f"Economie\nLe titre numéro {number}\n\n312 mots\n9 mai 2018\nLe Fanal\nFrançais\n\n"
            f"{'Le conseil municipal a voté lundi soir le budget. ' * 40}\n\n"
            f"Document FANAL00020180509ee59{number:06d}\n\n"
        ).encode()


class _Endless(BytesIO):
    """A file that is made while it is read, so that it takes no memory itself."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self._parts = parts

    def read(self, size: int | None = -1) -> bytes:  # noqa: ARG002 - a part at a time
        return b"".join(part for _, part in zip(range(40), self._parts, strict=False))


def test_memory_holds_one_article_of_thousands() -> None:
    """Two thousand articles, four megabytes, are read within the memory of a few of them."""
    tracemalloc.start()
    try:
        pieces = read_export(_Endless(_many(2000)))
        assert sum(bool(piece.text) for piece in pieces) == 2000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


_RIGHTS_SENTENCES = [
    "Copyright : l'affiche porte ce mot en rouge, et le maire n'en veut pas.",
    "Tous droits réservés, répondait l'imprimeur à qui voulait copier le plan.",
    "© 1931, lit-on encore au bas du mur.",
    "Copyright ou non, la fanfare jouera dimanche.",
]


@pytest.mark.parametrize("last", _RIGHTS_SENTENCES)
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("europresse.html", "<p>{}</p></section>"),
        ("europresse_copied.txt", "\n{}\n\n©"),
        ("factiva_display.txt", "\n{}\n\nDocument FANAL"),
    ],
)
def test_a_sentence_about_rights_is_text(
    name: str, sentence: str, last: str, tmp_path: Path, reading: Reading
) -> None:
    """A notice names who holds the rights; a sentence that begins like one is the article's."""
    whole = (_CASES / name).read_text()
    mark = sentence.replace("<p>{}</p>", "").replace("\n{}\n", "")
    assert mark in whole
    path = tmp_path / name
    path.write_text(whole.replace(mark, sentence.format(last), 1))
    drafts, _ = reading(path)
    assert last in drafts[0].text
    assert len(drafts) == len(_EXPECTED[name])


@pytest.mark.parametrize(
    "line",
    [
        "© 2017 Le Fanal", "Copyright 2016 Sud Brigny. Tous droits réservés.", "(c) 2019, royec.fr",
        "Copyright 2011 Société du Fanal, tous droits de reproduction réservés", "© AFP",
        "Tous droits réservés à l'éditeur", "(Copyright (c) 2011, Valley News & Company, Inc.)",
        "©2020 L'Avenir d'Auxy - All Rights Reserved",
    ],
)  # fmt: skip
def test_notices_of_rights(line: str) -> None:
    """A sign or the set phrase, years and the name of a holder make a notice."""
    assert is_rights(line)
    assert not any(map(is_rights, _RIGHTS_SENTENCES))


def test_what_closes_a_document_is_reported(reading: Reading) -> None:
    """The lines that Europresse adds are listed among what was left out."""
    [first, *_], _ = reading(_CASES / "europresse_copied.txt")
    assert "copyright: © 2006 Le Fanal. Tous droits réservés." in first.removed


@pytest.mark.parametrize("holder", ["<div>{}</div>", "<p>{}</p>"])
def test_other_newspapers_of_an_article(holder: str, tmp_path: Path, reading: Reading) -> None:
    """The list of where else an article was published is no text; a dated sentence is."""
    dated = "Le 4 mars 1931 - on s'en souvient - la digue avait déjà cédé."
    also = "Aussi paru dans<div><span>13 mars 2006 - La Gazette</span></div>"
    html = (_CASES / "europresse.html").read_text()
    path = tmp_path / "europresse.html"
    path.write_text(
        html.replace("</header>", f"{holder.format(also)}</header>", 1)
        .replace("<section>", f"<section><p>{dated}</p>", 1)
    )  # fmt: skip
    [first, *_], _ = reading(path)
    assert "La Gazette" not in first.text
    assert dated in first.text


def test_the_names_of_authors_end_with_their_line(tmp_path: Path, reading: Reading) -> None:
    """In ProQuest, a label that is not known is no author, and "Anonymous" is none."""
    record = (
        "{rule}\n\nLa digue cède\n\nAuteur : {author}\n\nRéférence interne : 12 ; Royec\n\n"
        "Informations sur la publication : Le Fanal ; Royec. 14 mars 2006: 6.\n\n"
        "Texte intégral : La digue de Cordesse a cédé mardi.\n\nTitre de la publication: Le Fanal\n"
        "\nDate de publication: 14 mars 2006\n\nID du document ProQuest: {number}\n\n"
    )
    path = tmp_path / "proquest.txt"
    path.write_text(
        "".join(
            record.format(rule="_" * 60, author=author, number=number)
            for number, author in ((1877000001, "Nicolas, Ève"), (1877000002, "Anonymous"))
        )
    )
    assert [draft.author for draft in reading(path)[0]] == ["Nicolas, Ève", None]


def test_labels_of_an_agency(tmp_path: Path, reading: Reading) -> None:
    """A dispatch's origin is a label, its language no part of the newspaper's name."""
    text = (
        "\n1 of 1 DOCUMENTS\n\n\nAgence Brigny Presse -- French\n\n"
        "13 mai 2014 mardi 9:08 AM GMT\n\n"
        "Royec: fin de la grève\n\nAUTEUR: Par Ève Nicolas\n\nLONGUEUR: 61 mots\n\n"
        "ORIGINE-DEPECHE: ROYEC 13 mai 2014\n\nLa grève de Royec a pris fin mardi.\n\n"
        "DATE-CHARGEMENT: 13 mai 2014\n\nLANGUE: FRENCH\n\n\nCopyright 2014 Agence Brigny Presse\n"
    )
    path = tmp_path / "lexis.txt"
    path.write_text(text)
    [draft], _ = reading(path)
    assert (draft.outlet, draft.author) == ("Agence Brigny Presse", "Ève Nicolas")
    assert draft.text == "La grève de Royec a pris fin mardi."


def test_codes_of_pages(tmp_path: Path, reading: Reading) -> None:
    """The page of Factiva may be a letter and a number joined by a hyphen."""
    text = (
        "La digue cède\nÈve Nicolas\n61 mots\n14 mars 2006\nLe Fanal\nFANAL\nB-12\nFrançais\n"
        "Copyright 2006 Le Fanal.\n\nLa digue de Cordesse a cédé mardi.\n\n"
        "Document FANAL00020060314e23e0000a\n"
    )
    path = tmp_path / "factiva.txt"
    path.write_text(text)
    assert [draft.text for draft in reading(path)[0]] == ["La digue de Cordesse a cédé mardi."]

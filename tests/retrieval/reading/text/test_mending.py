"""A text is mended before it is cleaned: encoding, signs, line ends that were lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading import CleaningRules, read
from retrieval.reading.text.mending import mend, mend_line
from retrieval.text.analysis import analyse
from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import CASES


def _drafts(path: Path, rules: CleaningRules) -> list[Draft]:
    return [item for item in read(path, path.name, rules, 10_000_000) if isinstance(item, Draft)]


def test_the_case_of_signs_that_look_alike(rules: CleaningRules) -> None:
    """The text keeps its typography, and is found by what it looks like."""
    (draft,) = _drafts(CASES / "signs" / "01_thin.txt", rules)
    assert "12\u2009450\u2009000" in draft.text
    found = set(analyse(draft.text))
    assert set(analyse("12450000 euros L'Hénoret d'Aubry 3200 l'ingénieur")) <= found


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("la recon\u00adstruc\u00adtion du so\u200bleil", "la reconstruction du soleil"),
        ("\u202aRoyec\u202c a dit\u200e non\u2060.\ufeff", "Royec a dit non."),
        ("e\u0301te\u0301 a\u0300 Royec", "été à Royec"),
        ("la ﬁn de l'aﬀaire, un ﬂeuve, eﬃcace", "la fin de l'affaire, un fleuve, efficace"),
        ("la ﬁ n du con ﬂ it, l'aﬀ aire", "la fin du conflit, l'affaire"),
        ("le déﬁ lancé, déﬁ nir un déﬁ", "le défi lancé, définir un défi"),
        ("le cœ ur de ma s œur et son œ uvre", "le cœur de ma sœur et son œuvre"),
        ("C O N S E I L  M U N I C I P A L", "CONSEIL MUNICIPAL"),
        ("L A  R É G I O N  dit non", "LA RÉGION  dit non"),
        ("LLee mmaaiirree ddee RRooyyeecc", "Le maire de Royec"),
        ("LLee  1122  mmaaii  22001188", "Le 12 mai 2018"),
        ("\uf0b7 Le pont\n\uf0a7\tLe quai", "• Le pont\n•\tLe quai"),
        ("la \uf001n du \uf002euve", "la fin du fleuve"),
        ("ra¬dio de Royec", "radio de Royec"),
    ],
)
def test_signs_that_are_not_what_they_look_like(text: str, mended: str) -> None:
    """Invisible signs go, ligatures and spread or doubled letters are words again."""
    assert mend(text).text == mended


@pytest.mark.parametrize(
    "text",
    [
        "12\u2009450\u2009000 euros, 4\u202f000, 3\u00a0%, « oui\u00a0»",
        "L\u02bcHénoret, d\u00b4Aubry, l’État, porte‑avions",
        "vitamines A B C D E",
        "il y a 10 mm, cc, aa et 1122",
        "un plan B, un point G, l'an I",
        "👩\u200d🌾 plante un chêne",
        "SÃO PAULO, Âge d'or, Châteauroux",
        "Le cœur a ses raisons",
    ],
)
def test_signs_that_are_meant_stay(text: str) -> None:
    """Typography, lists of letters, units, emoji and foreign names are as they were printed."""
    assert mend(text).text == text
    assert mend(text).notes == ()


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Le maire a dÃ©clarÃ© Ã\xa0 lâ€™AssemblÃ©e", "Le maire a déclaré à l’Assemblée"),
        ("ÃƒÂ©tÃƒÂ©", "été"),
        ("10 Â°C Ã‰cole de lâ€™Å“uvre", "10 °C École de l’œuvre"),
        ("d√©part", "départ"),
        ("dÃ©jÃ\xa0 vu, et déjà lu", "déjà vu, et déjà lu"),
    ],
)
def test_utf8_that_was_read_as_something_else(text: str, mended: str) -> None:
    """UTF-8 read as Windows or Mac text, once or twice, is read again, and that is told."""
    found = mend(text)
    assert found.text == mended
    assert [note.partition(":")[0] for note in found.notes] == ["wrong encoding, mended"]


@pytest.mark.parametrize("text", ["Le d\ufffdpart", "Ã? l'heure du dÃ?part", "lâ€?heure"])
def test_lost_characters_are_told(text: str) -> None:
    """What no byte is left of cannot be mended: the report says so, and where."""
    notes = mend(text).notes
    assert notes[-1].startswith("lost characters: ")
    assert "«" in notes[-1]


def test_titles_and_names_are_mended(tmp_path: Path, rules: CleaningRules) -> None:
    """A title, an author and an outlet are read as the text is."""
    path = tmp_path / "a.jsonl"
    record = {
        "title": "La \ufb01n de lâ€™Ã©tÃ©",
        "author": "Ã\u02c6ve Mo\u00adrin",
        "outlet": "Le Veil\u200bleur",
        "text": "Le pont rouvre lundi.",
    }
    path.write_text(json.dumps(record), encoding="utf-8")
    (draft,) = _drafts(path, rules)
    assert (draft.title, draft.author, draft.outlet) == (
        "La fin de l’été",
        "Ève Morin",
        "Le Veilleur",
    )
    assert mend_line("mo\u00adrin") == "morin"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Un pont fermé  Le maire a dit non.  Les élus protestent.", 3),
        ("Un pont fermé\u00a0 « C'est grave », dit-il.", 2),
        ("<p>Un pont fermé</p><p>Le maire a dit non.<br/>Il attend.", 3),
        ("Le pont ferme.  Votre adresse e-mail   * Champs obligatoires\u00a0 La suite lundi.", 4),
        ("Partager  12 commentaires  Le pont ferme.", 3),
    ],
)
def test_lost_line_ends_are_put_back(text: str, lines: int) -> None:
    """Tags and runs of spaces between a heading, a label and a sentence were line ends."""
    assert len([line for line in mend(text).text.split("\n") if line]) == lines


@pytest.mark.parametrize(
    "text",
    [
        "Le pont ferme.  Le maire a dit non.  Les élus protestent.  Ils ont peur.",  # typed so
        "Le  pont   de Royec  ferme  et le  Maire  proteste.",  # justified
        "Royec     Brévenne     2-1\nLestiac     Fresnoy     0-3",  # a table
        "Le préfet de  Royec a dit non.",  # a slip after a preposition
    ],
)
def test_runs_of_spaces_that_mean_nothing_stay(text: str) -> None:
    """Two spaces after each full stop, justified lines and tables are no lost line ends."""
    assert mend(text).text == text


def test_tags_and_entities_of_letters() -> None:
    """Tags that mark letters go from a text where some are closed, and entities are read."""
    assert mend("Le <strong>pont</strong> d&rsquo;Arvieux <br>").text.strip() == "Le pont d’Arvieux"
    assert mend("R&D et 3 < 5").text == "R&D et 3 < 5"


def test_carriage_returns_that_were_doubled() -> None:
    """``\\r\\r\\n``, which a transfer in text mode makes of a line end, is one line end."""
    text = "Le conseil a voté le budget du port et celui\r\r\nde la halle."
    assert mend(text).text == "Le conseil a voté le budget du port et celui de la halle."


@given(st.text(alphabet="aeé lÃ©â€™\u00ad\u200bﬁœ<>/p&; .\nAB-¬", max_size=200))
def test_any_text_is_mended(text: str) -> None:
    """Whatever the text, mending ends and leaves no sign that cannot be seen."""
    assert not set("\u00ad\u200bﬁ") & set(mend(text).text)

"""Encodings: a text that does not say its own is read as its accents stand in it."""

from __future__ import annotations

import pytest

from retrieval.reading.text.decoding import decode

_FRENCH = (
    "La fête du bourg a été fermée dès l'été. Le préfet, Michaël Bréhat, a dénoncé à Larmont"
    " une décision « hâtive ». Ça n'a rien changé : où va-t-on ? L'hôtel a brûlé en août, près"
    " du théâtre."
)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp850", _FRENCH),
        ("cp437", _FRENCH),
        ("cp1252", _FRENCH),
        ("mac_roman", _FRENCH),
        ("iso8859_15", _FRENCH),
        (
            "cp1252",
            "Elle a dit : \u201aoui‘ et “non”… Le cœur – ou l'été – de Saša. PRIX : 5‰, 3† ou 4‡.",
        ),
    ],
)
def test_the_accents_tell_the_encoding(encoding: str, text: str) -> None:
    """Code pages of MS-DOS, Windows, ISO 8859 and Mac OS each come out as they went in."""
    assert decode(text.encode(encoding)) == text


def test_other_letters_of_windows_are_no_accents_of_dos() -> None:
    """Capitals of other languages stand in words, too, and are as Windows has them."""
    text = "L'équipe de KOŠICE a été battue par celle de ŽILINA à l'arrêt de jeu, sans forcer."
    assert decode(text.encode("cp1252")) == text

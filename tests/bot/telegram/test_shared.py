"""What a message of an administrator is meant as: pure, from what Telegram says of it."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Message

from bot.telegram.admin.message_contents import Meant, brought_by, joined, meant_by
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person

_A, _B = "https://eclair.example/a", "https://eclair.example/b"
_BODY = (
    "Le phare de Kerluz, éteint depuis 1998, a été rallumé samedi par quarante riverains. "
    "La présidente de l’association espère mille visiteurs dès l’été. "
)
_ARTICLE = f"Le phare rallumé\n\n{_BODY}"
_LONG = f"Le phare rallumé\n\n{_BODY * 8}"
_PREVIEW: dict[str, Any] = {"link_preview_options": {"url": _A}}
_BUTTONS: dict[str, Any] = {
    "reply_markup": {"inline_keyboard": [[{"text": "Lire la suite", "url": _A}]]}
}
_FORWARD: dict[str, Any] = {
    "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Le Fanal"}
}


def message(text: str, **more: Any) -> Message:  # noqa: ANN401
    """A message as PTB makes it of an update."""
    made = Message.de_json(Person(FakeTelegram(), "Chef").say(text, **more), None)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("text", "more", "meant", "addresses"),
    [
        (f"Le pain augmente {_A} via @eclair", {}, Meant.INDEX, [_A]),
        (f"« Le pain augmente »\n\n{_A}#:~:text=pain", {}, Meant.INDEX, [f"{_A}#:~:text=pain"]),
        (f"1. {_A}\n2. {_B}\n3. {_A}", {}, Meant.INDEX, [_A, _B]),
        ("eclair.example/pain", {}, Meant.INDEX, ["https://eclair.example/pain"]),
        ("fanal.fr", {}, Meant.INDEX, ["https://fanal.fr"]),
        ("Le pain augmente www.eclair.example/pain", {}, Meant.INDEX,
         ["https://www.eclair.example/pain"]),
        ("À lire", _PREVIEW, Meant.INDEX, [_A]),
        ("À lire", _BUTTONS | _FORWARD, Meant.INDEX, [_A]),
        (f"Le maire a-t-il menti ? {_A} https://t.me/fanal", _FORWARD, Meant.INDEX, [_A]),
        ("https://t.me/fanal/12", {}, Meant.INDEX, ["https://t.me/fanal/12"]),
        (f"que dit {_A} ?", {}, Meant.EITHER, [_A]),
        (f"Résume {_A}", {}, Meant.EITHER, [_A]),
        (f"What does {_A} say about bread", {}, Meant.EITHER, [_A]),
        (f"Pourquoi le pain augmente {_A}", {}, Meant.EITHER, [_A]),
        ("Le pain augmente eclair.example/pain", {}, Meant.EITHER, ["https://eclair.example/pain"]),
        (_ARTICLE, {}, Meant.EITHER, []),
        (_ARTICLE, _FORWARD, Meant.EITHER, []),
        (f"{_ARTICLE}\nAbonnez-vous : https://t.me/fanal", _FORWARD, Meant.EITHER, []),
        (f"{_LONG}\n{_A}", {}, Meant.EITHER, [_A]),
        ("Combien coûte le pain ?", {}, Meant.QUESTION, []),
        ("Le pain augmente", {}, Meant.QUESTION, []),
        ("que dit fanal.fr du pain ?", {}, Meant.QUESTION, ["https://fanal.fr"]),
        (f"{_BODY}Qui la préside ?", {}, Meant.QUESTION, []),
        ("Qui dirige le port ?\nCombien de navires par an ?", {}, Meant.QUESTION, []),
        ("rapport.pdf", {}, Meant.QUESTION, []),
    ],
)  # fmt: skip
def test_what_a_message_is_meant_as(
    text: str, more: dict[str, Any], meant: Meant, addresses: list[str]
) -> None:
    """Addresses that nobody asks about are indexed; what may be either is asked; else answered."""
    brought = brought_by(message(text, **more))
    assert (meant_by(brought), brought.addresses) == (meant, addresses)


def test_an_address_behind_words_counts() -> None:
    """The words that lead to it stay words."""
    text = "Lire l’article"
    entity = {"type": "text_link", "offset": 5, "length": 9, "url": _A}
    brought = brought_by(message(text, entities=[entity]))
    assert (brought.addresses, brought.words) == ([_A], text)


def test_parts_are_joined_where_they_were_cut() -> None:
    """After a sentence as paragraphs, else within the sentence."""
    assert joined(["Un mot.", "Deux mots,", "trois."]) == "Un mot.\n\nDeux mots, trois."

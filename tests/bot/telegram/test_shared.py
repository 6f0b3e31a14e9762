"""What a message of an administrator is meant as: pure, from what Telegram says of it."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Message

from bot.telegram.admin.message_contents import Purpose, content_of, join_parts, purpose_of
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
    ("text", "more", "purpose", "addresses"),
    [
        (f"Le pain augmente {_A} via @eclair", {}, Purpose.INDEX, [_A]),
        (f"« Le pain augmente »\n\n{_A}#:~:text=pain", {}, Purpose.INDEX, [f"{_A}#:~:text=pain"]),
        (f"1. {_A}\n2. {_B}\n3. {_A}", {}, Purpose.INDEX, [_A, _B]),
        ("eclair.example/pain", {}, Purpose.INDEX, ["https://eclair.example/pain"]),
        ("fanal.fr", {}, Purpose.INDEX, ["https://fanal.fr"]),
        ("Le pain augmente www.eclair.example/pain", {}, Purpose.INDEX,
         ["https://www.eclair.example/pain"]),
        ("À lire", _PREVIEW, Purpose.INDEX, [_A]),
        ("À lire", _BUTTONS | _FORWARD, Purpose.INDEX, [_A]),
        (f"Le maire a-t-il menti ? {_A} https://t.me/fanal", _FORWARD, Purpose.INDEX, [_A]),
        ("https://t.me/fanal/12", {}, Purpose.INDEX, ["https://t.me/fanal/12"]),
        (f"que dit {_A} ?", {}, Purpose.EITHER, [_A]),
        (f"Résume {_A}", {}, Purpose.EITHER, [_A]),
        (f"What does {_A} say about bread", {}, Purpose.EITHER, [_A]),
        (f"Pourquoi le pain augmente {_A}", {}, Purpose.EITHER, [_A]),
        ("Le pain augmente eclair.example/pain", {}, Purpose.EITHER, ["https://eclair.example/pain"]),
        (_ARTICLE, {}, Purpose.EITHER, []),
        (_ARTICLE, _FORWARD, Purpose.EITHER, []),
        (f"{_ARTICLE}\nAbonnez-vous : https://t.me/fanal", _FORWARD, Purpose.EITHER, []),
        (f"{_LONG}\n{_A}", {}, Purpose.EITHER, [_A]),
        ("Combien coûte le pain ?", {}, Purpose.QUESTION, []),
        ("Le pain augmente", {}, Purpose.QUESTION, []),
        ("que dit fanal.fr du pain ?", {}, Purpose.QUESTION, ["https://fanal.fr"]),
        (f"{_BODY}Qui la préside ?", {}, Purpose.QUESTION, []),
        ("Qui dirige le port ?\nCombien de navires par an ?", {}, Purpose.QUESTION, []),
        ("rapport.pdf", {}, Purpose.QUESTION, []),
    ],
)  # fmt: skip
def test_what_a_message_is_meant_as(
    text: str, more: dict[str, Any], purpose: Purpose, addresses: list[str]
) -> None:
    """Addresses that nobody asks about are indexed; what may be either is asked; else answered."""
    content = content_of(message(text, **more))
    assert (purpose_of(content), content.addresses) == (purpose, addresses)


def test_an_address_behind_words_counts() -> None:
    """The words that lead to it stay words."""
    text = "Lire l’article"
    entity = {"type": "text_link", "offset": 5, "length": 9, "url": _A}
    content = content_of(message(text, entities=[entity]))
    assert (content.addresses, content.words) == ([_A], text)


def test_parts_are_joined_where_they_were_cut() -> None:
    """After a sentence as paragraphs, else within the sentence."""
    assert join_parts(["Un mot.", "Deux mots,", "trois."]) == "Un mot.\n\nDeux mots, trois."

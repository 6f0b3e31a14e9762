"""What buttons carry: compact, versioned, and meaningful after a restart, weeks later.

v1:s:12:2        source 2 of answer 12, or what came near in its place
v1:c:12          close its viewer
v1:p:12:2:5      passage 5 of its article     v1:u:12, v1:d:12   👍, 👎
v1:l:en          speak English                v1:y:3, v1:n:3     do order 3, or do not
v1:a:3:1         page 1 of its whole plan     v1:b:3       take back what it did
v1:k:12:2        correct the article of source 2 of answer 12   v1:w:12:2    withdraw it
v1:f:9876        follow a feed no more        v1:e:2       page 2 of the list of articles
v1:o:12          follow the question of answer 12    v1:x:4   follow subject 4 no more
v1:h:8           one notice a day, at 8; v1:h:24 as it comes; v1:h:99 show what is followed
v1:z:12:3        ask the question of answer 12 again without its period (1), outlet (2), both (3)
v1:i:3:0, v1:i:3:1   index the text, or the addresses, of message 3     v1:q:3   answer it
v1:q:3:1         check its text
v1:j:5:0         show erratum 5 before it is sent to those who read what changed; v1:j:5:1 to all
v1:t:5:0:1       page 1 of its messages       v1:g:5:0     send it
v1:m:5:1, v1:m:5:2   admit who made request 5, or refuse them    v1:m:71:3   remove member 71
v1:r:0           ask the question again that was not answered in full
v1:v:0           the dossier above as a file of the other form
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue

MAX_BYTES = 64
IN_A_ROW = 8
_DATA = re.compile(
    r"v1:([splcudynabkwfiqeoxhzjtgmvr]):([a-z]{2}|\d{1,15})(?::(\d{1,6}))?(?::(\d{1,6}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """What a button asks for: a letter, and up to three values."""

    action: str
    subject: str
    number: int | None = None
    passage: int | None = None

    @property
    def id(self) -> int:
        """The subject as the number of an answer or an order; 0 when it is none."""
        return int(self.subject) if self.subject.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Button:
    """A label, and what it carries: data for the bot, an address, or words to copy."""

    label: str
    data: str = ""
    url: str = ""
    copied: str = ""


Rows = tuple[tuple[Button, ...], ...]


def pressed(data: str) -> ButtonPress | None:
    """Read the data of a button; None for what no button of ours carries."""
    match = _DATA.fullmatch(data)
    if match is None:
        return None
    number, passage = (int(group) if group else None for group in match.groups()[2:])
    return ButtonPress(match[1], match[2], number, passage)


def data(action: str, *values: int | str) -> str:
    """The data of a button: what it does, and to what."""
    return ":".join(["v1", action, *map(str, values)])


def rows(buttons: list[Button]) -> Rows:
    """Buttons in rows that Telegram takes."""
    return tuple(tuple(buttons[at : at + IN_A_ROW]) for at in range(0, len(buttons), IN_A_ROW))


def turn_row(
    at: int, pages: int, texts: Catalogue, action: str, *subject: int
) -> tuple[Button, ...]:
    """The buttons to the page before and to the one after, where there is one."""
    turns = []
    if at > 0:
        turns.append(Button(texts.text("telegram.button.before"), data(action, *subject, at - 1)))
    if at + 1 < pages:
        turns.append(Button(texts.text("telegram.button.after"), data(action, *subject, at + 1)))
    return tuple(turns)


def ask_again_row(texts: Catalogue) -> Rows:
    """The button that asks a question again that was not answered in full."""
    return ((Button(texts.text("telegram.button.ask_again"), data("r", 0)),),)


def answer_rows(answer: int, sources: int, texts: Catalogue, *, followed: bool = True) -> Rows:
    """Under an answer: a button for each source or passage that came near, thumbs, following.

    Args:
        answer: its number.
        sources: how many there are.
        texts: the words.
        followed: whether its question can be followed.
    """
    numbered = [Button(f"[{n}]", data("s", answer, n)) for n in range(1, sources + 1)]
    thumbs = (Button("👍", data("u", answer)), Button("👎", data("d", answer)))
    last = (*thumbs, *follow_row(answer, texts)[0]) if followed else thumbs
    return (*rows(numbered[: 5 * IN_A_ROW]), last)


def follow_row(answer: int, texts: Catalogue) -> Rows:
    """Under an answer or a refusal: a button to follow its question."""
    return ((Button(texts.text("follow.button.follow"), data("o", answer)),),)

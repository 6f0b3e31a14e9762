"""A message that may be an article or a question: the two buttons, and what each would do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.telegram.admin.order import Kind, State
from bot.telegram.admin.plans import told_lines
from bot.telegram.buttons import Button, data
from bot.telegram.post import Content
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.order import Order
    from bot.telegram.buttons import Rows

_TEXT, _LINKS = 0, 1


def is_choice(order: Order) -> bool:
    """Whether an order waits for somebody to say whether it is one."""
    return order.kind is Kind.INDEX and order.state is State.ASKED


def choice(order: Order, texts: Catalogue) -> Content:
    """The question what a message is meant as, with its buttons."""
    key = "telegram.share.text" if order.box else "telegram.share.link"
    lines = [texts.text(key, name=order.name), *told_lines(order, texts)]
    return Content(messages([block(line) for line in lines])[0], choice_rows(order, texts))


def choice_rows(order: Order, texts: Catalogue) -> Rows:
    """The buttons of an order that is no order yet; none for any other."""
    if not is_choice(order):
        return ()
    sources = order.facts.get("sources") or ()
    answer = Button(texts.text("telegram.button.answer"), data("q", order.id))
    if not (order.box and sources):
        return ((Button(texts.text("telegram.button.index"), data("i", order.id)), answer),)
    text = Button(texts.text("telegram.button.index_text"), data("i", order.id, _TEXT))
    links = texts.text("telegram.button.index_links", count=len(sources))
    return ((text, Button(links, data("i", order.id, _LINKS))), (answer,))


def chosen(order: Order, way: int) -> dict[str, Any]:
    """What an order needs once it is one: the text, or the addresses; not what was asked.

    Args:
        order: with what the message brought.
        way: 1 for the addresses where there is a text too.
    """
    dropped = {"asked"}
    if order.box and order.facts.get("sources"):
        dropped |= {"box", "told"} if way == _LINKS else {"sources"}
    return {name: value for name, value in order.facts.items() if name not in dropped}

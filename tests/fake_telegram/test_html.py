"""The fake reads HTML as Telegram does, and refuses it in Telegram's words."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fake_telegram.errors import ApiError
from tests.fake_telegram.html import parsed


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("é<p>x</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("<b><i>x</b>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x <b>y", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>x</b y>", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ],
)
def test_bad_html_is_refused_with_its_place(html: str, why: str) -> None:
    """Each fault has Telegram's own sentence, with the offset in bytes."""
    with pytest.raises(ApiError) as caught:
        parsed(html)
    assert caught.value.code == 400
    assert caught.value.description == f"Bad Request: can't parse entities: {why}"


@pytest.mark.parametrize(
    "tag", "a b strong i em s strike del u ins tg-spoiler tg-emoji pre code".split()
)
def test_tags_that_are_allowed(tag: str) -> None:
    """The tags of the documentation are taken, and leave the text alone."""
    assert parsed(f"<{tag} odd='1' class=x>é</{tag}>")[0] == "é"


def test_what_is_let_through() -> None:
    """A bare ``&``, unknown references and an expandable blockquote are accepted."""
    text, entities = parsed("AT&T &eacute; &lt;b&gt; &#233;<blockquote expandable>x</blockquote>")
    assert text == "AT&T &eacute; <b> éx"
    assert entities == [{"type": "expandable_blockquote", "offset": 19, "length": 1}]


def test_entities_count_in_utf16_and_nest() -> None:
    """An emoji counts two, and the inner entity comes with the outer one."""
    text, entities = parsed('🙂<b>gras <a href="https://example.org/?a=1&amp;b=2">lien</a></b>')
    assert text == "🙂gras lien"
    assert entities == [
        {"type": "text_link", "offset": 7, "length": 4, "url": "https://example.org/?a=1&b=2"},
        {"type": "bold", "offset": 2, "length": 9},
    ]


def test_space_around_is_trimmed_with_its_entities() -> None:
    """What is left of a text has its entities in their places."""
    assert parsed("  <b> x </b>\n") == ("x", [{"type": "bold", "offset": 0, "length": 1}])


@given(st.text(alphabet="<>/&;ab \"'=é🙂#x1", max_size=60))
def test_any_text_is_read_or_refused(html: str) -> None:
    """Nothing makes the reader fail otherwise, or go on for ever."""
    with suppress(ApiError):
        text, entities = parsed(html)
        length = len(text.encode("utf-16-le")) // 2
        assert all(e["offset"] + e["length"] <= length for e in entities)

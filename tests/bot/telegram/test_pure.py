"""The decisions of the bot: cutting, pacing, counting, buttons, addresses; time is an argument."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.messages.catalogue import Catalogue
from bot.telegram.answer import answer_blocks
from bot.telegram.buttons import MAX_BYTES, Button, answer_rows, data, pressed, rows
from bot.telegram.commands import linked
from bot.telegram.deliver import GROUP, PRIVATE
from bot.telegram.limits import Access, Bucket, Once, Rates, RateWindow
from bot.telegram.post import Ids
from bot.telegram.rich import Block, TextRun, block, messages, units
from bot.telegram.view import is_link
from tests.bot.samples import ANSWERED, REFUSED
from tests.fake_telegram.html import parsed

_HOSTILE = st.text(alphabet="<>&;b/i \n.é🙂\u202e\u200d'\"#x", max_size=80)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(_HOSTILE, st.sampled_from(["", "b", "i"])), max_size=8), st.integers(5, 60)
)
def test_any_text_makes_messages_that_telegram_reads(
    texts: list[tuple[str, str]], limit: int
) -> None:
    """Whatever is said, each part is within the limit and says, once read, what it says plain."""
    for part in messages([block(text, tag) for text, tag in texts], limit):
        assert units(part.plain) <= limit
        assert parsed(part.html)[0] == part.plain.strip()


def test_blocks_are_kept_whole_then_sentences() -> None:
    """A block that fits is not cut; one that does not is cut between sentences."""
    first, second = "Un mot. Deux mots.", "Trois. Quatre. Cinq."
    parts = messages([block(first), block(second)], 20)
    assert [part.plain for part in parts] == [first, second]
    parts = messages([Block((TextRun("Une phrase. Une autre."), TextRun("[1]", "b")))], 15)
    assert [part.html for part in parts] == ["Une phrase.", "Une autre.\n<b>[1]</b>"]


def test_a_family_is_not_torn_apart() -> None:
    """A cut in a text without spaces falls between what a reader sees as characters."""
    family = "👩‍👩‍👧"
    parts = messages([block(family * 30)], 50)
    assert all(set(part.plain.split(family)) == {""} for part in parts)


def test_answers_and_refusals_in_words() -> None:
    """A whole answer has its sentences, then its sources with dates; a refusal its reason."""
    (answer,) = messages(list(answer_blocks(ANSWERED, Catalogue("fr"))))
    assert answer.html.startswith("4.000 personnes l'ont traversé à pied. <b>[1]</b> Les travaux")
    assert (
        "<b>[2]</b> Deux ans de travaux — journal inconnu, mai 2020 (corrigé depuis)" in answer.html
    )
    (refusal,) = messages(list(answer_blocks(REFUSED, Catalogue("en"))))
    assert refusal.plain.startswith("No article of the archive answers for this period")


def test_edits_slow_down() -> None:
    """Private: 1.5 s, then longer, up to 5; a group: none for 4 s, and five before the last."""
    waits = [PRIVATE.wait(n, 100, 0) for n in range(8)]
    assert waits[:3] == [1.5, 1.875, 2.34375]
    assert waits[-1] == 5.0
    assert GROUP.wait(0, 1.0, 1.0) == 3.0
    assert GROUP.wait(4, 100, 100) == 0.0
    assert GROUP.wait(5, 100, 100) is None


def test_questions_are_counted_by_minute_and_by_hour() -> None:
    """Five a minute, forty an hour, each user apart; what was refused does not count."""
    rates = Rates(5, 40)
    assert [rates.wait(1, float(n)) for n in range(6)] == [0.0] * 5 + [55.0]
    assert rates.wait(2, 5.0) == 0.0
    assert rates.wait(1, 60.5) == 0.0
    hourly = Rates(100, 40)
    assert {hourly.wait(1, n * 10.0) for n in range(40)} == {0.0}
    assert hourly.wait(1, 400.0) == 3200.0


def test_said_once_in_a_while() -> None:
    """The same is said again only after some time, to each apart."""
    once = Once(60)
    assert [once.may("a", 0), once.may("a", 59), once.may("b", 59), once.may("a", 61)] == [
        True,
        False,
        True,
        True,
    ]


def test_lists_of_access() -> None:
    """No list of users: all in private; no list of chats: no group; admins always in private."""
    assert Access().admits(5, 5)
    assert not Access().admits(-5, 5)
    some = Access(frozenset({1}), frozenset({2}), frozenset({-5}))
    assert [some.admits(u, u) for u in (1, 2, 3)] == [True, True, False]
    assert some.admits(-5, 3)


def test_buckets_and_windows() -> None:
    """A burst then one in so many seconds; so many in a window."""
    bucket = Bucket(2, 1.0)
    waits = []
    for now in (0.0, 0.0, 0.0, 1.0):
        waits.append(bucket.wait(now))
        if not waits[-1]:
            bucket.take(now)
    assert waits == [0.0, 0.0, 1.0, 0.0]
    window = RateWindow(2, 10.0)
    window.take(0.0)
    window.take(4.0)
    assert (window.wait(5.0), window.wait(10.0)) == (5.0, 0.0)


@pytest.mark.parametrize(
    "text",
    ["", "v1:s", "v2:s:1", "v1:s:1:2:3:4", "v1:S:1", "v1:s:1x", "v1:s:٣", "v1:s:" + "9" * 40],
)
def test_data_that_no_button_of_ours_carries(text: str) -> None:
    """What is not exactly ours is not read."""
    assert pressed(text) is None


def test_buttons_fit() -> None:
    """The longest data have 64 bytes at most, rows eight buttons, and what is written is read."""
    longest = data("p", 10**15 - 1, 10**6 - 1, 10**6 - 1)
    assert len(longest.encode()) <= MAX_BYTES
    found = pressed(longest)
    assert found is not None
    assert (found.action, found.id, found.number, found.passage) == (
        "p",
        10**15 - 1,
        999999,
        999999,
    )
    assert [len(row) for row in rows([Button("x", "y")] * 20)] == [8, 8, 4]
    assert sum(map(len, answer_rows(1, 500, Catalogue("fr")))) <= 100


def test_unknown_messages_come_after_the_known() -> None:
    """A lost message is looked for among numbers that belong to no known one."""
    ids = Ids()
    for chat, message in ((7, 10), (7, 12), (9, 15), (-5, 400)):
        ids.saw(chat, message)
    assert ids.unknown(7, 10) == [11, 13, 14, 16, 17, 18, 19, 20]
    assert ids.unknown(7, 14) == [15, 16, 17, 18, 19, 20]  # 15 is near: chats may count apart
    assert ids.unknown(-5, 400) == [401, 402, 403, 404, 405]
    assert len(ids.unknown(7, 1)) <= 40


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/a?b=1", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("tg://resolve?domain=x", False),
        ("https://", False),
        ("https://exa mple.org", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_links_are_of_the_web(url: str, link: bool) -> None:
    """Only an address of the web stands behind a button."""
    assert is_link(url) is link


@given(st.text(max_size=70))
def test_any_payload_of_a_link_is_a_question_or_nothing(payload: str) -> None:
    """A deep link never breaks: what is no text is no question."""
    assert linked(payload).isprintable()

"""What is news for a subject, and when it is told: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.answering.following import (
    MAX_SHOWN,
    DigestChoice,
    NoticePlan,
    SubjectNews,
    due,
    is_digest_due,
    news_of,
    numbered,
    split,
    standing,
)
from bot.memory.conversation import stored_source
from bot.memory.values import NewsItem, Place, Subject
from tests.bot.samples import ARTICLE, OTHER, QUOTE, citation

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CITED = citation(1, QUOTE)
ITEM = NewsItem(1, stored_source(CITED))
SUBJECT = Subject(1, Place(7, 0, 7), NOW, "fr", "Le pont de Brume ?")
NEWS = SubjectNews(SUBJECT, (ITEM,))


def test_a_new_article_is_news_once() -> None:
    """One piece of evidence an article; none of what was told."""
    twice = [CITED, citation(2, "Le tramway suivra en mars."), citation(3, OTHER.text, OTHER)]
    found = news_of(twice, set(), [], lambda _id: [])
    assert [one.citation for one in found] == [twice[0], twice[2]]
    assert not any(one.changed for one in found)
    assert news_of([CITED], {(ARTICLE.id, ARTICLE.digest)}, [ITEM], lambda _id: []) == []


def test_a_correction_elsewhere_in_the_article_is_no_news() -> None:
    """The same words, told before or there before, whatever the spaces between them."""
    assert news_of([CITED], {(ARTICLE.id, "d0")}, [ITEM], lambda _id: []) == []
    spaced = QUOTE.replace(" ", "\n")
    assert news_of([CITED], set(), [], lambda _id: [f"Avant. {spaced} Après."]) == []


def test_a_corrected_sentence_is_news() -> None:
    """It says that an article was corrected."""
    (found,) = news_of([CITED], set(), [], lambda _id: ["5.000 personnes l'ont traversé à pied."])
    assert found.changed


def test_once_a_day() -> None:
    """A subject is told at once, and not again before midnight where the newspapers are."""
    sent = replace(SUBJECT, sent=datetime(2026, 11, 25, 22, 30, tzinfo=UTC))
    waiting = [SubjectNews(sent, (ITEM,))]
    assert due([NEWS], {}, NOW, PARIS) == [NoticePlan((NEWS,))]
    assert due(waiting, {}, datetime(2026, 11, 25, 22, 59, tzinfo=UTC), PARIS) == []
    assert due(waiting, {}, datetime(2026, 11, 25, 23, 1, tzinfo=UTC), PARIS) != []


def test_a_clock_that_was_wrong_silences_nobody() -> None:
    """What was sent, by a clock years ahead, does not keep the next notice for years."""
    ahead = NOW + timedelta(days=400)
    waiting = [SubjectNews(replace(SUBJECT, sent=ahead), (ITEM,))]
    assert due(waiting, {}, NOW, PARIS) != []
    assert due([NEWS], {7: DigestChoice(23, ahead)}, NOW, PARIS) != []
    assert due(waiting, {}, ahead - timedelta(hours=20), PARIS) == []


def test_a_digest_holds_all_of_a_chat() -> None:
    """The subjects of one person in one chat come together; another chat has its own."""
    second = replace(NEWS, subject=replace(SUBJECT, id=2, question="Le tramway ?"))
    group = replace(NEWS, subject=replace(SUBJECT, id=3, place=Place(-5, 0, 7)))
    other = replace(NEWS, subject=replace(SUBJECT, id=4, place=Place(8, 0, 8)))
    choice = {7: DigestChoice(8, NOW - timedelta(days=1))}
    plans = due([NEWS, second, group, other], choice, NOW, PARIS)
    assert [(plan.digest, [one.subject.id for one in plan.subjects]) for plan in plans] == [
        (False, [4]),
        (True, [1, 2]),
        (True, [3]),
    ]


@pytest.mark.parametrize(
    ("hour", "sent", "now", "is_due"),
    [
        (8, "2026-11-24T07:00+00:00", "2026-11-25T06:59+00:00", False),
        (8, "2026-11-24T07:00+00:00", "2026-11-25T07:00+00:00", True),
        (8, "2026-11-25T07:00+00:00", "2026-11-25T23:30+00:00", False),
        # Chosen at nine for eight: not before the next day.
        (8, "2026-11-25T08:00+00:00", "2026-11-25T20:00+00:00", False),
        # The bot was away at the hour.
        (23, "2026-11-24T22:00+00:00", "2026-11-26T03:00+00:00", True),
        # 29 March 2026: there is no 2:30, and 8 is an hour earlier in UTC.
        (2, "2026-03-28T01:00+00:00", "2026-03-29T00:59+00:00", False),
        (2, "2026-03-28T01:00+00:00", "2026-03-29T01:00+00:00", True),
        (2, "2026-03-29T01:00+00:00", "2026-03-29T21:00+00:00", False),
        (8, "2026-03-28T07:00+00:00", "2026-03-29T05:59+00:00", False),
        (8, "2026-03-28T07:00+00:00", "2026-03-29T06:00+00:00", True),
        # 25 October 2026: two o'clock comes twice, and is told the first time only.
        (2, "2026-10-24T00:00+00:00", "2026-10-25T00:00+00:00", True),
        (2, "2026-10-25T00:00+00:00", "2026-10-25T01:00+00:00", False),
        (2, "2026-10-25T00:00+00:00", "2026-10-26T01:00+00:00", True),
    ],
)
def test_the_hour_of_a_digest(hour: int, sent: str, now: str, is_due: bool) -> None:
    """Once a day at the hour of the newspapers, whatever their clocks do."""
    choice = DigestChoice(hour, datetime.fromisoformat(sent))
    assert is_digest_due(choice, datetime.fromisoformat(now), PARIS) is is_due


def test_a_subject_that_matches_everything_is_bounded() -> None:
    """So many pieces are shown and numbered through; a long digest is several messages."""
    many = SubjectNews(SUBJECT, tuple(replace(ITEM, id=n) for n in range(30)))
    numbers = [s.number for _, each in numbered(NoticePlan((many, many))) for s in each]
    assert numbers == list(range(1, 2 * MAX_SHOWN + 1))
    plan = NoticePlan((many,) * 20, digest=True)
    parts = split(plan)
    assert len(parts) > 1
    assert sum(len(part.subjects) for part in parts) == 20
    assert all(part.digest for part in parts)


def test_only_what_stands_is_told() -> None:
    """Evidence of an article that was withdrawn, or says it no more, is not told."""
    assert standing([ITEM], {ARTICLE.id: ARTICLE}) == [ITEM]
    other = replace(ARTICLE, digest="d9", text=ARTICLE.text.replace("4.000", "5.000"))
    assert standing([ITEM], {ARTICLE.id: other}) == []
    assert standing([ITEM], {}) == []


def test_what_waits_moves_with_its_article() -> None:
    """An article that changes elsewhere while its evidence waits loses none of it."""
    longer = replace(ARTICLE, digest="d9", text=f"Avant. {ARTICLE.text}")
    (one,) = standing([ITEM], {ARTICLE.id: longer})
    assert longer.text[one.source.start : one.source.end] == QUOTE
    assert (one.id, one.source.digest) == (ITEM.id, "d9")

"""Overviews, chronologies and days: one passage an article, no text twice, in the order of time.

The evidence comes from a wide search, best first, or, for a day without a subject, from what
was published then. Of each article the sentence is shown that tells most of the subject.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.answering.grounding import fitting_passages
from bot.answering.intents import Intent
from bot.answering.picking import Pick, is_sayable
from retrieval.text.analysis import analyse
from retrieval.text.prose import standalone
from retrieval.text.segmentation import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.evidence import GatheredEvidence
    from bot.answering.grounding import GivenPassage
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Evidence, Span

MAX_ARTICLES = 30
"""Articles in an overview."""
_ALIKE = 0.8
"""Share of the shorter text's terms that two texts have in common when they say the same."""
_FEW_TERMS = 8
"""A shorter text shares too few words to be compared."""
_SAME_NEWS = timedelta(days=3)
"""Articles of one title this far apart are of two events, like a daily column's."""
_TITLE_TERMS = 3
"""A title of fewer words may be of any event: "Météo"."""
_SHOWN = {Intent.OVERVIEW: 8, Intent.CHRONOLOGY: 20, Intent.DAY: 10}
"""Articles that are shown without a model."""
_GIVEN = 20
"""Passages that a model sums up, at most."""
_PASSAGE = 1_500
"""Characters of each of them; of a longer one, what is around its best window."""
_SUBJECT = 0.75
"""Share of the subject's terms that a passage and its title hold when they are about it."""
_LEAD_CHARS, _LEAD = 2_000, 4
"""Of the beginning of an article, so many sentences may be shown for it."""


class Overviews:
    """Selects the articles of an overview.

    Args:
        reader: the archive, for what was published on a day.
    """

    def __init__(self, reader: ArchiveReader) -> None:
        self._reader = reader

    def evidence(self, gathered: GatheredEvidence, max_articles: int) -> tuple[Evidence, ...]:
        """One passage an article, in the order of time.

        Raises:
            ArchiveDamaged: the archive cannot be read.
        """
        asked, period = gathered.asked, gathered.asked.question.period
        if asked.intent is Intent.DAY and not asked.subject:
            if period is None:
                return ()
            outlets = gathered.request.scope.outlets
            found = self._reader.published_between(period.first, period.last, max_articles, outlets)
            return by_article(found.evidence, max_articles)
        wanted = _subject(gathered)
        return by_article(
            [one for one in gathered.evidence if _is_about(one, wanted)], max_articles
        )

    def given(self, gathered: GatheredEvidence, room: int) -> tuple[GivenPassage, ...]:
        """The passages that a model summarises, within a number of tokens, in the order of time.

        An article may have several; the model leaves out what is beside the subject.
        """
        asked = gathered.asked
        listed = asked.intent is Intent.DAY and not asked.subject
        found = self.evidence(gathered, _GIVEN) if listed else gathered.evidence
        fits = fitting_passages(found, room, _GIVEN, _PASSAGE)
        in_time = sorted(fits, key=lambda one: (_when(one.evidence), one.span.start))
        return tuple(replace(one, number=number) for number, one in enumerate(in_time, 1))

    def picks(self, gathered: GatheredEvidence, max_articles: int | None = None) -> list[Pick]:
        """A sentence of each article, in the order of time.

        Args:
            gathered: what was found.
            max_articles: how many articles; by default as many as suit the intent.
        """
        wanted = _subject(gathered)
        found = self.evidence(gathered, max_articles or _SHOWN[gathered.asked.intent])
        return [pick for one in found if (pick := _pick(one, wanted)) is not None]


def _subject(gathered: GatheredEvidence) -> frozenset[str]:
    """The terms of the subject; empty for a day without one."""
    asked = gathered.asked
    return frozenset(analyse(asked.subject or asked.search_text, asked.question.language))


def _is_about(evidence: Evidence, wanted: frozenset[str]) -> bool:
    article = evidence.article
    held = frozenset(analyse(f"{article.title}\n{evidence.passage.text}", article.language))
    return bool(wanted) and len(wanted & held) >= _SUBJECT * len(wanted)


def _pick(evidence: Evidence, wanted: frozenset[str]) -> Pick | None:
    """The sentence to show for a passage: showable, and with most terms of the subject.

    Among equals, one that leans on none before it, then the first. Without a subject it is the
    first sentence of the article that may be shown.
    """
    article, passage = evidence.article, evidence.passage
    lead = sentences(article.text[:_LEAD_CHARS])[:_LEAD]
    spans = [*sentences(passage.text, passage.start), *lead] if wanted else lead

    def order(span: Span) -> tuple[int, bool, int]:
        text = article.text[span.start : span.end]
        shared = len(wanted & frozenset(analyse(text, article.language)))
        return -shared, not standalone(text), span.start

    for span in sorted(spans, key=order):
        if is_sayable(article.text[span.start : span.end]):
            return Pick(article, span, None, min(evidence.score, 1.0))
    return None


def by_article(
    evidence: Sequence[Evidence], max_articles: int = MAX_ARTICLES
) -> tuple[Evidence, ...]:
    """The best passage of each article, oldest first, articles without a date last.

    Of articles that say the same, the one that was found first is kept: those of one title and
    time, and those whose passages have nearly the same words.

    Args:
        evidence: passages, best first.
        max_articles: how many articles to keep.
    """
    kept: dict[str, tuple[Evidence, frozenset[str], tuple[str, ...]]] = {}
    for one in evidence:
        if len(kept) == max_articles:
            break
        if one.article.id in kept:
            continue
        terms = frozenset(analyse(one.passage.text, one.article.language))
        title = tuple(analyse(one.article.title, one.article.language))
        if not any(
            _is_alike(terms, other_terms)
            or (title == other_title and len(title) >= _TITLE_TERMS and _is_near(one, other))
            for other, other_terms, other_title in kept.values()
        ):
            kept[one.article.id] = (one, terms, title)
    return tuple(sorted((one for one, _, _ in kept.values()), key=_when))


def _is_alike(a: frozenset[str], b: frozenset[str]) -> bool:
    shorter = min(len(a), len(b))
    return shorter >= _FEW_TERMS and len(a & b) >= _ALIKE * shorter


def _is_near(a: Evidence, b: Evidence) -> bool:
    """Whether two articles with one title are close in time; unknown dates may be."""
    one, other = a.article.published, b.article.published
    if one is None or other is None:
        return True
    return one.first_day - _SAME_NEWS <= other.last_day and (
        other.first_day - _SAME_NEWS <= one.last_day
    )


def _when(one: Evidence) -> tuple[bool, date]:
    published = one.article.published
    return published is None, published.first_day if published else date.min

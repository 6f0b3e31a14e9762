"""Overviews, chronologies and days: one passage an article, no text twice, in the order of time.

The evidence comes from a wide search, best first, or, for a day without a subject, from what
was published then. Which sentence of a passage is shown is told by the reader's hits, where it
has read the passage.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.answering.grounding import fitting
from bot.answering.picking import Pick, is_sayable
from bot.answering.understanding import Intent
from retrieval.analysis import analyse
from retrieval.segmentation import sentences
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.evidence import Gathered
    from bot.answering.grounding import Given
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Article, Evidence, Hit

MOST = 30
"""Articles in an overview."""
_ALIKE = 0.8
"""Share of the shorter text's terms that two texts have in common when they say the same."""
_FEW_TERMS = 8
"""A shorter text shares too few words to be compared."""
_SAME_NEWS = timedelta(days=3)
"""Articles of one title this far apart are of two events, like a daily column's."""
_TITLE_TERMS = 3
"""A title of fewer words may be of any event: "Météo"."""
_WHOLE = 5
"""Words that a sentence has at least, to be shown alone."""
_ENDS = frozenset('.!?…»"”')
_SHOWN = {Intent.OVERVIEW: 8, Intent.CHRONOLOGY: 20, Intent.DAY: 10}
"""Articles that are shown without a model."""
_GIVEN = 20
"""Passages that a model sums up."""
_EXCERPT = 500
"""Characters of each of them."""
_SUBJECT = 0.75
"""Share of the subject's terms that a passage and its title hold when they are about it."""
_LEAD_CHARS, _LEAD = 2_000, 4
"""Of the beginning of an article, so many sentences may be shown for it."""


class Overviews:
    """Gathers what an overview tells.

    Args:
        reader: the archive, for what was published on a day.
    """

    def __init__(self, reader: ArchiveReader) -> None:
        self._reader = reader

    def evidence(self, gathered: Gathered, most: int) -> tuple[Evidence, ...]:
        """One passage an article, in the order of time.

        Raises:
            ArchiveDamaged: the archive cannot be read.
        """
        asked, period = gathered.asked, gathered.asked.question.period
        if asked.intent is Intent.DAY and not asked.search_text:
            if period is None:
                return ()
            outlets = gathered.request.scope.outlets
            found = self._reader.published_between(period.first, period.last, most, outlets)
            return by_article(found.evidence, most)
        wanted = frozenset(analyse(asked.subject or asked.search_text, asked.question.language))
        return by_article([one for one in gathered.evidence if _is_about(one, wanted)], most)

    def given(self, gathered: Gathered, room: int) -> tuple[Given, ...]:
        """What a model sums up, within so many tokens."""
        return fitting(self.evidence(gathered, _GIVEN), room, _GIVEN, _EXCERPT)

    def picks(self, gathered: Gathered) -> list[Pick]:
        """A sentence of each article, in the order of time."""
        found = self.evidence(gathered, _SHOWN[gathered.asked.intent])
        picks = (_pick(one, gathered.hits) for one in found)
        return [pick for pick in picks if pick is not None]


def _is_about(evidence: Evidence, wanted: frozenset[str]) -> bool:
    article = evidence.article
    held = frozenset(analyse(f"{article.title}\n{evidence.passage.text}", article.language))
    return bool(wanted) and len(wanted & held) >= _SUBJECT * len(wanted)


def _pick(evidence: Evidence, hits: Sequence[Hit]) -> Pick | None:
    """The best sentence of a passage that may be shown, else one of its article's first."""
    text = evidence.article.text
    lead = sentences(text[:_LEAD_CHARS])[:_LEAD]
    for span in (span_of(evidence, hits), *lead):
        if is_sayable(text[span.start : span.end]):
            return Pick(evidence.article, span, None, min(evidence.score, 1.0))
    return None


def by_article(evidence: Sequence[Evidence], most: int = MOST) -> tuple[Evidence, ...]:
    """The best passage of each article, oldest first, articles without a date last.

    Of articles that say the same, the one that was found first is kept: those of one title and
    time, and those whose passages have nearly the same words.

    Args:
        evidence: passages, best first.
        most: how many articles to keep.
    """
    kept: dict[str, tuple[Evidence, frozenset[str], tuple[str, ...]]] = {}
    for one in evidence:
        if len(kept) == most:
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
    """Whether two articles, which have one title, are of one time; unknown dates may be."""
    one, other = a.article.published, b.article.published
    if one is None or other is None:
        return True
    return one.first_day - _SAME_NEWS <= other.last_day and (
        other.first_day - _SAME_NEWS <= one.last_day
    )


def _when(one: Evidence) -> tuple[bool, date]:
    published = one.article.published
    return published is None, published.first_day if published else date.min


def span_of(evidence: Evidence, hits: Sequence[Hit] = ()) -> Span:
    """The sentence of a passage to show, as offsets into the article's text.

    It holds the words that the reader marked in this passage, where it marked any; else it is
    the first whole sentence of the best window.

    Args:
        evidence: the passage.
        hits: what the reader has read, of any passages.
    """
    read = [hit for hit in hits if hit.evidence.passage == evidence.passage]
    best = max(read, key=lambda hit: hit.probability, default=None)
    window = best.window if best else evidence.window
    inside = sentences(window.text, window.start)
    if best and best.answer:
        marked = best.answer
        holding = [one for one in inside if one.start < marked.end and marked.start < one.end]
        if holding:
            return Span(holding[0].start, holding[-1].end)
    whole = (one for one in inside if _is_whole(evidence.article, one))
    return next(whole, Span(window.start, window.end))


def _is_whole(article: Article, span: Span) -> bool:
    """Whether a sentence ends like one and is no heading or cry."""
    text = article.text[span.start : span.end]
    return text[-1] in _ENDS and len(text.split()) >= _WHOLE

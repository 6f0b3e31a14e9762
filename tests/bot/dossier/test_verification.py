"""What became of the quotes of a dossier: the decisions, and thirty quotes of a changed archive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.dossier.dossier import FORMATS, Dossier, QuoteMark, fingerprint, plain
from bot.dossier.filed import FiledQuote
from bot.dossier.files import rendered
from bot.dossier.verification import ArticlePast, QuoteState, verdict, verified
from bot.messages.catalogue import Catalogue
from config.settings import Settings
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Article, Citation, State
from tests.bot.samples import ARTICLE, QUOTE, TEXT, citation

MARK = QuoteMark.of(citation(1, QUOTE))
FILED = FiledQuote("1", QUOTE, MARK)
NOW = replace(ARTICLE, text=TEXT.replace("4.000", "3.000"), revision=2, state=State.CORRECTED)
CORRECTED = ArticlePast(NOW, (NOW, ARTICLE))
GONE = ArticlePast(replace(ARTICLE, state=State.WITHDRAWN), (ARTICLE,), "plainte")


@pytest.mark.parametrize(
    ("filed", "past", "state"),
    [
        (FILED, ArticlePast(ARTICLE, (ARTICLE,)), QuoteState.STANDS),
        (FILED, CORRECTED, QuoteState.CORRECTED),
        (FILED, ArticlePast(NOW, (NOW,)), QuoteState.CORRECTED),
        (FILED, GONE, QuoteState.WITHDRAWN),
        (FILED, None, QuoteState.FOREIGN),
        (FILED, ArticlePast(replace(ARTICLE, text="Autre."), ()), QuoteState.FOREIGN),
        (replace(FILED, text=QUOTE.replace("4", "9")), GONE, QuoteState.ALTERED),
        (replace(FILED, text=f"{QUOTE} Vraiment."), GONE, QuoteState.ALTERED),
        (replace(FILED, text=""), None, QuoteState.ALTERED),
        (replace(FILED, mark=None), None, QuoteState.ALTERED),
        (
            replace(FILED, mark=replace(MARK, start=10, end=999_999_999)),
            ArticlePast(ARTICLE, (ARTICLE,)),
            QuoteState.ALTERED,
        ),
    ],
)
def test_verdicts(filed: FiledQuote, past: ArticlePast | None, state: QuoteState) -> None:
    """Each state, by what the file and the archive say."""
    assert verdict(filed, past).state is state


def test_verdict_tells_what_stands_now_and_why() -> None:
    """The sentence of today, and the reason of a withdrawal."""
    assert "3.000 personnes" in verdict(FILED, CORRECTED).now
    assert verdict(FILED, GONE).reason == "plainte"


@pytest.mark.parametrize(
    "text",
    [
        f"Le Courrier raconte : « {QUOTE} »",
        f"Comme l'a dit « le maire » : “{QUOTE}” (page 3)",
        QUOTE.replace(" ", "\u00a0\n"),
    ],
)
def test_words_around_a_quote_do_not_alter_it(text: str) -> None:
    """An editor may write around a quote, and a program may break its lines."""
    past = ArticlePast(ARTICLE, (ARTICLE,))
    assert verdict(replace(FILED, text=text), past).state is QuoteState.STANDS


def test_forged_checksum_does_not_make_a_quote_stand() -> None:
    """Words with a checksum of their own were never in the article."""
    words = "Le pont est dangereux."
    forged = FiledQuote("1", words, replace(MARK, quote_sha256=fingerprint(words)))
    assert verdict(forged, ArticlePast(ARTICLE, (ARTICLE,))).state is QuoteState.ALTERED
    unknown = replace(forged, mark=replace(forged.mark or MARK, text_sha256="0" * 64))
    assert verdict(unknown, ArticlePast(ARTICLE, (ARTICLE,))).state is QuoteState.FOREIGN


# --- thirty quotes --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changed:
    """An archive that changed after a dossier was made of it.

    Args:
        home: of the archive.
        dossier: thirty quotes, three an article.
        states: what became of each quote, by its number.
    """

    home: Path
    dossier: Dossier
    states: dict[int, QuoteState]


def _thirty(articles: list[Article]) -> Iterator[Citation]:
    number = 0
    for article in articles:
        spans = [s for s in sentences(article.text) if s.end - s.start > 40]
        for span in spans[:3]:
            number += 1
            quote = article.text[span.start : span.end]
            yield Citation(number, article, quote, span.start, span.end)


@pytest.fixture
def changed(own_home: Path, tmp_path: Path) -> Changed:
    """Two articles withdrawn, one with and one without a reason; two corrected in one sentence."""
    with Kiosque(Settings(home=own_home)) as kiosque:
        reader = kiosque.reader
        articles = [reader.article(entry.id) for entry in reader.entries()]
        long = [a for a in articles if sum(s.end - s.start > 40 for s in sentences(a.text)) >= 3]
        cited = tuple(_thirty(long[:10]))
        dossier = Dossier("tout", date(2026, 11, 23), reader.coverage(), cited)
        editor = kiosque.editor("test")
        editor.withdraw([long[0].id], "plainte")
        editor.withdraw([long[1].id], "")
        states = dict.fromkeys(range(1, 31), QuoteState.STANDS)
        states |= dict.fromkeys(range(1, 7), QuoteState.WITHDRAWN)
        for place, number in ((2, 8), (3, 12)):
            words = cited[number - 1].quote
            path = tmp_path / f"corrigé-{place}.txt"
            path.write_text(
                long[place].text.replace(words, f"Tout autrement, dit la correction {place}."),
                "utf-8",
            )
            editor.correct(long[place].id, path)
            states[number] = QuoteState.CORRECTED
    return Changed(own_home, dossier, states)


def _altered(text: str) -> str:
    """A quote with a word more, before the reference of note 20."""
    assert "[^20]\n" in text
    return text.replace("[^20]\n", " vraiment[^20]\n", 1)


def _of_another_archive(text: str, id_: str) -> str:
    before, _, after = text.partition("[^25]:")
    return f"{before}[^25]:{after.replace(id_, 'abcdef0123', 1)}"


@pytest.mark.parametrize("form", FORMATS)
def test_thirty_quotes_of_a_changed_archive(changed: Changed, form: str) -> None:
    """Each quote's state is right, in Markdown and in Word."""
    raw = rendered(changed.dossier, form, Catalogue("fr"))
    with Kiosque(Settings(home=changed.home)) as kiosque:
        checked = verified(raw, kiosque.reader)
    assert len(checked) == 30
    assert {int(one.filed.number): one.state for one in checked} == changed.states
    by_number = {int(one.filed.number): one for one in checked}
    assert (by_number[1].reason, by_number[4].reason) == ("plainte", "")
    assert by_number[8].now
    assert by_number[8].quote == plain(changed.dossier.citations[7].quote)


def test_thirty_quotes_edited_by_hand(changed: Changed) -> None:
    """A word more in a quote, and a footnote of another archive, are found beside the rest."""
    text = rendered(changed.dossier, ".md", Catalogue("en")).decode()
    id_ = changed.dossier.citations[24].article.id
    edited = _of_another_archive(_altered(f"A word of the editor.\n\n{text}"), id_)
    with Kiosque(Settings(home=changed.home)) as kiosque:
        checked = verified(edited.replace("\n", "\r\n").encode(), kiosque.reader)
    expected = changed.states | {20: QuoteState.ALTERED, 25: QuoteState.FOREIGN}
    assert {int(one.filed.number): one.state for one in checked} == expected

"""Answers in words: the same sentences for every front."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.messages.answers import (
    answer_span,
    answer_text,
    coverage_line,
    lead_lines,
    notice_line,
    notice_lines,
    passage_line,
    period_text,
    quote_in_context,
    refusal_lines,
    source_line,
    untitled,
)
from bot.messages.catalogue import Catalogue
from bot.messages.finding_lines import on_a_line
from retrieval.vocabulary import (
    Citation,
    Coverage,
    Notice,
    Period,
    PublicationDate,
    Reason,
    Refusal,
    Span,
    Statement,
    Status,
)
from tests.bot.samples import ANSWERED, ARTICLE, NEAR, OTHER, QUOTE, REFUSED, citation

FRENCH, ENGLISH = Catalogue("fr"), Catalogue("en")


def test_answer_carries_its_numbers() -> None:
    """Each sentence is followed by the numbers of what supports it."""
    expected = "4.000 personnes l'ont traversé à pied. [1] Les travaux ont duré. [1][2]"
    assert answer_text(FRENCH, ANSWERED) == expected


def test_extractive_sentences_stand_apart() -> None:
    """Sentences cut from articles are one a line: they do not follow on."""
    extractive = replace(ANSWERED, status=Status.EXTRACTIVE)
    assert answer_text(FRENCH, extractive).count("\n") == 1


@pytest.mark.parametrize("texts", [FRENCH, ENGLISH])
def test_what_comes_nearest_is_no_answer(texts: Catalogue) -> None:
    """That nothing is sure comes first; each passage has its number, its words, its source."""
    lead, first, second = answer_text(texts, NEAR).split("\n")
    assert (lead,) == lead_lines(texts, NEAR)
    assert lead == texts.text("passages.lead")
    assert first.startswith(f"[1] {QUOTE} (Le pont de Brume rouvre — Le Courrier de Brume, 18 ")
    assert second.startswith("[2] Les travaux du pont durent depuis mai. (Deux ans de travaux — ")


def test_a_title_is_said_once() -> None:
    """A passage that begins with its title is shown without it, unless it is the answer."""
    title, text = "Le pont rouvre", "4.000 personnes l'ont traversé."
    body = f"{title}\n\n{text}"
    article = replace(NEAR.passages[0].article, title=title, text=body)
    whole = Citation(1, article, body, 0, len(body))
    shown = untitled(whole)
    assert (shown.quote, shown.start, shown.end) == (text, len(body) - len(text), len(body))
    assert passage_line(FRENCH, whole).count(title) == 1
    for kept in (
        replace(whole, answer=Span(3, 7)),
        Citation(1, article, title, 0, len(title)),
        Citation(1, article, text, len(body) - len(text), len(body)),
    ):
        assert untitled(kept) is kept


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        (
            "Le pont rouvre\n\n4.000 personnes\nl'ont traversé.",
            "Le pont rouvre / 4.000 personnes l'ont traversé.",
        ),
        ("Il a fermé.\n\nIl rouvre.", "Il a fermé. Il rouvre."),
        ("Il a dit : « Non. »\n\nIl part.", "Il a dit : « Non. » Il part."),
    ],
)
def test_a_title_is_set_apart_from_the_text(quote: str, line: str) -> None:
    """In a quote on a line; paragraphs only follow each other."""
    assert on_a_line(quote) == line


def test_what_comes_near_follows_a_refusal() -> None:
    """The reason and the coverage come first; without anything near, nothing is announced."""
    near = replace(REFUSED, passages=NEAR.passages)
    reason, coverage, lead, first, _ = answer_text(FRENCH, near).split("\n")
    assert (reason, coverage) == refusal_lines(FRENCH, REFUSED) == lead_lines(FRENCH, REFUSED)
    assert lead == "Ce qui s’en approche le plus\u00a0:"
    assert first.startswith(f"[1] {QUOTE}")
    assert answer_text(FRENCH, REFUSED) == f"{reason}\n{coverage}"


def test_words_that_answer_are_marked_in_a_sentence_of_an_article() -> None:
    """Where the sentence is the quote, its marked words are; a sentence of a model has none."""
    (found, _) = NEAR.passages
    span = answer_span(Statement(QUOTE, (found,)))
    assert span is not None
    assert QUOTE[span.start : span.end] == "4.000 personnes"
    assert answer_span(Statement("4000 personnes sont passées.", (found,))) is None
    assert answer_span(Statement(QUOTE, (citation(1, QUOTE),))) is None
    assert answer_span(Statement(QUOTE, ())) is None


@pytest.mark.parametrize("texts", [FRENCH, ENGLISH])
def test_written_is_told_from_quoted(texts: Catalogue) -> None:
    """That a program wrote it is said of what was written, before the notices, and only of that."""
    notice = Notice("without_model")
    for status in Status:
        lines = notice_lines(texts, replace(ANSWERED, status=status, notices=(notice,)))
        written = status in (Status.ANSWERED, Status.PARTIAL)
        assert len(lines) == 1 + written
        assert lines[-1] == notice_line(texts, notice)
    whole, part = (
        notice_lines(texts, replace(ANSWERED, status=status))
        for status in (Status.ANSWERED, Status.PARTIAL)
    )
    cut = replace(ANSWERED, status=Status.PARTIAL, notices=(Notice("model_cut"),))
    assert whole != part
    assert notice_lines(texts, cut)[:1] == whole


def test_a_day_that_a_quote_means_is_told() -> None:
    """The words of the quote, and the date that they mean."""
    told = Notice("day_told", (("words", "jeudi"), ("date", "2021-02-18")))
    assert notice_line(FRENCH, told) == "«\u00a0jeudi\u00a0»\u00a0: le 18 février 2021."
    assert notice_line(ENGLISH, told) == "“jeudi”: 18 February 2021."


def test_what_dated_articles_say_differently_is_a_list() -> None:
    """One line an article, with its date, or that it has none."""
    dated = citation(1, QUOTE)
    undated = citation(2, OTHER.text, replace(OTHER, published=None))
    statements = tuple(Statement(one.quote, (one,)) for one in (dated, undated))
    answer = replace(ANSWERED, statements=statements, evolution=True)
    first, second = answer_text(FRENCH, answer).split("\n")
    assert first == f"– 18 février 2021\u00a0: {QUOTE} [1]"
    assert second.startswith("– date inconnue\u00a0: Les travaux")
    assert answer_text(ENGLISH, answer).startswith(f"– 18 February 2021: {QUOTE} [1]\n– ")


def test_the_period_that_was_understood_is_said_back() -> None:
    """The words of the question and their days; an open end is said as one."""
    words, first, last = ("words", "en 2017"), ("first", "2017-01-01"), ("last", "2017-12-31")
    said = notice_line(FRENCH, Notice("period", (words, first, last)))
    assert said == ("Période demandée\u00a0: en 2017 (du 1er janvier 2017 au 31 décembre 2017).")
    assert notice_line(ENGLISH, Notice("period", (("words", ""), first))) == (
        "Period asked for: since 1 January 2017."
    )


def test_refusal_says_why_and_what_there_is() -> None:
    """A refusal has its reason with the period, and the coverage in a line."""
    reason, coverage = refusal_lines(FRENCH, REFUSED)
    assert "en 2017 (du 1er janvier 2017 au 31 décembre 2017)" in reason
    assert "4\N{NARROW NO-BREAK SPACE}000 articles" in coverage
    assert "mai 2020 – 18 février 2021" in coverage
    assert "Le Courrier de Brume, La Feuille et L'Écho" in coverage


def test_many_outlets_are_not_named() -> None:
    """Six outlets are named, seven are not."""
    six = tuple(f"Le Journal {n}" for n in range(6))
    assert "Le Journal 5" in coverage_line(FRENCH, Coverage(9, None, None, six))
    many = Coverage(9, None, None, (*six, "La Feuille"))
    assert coverage_line(FRENCH, many) == "L’archive contient 9 articles."


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("texts", [FRENCH, ENGLISH])
def test_every_reason_is_said(texts: Catalogue, reason: Reason) -> None:
    """Each reason has a sentence of its own, with nothing left to fill in."""
    assert REFUSED.refusal is not None
    refused = replace(REFUSED, refusal=replace(REFUSED.refusal, reason=reason))
    said = "\n".join(refusal_lines(texts, refused))
    assert not {"{", "}"} & set(said)
    assert "?" not in said


def test_empty_archive_says_how_to_fill_it() -> None:
    """With nothing in the archive, the reason is that and nothing else."""
    empty = Refusal(Reason.NOT_IN_ARCHIVE, Coverage(0, None, None))
    (line,) = refusal_lines(FRENCH, replace(REFUSED, refusal=empty))
    assert "kiosque index" in line


def test_coverage_of_one_date_or_none() -> None:
    """A single date is not a range, and undated articles are only counted."""
    day = PublicationDate(2017, 5)
    assert coverage_line(FRENCH, Coverage(2, day, day)).endswith("mai 2017.")
    assert coverage_line(ENGLISH, Coverage(1, None, None)) == "The archive holds 1 article."


def test_source_line_names_outlet_and_date() -> None:
    """A source is its title, outlet and date, and says if it was corrected."""
    assert source_line(FRENCH, ARTICLE) == (
        "Le pont de Brume rouvre — Le Courrier de Brume, 18 février 2021"
    )
    assert source_line(ENGLISH, OTHER).endswith("unknown outlet, May 2020 (corrected since)")


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (Period(date(2017, 5, 24), None), "depuis le 24 mai 2017"),
        (Period(None, date(2017, 5, 24)), "jusqu’au 24 mai 2017"),
        (Period(date(2017, 1, 1), date(2017, 1, 31)), "du 1er janvier 2017 au 31 janvier 2017"),
        (None, "toutes les dates"),
    ],
)
def test_periods_in_words(period: Period | None, said: str) -> None:
    """An open end is said as such."""
    assert period_text(FRENCH, period) == said


def test_quote_stands_in_its_paragraph() -> None:
    """The quote is shown between what its own paragraph says before and after."""
    found = quote_in_context(citation(1, QUOTE))
    assert found.quote == QUOTE
    assert found.before == "Après deux ans de travaux, "
    assert found.after.endswith("mars.")


def test_long_context_is_cut_at_a_word() -> None:
    """An ellipsis marks what was left out, and no word is cut."""
    found = quote_in_context(citation(1, QUOTE), context=14)
    assert found.before == "…de travaux, "
    assert found.after == " La mairie…"


def test_notice_without_sentence_shows_its_key() -> None:
    """A notice that the catalogue does not know is never lost."""
    assert notice_line(FRENCH, Notice("brand_new")) == "brand_new"

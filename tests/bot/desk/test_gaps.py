"""The gap report: subjects rather than questions, and nothing that points to who asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.desk.gaps import gap_report, masked_question
from bot.memory.reports import UnansweredQuestion
from bot.memory.values import TERMINAL
from bot.messages.catalogue import Catalogue
from bot.messages.desk import gap_lines
from retrieval.errors import ModelUnavailable

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=7)


def asked(text: str, asker: int, *, refused: bool = True, days: int = 0) -> UnansweredQuestion:
    """A question that was not answered."""
    return UnansweredQuestion(text, "fr", asker, NOW - timedelta(days=days), refused)


PISCINE = (
    asked("Quand rouvrira la piscine de Vaubrelles ?", 1),
    asked("La piscine de Vaubrelles rouvrira-t-elle ?", 2, refused=False, days=2),
    asked("piscine de vaubrelles rouvrira quand", 1, days=1),
)


def test_a_subject_asked_about_by_several_is_one_line() -> None:
    """Its questions, its people, what was refused, and the last day are counted."""
    report = gap_report([*PISCINE, asked("Qui finance le théâtre de Kerluz ?", 3)], SINCE, 2)
    (gap,) = report.gaps
    assert (gap.questions, gap.people, gap.refused, gap.last) == (3, 2, 2, NOW.date())
    assert "piscine" in gap.question
    assert (report.questions, report.withheld) == (4, 1)


def test_too_few_people_are_only_counted() -> None:
    """What one person asked ten times shows nothing of it; a bound of one shows it."""
    alone = [asked("Où habite Jean Dupont de Kerluz ?", 7)] * 10
    report = gap_report(alone, SINCE, 2)
    assert (report.gaps, report.withheld) == ((), 10)
    assert "Dupont" not in "".join(gap_lines(report, Catalogue("fr")))
    assert gap_report(alone, SINCE, 1).gaps[0].questions == 10


def test_a_terminal_shows_its_own() -> None:
    """Who sits at this machine reads what was asked there, and nothing more of others."""
    own = asked("Quand rouvrira la piscine ?", TERMINAL)
    other = asked("Qui finance le théâtre de Kerluz ?", 3)
    report = gap_report([own, other], SINCE, 2, own=True)
    assert [gap.question for gap in report.gaps] == ["Quand rouvrira la piscine ?"]
    assert gap_report([own, other], SINCE, 2).gaps == ()


def test_what_follows_another_question_has_no_subject() -> None:
    """ "Et combien ?" of two people is no gap of the archive."""
    report = gap_report([asked("Et combien ?", 1), asked("et combien ?", 2)], SINCE, 2)
    assert (report.gaps, report.withheld) == ((), 2)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Qui est ana.lys@exemple.fr ?", "Qui est … ?"),
        ("Le 06 12 34 56 78 est à qui ?", "Le … est à qui ?"),
        ("Que dit @ana_lys\nsur https://a.example/x?y=1 ?", "Que dit … sur … ?"),
        ("Combien de morts en 2017 ?", "Combien de morts en 2017 ?"),
        ("Les 4 000 emplois de Kerluz ?", "Les 4 000 emplois de Kerluz ?"),
    ],
)
def test_what_points_to_a_person_is_masked(typed: str, shown: str) -> None:
    """Addresses, user names and long numbers; years and amounts stay."""
    assert masked_question(typed) == shown


def test_a_hostile_question_is_one_short_line() -> None:
    """A hundred thousand characters, line breaks and all, are a line of two hundred."""
    for text in ("a\n" * 50_000, "1 " * 50_000, "a.b-" * 25_000, "@" * 100_000):
        assert len(masked_question(text)) <= 200
        assert "\n" not in masked_question(text)


def test_a_model_that_is_away_leaves_words() -> None:
    """The report does not fail with the endpoint that makes vectors."""

    def away() -> None:
        raise ModelUnavailable("embedding_endpoint_failed", host="x", model="y", status=500)

    assert len(gap_report(PISCINE, SINCE, 2, away).gaps) == 1  # type: ignore[arg-type]


def test_many_questions_are_a_bounded_list() -> None:
    """Of a hundred subjects the first are shown, and how many are left out."""
    letters = [f"{a}{b}" for a in "bcdfghjklm" for b in "bcdfghjklm"]
    many = [asked(f"Pourquoi {x}ard et {x}ope ?", who) for x in letters for who in (1, 2)]
    report = gap_report(many, SINCE, 2)
    assert len(report.gaps) == 100
    for language in ("fr", "en"):
        lines = gap_lines(report, Catalogue(language))
        assert len(lines) == 32
        assert "70" in lines[-1]

"""Texts checked against the sample archive, without a model and with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answering.checking.judge import parse_judgement
from bot.answering.findings import CheckReport, Detail, Standing
from bot.answering.request import Finished
from bot.messages.answers import answer_text
from bot.messages.catalogue import Catalogue
from retrieval.errors import BadQuestion
from retrieval.vocabulary import Status
from tests.bot.answering.asked_of import happened
from tests.bot.answering.conftest import Ask
from tests.fake_llm import Asked, Reply, says

WRITTEN = "Armand Quillivic a été condamné à trois ans de prison, dont deux avec sursis."
ALTERED = "Armand Quillivic a été condamné à sept ans de prison, dont deux avec sursis."
UNSURE = (
    "Les plus anciens murets du plateau de l'Aurel datent du Moyen Âge.",
    "L'Union européenne n'a rien versé pour le nouveau terminal de ferry.",
    "La crue de la Vaubre a forcé 260 habitants de Vaubrelles à quitter leur maison.",
)
ABSENT = "Un séisme de magnitude 4,1 a frappé la ville de Tolvanec en Finlande."


def checked(ask: Ask, text: str) -> CheckReport:
    """The report of a text."""
    report = ask(f"Vérifier : {text}")
    assert isinstance(report, CheckReport)
    return report


def test_claims_without_a_model(ask: Ask) -> None:
    """Written with its quote; altered in a number, which is named; absent with the coverage."""
    report = checked(ask, f"Bonjour !\n{WRITTEN}\n{ALTERED}\n{ABSENT}")
    written, altered, absent = report.claims
    assert written.standing is Standing.WRITTEN
    assert "trois ans de prison" in written.citations[0].quote
    assert str(written.citations[0].article.published) == "2023-04-14"
    assert altered.standing is Standing.PARTLY
    assert [(d.detail, d.words) for d in altered.discrepancies] == [(Detail.NUMBER, "sept")]
    assert absent.standing in {Standing.ABSENT, Standing.NEAR}
    assert (report.status, report.skipped) == (Status.EXTRACTIVE, 1)
    assert report.coverage.articles > 0


@pytest.mark.parametrize(
    ("claim", "standing", "named"),
    [
        ("La T2 transporte 38 500 personnes par jour.", Standing.WRITTEN, ()),
        ("La ligne T2 transporte 38 500 personnes par jour.", Standing.WRITTEN, ()),
        ("La T3 transporte 38 500 personnes par jour.", Standing.PARTLY, ("T3",)),
        ("Tolvanec transporte 38 500 personnes par jour.", Standing.PARTLY, ("Tolvanec",)),
    ],
)
def test_a_subject_that_its_sentence_takes_up_again(
    ask: Ask, claim: str, standing: Standing, named: tuple[str, ...]
) -> None:
    """ "La ligne transporte…" is said of the line that is named before; of another it is not."""
    (found,) = checked(ask, claim).claims
    assert found.standing is standing
    assert tuple(one.words for one in found.discrepancies) == named


def test_what_is_called_partly_names_what_is_not_found(ask: Ask) -> None:
    """A number, a date, a name or a word of the claim; where none can be named, nothing is sure."""
    said = ("amende", "relaxé", "acquitté", "prison", "jugé", "boulevard", "gendarme", "patron")
    claims = [WRITTEN.replace("condamné", word) for word in said]
    claims += [WRITTEN.replace("prison", word) for word in said]
    found = checked(ask, "\n".join(claims)).claims
    partly = [one for one in found if one.standing is Standing.PARTLY]
    assert partly
    assert all(one.discrepancies for one in partly)
    named = [one for one in partly if one.discrepancies[0].detail is Detail.WORD]
    assert named
    assert all(one.discrepancies[0].words in one.text for one in named)
    text = answer_text(Catalogue("fr"), checked(ask, named[0].text))
    assert "ne donne pas le mot" in text


def test_what_can_be_opened_is_numbered_from_one(ask: Ask) -> None:
    """Whatever comes near an unsure claim before it, a source's number is that of its button."""
    report = checked(ask, "\n".join([*UNSURE, ABSENT, WRITTEN, ALTERED]))
    assert any(one.standing is Standing.NEAR and one.citations for one in report.claims[:3])
    numbers = [citation.number for citation in report.openable]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_a_certain_veto_is_stronger_than_the_weights(ask: Ask) -> None:
    """No claim with a number that is given nowhere is called written, however alike it is."""
    for number in ("quatre", "sept", "dix", "12", "99"):
        (claim,) = checked(ask, WRITTEN.replace("trois", number)).claims
        assert claim.standing is not Standing.WRITTEN


@pytest.mark.parametrize("text", ["Bonjour à tous !", "😀😀😀 merci", "Qui va payer le pont ?"])
def test_nothing_to_check(ask: Ask, text: str) -> None:
    """A text that asserts nothing is told so."""
    with pytest.raises(BadQuestion, match="check_no_claim"):
        ask(f"Vérifier : {text}")


def test_other_languages(ask: Ask) -> None:
    """A claim in a language that is not read is not called written."""
    (claim,) = checked(ask, "Der Bürgermeister von Berlin verkauft 12 Brücken an Polen.").claims
    assert claim.standing is not Standing.WRITTEN


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_read(ask: Ask, language: str) -> None:
    """Each claim with its verdict, outlet and date, in the reader's language."""
    text = answer_text(Catalogue(language), checked(ask, f"{WRITTEN}\n{ABSENT}"))
    assert WRITTEN in text
    assert "Le Fanal" in text
    assert ("Écrit" if language == "fr" else "Written") in text
    assert "[1]" in text


# --- with a model ----------------------------------------------------------------------------

PROOF = "à trois ans de prison, dont deux avec sursis"


def judged(home: Path, verdict: str, verify: str = "oui") -> CheckReport:
    """The report of a claim that a model judges so."""

    def reply(asked: Asked) -> Reply:
        return says(verify if "à vérifier" in asked.prompt else verdict)

    (*_, last) = happened(home, reply, f"Vérifier : {WRITTEN}").events
    assert isinstance(last, Finished)
    assert isinstance(last.answer, CheckReport)
    return last.answer


def test_a_model_judges(sample_home: Path) -> None:
    """Its verdict, with words that stand in the article; the verifier confirms "written"."""
    report = judged(sample_home, f"ÉCRIT [1] « {PROOF} »")
    (claim,) = report.claims
    assert (claim.standing, claim.probability) == (Standing.WRITTEN, None)
    assert PROOF in claim.citations[0].quote


def test_the_verifier_stops_a_false_written(sample_home: Path) -> None:
    """Without its yes, nothing is called written."""
    (claim,) = judged(sample_home, f"ÉCRIT [1] « {PROOF} »", verify="non").claims
    assert claim.standing is Standing.NEAR


def test_made_up_proof_does_not_count(sample_home: Path) -> None:
    """The claim is then judged without the model."""
    (claim,) = judged(sample_home, "CONTREDIT [1] « il a été acquitté » => trois ans").claims
    assert claim.probability is not None


def test_what_differs_must_stand_in_the_claim(sample_home: Path) -> None:
    """Words that the model makes up are not shown."""
    right = judged(sample_home, f"EN PARTIE [1] « {PROOF} » => trois ans").claims[0]
    assert [(d.detail, d.words) for d in right.discrepancies] == [(Detail.NUMBER, "trois ans")]
    wrong = judged(sample_home, f"EN PARTIE [1] « {PROOF} » => le maire").claims[0]
    assert wrong.discrepancies == ()


@pytest.mark.parametrize("written", ["", "Je ne sais pas.", "[1]", "\n" * 5_000])
def test_no_verdict(written: str) -> None:
    """Anything else is no verdict."""
    assert parse_judgement(written) is None


def test_reading_ends() -> None:
    """However much a model writes."""
    verdict = parse_judgement("WRITTEN [1] «" + "a" * 100_000)
    assert verdict is not None


OTHER = "Le préjudice total s’élève à 640 000 euros."


def test_a_contradiction_is_shown_with_both_quotes(sample_home: Path) -> None:
    """What was written, and what says otherwise; of any other verdict the first alone."""
    both = f"[1] « {PROOF} » [1] « {OTHER} » => trois"
    report = judged(sample_home, f"CONTREDIT {both}")
    (claim,) = report.claims
    assert claim.standing is Standing.CONTRADICTED
    assert [one.quote.startswith(OTHER[:18]) for one in claim.citations] == [False, True]
    assert "puis contredit" in answer_text(Catalogue("fr"), report)
    (partly,) = judged(sample_home, f"EN PARTIE {both}").claims
    assert len(partly.citations) == 1


def test_numbers_of_proofs_stand_before_them_or_after() -> None:
    """Each quote belongs to the number before it; where none is, to the one that is given."""
    two = parse_judgement('CONTRADICTED [2] "one two" [4] "three" => x')
    assert two is not None
    assert [(one.words, one.number) for one in two.proofs] == [("one two", 2), ("three", 4)]
    after = parse_judgement("ÉCRIT « un deux » [3]")
    assert after is not None
    assert [one.number for one in after.proofs] == [3]

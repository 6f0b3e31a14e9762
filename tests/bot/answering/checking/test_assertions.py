"""Texts cut into claims."""

from __future__ import annotations

import pytest

from bot.answering.checking.assertions import MAX_CLAIMS, claim_of, split_claims

POST = """🔥 Bonjour à tous !
Le maire de Vaubrelles a fermé la piscine pour trois mois. Il a promis 2 millions d'euros.
C'est une honte !! Je pense que ça suffit.
https://example.org/piscine
• 42 morts dans l'explosion de Kaboul
Qui va payer ?
Partagez !! #Vaubrelles"""


def test_a_post_is_cut_into_claims() -> None:
    """Greetings, opinions, questions, calls and addresses are left out and counted."""
    cut = split_claims(POST)
    assert [one.text for one in cut.claims] == [
        "Le maire de Vaubrelles a fermé la piscine pour trois mois.",
        "Il a promis 2 millions d'euros.",
        "42 morts dans l'explosion de Kaboul",
    ]
    assert cut.skipped == 6
    assert cut.unread == 0


def test_a_sentence_that_leans_has_the_names_before_it() -> None:
    """It is searched for with them, and shown without."""
    assert split_claims(POST).claims[1].context == "Vaubrelles"


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Il paraît que le CHU de Vaubrelles licencie.", "le CHU de Vaubrelles licencie."),
        ("Est-il vrai que le CHU de Vaubrelles licencie ?", "le CHU de Vaubrelles licencie"),
        ("Le CHU de Vaubrelles licencie-t-il ?", None),
        ("Je crois que le CHU de Vaubrelles va mal.", None),
        ("Bonne journée à Vaubrelles et à Mirvolle", None),
        ("Ah oui", None),
    ],
)
def test_what_a_sentence_asserts(sentence: str, claim: str | None) -> None:
    """Without what is only put before it; nothing for what cannot be checked."""
    assert claim_of(sentence) == claim


def test_what_is_said_again_is_one_claim() -> None:
    """A slogan repeated forty times is looked for once."""
    sold = "Le maire de Vaubrelles a vendu 3 ponts de pierre. "
    (claim,) = split_claims(sold * 40).claims
    assert claim.text == sold.strip()


def test_a_long_text_is_bounded() -> None:
    """Of 100,000 characters the beginning is read, and the rest is told of."""
    sold = "Le maire de Vaubrelles a vendu {} ponts de pierre. "
    cut = split_claims("".join(map(sold.format, range(2_000))))
    assert len(cut.claims) == MAX_CLAIMS
    assert cut.unread > 100
    assert split_claims("\u0301" * 100_000).claims == ()

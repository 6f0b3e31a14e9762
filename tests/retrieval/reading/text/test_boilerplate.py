"""Boilerplate: what repeats is proposed, and what is news is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.reading import CleaningRules, clean
from retrieval.reading.text.boilerplate import Boilerplate, BoilerplateLimits, Proposal
from retrieval.reading.text.cleaning import rules_from
from retrieval.vocabulary import Draft

_LIMITS = BoilerplateLimits(share=0.05, articles=5)


def article(number: int, lines: list[str], outlet: str | None = "Le Fanal") -> Draft:
    """An article with some lines beside its own."""
    own = f"Le navire {_name(number)} entre au port avec {number * 7} passagers."
    return Draft(f"o{number}", f"s{number}", f"Titre {number}", "\n\n".join([own, *lines]), None,
                 outlet, None, None, "fr")  # fmt: skip


def _name(number: int) -> str:
    """A word of its own for a number: numbers alone do not tell two lines apart."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def proposals(drafts: Iterator[Draft], limits: BoilerplateLimits = _LIMITS) -> list[Proposal]:
    """What is proposed for some articles."""
    counted = Boilerplate(limits)
    for draft in drafts:
        counted.add(draft)
    return counted.proposals()


def test_a_line_of_many_articles_is_proposed() -> None:
    """Numbers and case may differ; the share, the outlet and the first sources are told."""
    drafts = (article(n, [f"Vu {n} fois aujourd’hui"] if n % 10 == 0 else []) for n in range(100))
    [found] = proposals(drafts)
    assert (found.outlet, found.kind, found.articles, found.share) == ("Le Fanal", "line", 10, 0.1)
    assert found.sources == ("s0", "s10", "s20")
    assert found.pattern == r"Vu\s+\d+\s+fois\s+aujourd’hui"


def test_what_is_rare_or_of_few_articles_is_not() -> None:
    """Four articles are no pattern, nor is one in a hundred."""
    assert proposals(article(n, ["Le contexte"]) for n in range(4)) == []
    assert proposals(article(n, ["Le contexte"] if n < 6 else []) for n in range(400)) == []


def test_outlets_are_counted_apart() -> None:
    """The slogan of one newspaper is not diluted by the articles of another."""
    fanal = [article(n, ["Le journal de la côte"]) for n in range(6)]
    others = [article(n, [], "La Gazette") for n in range(500)]
    [found] = proposals(iter([*others, *fanal]))
    assert (found.outlet, found.share) == ("Le Fanal", 1.0)


def test_a_sentence_glued_to_paragraphs_is_a_tail() -> None:
    """An export without line breaks glues its forms to the last sentence."""
    body = "Le maire a dit qu’il reviendrait sur ce point au prochain conseil. " * 4
    drafts = (
        article(n, [f"{body}Version {_name(n)}. Votre adresse email est conservée."])
        for n in range(20)
    )
    [found] = proposals(drafts)
    assert (found.kind, found.text) == ("tail", "Votre adresse email est conservée.")
    rule = {"name": "x", "kind": found.kind, "pattern": found.pattern, "why": "test"}
    rules = rules_from({"rule": [rule]})
    assert clean(f"{body}Votre adresse email est conservée.", "", rules).text == body.strip()


def test_the_title_of_an_article_is_not_boilerplate() -> None:
    """A title that stands in its own text is no repetition."""
    drafts = (
        Draft(f"o{n}", f"s{n}", "Météo", f"Météo\n\nIl pleut à {_name(n)} ce matin.", None,
              "Le Fanal", None, None, "fr")
        for n in range(20)
    )  # fmt: skip
    assert proposals(drafts) == []


def test_memory_is_bounded_and_no_frequent_line_is_missed() -> None:
    """Lossy counting forgets rare lines only (Manku and Motwani, theorem 4.2)."""
    counted = Boilerplate(BoilerplateLimits(share=0.05, articles=5))
    for n in range(5000):
        counted.add(
            article(n, [f"Brève {_name(n)} rien"] + (["Menu du jour"] if n % 15 == 0 else []))
        )
    assert "Menu du jour" in [each.text for each in counted.proposals()]
    assert len(counted._outlets["Le Fanal"].pieces) < 2500


_REPORTERS = ("Anne Petit", "Job Le Moal", "Ève d'Arvor", "M. Roux", "Yann KERDREN")


@pytest.mark.parametrize(
    ("credit", "text"),
    [
        (" Cliché Le Fanal / {n}", "Cliché Le Fanal / …"),
        (" Reportage Le Fanal, {n}", "Reportage Le Fanal, …"),
        (" Vidéo © Studio {n}", "Vidéo © …"),
        (" Entretien mené par {n}.", "Entretien mené par …"),
        ("\n\nTextes recueillis par {n}", "Textes recueillis par …"),
    ],
)
def test_a_credit_whose_name_varies_is_one_pattern(credit: str, text: str) -> None:
    """The words before the name are counted; the rule takes any name, and no word of a sentence."""
    body = "Le bac a repris ses allées et venues."
    drafts = (article(n, [body + credit.format(n=_REPORTERS[n % 5])]) for n in range(40))
    [found] = [each for each in proposals(drafts) if each.text.endswith("…")]
    assert (found.text, found.articles) == (text, 40)
    rule = {"name": "x", "kind": found.kind, "pattern": found.pattern, "why": "test"}
    rules = rules_from({"rule": [rule]})
    assert clean(body + credit.format(n="Odile Le Bihan"), "", rules).text == body
    prose = body + credit.format(n="Odile Le Bihan") + " fera date au port."
    assert clean(prose, "", rules).text == prose


@pytest.mark.parametrize(
    "line",
    [
        "Le maire {n}", "Vainqueur : {n}", "FC Lestiac / {n}", "Le bac repart. Selon {n}.",
        "Le bac repart. À Royec, {n} applaudit.", "Le bac repart. {n} / Royec",
    ],
)  # fmt: skip
def test_prose_before_a_name_is_no_credit(line: str) -> None:
    """Results, captions and short sentences name somebody too: no sign says that it is a credit."""
    drafts = (article(n, [line.format(n=_REPORTERS[n % 5])]) for n in range(40))
    assert [each for each in proposals(drafts) if each.text.endswith("…")] == []


def test_an_abbreviation_is_of_the_tail() -> None:
    """The full stop of "Doc." ends no sentence: the rule leaves nothing of the credit behind."""
    body = "Le bac a repris ses allées et venues."
    drafts = (article(n, [f"{_name(n)} : {body * 4} Doc. Le Fanal"]) for n in range(40))
    assert "Doc. Le Fanal" in [each.text for each in proposals(drafts) if each.kind == "tail"]


@pytest.mark.parametrize("place", ["Royec :", "LESTIAC.", "Port-Lannec –", "La Roche-sur-Vraie :"])
def test_a_dateline_is_news(place: str) -> None:
    """A place at the head of many articles is where each happened, and is not proposed."""
    drafts = (
        Draft(f"o{n}", f"s{n}", f"Titre {n}", f"{place} le {_name(n)} reprend la mer demain. Bien.",
              None, "Le Fanal", None, None, "fr")
        for n in range(40)
    )  # fmt: skip
    assert [each for each in proposals(drafts) if each.kind == "start"] == []


@given(st.text(min_size=3, max_size=150))
@settings(max_examples=60, deadline=None)
def test_a_proposed_rule_takes_what_it_was_made_of(text: str) -> None:
    """Whatever signs a line has, its rule matches it whole."""
    cleaned = clean(text, "", CleaningRules()).text
    for found in proposals(article(n, [cleaned]) for n in range(6)):
        if found.kind == "line" and found.text in cleaned:
            rule = {"name": "x", "kind": "line", "pattern": found.pattern, "why": "test"}
            assert found.text not in clean(found.text, "", rules_from({"rule": [rule]})).text

"""The file of equivalents, and what the analysis makes of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from config import data
from retrieval.text.analysis import Equivalents, analyse, fold, is_stop_word, related, words

TABLE: dict[str, Any] = data.load("words/equivalents.toml")
FORMS = [(term, form) for term, forms in TABLE["same"].items() for form in (term, *forms)]


def _is_function_word(form: str, language: str) -> bool:
    found = list(words(form))
    return len(found) == 1 and is_stop_word(found[0], language)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_form_is_its_one_term(language: str) -> None:
    """Each way of naming a body is one term, except where the language has such a word."""
    for term, form in FORMS:
        if not _is_function_word(form, language):
            assert analyse(form, language) == [term], form


def test_no_form_names_two_things() -> None:
    """A form stands in one group only, else the last in the file would win in silence."""
    counted = Counter(
        (tuple(word.folded for word in words(form)), term) for term, form in set(FORMS)
    )
    forms = Counter(form for form, _ in counted)
    assert [form for form, times in forms.items() if times > 1] == []


def test_terms_are_written_as_they_are_folded() -> None:
    """The key of a group is itself a term: lower case, no accents, one word."""
    assert [term for term in TABLE["same"] if fold(term) != term or " " in term] == []


def test_forms_are_found_inside_a_sentence() -> None:
    """The longest form wins, wherever it stands, and keeps the words that it replaced."""
    assert analyse("Le groupe État islamique recule contre l'Alliance atlantique") == [
        "daech",
        "recul",
        "otan",
    ]


def test_kinship_goes_both_ways() -> None:
    """If one word may stand for another, the other may stand for it."""
    for group in TABLE["related"]["groups"]:
        terms = {term for word in group for term in analyse(word)}
        for term in terms:
            assert term not in related(term)
            assert all(term in related(other) for other in related(term))


def test_longest_phrase_wins() -> None:
    """`Equivalents.longest` prefers three words to one, and says so when there is none."""
    table = Equivalents({("a",): "one", ("a", "b", "c"): "three"}, {"a": 3}, {})
    assert table.longest(["a", "b", "c"], 0) == (3, "three")
    assert table.longest(["a", "b"], 0) == (1, "one")
    assert table.longest(["a", "b"], 1) == (0, "")
    assert table.related("a") == frozenset()

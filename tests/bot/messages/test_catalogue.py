"""The catalogue: both languages say everything, and write numbers and dates as people do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from bot.messages.catalogue import Catalogue, sentences
from retrieval.vocabulary import PublicationDate, Reason, State
from retrieval.web.response import FetchReason
from tests.source import syntax_trees

FRENCH, ENGLISH = Catalogue("fr"), Catalogue("en")
NNBSP, NBSP = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


def placeholders(sentence: str) -> set[str]:
    """The names that a sentence has filled in."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def named_in_code(callees: set[str], position: int, skip: str = "") -> Iterator[tuple[str, str]]:
    """Each constant text given at a position to calls of these names, and where."""
    for path, module in syntax_trees().items():
        if skip and skip in path:
            continue
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or len(node.args) <= position:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            value = node.args[position]
            if name in callees and isinstance(value, ast.Constant):
                yield str(value.value), f"{path}:{node.lineno}"


def test_languages_have_the_same_keys() -> None:
    """A sentence that exists in one language exists in the other."""
    assert sentences("fr").keys() == sentences("en").keys()


def test_languages_fill_in_the_same_values() -> None:
    """A fact that one language shows, the other shows."""
    french, english = sentences("fr"), sentences("en")
    different = {k for k in french if placeholders(french[k]) != placeholders(english[k])}
    assert different == set()


def test_french_punctuation_does_not_break() -> None:
    """Before ``: ; ? !`` and inside guillemets, a French space is not an ordinary one."""
    broken = {
        key: text
        for key, text in sentences("fr").items()
        if re.search(r" [;?!»]| :(\s|$)|« |\w'\w", text)
    }
    assert broken == {}


def test_plurals_come_in_pairs() -> None:
    """What counts has a sentence for one and one for several."""
    keys = sentences("fr").keys()
    assert {k.removesuffix(".one") for k in keys if k.endswith(".one")} == {
        k.removesuffix(".other") for k in keys if k.endswith(".other")
    }


@pytest.mark.parametrize(
    ("callee", "position", "table"),
    [
        ("Unreadable", 1, "unreadable."),
        ("Notice", 0, "notice."),
    ],
)
def test_every_reason_and_notice_has_its_sentence(callee: str, position: int, table: str) -> None:
    """Each reason of a report and each notice of an answer is in the catalogue."""
    missing = {
        f"{key} ({where})"
        for key, where in named_in_code({callee}, position)
        if not FRENCH.has(f"{table}{key}")
    }
    assert missing == set()


def test_every_notice_about_the_model_has_its_sentence() -> None:
    """A notice that is chosen in one place and made in another is in the catalogue too."""
    named = {
        node.value
        for name in ("pipeline", "trust")
        for node in ast.walk(syntax_trees()[f"bot/answering/{name}.py"])
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"(without|model|verifier)_[a-z]+", node.value)
    }
    assert len(named) >= 6
    assert {name for name in named if not FRENCH.has(f"notice.{name}")} == set()


def test_every_reason_of_a_failed_fetch_has_its_sentence() -> None:
    """Whatever a server answers that is no page, people read why."""
    assert all(FRENCH.has(f"unreadable.{reason}") for reason in FetchReason)


def test_every_reason_and_state_has_its_sentence() -> None:
    """Each word of the vocabulary that people see is in the catalogue."""
    assert all(FRENCH.has(f"refusal.{reason.value}") for reason in Reason)
    assert all(FRENCH.has(f"evaluate.failed.refused.{reason.value}") for reason in Reason)
    assert all(FRENCH.has(f"state.{state.value}") for state in State)


@pytest.mark.parametrize(
    ("published", "french", "english"),
    [
        (PublicationDate(2021, 2, 18), "18 février 2021", "18 February 2021"),
        (PublicationDate(2017, 5, 1), "1er mai 2017", "1 May 2017"),
        (PublicationDate(2017, 5), "mai 2017", "May 2017"),
        (PublicationDate(2017), "2017", "2017"),
        (None, "date inconnue", "unknown date"),
    ],
)
def test_dates_are_as_precise_as_they_are(
    published: PublicationDate | None, french: str, english: str
) -> None:
    """A month stays a month, and a first day is ``1er`` in French."""
    assert (FRENCH.date(published), ENGLISH.date(published)) == (french, english)


def test_numbers_are_written_as_people_do() -> None:
    """Thousands are apart by a narrow space in French, by a comma in English."""
    assert FRENCH.number(4000) == f"4{NNBSP}000"
    assert ENGLISH.number(4000) == "4,000"
    assert FRENCH.number(1234.567, 2) == f"1{NNBSP}234,57"
    key, little = "error.compaction_no_room", {"path": "/x", "needed": 12, "free": 0.9}
    assert "12 Mo dans /x ; il y en a 0,9 de libre." in FRENCH.text(key, **little).replace(
        NBSP, " "
    )
    assert "needs 12 MB in /x; 0.9 MB are free." in ENGLISH.text(key, **little)
    assert FRENCH.text("articles.total", count=12000) == f"12{NNBSP}000 articles"


def test_zero_is_singular_in_french_only() -> None:
    """French says « 0 article », English “0 articles”."""
    assert FRENCH.text("articles.total", count=0) == "0 article"
    assert ENGLISH.text("articles.total", count=0) == "0 articles"
    assert ENGLISH.text("articles.total", count=1) == "1 article"


_COUNTED = re.compile(r"\{count(?::n)?\} ([^\W\d]+)|\{\w+:n\|([^\W\d]+)[^|}]*\|([^\W\d]+)")
"""The word after a count of a sentence for one or for several; both words of a number's own."""
_NO_PLURALS = {"s", "ms", "sans", "dans", "fois", "avis", "is", "was", "has"}
"""Further words in -s that go with one."""


def counted_words(language: str) -> Iterator[tuple[str, str]]:
    """Words of the catalogue that agree with a number: that for one, and that for several."""
    known = sentences(language)
    for key, sentence in known.items():
        for match in _COUNTED.finditer(sentence):
            if match[2]:
                yield match[2], match[3]
            elif key.endswith(".one"):
                several = _COUNTED.search(known[f"{key.removesuffix('.one')}.other"])
                if several and several[1]:
                    yield match[1], several[1]


def counting(language: str, number: int) -> Iterator[tuple[str, str]]:
    """Each sentence with this number for all that it counts, and its key."""
    texts, known = Catalogue(language), sentences(language)
    for key in {re.sub(r"\.(one|other)$", "", key) for key in known}:
        whole = [known.get(one, "") for one in (key, f"{key}.one", f"{key}.other")]
        fields = [field for one in whole for field in Formatter().parse(one)]
        named = [(name, form or "") for _, name, form, _ in fields if name]
        counts = {name for name, form in named if name == "count" or form[:1] == "n"}
        if counts:
            others = {name: "…" for name, _ in named if name not in counts}
            yield texts.text(key, **others, **dict.fromkeys(counts, number)), key


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_words_agree_with_their_number(language: str, number: int) -> None:
    """No sentence says « 1 passages », “2 passage” or « 0 articles », whatever it counts."""
    one = Catalogue(language).is_singular(number)
    pairs = set(counted_words(language))
    assert len(pairs) >= 30
    right = {pair[0 if one else 1] for pair in pairs}
    wrong = {pair[1 if one else 0] for pair in pairs} - right
    said = re.compile(rf"(?<![\w.,])(?<!\d\s){number} ([^\W\d]+)")
    bad = {
        key: sentence
        for sentence, key in counting(language, number)
        for word in said.findall(sentence)
        if word in wrong or (one and word[-1] in "sx" and word not in {*right, *_NO_PLURALS})
    }
    assert bad == {}


def test_listing_joins_with_a_word() -> None:
    """The last of a list is joined by a word."""
    assert FRENCH.listing(["a", "b", "c"]) == "a, b et c"
    assert ENGLISH.listing(["a", "b"]) == "a and b"
    assert (FRENCH.listing(["a"]), FRENCH.listing([])) == ("a", "")


def test_missing_value_never_hides_the_sentence() -> None:
    """An error whose fact is missing is still said; braces in a value are only text."""
    assert "?" in FRENCH.text("error.settings_missing")
    assert "{home}" in FRENCH.text("error.settings_missing", path="{home}")

"""A hundred quotes of the kept-back articles: exact, misspelt, elided, altered, never published.

    python -m tests.benchmarks quotes

A published quote is found when the span that is shown overlaps it, in its article, and an exact
one is called exact. The quotes that were never published are sentences of articles that are not
in the archive.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from bot.answering.findings import Publication, QuoteReport
from bot.answering.intents import Intent
from bot.answering.request import Request
from bot.answering.tasks import worded
from bot.app import Kiosque
from config.settings import Settings
from tests.benchmarks.claim_cases import TODAY, claim_set, export_home
from tests.benchmarks.common import Setup, caption, percentile
from tests.benchmarks.results import table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TITLE = "Quotes"
_ARTICLES = 25
_OF_EACH = 20
_SEED = 13
_LEAST_WORDS = 10
_LONG = 5
"""Letters of a word that is misspelt or changed."""
_ONE_IN = 8
"""One word of so many is misspelt."""


@dataclass(frozen=True, slots=True)
class QuoteCase:
    """A quote that is looked for.

    Args:
        kind: how it was made.
        text: as it is looked for.
        published: as its article has it; "" when no article of the archive does.
    """

    kind: str
    text: str
    published: str


def report(setup: Setup) -> str:
    """The table of what is found.

    Raises:
        AbsentError: the export is not there.
    """
    dev = claim_set(setup, "dev", _ARTICLES, _ARTICLES)
    cases = _cases(setup, dev.articles)
    found: dict[str, list[bool]] = {}
    times: list[float] = []
    with export_home(setup, dev.articles) as home, Kiosque(Settings(home=home)) as app:
        for case in cases:
            begun = time.perf_counter()
            answer = asyncio.run(_report(app, case.text))
            times.append(time.perf_counter() - begun)
            found.setdefault(case.kind, []).append(_is_right(case, answer))
    rows = [(kind, f"{sum(right)} of {len(right)}") for kind, right in found.items()]
    return (
        f"{caption('onnxruntime', 'tantivy', 'rapidfuzz')}\n\n"
        f"{table(('quotes of the split `dev`', 'right'), list(rows))}\n\n"
        f"{percentile(times, 0.5):.2f} s each, {max(times):.2f} s at most."
    )


def _cases(setup: Setup, inside: frozenset[str]) -> list[QuoteCase]:
    drawn = random.Random(_SEED)  # noqa: S311 - draws examples, no secrets
    lines = setup.data("train/news_questions.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == "dev" and "quote" in row]
    quotes = [row for row in rows if len(row["quote"].split()) >= _LEAST_WORDS]
    published = sorted({row["quote"] for row in quotes if row["article"] in inside})
    others = sorted({row["quote"] for row in quotes if row["article"] not in inside})
    words = sorted({word for quote in others for word in _long_words(quote)})
    makers: dict[str, Callable[[str], str]] = {
        "exact": lambda quote: quote,
        "misspelt": lambda quote: _misspelt(quote, drawn),
        "words left out": lambda quote: _elided(quote, drawn),
        "a word changed": lambda quote: _changed(quote, words, drawn),
    }
    cases = [
        QuoteCase(kind, make(quote), quote)
        for kind, make in makers.items()
        for quote in drawn.sample(published, _OF_EACH)
    ]
    return cases + [QuoteCase("never published", q, "") for q in drawn.sample(others, _OF_EACH)]


def _long_words(text: str) -> list[str]:
    return re.findall(rf"\b[a-zà-ÿ]{{{_LONG},}}\b", text)


def _misspelt(quote: str, drawn: random.Random) -> str:
    """Two neighbouring letters change places in one word of eight, or one is dropped."""
    words = sorted(set(_long_words(quote)))
    for word in drawn.sample(words, max(1, min(len(words), len(quote.split()) // _ONE_IN))):
        at = drawn.randrange(1, len(word) - 2)
        middle = word[at + 1] + word[at] if drawn.random() < 0.5 else word[at]
        quote = re.sub(rf"\b{word}\b", word[:at] + middle + word[at + 2 :], quote, count=1)
    return quote


def _elided(quote: str, drawn: random.Random) -> str:
    """Some words of the middle are left out, and said to be."""
    words = quote.split()
    size = drawn.randrange(2, max(3, len(words) // 3))
    at = drawn.randrange(2, len(words) - size - 1)
    return " ".join([*words[:at], drawn.choice(["[…]", "...", "(…)"]), *words[at + size :]])


def _changed(quote: str, words: Sequence[str], drawn: random.Random) -> str:
    """A word becomes another."""
    word = drawn.choice(_long_words(quote))
    return re.sub(rf"\b{word}\b", drawn.choice(words), quote, count=1)


async def _report(app: Kiosque, quote: str) -> QuoteReport:
    answer = await app.answering.answer(Request(worded(Intent.QUOTE, quote, "fr"), TODAY))
    assert isinstance(answer, QuoteReport)
    return answer


def _is_right(case: QuoteCase, found: QuoteReport) -> bool:
    if not case.published:
        return found.publication is Publication.NEVER
    if case.kind == "exact" and found.publication is not Publication.EXACT:
        return False
    return any(_overlaps(case.published, match.citation.quote) for match in found.matches)


def _overlaps(published: str, shown: str) -> bool:
    """Whether what is shown and the quote as it was published have most of the shorter in common.

    Sentences of two articles seldom have so long a run of letters in common.
    """
    one, other = (" ".join(text.split()) for text in (published, shown))
    common = SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size
    return common >= min(len(one), len(other)) // 2

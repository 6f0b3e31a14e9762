"""Re-published articles: which are found, which are wrongly taken for one, and what it costs.

Copies are made as newsrooms make them (another headline, fewer paragraphs, another
signature, the day told in full); other news as bulletins are (one number, date or name is
another). The whole of the news is read twice, with and without looking for copies.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from retrieval.change import Indexer, Options, Report
from retrieval.change.duplicates import Edition, copied_share
from retrieval.index.generations import Places
from retrieval.reading import CleaningRules
from retrieval.text.likeness import bands, signature
from retrieval.vocabulary import PublicationDate
from tests.benchmarks.alterations import altered
from tests.benchmarks.common import Setup, alone, caption
from tests.benchmarks.results import table
from tests.retrieval.hashed_embedder import HashedEmbedder

TITLE = "Near-duplicates"
_NEWS = "data/news_fr_12k.jsonl.gz"
_SAMPLE = 1_000
_LEAST_CHARS = 800
_DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)

Maker = Callable[[Edition], Edition | None]


def _headline(of: Edition) -> Edition:
    """Another headline, made of words of the article's first sentence."""
    first = of.text.split(". ")[0].split()
    return replace(of, title=" ".join(first[:9]).rstrip(","))


def _signed(of: Edition) -> Edition:
    """Another signature, above and below."""
    return replace(of, text=f"Par la rédaction, avec Reuters\n{of.text}\n(Le Courrier avec AFP)")


def _cut(share: float) -> Maker:
    """Fewer paragraphs: the first ones, about a share of the text."""

    def made(of: Edition) -> Edition | None:
        kept: list[str] = []
        for paragraph in of.text.split("\n"):
            if sum(map(len, kept)) + len(paragraph) > share * len(of.text):
                break
            kept.append(paragraph)
        enough = sum(map(len, kept)) > (share - 0.1) * len(of.text)
        return replace(of, text="\n".join(kept)) if enough else None

    return made


def _day_told(of: Edition) -> Edition | None:
    """ "jeudi" becomes "jeudi 4 juin", when it was published on that day."""
    day = of.published
    if day is None or not day.day:
        return None
    name = _DAYS[day.first_day.weekday()]
    if f" {name} " not in of.text:
        return None
    told = f" {name} {day.day} {_MONTHS[day.month - 1]} "
    return replace(of, text=of.text.replace(f" {name} ", told, 1))


def _all(of: Edition) -> Edition | None:
    cut = _cut(0.7)(of)
    return _signed(_headline(cut)) if cut else None


COPIES: dict[str, Maker] = {
    "another headline": _headline,
    "another signature": _signed,
    "last paragraphs cut, 70 % kept": _cut(0.7),
    "last paragraphs cut, 50 % kept": _cut(0.5),
    "last paragraphs cut, 35 % kept": _cut(0.35),
    "the day told in full": _day_told,
    "headline, signature and 70 % kept": _all,
}


def _others(of: Edition, drawn: random.Random) -> Iterator[tuple[str, Edition]]:
    """The same article with one number, date or name changed, as other news."""
    sentences = [line for line in of.text.split("\n") if len(line) > 60]
    for sentence in drawn.sample(sentences, min(2, len(sentences))):
        for found in altered(sentence, of.text, drawn):
            if found.kind in ("number", "date", "name"):
                yield found.kind, replace(of, text=of.text.replace(sentence, found.text))


def _sample(path: Path) -> list[Edition]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    good = [record for record in records if len(record["text"]) >= _LEAST_CHARS]
    drawn = random.Random(1).sample(good, _SAMPLE)  # noqa: S311 - the same ones each time
    return [
        Edition(
            record["title"],
            record["text"],
            PublicationDate.parse(record["published"]) if record["published"] else None,
            f"{record['outlet'] or ''} {record['author'] or ''}",
        )
        for record in drawn
    ]


def _found(copy: Edition, original: Edition, held: set[int]) -> bool:
    meets = not held.isdisjoint(bands(signature(copy.text)))
    return meets and copied_share(copy, original) is not None


def _made(editions: list[Edition]) -> tuple[Counter[str], Counter[str]]:
    """How many of each kind were made, and how many were taken for copies."""
    made: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    drawn = random.Random(2)  # noqa: S311 - the same ones each time
    for original in editions:
        held = set(bands(signature(original.text)))
        copies = [(kind, make(original)) for kind, make in COPIES.items()]
        others = [(f"another {kind}", other) for kind, other in _others(original, drawn)]
        for kind, edition in [*copies, *others]:
            if edition is not None:
                made[kind] += 1
                taken[kind] += _found(edition, original, held)
    return made, taken


def _plan(path: Path, linking: bool) -> tuple[Report, float, int]:
    """Read everything into a plan: the report, processor seconds, the peak of memory in MB."""
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        options = Options(linking=linking)
        indexer = Indexer(Places(Path(folder)), HashedEmbedder(), CleaningRules(), options)
        report = indexer.plan([path])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return report, time.process_time() - begun, peak


def report(setup: Setup) -> str:
    """The section of the results."""
    path = setup.data(_NEWS)
    made, taken = _made(_sample(path))
    rows: list[tuple[object, ...]] = [
        (kind, count, f"{100 * taken[kind] / count:.1f} %") for kind, count in made.items()
    ]
    (without, plain, low), (plan, seconds, high) = (alone(_plan, path, on) for on in (False, True))
    articles = without.added
    return (
        f"{caption('rensa')}\n\nOf {_SAMPLE} articles of the news, copies (to be linked) and other"
        f" news (never to be):\n\n{table(('changed so', 'made', 'linked'), rows)}\n\n"
        f"Of all {articles:,} articles {plan.near_duplicates} repeat another. Reading takes"
        f" {plain:.0f} s of the processor and {low} MB without looking for copies, {seconds:.0f} s"
        f" and {high} MB with: {1000 * (seconds - plain) / articles:.1f} ms an article."
    )

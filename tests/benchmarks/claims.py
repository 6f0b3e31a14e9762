"""Claims checked without a model, and with one where it is named: written, altered, absent.

    python -m tests.benchmarks claims

Sixty claims over the sample articles (``claims.jsonl``: 20 that an article says, 20 altered in
one thing, 20 that no article speaks of, written before any result was seen); sixty of which half
are of those and half of the kept-back questions over the export; and all of the latter. With
``KIOSQUE_TEST_LLM_BASE_URL`` (see `tests.benchmarks.writing`) the second sixty are put to a
model as well.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.findings import CheckReport
from bot.answering.intents import Intent
from bot.answering.request import Request
from bot.answering.tasks import worded
from bot.app import Kiosque
from config.settings import LlmSettings, Settings
from retrieval.errors import BadQuestion
from tests.benchmarks.claim_cases import OWN_WORDING, TODAY, ClaimCase, claim_set, export_home
from tests.benchmarks.common import ROOT, AbsentError, Setup, caption
from tests.benchmarks.results import table
from tests.benchmarks.writing import model_title, named_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TITLE = "Checked claims"
_CLAIMS = Path(__file__).with_name("claims.jsonl")
_SAMPLES = ROOT / "tests" / "data" / "articles"
_KINDS = ("written", "altered", "absent")
_CALLED = ("written", "altered", "near", "absent")
_ALTERED = ("contradicted", "partly")
_DEV_ARTICLES = 25
_OF_EACH = 10
_SEED = 7


@dataclass(frozen=True, slots=True)
class CalledClaims:
    """How often claims of a kind are called what."""

    counts: Counter[tuple[str, str]]

    @property
    def right(self) -> float:
        """The share of right verdicts, each kind counting the same."""
        return sum(self.counts[k, k] / max(1, self.of(k)) for k in _KINDS) / len(_KINDS)

    @property
    def falsely_written(self) -> float:
        """The share of all claims that are called written and are not."""
        false = sum(self.counts[kind, "written"] for kind in _KINDS[1:])
        return false / max(1, self.counts.total())

    def of(self, kind: str) -> int:
        """How many claims are of a kind."""
        return sum(self.counts[kind, called] for called in _CALLED)

    def told(self, title: str) -> str:
        """Its table."""
        rows = [(kind, *(self.counts[kind, called] for called in _CALLED)) for kind in _KINDS]
        head = (title, "written", "altered", "nothing sure", "absent")
        return (
            f"{table(head, list(rows))}\n\nRight {self.right:.0%};"
            f" falsely written {self.falsely_written:.1%} of all claims."
        )


def report(setup: Setup) -> str:
    """The tables: what each kind of claim is called, the share that is right, false "written".

    Raises:
        AbsentError: the export is not there.
    """
    samples = [
        ClaimCase(row["claim"], row["standing"], "", "sample")
        for row in map(json.loads, _CLAIMS.read_text("utf-8").splitlines())
    ]
    dev = claim_set(setup, "dev", _DEV_ARTICLES, _DEV_ARTICLES)
    free = [one for one in dev.cases if one.way not in OWN_WORDING]
    near = [one for one in dev.cases if one.way in OWN_WORDING]
    mixed = [*_drawn(samples), *_drawn(free)]
    with setup.temporary_home() as home:
        _index(home)
        parts = [_checked(home, samples).told("claim (60, over the sample articles)")]
    with export_home(setup, dev.articles) as home:
        parts.append(_checked(home, free).told("claim (split `dev`, in other words)"))
        parts.append(_checked(home, near).told("claim (split `dev`, nearly the article's words)"))
        _index(home)
        parts.append(_checked(home, mixed).told("claim (60, over the sample articles and `dev`)"))
        parts += _with_model(home, mixed)
    return "\n\n".join([caption("onnxruntime", "tantivy"), *parts])


def _drawn(cases: Sequence[ClaimCase]) -> Iterator[ClaimCase]:
    """Ten of each kind."""
    drawn = random.Random(_SEED)  # noqa: S311 - draws examples, no secrets
    for kind in _KINDS:
        yield from drawn.sample([one for one in cases if one.kind == kind], _OF_EACH)


def _index(home: Path) -> None:
    with Kiosque(Settings(home=home)) as app:
        app.indexer().index([_SAMPLES])


def _with_model(home: Path, cases: Sequence[ClaimCase]) -> Iterator[str]:
    """The table of a model, where one is named."""
    try:
        llm = named_model()
    except AbsentError:
        return
    yield _checked(home, cases, llm).told(f"the same, with {model_title(llm)}")


def _checked(
    home: Path, cases: Sequence[ClaimCase], llm: LlmSettings | None = None
) -> CalledClaims:
    settings = Settings(home=home, llm=llm or LlmSettings())
    with Kiosque(settings, lambda: TODAY) as app:
        called = asyncio.run(_standings(app, cases))
    return CalledClaims(Counter(zip((one.kind for one in cases), called, strict=True)))


async def _standings(app: Kiosque, cases: Sequence[ClaimCase]) -> list[str]:
    """What each claim is called, checked by itself."""
    found: list[str] = []
    for case in cases:
        task = worded(Intent.CLAIM, case.text, "fr")
        try:
            answer = await app.answering.answer(Request(task, TODAY))
        except BadQuestion:
            found.append("near")  # taken for an opinion, a greeting or a call
            continue
        assert isinstance(answer, CheckReport)
        standing = str(answer.claims[0].standing)
        found.append("altered" if standing in _ALTERED else standing)
    return found

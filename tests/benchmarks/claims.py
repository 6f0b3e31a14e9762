"""Sixty claims over the sample articles, checked without a model: written, altered, absent.

They were written before any result was seen: 20 that an article says, 20 altered in one thing,
20 that no article speaks of (``claims.jsonl``).
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import date
from pathlib import Path

from tests.benchmarks.command import kiosque
from tests.benchmarks.common import ROOT, AbsentError, Setup, caption

TITLE = "Checked claims"
_CLAIMS = Path(__file__).with_name("claims.jsonl")
_TODAY = date(2024, 12, 1)
_ALTERED = ("contradicted", "partly")


def report(setup: Setup) -> str:
    """The table: what each kind of claim is called, the share that is right, false "written".

    Raises:
        AbsentError: the sample articles cannot be indexed.
    """
    rows = [json.loads(line) for line in _CLAIMS.read_text("utf-8").splitlines()]
    with setup.temporary_home() as home:
        ran = kiosque(home, "index", ROOT / "tests" / "data" / "articles", "--json")
        if ran.code:
            raise AbsentError(f"kiosque index ended with {ran.code}")
        found = asyncio.run(_standings(home, [row["claim"] for row in rows]))
    counts = Counter(zip((row["standing"] for row in rows), found, strict=True))
    kinds = ("written", "altered", "near", "absent")
    lines = [
        f"| {kind} | " + " | ".join(str(counts[kind, called]) for called in kinds) + " |"
        for kind in ("written", "altered", "absent")
    ]
    right = sum(counts[kind, kind] for kind in kinds) / len(rows)
    false = sum(counts[kind, "written"] for kind in ("altered", "absent")) / len(rows)
    head = "| claim | written | altered | nothing sure | absent |\n| --- | --- | --- | --- | --- |"
    said = f"Right {right:.0%}; falsely written {false:.1%} of all claims. Without a model."
    return f"{caption('onnxruntime', 'tantivy')}\n\n{said}\n\n" + "\n".join([head, *lines])


async def _standings(home: Path, claims: list[str]) -> list[str]:
    from bot.answering.findings import CheckReport
    from bot.answering.intents import Intent
    from bot.answering.request import Request
    from bot.answering.tasks import worded
    from bot.app import Kiosque
    from config.settings import Settings

    found: list[str] = []
    with Kiosque(Settings(home=home), lambda: _TODAY) as app:
        for claim in claims:
            task = worded(Intent.CLAIM, claim, "fr")
            answer = await app.answering.answer(Request(task, _TODAY))
            assert isinstance(answer, CheckReport)
            standing = str(answer.claims[0].standing)
            found.append("altered" if standing in _ALTERED else standing)
    return found

"""Any bytes at all, taken for any form, give drafts or reasons (longer: benchmarks/fuzz.py)."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.reading import ArticleSource, CleaningRules, Sandbox, form_of_content, read_content
from retrieval.vocabulary import LeftOut, Unreadable
from tests.benchmarks.fuzz import SEEDS, mutated
from tests.retrieval.reading.conftest import TODAY

_FORMS = (
    "html", "mhtml", "pdf", "docx", "feed", "text", "markdown", "rtf", "odt", "mail", "database",
    "json", "xlsx",
)  # fmt: skip
_OF_XML = ("wordpress", "blogger", "newsml", "nitf")
_QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _check(raw: bytes, form: str, rules: CleaningRules, parser: Sandbox) -> None:
    items = list(read_content(raw, form, ArticleSource("o", "g", raw), [], rules, TODAY, parser))
    assert items
    for item in items:
        assert isinstance(item, Unreadable | LeftOut) or item.text.strip()


@pytest.mark.parametrize("form", [*_FORMS, *_OF_XML])
def test_damaged_sources(form: str, rules: CleaningRules, parser: Sandbox) -> None:
    """A source with a few changes is read or refused; nothing is raised."""

    @_QUICK
    @given(st.integers(0, 1_000_000), st.sampled_from(SEEDS[form]))
    def run(seed: int, raw: bytes) -> None:
        _check(mutated(raw, form, random.Random(seed)), form, rules, parser)  # noqa: S311

    run()


@pytest.mark.parametrize("form", _FORMS)
def test_noise(form: str, rules: CleaningRules, parser: Sandbox) -> None:
    """So is noise."""

    @_QUICK
    @given(st.binary(max_size=300))
    def run(raw: bytes) -> None:
        _check(raw, form, rules, parser)
        assert form_of_content(raw) in (*_FORMS, *_OF_XML, "sitemap", "opml", "xml", "")

    run()

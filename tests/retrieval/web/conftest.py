"""What the tests of pages, feeds and discovery share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.reading import Parser
from tests.retrieval.web.collecting import Desk
from tests.web_site import Site, web_site


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with nothing on it."""
    with web_site() as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, parser: Parser) -> Desk:
    """A desk with an empty archive."""
    return Desk(tmp_path, parser)

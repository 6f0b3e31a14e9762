"""What tests of reading and gathering share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retrieval.reading import Parser, Sandbox


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    """One bounded process that parses for all tests of a worker: to start one takes a second."""
    with Sandbox() as made:
        yield made

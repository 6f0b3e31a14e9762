"""Ways to write one web address."""

from __future__ import annotations

import pytest

from retrieval.web.canonical import address_key

SAME = "https://courrier.example/2017/pont?id=3"


@pytest.mark.parametrize(
    "written",
    [
        "http://courrier.example/2017/pont?id=3",
        "https://www.courrier.example/2017/pont?id=3",
        "https://Courrier.Example:443/2017/pont?id=3",
        "https://courrier.example/2017/pont/?id=3",
        "https://courrier.example/2017/pont?id=3#commentaires",
        "https://courrier.example/2017/pont?utm_source=lettre&id=3&fbclid=x",
    ],
)
def test_same_page(written: str) -> None:
    """Scheme, www, port, trailing slash, fragment and trackers do not tell pages apart."""
    assert address_key(written) == address_key(SAME) is not None


@pytest.mark.parametrize(
    "written",
    [
        "https://courrier.example/2017/pont?id=4",
        "https://courrier.example/2017/port?id=3",
        "https://gazette.example/2017/pont?id=3",
    ],
)
def test_another_page(written: str) -> None:
    """Host, path and query do."""
    assert address_key(written) != address_key(SAME)


@pytest.mark.parametrize(
    "written",
    [
        "https://courrier.example",
        "https://www.courrier.example/",
        "https://courrier.example/?utm_source=lettre",
        "file:/articles/pont.txt",
        "/articles/pont.txt",
        "http://[::1",
        "https://courrier.example/" + "a" * 3_000,
        "",
    ],
)
def test_no_page(written: str) -> None:
    """A home page, a file, and what is no address identify nothing."""
    assert address_key(written) is None

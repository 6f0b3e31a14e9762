"""Which pages the archive has already, by any address that they were known under."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from retrieval.web.canonical import is_url
from retrieval.web.failures import FetchFailed
from retrieval.web.urls import canonical

if TYPE_CHECKING:
    from retrieval.archive.rows import Known


class KnownPages:
    """The articles of the archive that came from the web.

    Args:
        known: gives the articles of the archive, by origin; asked once, when there is need.
    """

    def __init__(self, known: Callable[[], Mapping[str, Known]]) -> None:
        self._known = known

    @cached_property
    def _origins(self) -> dict[str, str]:
        return {
            address: origin
            for origin, article in self._known().items()
            if is_url(origin)
            for address in (origin, article.source)
        }

    def origin_of(self, link: str) -> str:
        """The origin of the article behind a link; ``""`` when the archive has none."""
        if link in self._origins:
            return self._origins[link]
        try:
            return self._origins.get(canonical(link), "")
        except FetchFailed:
            return ""

"""Which pages the archive has already, by any address that they were known under."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from retrieval.fetching import FetchFailed, canonical, is_url

if TYPE_CHECKING:
    from retrieval.archive.rows import Known


class KnownPages:
    """The articles of the archive that came from the web.

    Args:
        known: the articles of the archive, by origin.
    """

    def __init__(self, known: Mapping[str, Known]) -> None:
        self._origins = {
            address: origin
            for origin, article in known.items()
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

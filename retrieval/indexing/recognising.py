"""Finding an article of the archive again when its source is read from another place."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from retrieval.addresses import address_key
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from retrieval.archive.rows import Known
    from retrieval.vocabulary import Draft


class Recognition:
    """The articles of the archive by what they say and by their addresses.

    Args:
        known: the articles, by origin.
    """

    def __init__(self, known: Mapping[str, Known]) -> None:
        self._known = known

    def by_digest(self, digest: str) -> Known | None:
        """An article with the same text and metadata; a live one if there is any."""
        return self._by_digest.get(digest)

    def by_address(self, draft: Draft) -> Known | None:
        """The one article at a draft's address; None when several have it: a section's."""
        found = [known for key in address_keys(draft) for known in self._by_address.get(key, ())]
        return found[0] if len({known.id for known in found}) == 1 else None

    @cached_property
    def _by_digest(self) -> dict[str, Known]:
        """Made when the first new source is met: mostly there is none."""
        order = sorted(self._known.values(), key=lambda known: (known.pruned, _withdrawn(known)))
        return {known.digest: known for known in reversed(order)}

    @cached_property
    def _by_address(self) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        for known in self._known.values():
            for key in _keys((known.url, known.origin)):
                found.setdefault(key, []).append(known)
        return found


def address_keys(draft: Draft) -> list[str]:
    """What identifies a draft's address, if it has one that does."""
    return _keys((draft.url, draft.origin))


def _keys(addresses: Iterable[str | None]) -> list[str]:
    keys = (address_key(address) for address in addresses if address)
    return list(dict.fromkeys(key for key in keys if key))


def _withdrawn(known: Known) -> bool:
    return known.state is State.WITHDRAWN

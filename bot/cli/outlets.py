"""Outlets as people type them: in any case, without accents, one apostrophe for the other."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from retrieval.errors import BadUse

_SHOWN = 8


def outlets_named(given: Iterable[str], known: Sequence[str]) -> frozenset[str]:
    """The outlets of the archive that were asked for.

    Args:
        given: names as they were typed; one may stand for several spellings of the archive.
        known: the names of the archive, those with most articles first.

    Raises:
        BadUse: the archive has none of that name; the error gives the nearest, else those known.
    """
    spellings: dict[str, set[str]] = {}
    for name in known:
        spellings.setdefault(_folded(name), set()).add(name)
    found: set[str] = set()
    for name in given:
        if _folded(name) not in spellings:
            raise _unknown(name, known)
        found |= spellings[_folded(name)]
    return frozenset(found)


def _folded(name: str) -> str:
    from retrieval.analysis import fold

    return " ".join(fold(name.replace("’", "'")).split())


def _unknown(name: str, known: Sequence[str]) -> BadUse:
    wanted = _folded(name)
    names = {_folded(each): each for each in reversed(known)}
    near = [each for each in map(_folded, known) if wanted and wanted in each]
    near += difflib.get_close_matches(wanted, list(names), n=1)
    if near:
        return BadUse("unknown_outlet_near", name=name, nearest=names[near[0]])
    more = ", …" if len(known) > _SHOWN else ""
    return BadUse("unknown_outlet", name=name, known=", ".join(known[:_SHOWN]) + more or "–")

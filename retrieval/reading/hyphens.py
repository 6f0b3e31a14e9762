"""Words that a line end broke at a hyphen: is it the word's own (``peut-être``) or not?"""

from __future__ import annotations

import re
from collections.abc import Mapping

_LAST = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*$")
_FIRST = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_SEEN_CHARS = 80
_LINK_CHARS = 3  # "c'est-à-dire", "arc-en-ciel": what stands between two hyphens is short

# Words that French joins to the next with a hyphen, and that are no syllable of another word.
_BEFORE = frozenset(
    """arrière avant ayants belle cessez chef cinquante demi dix extrême franco garde grand grande
    gréco haut haute hors laissez là libre nord nouveau non ouest outre petit petite peut porte
    premier première presque prêt quarante quasi quatre quelques rendez sacro saint sainte sans
    savoir semi social soixante sud tiers tout toute trente vice vingt vis""".split()
)
_BUT = frozenset("feuille feuilles manteau manteaux".split())  # portefeuille
# Words that French joins to the one before, whatever that is.
_AFTER = frozenset(
    "là même mêmes être dessus dessous delà deçà parole value values major majors je".split()
)
_PAIRS = (
    (re.compile(r"[td]$"), frozenset("il elle ils elles on".split())),  # dit-elle
    (re.compile(r"z$"), frozenset(("vous",))),
    (re.compile(r"ns$"), frozenset(("nous",))),
    (re.compile(r"^(?:est|était|sera|serait|sont|fut)$"), frozenset(("ce",))),
    (re.compile(r"^(?:celui|celle|ceux|celles|jours|mois|fois)$"), frozenset(("ci",))),
    (re.compile(r"^beau$|^beaux$"), frozenset("père frère fils pères frères arts".split())),
    (
        re.compile(r"^mi$"),
        frozenset(
            """janvier février mars avril mai juin juillet août septembre octobre novembre décembre
            temps chemin parcours saison mandat clos journée course hauteur""".split()
        ),
    ),
)
_SYLLABLES = re.compile(r"^voi là$|^sous (?:cri|trair|trac)")  # souscrire
_PREFIX = re.compile(r"^(?:sous|ex) [bdfgjlmnprstv]")  # ex-ministre, sous-préfet
_EXPLAINS = re.compile(r"^ex (?:p(?!résident|remier|olicier|atron|rocureur)|t|s)")  # expert


def keeps_hyphen(left: str, right: str, words: Mapping[str, int]) -> bool:
    """Whether a word broken at a hyphen has one of its own.

    Args:
        left: what ends in the first half, without the hyphen.
        right: what begins with the second half.
        words: how often the text has each whole word, in lower case: the best witness.
    """
    head, tail = _LAST.search(left[-_SEEN_CHARS:]), _FIRST.match(right[:_SEEN_CHARS])
    if head is None or tail is None or tail[0][0].isupper():
        return True  # a number, a name
    one, other = head[0].lower(), tail[0].lower()
    whole, dashed = words.get(one + other, 0), words.get(f"{one}-{other}", 0)
    if whole != dashed:
        return dashed > whole
    return _is_compound(one, other)


def _is_compound(one: str, other: str) -> bool:
    last = one.rsplit("-", 1)[-1]
    if last != one and len(last) <= _LINK_CHARS:
        return True
    both = f"{last} {other}"
    if other in _BUT or _SYLLABLES.match(both) or _EXPLAINS.match(both):
        return False
    if last in _BEFORE or other in _AFTER or other.startswith("t-") or _PREFIX.match(both):
        return True
    return any(before.search(last) and other in after for before, after in _PAIRS)

"""Whether the archive survives: kills, failing writes, damage, load, a thousand changes.

    python -m tests.benchmarks.safety                    all of it, as the table of results has it
    python -m tests.benchmarks.safety kill faults        some
    python -m tests.benchmarks.safety churn --times 100  less of it

Into ``results.md``, a section each. ``--times``: kills, faults of each kind, or rounds.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from tests.benchmarks.__main__ import Part, chosen, measured, options
from tests.benchmarks.common import Setup


def _module(name: str, times: int) -> Part:
    def part(setup: Setup) -> tuple[str, str]:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        body = module.report(setup, times) if times else module.report(setup)
        return module.TITLE, body

    return part


_NAMES = ("kill", "starve", "damage", "load", "churn")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; a part that lacks something here is skipped, and said so."""
    parser = options(__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(_NAMES))
    parser.add_argument("--times", type=int, default=0, help="how much of each; 0 for all")
    given = parser.parse_args(arguments)
    setup = Setup(given.shared, given.work)
    parts = {name: _module(name, given.times) for name in _NAMES}
    return measured(chosen(parser, given.parts, parts), setup, given.results)


if __name__ == "__main__":
    sys.exit(main())

"""What a change takes in: files, and what came from the web, as drafts with their files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.reading import PlacedFile, Sandbox, find_sources, read
from retrieval.text.file_names import kept_name, shown_name
from retrieval.vocabulary import Draft, LeftOut, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.change.commit import Options
    from retrieval.change.planner import Planner
    from retrieval.reading import CleaningRules, Clock
    from retrieval.web.feeds import WebFound

_NAMED = 10  # sources, in the history


@dataclass(frozen=True, slots=True)
class ChangeInputs:
    """The sources of a change.

    Args:
        found: the files to read.
        roots: the files and folders that were named, resolved.
        names: what the history shows of them.
        gathered: what came from the web, beside the files.
    """

    found: Iterator[Path | PlacedFile | Unreadable | LeftOut]
    roots: tuple[str, ...]
    names: tuple[str, ...]
    gathered: tuple[WebFound, ...] = ()

    @classmethod
    def of(
        cls,
        paths: Sequence[Path | PlacedFile],
        gathered: Sequence[WebFound],
        vanished: Sequence[Path] = (),
    ) -> ChangeInputs:
        """The sources as they are given.

        Args:
            paths: files and folders, and files that are read as if they stood elsewhere.
            gathered: what came from the web.
            vanished: files that are known to be gone.

        Raises:
            NotFound: one of the paths does not exist.
        """
        drafts = (each.source for each in gathered if isinstance(each, Draft))
        placed = [path for path in paths if isinstance(path, PlacedFile)]
        there = [path for path in paths if isinstance(path, Path)]
        named = [*(file.path for file in placed), *there]
        names = (*map(shown_name, named), *drafts)[:_NAMED]
        roots = tuple(resolved([*named, *vanished]))
        return cls(chain(placed, find_sources(there)), roots, names, tuple(gathered))

    def drafts(
        self,
        planner: Planner,
        unread: list[str],
        rules: CleaningRules,
        options: Options,
        clock: Clock,
    ) -> Iterator[tuple[Draft, str]]:
        """The drafts with the files they are from, or ``""``.

        Args:
            planner: counts what is no draft.
            unread: collects the files that could not be read: what they held is not gone.
            rules: what cleaning takes out.
            options: what reading may cost.
            clock: of the newspaper, at the time of reading.
        """
        yield from ((draft, "") for draft in self._from_web(planner))
        with Sandbox(options.limits) as parser:
            for source in self.found:
                if isinstance(source, Unreadable):
                    planner.reject(source)
                    unread += resolved([Path(source.source)])
                    continue
                if isinstance(source, LeftOut):
                    planner.leave_out(source)
                    continue
                path = source.path if isinstance(source, PlacedFile) else source
                (file,) = resolved([path])
                limit = options.limit_bytes
                for read_ in read(source, shown_name(path), rules, limit, clock, parser):
                    if isinstance(read_, Draft):
                        yield read_, file
                    elif isinstance(read_, LeftOut):
                        planner.leave_out(read_, str(path))
                    else:
                        planner.reject(read_)
                        unread.append(file)

    def _from_web(self, planner: Planner) -> Iterator[Draft]:
        for each in self.gathered:
            if isinstance(each, Draft):
                yield each
            elif isinstance(each, Unreadable):
                planner.reject(each)
            elif isinstance(each, LeftOut):
                planner.leave_out(each)
            else:
                planner.recognise(each.origin)


def resolved(paths: Sequence[Path]) -> list[str]:
    """Where some paths really lead, as the archive keeps it."""
    # `Path.resolve` raises on a link to itself before Python 3.13; `realpath` does not.
    return [kept_name(Path(os.path.realpath(path)).as_posix()) for path in paths]

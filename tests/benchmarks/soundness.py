"""Whether an archive is exactly as it was before a change, or exactly as after it.

The archive is opened as the bot does, with nothing repaired, and asked at once; then every
text, passage, window and index is compared with what must be there.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.archive.reader import ArchiveReader
from retrieval.change import verify
from retrieval.errors import KiosqueError, NotFound
from retrieval.index.generations import Generation, Places
from retrieval.index.server import ChromaServer
from retrieval.search import HybridSearch, Query, SearchOptions
from retrieval.vocabulary import State as ArticleState
from tests.benchmarks.dossiers import State, embedder, paragraphs, question, title
from tests.benchmarks.faulty_write import arm
from tests.retrieval.library import reachable

DOCTOR = "doctor:"
"""Begins what `verify` says."""
_ASKED = 4


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: which of the states, and what is wrong.

    ``at`` is the place of the state among those that were allowed; None for no such state.
    """

    at: int | None
    wrong: tuple[str, ...]
    asked: int = 0


def examine(
    home: Path,
    allowed: Sequence[State],
    seed: int = 0,
    faults: Path | None = None,
    server: ChromaServer | None = None,
) -> Findings:
    """Ask and look, in the order in which a bot that starts after a crash would meet things.

    Args:
        home: of the archive.
        allowed: the states that it may be in, all of them whole.
        seed: which articles are asked about.
        faults: what is to happen to the writes of this process.
        server: holds the windows.
    """
    arm(faults)
    wrong: list[str] = []
    asked = 0
    try:
        places = Places(home, server)
        if {} in allowed and not _is_there(places):
            return Findings(list(allowed).index({}), ())
        with ArchiveReader(places.archive) as reader:
            asked = _ask(places, reader, allowed, seed, wrong)
            live = _live(reader, wrong)
            at = next((n for n, state in enumerate(allowed) if state == live), None)
            if at is None:
                wrong.append(f"no allowed state: {_difference(live, allowed)}")
            if faults is None:  # else Chroma may not open, which `verify` tells
                _look_up(places, reader, live, wrong)
        wrong += [f"{DOCTOR} {problem.key} {problem.facts}" for problem in verify(places)]
    except KiosqueError as error:
        return Findings(None, (*wrong, f"{type(error).__name__} {error}"), asked)
    return Findings(at, tuple(wrong), asked)


def _ask(
    places: Places, reader: ArchiveReader, allowed: Sequence[State], seed: int, wrong: list[str]
) -> int:
    """Questions about what must be there whichever state it is; the answers' places too."""
    stable = sorted(set.intersection(*(set(state) for state in allowed)))
    chosen = random.Random(seed).sample(stable, min(_ASKED, len(stable)))  # noqa: S311
    # Half of them through Chroma, half exactly.
    for exact_below in (0, 2_000):
        search = HybridSearch(
            places, reader, embedder(), SearchOptions(k=5, exact_below=exact_below)
        )
        for number in chosen:
            versions = {state[number] for state in allowed}
            wrong += _wrong_answer(search, number, versions)
        search.close()
    return 2 * len(chosen)


def _wrong_answer(search: HybridSearch, number: int, versions: set[int]) -> Iterator[str]:
    evidence = search.search(Query(question(number))).evidence
    right = [one for one in evidence if one.article.title == title(number)]
    if not any(paragraphs(number, 0)[0][:20] == one.passage.text[:20] for one in right):
        yield f"asked about {title(number)}, found {[one.article.title for one in evidence]}"
    for one in right:
        if not _versions(one.passage.text) <= versions:
            yield f"{title(number)} answers from version {_versions(one.passage.text)}"
    for one in evidence:
        passage, article = one.passage, one.article
        if article.text[passage.start : passage.end] != passage.text:
            yield f"a passage of {article.title} is not in its text"
        if article.text[one.window.start : one.window.end] != one.window.text:
            yield f"a quote of {article.title} is not in its text"


def _versions(text: str) -> set[int]:
    return {int(found) for found in re.findall(r"\bv(\d+)\b", text)}


def _live(reader: ArchiveReader, wrong: list[str]) -> State:
    """The live dossiers with their versions, each whole and there once."""
    live: State = {}
    entries = [entry for entry in reader.entries() if entry.state is not ArticleState.WITHDRAWN]
    twice = [name for name, n in Counter(entry.title for entry in entries).items() if n > 1]
    wrong += [f"{name} is there twice" for name in twice]
    for entry in entries:
        article = reader.article(entry.id)
        number = int(article.title.removeprefix("Dossier "))
        versions = _versions(article.text)
        if len(versions) != 1:
            wrong.append(f"{article.title} mixes the versions {sorted(versions)}")
            continue
        (live[number],) = versions
        if article.text.split("\n\n") != paragraphs(number, live[number]):
            wrong.append(f"{article.title} is not whole")
        passages = reader.passages_of(entry.id)
        if [p.text for p in passages] != [article.text[p.start : p.end] for p in passages]:
            wrong.append(f"passages of {article.title} are not in its text")
        if "".join(article.text.split()) != "".join("".join(p.text.split()) for p in passages):
            wrong.append(f"passages of {article.title} do not cover its text")
    return live


def _look_up(places: Places, reader: ArchiveReader, live: State, wrong: list[str]) -> None:
    """What the indexes hold belongs to a live article, and every article is in all of them."""
    number = reader.live_generation()
    if number is None:
        return
    with Generation(places, number) as generation:
        passages = reader.passages(sorted(generation.lexical.ids()))
        held = {
            "lexical": {passage.article_id for passage in passages.values()},
            "chroma or tail": _owners(reader, set(reachable(generation)), wrong),
            "table": _owners(reader, set(generation.table.ids.tolist()), wrong),
        }
    wrong += [
        f"{name} holds {len(articles)} articles of {len(live)}"
        for name, articles in held.items()
        if len(articles) != len(live)
    ]


def _owners(reader: ArchiveReader, windows: set[int], wrong: list[str]) -> set[str]:
    rows = reader.windows(sorted(windows))
    if len(rows) != len(windows):
        wrong.append(f"{len(windows) - len(rows)} windows of no live article")
    return {row.article_id for row in rows.values()}


def _difference(live: State, allowed: Sequence[State]) -> str:
    parts = []
    for state in allowed:
        differing = sorted(n for n in live.keys() | state.keys() if live.get(n) != state.get(n))
        parts.append(", ".join(f"{n}: {live.get(n)} for {state.get(n)}" for n in differing[:5]))
    return " / ".join(parts)


def _is_there(places: Places) -> bool:
    try:
        ArchiveReader(places.archive).close()
    except NotFound:
        return False
    return True

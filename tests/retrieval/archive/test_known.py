"""What is looked up is what reading everything would have found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.archive.known import KnownArticles, put_keys
from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import Known, Move, draft_digest
from retrieval.archive.writer import ArchiveStore, stage, stage_withdrawal
from retrieval.text.addresses import address_key, is_url
from retrieval.vocabulary import Draft, State
from tests.retrieval.library import keep, staged

SITE = "https://courrier.example"
ADDRESSES = (
    f"{SITE}/pont",
    "http://www.courrier.example/pont/?utm_source=lettre",
    f"{SITE}/pont#haut",
    f"{SITE}/caf%C3%A9?b=2&a=1",
    f"{SITE}/café?a=1&b=2",
    f"{SITE}/actu/",
    SITE,
    f"{SITE}/?p=12",
)
FILES = ("", "/in/a.md", "/in/b/c.md", "/in.md", "/in0/d.md", "/autre/é.md")
TEXTS = ("Le pont rouvre.", "Le marché change de place.")
ORIGINS = (*ADDRESSES[:6], *FILES[1:5])

_place = st.tuples(st.sampled_from(ORIGINS), st.sampled_from(FILES))
_draft = st.builds(
    Draft,
    st.sampled_from(ORIGINS),
    st.sampled_from((*ADDRESSES, *FILES[1:])),
    st.just("Un titre"),
    st.sampled_from(TEXTS),
    url=st.none() | st.sampled_from(ADDRESSES),
)


@dataclass(frozen=True)
class Step:
    """One change: what comes, what is withdrawn by whom, what moves; then keys are put down."""

    drafts: Sequence[tuple[Draft, str]]
    withdrawn: Sequence[int] = ()
    by: str = "index"
    moved: Sequence[tuple[int, tuple[str, str]]] = ()
    put: bool = True


_step = st.builds(
    Step,
    st.lists(
        st.tuples(_draft, st.sampled_from(FILES)), max_size=4, unique_by=lambda one: one[0].origin
    ),
    st.lists(st.integers(0, 9), max_size=2, unique=True),
    st.sampled_from(("index", "withdraw")),
    st.lists(st.tuples(st.integers(0, 9), _place), max_size=2),
    st.booleans(),
)


@dataclass
class Archive:
    """An archive without indexes; ``all`` are its articles, by id, after the last step."""

    path: Path
    all: dict[str, Known] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Make one change."""
        with ArchiveStore(self.path) as store:
            store.connection.execute("PRAGMA synchronous = OFF")
            change = store.begin("index", "tests")
            # An article is known by its origin: one that moved is written under its own id.
            ids = {known.origin: known.id for known in self.all.values()}
            fresh = [staged(draft, file) for draft, file in step.drafts]
            stage(
                store, change, [one for one in fresh if self._fits(one.article_id, one.draft, ids)]
            )
            store.publish(change, {})
            self._read()
            gone = [self._at(n) for n in step.withdrawn if self.all]
            live = {id_ for id_ in gone if self.all[id_].state is not State.WITHDRAWN}
            change = store.begin(step.by, "tests")
            stage_withdrawal(store, change, sorted(live), step.by)
            store.publish(change, {})
            for number, (origin, file) in step.moved if self.all else ():
                left = self.all[self._at(number)]
                store.move([Move(left.id, left.file, origin, origin, file)])
            if step.put:
                put_keys(store)
        self._read()

    def _fits(self, id_: str, draft: Draft, ids: dict[str, str]) -> bool:
        return ids.get(draft.origin, id_) == id_

    def _at(self, number: int) -> str:
        return sorted(self.all)[number % len(self.all)]

    def _read(self) -> None:
        with ArchiveReader(self.path) as reader:
            found = [reader.known_as(entry.id) for entry in reader.entries()]
        self.all = {known.id: known for known in sorted(found, key=lambda known: known.id)}

    # --- by reading everything ---

    def by_digest(self, digest: str) -> Known | None:
        """A live one, else one that a person withdrew, else any: the first by its id."""
        alike = [known for known in self.all.values() if known.digest == digest]
        alike.sort(key=lambda known: (known.pruned, known.state is State.WITHDRAWN))
        return alike[0] if alike else None

    def by_address(self, addresses: Sequence[str]) -> Known | None:
        """The only one that has one of some addresses, however it is spelt."""
        keys = {key for address in addresses if (key := address_key(address))}
        found = [
            known
            for known in self.all.values()
            if not keys.isdisjoint({address_key(known.url or ""), address_key(known.origin)})
        ]
        return found[0] if len(found) == 1 else None

    def origin_at(self, address: str) -> str:
        """That of the last article of the web which came from just there."""
        web = [known for known in self.all.values() if is_url(known.origin)]
        found = [known.origin for known in web if address in (known.origin, known.source)]
        return found[-1] if found else ""

    def under(self, root: str) -> set[str]:
        """Those whose file it is, or lies below it."""
        start = root.rstrip("/") + "/"
        return {
            known.id
            for known in self.all.values()
            if known.file and (known.file == root or known.file.startswith(start))
        }


@given(st.lists(_step, min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_what_is_looked_up_is_what_reading_everything_finds(steps: list[Step]) -> None:
    """After any changes, with all keys put down, some, or none."""
    with TemporaryDirectory() as folder:
        archive = Archive(Path(folder) / "archive.db")
        for step in steps:
            archive.take(step)
        with KnownArticles(archive.path) as known:
            for one in archive.all.values():
                assert known.by_id(one.id) == known.by_origin(one.origin) == one
            digests = [draft_digest(draft) for step in steps for draft, _ in step.drafts]
            for digest in digests:
                assert known.by_digest(digest) == archive.by_digest(digest)
            for address in (*ADDRESSES, *FILES[1:]):
                for other in (ADDRESSES[0], FILES[1]):
                    found = archive.by_address((address, other))
                    assert known.by_address((address, other)) == found
                assert known.origin_at(address) == archive.origin_at(address)
            for root in ("/", "/in", "/in/", "/in/b", "/in/a.md", "/autre"):
                ids = set(known.under(root))
                assert archive.under(root) <= ids
                assert ids <= set(archive.all) | set(known_before(archive.path))


def known_before(path: Path) -> list[str]:
    """The ids of all articles that an archive ever had."""
    with ArchiveStore(path) as store:
        return [id_ for (id_,) in store.connection.execute("SELECT id FROM articles")]


@pytest.mark.parametrize("older", [False, True])
def test_articles_of_an_older_archive_are_found(tmp_path: Path, *, older: bool) -> None:
    """An archive that no writer has seen since has no keys: what it holds is found all the same."""
    draft = Draft("/in/a.md", "a.md", "Le pont", TEXTS[0], url=f"{SITE}/pont")
    keep(tmp_path, [draft])
    path = tmp_path / "archive.db"
    if older:
        with ArchiveStore(path) as store:
            store.connection.execute("DROP TABLE article_keys")
    with KnownArticles(path) as known:
        found = known.by_address((ADDRESSES[1],))
        assert found is not None
        assert found == known.by_digest(found.digest) == known.by_origin("/in/a.md")
    with ArchiveStore(path) as store:
        put_keys(store)
        held = store.connection.execute("SELECT key FROM article_keys").fetchall()
    assert ("courrier.example/pont",) in held

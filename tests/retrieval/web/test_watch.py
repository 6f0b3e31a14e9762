"""Rounds over real HTTP and real folders: what is new is taken in once, and nothing is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval.change import Options
from retrieval.change.backup import backup, restore
from retrieval.errors import ArchiveBusy, WatcherBusy
from retrieval.index.generations import Places
from retrieval.reading import Parser
from retrieval.storage import writer_lock
from retrieval.vocabulary import Unreadable
from retrieval.web.watch import RoundReport, WatchTargets, only_watcher, run_round
from retrieval.web.watch_store import WatchStore
from tests.newspaper import SILENT, Office, feed, item, page, publish
from tests.retrieval.library import write_article, write_folder
from tests.web_site import Asked, Reply, Site, web_site


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with two articles and a feed of them."""
    with web_site() as made:
        publish(made, ["port", "lycée"])
        yield made


class Watcher:
    """Makes rounds for a home; ``now`` is the time of the next one."""

    def __init__(self, home: Path, parser: Parser) -> None:
        self.office = Office(home, parser)
        self.now = time.time() + 60
        self.store_path = home / "watch.db"

    def round(self, *sources: Path | str, prune: bool = False) -> RoundReport:
        """One round over some folders and feeds."""
        folders = tuple(source for source in sources if isinstance(source, Path))
        feeds = tuple(source for source in sources if isinstance(source, str))
        with WatchStore(self.store_path) as store:
            targets = WatchTargets(folders, feeds, prune)
            return run_round(targets, store, self.office, self.now, SILENT)

    @property
    def live(self) -> list[str]:
        """The sources of the live articles, by their last part."""
        return sorted(entry.source.rpartition("/")[2] for entry in self.office.entries())


@pytest.fixture
def watcher(tmp_path: Path, parser: Parser) -> Watcher:
    """A watcher with an empty home."""
    return Watcher(tmp_path / "home", parser)


def counts(done: RoundReport) -> tuple[int, int, int] | None:
    """What the archive made of a round: added, changed, unchanged."""
    found = done.report
    return (found.added, found.changed, found.unchanged) if found else None


# --- folders ------------------------------------------------------------------------------


def test_a_folder_is_followed(watcher: Watcher, tmp_path: Path) -> None:
    """What is there is taken in; then only what is new or changed; an unchanged one is a walk."""
    folder = write_folder(tmp_path / "articles", 3)
    assert counts(watcher.round(folder)) == (3, 0, 0)
    done = watcher.round(folder)
    assert (done.report, done.changed, done.problems) == (None, False, ())
    assert watcher.office.indexed == 1
    write_article(folder, 1, "Une phrase de plus.")
    write_article(folder, 5)
    assert counts(watcher.round(folder)) == (1, 1, 0)


def test_a_file_of_any_name_is_followed(watcher: Watcher, tmp_path: Path) -> None:
    """A name that is no UTF-8 is remembered: the file is read once, and missed when it is gone."""
    folder = write_folder(tmp_path / "articles", 2)
    odd = folder / "caf\udce9.md"
    try:
        (folder / "article-001.md").rename(odd)
    except OSError as error:  # macOS, Windows
        pytest.skip(f"no such names here: {error}")
    assert counts(watcher.round(folder)) == (2, 0, 0)
    assert watcher.round(folder).report is None
    odd.unlink()
    (folder / "lien\udce9.md").symlink_to("nowhere")
    done = watcher.round(folder, prune=True)
    assert [problem.source for problem in done.problems] == [str(folder / "liené.md")]
    assert counts(done) == (0, 0, 0)
    assert watcher.live == ["article-000.md"]
    assert watcher.round(folder, prune=True).report is None


def test_a_bad_file_is_said_once(watcher: Watcher, tmp_path: Path) -> None:
    """It is reported in the round that reads it, and read again only when it has changed."""
    folder = write_folder(tmp_path / "articles", 1)
    (folder / "bad.txt").write_bytes(b"\x00\x01\x02" * 100)
    (problem,) = watcher.round(folder).problems
    assert problem.reason == "binary"
    assert watcher.round(folder).problems == ()
    (folder / "bad.txt").write_text("Le port\n\nLe port rouvre lundi matin.", encoding="utf-8")
    assert counts(watcher.round(folder)) == (1, 0, 0)


def test_what_is_gone_is_withdrawn_only_if_set(watcher: Watcher, tmp_path: Path) -> None:
    """Without the setting the article stays; with it, it goes, and returns with its file."""
    folder = write_folder(tmp_path / "articles", 3)
    watcher.round(folder)
    (folder / "article-001.md").unlink()
    assert watcher.round(folder).report is None
    assert len(watcher.live) == 3
    done = watcher.round(folder, prune=True)
    assert done.changed
    assert watcher.live == ["article-000.md", "article-002.md"]
    assert watcher.round(folder, prune=True).report is None
    write_article(folder, 1)
    assert counts(watcher.round(folder, prune=True)) == (1, 0, 0)


def test_a_folder_that_is_away_withdraws_nothing(watcher: Watcher, tmp_path: Path) -> None:
    """A disk that is not mounted is said, and all its articles stay."""
    folder = write_folder(tmp_path / "articles", 2)
    watcher.round(folder, prune=True)
    folder.rename(tmp_path / "away")
    done = watcher.round(folder, prune=True)
    assert done.problems == (Unreadable(str(folder), "watch_missing"),)
    folder.mkdir()
    assert watcher.round(folder, prune=True).problems[0].reason == "watch_empty"
    assert len(watcher.live) == 2


def test_many_files_that_go_at_once_withdraw_nothing(watcher: Watcher, tmp_path: Path) -> None:
    """Half a disk that is missing is said, and what is new is taken in all the same."""
    folder = write_folder(tmp_path / "articles", 23)
    watcher.round(folder, prune=True)
    for number in range(21):
        (folder / f"article-{number:03d}.md").unlink()
    write_article(folder, 30)
    done = watcher.round(folder, prune=True)
    assert counts(done) == (1, 0, 0)
    assert done.problems == (Unreadable(str(folder), "watch_many_gone", "21"),)
    assert len(watcher.live) == 24


def _embargoed(folder: Path, name: str, until: float, text: str = "Le port rouvre.") -> Path:
    """An article that somebody dated for a moment."""
    path = folder / name
    moment = datetime.fromtimestamp(until, UTC).isoformat()
    path.write_text(f"---\ntitle: {name}\ndate: {moment}\n---\n{text}\n", encoding="utf-8")
    return path


def test_an_embargo_ends_without_a_change_of_its_file(watcher: Watcher, tmp_path: Path) -> None:
    """The file is looked at again at that time, by a watcher that was started anew, and once."""
    folder = write_folder(tmp_path / "articles", 1)
    _embargoed(folder, "later.md", watcher.now + 3600)
    done = watcher.round(folder)
    assert done.report is not None
    assert (counts(done), done.problems) == ((1, 0, 0), ())
    assert [(left.reason, left.count) for left in done.report.left_out] == [("scheduled", 1)]
    watcher.now += 3590
    assert watcher.round(folder).report is None
    watcher.now += 20
    assert counts(watcher.round(folder)) == (1, 0, 0)
    assert watcher.live == ["article-000.md", "later.md"]
    assert watcher.round(folder).report is None


def test_each_embargo_of_a_file_ends_at_its_time(watcher: Watcher, tmp_path: Path) -> None:
    """Of several articles in one file, those that are out stay, and the others follow."""
    folder = tmp_path / "articles"
    folder.mkdir()
    moments = [watcher.now - 60, watcher.now + 3600, watcher.now + 7200]
    lines = [
        {"id": str(n), "title": f"Titre {n}", "text": f"Le pont numéro {n} ouvre, dit {'un' * n}.",
         "date": datetime.fromtimestamp(moment, UTC).isoformat()}
        for n, moment in enumerate(moments, start=1)
    ]  # fmt: skip
    (folder / "all.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert counts(watcher.round(folder)) == (1, 0, 0)
    watcher.now += 3601
    assert counts(watcher.round(folder)) == (1, 0, 1)
    watcher.now += 3601
    assert counts(watcher.round(folder)) == (1, 0, 2)
    watcher.now += 9999
    assert watcher.round(folder).report is None


def test_an_embargo_that_is_put_off_is_waited_for(watcher: Watcher, tmp_path: Path) -> None:
    """The file changed: its new time counts, and the old one wakes nobody."""
    folder = tmp_path / "articles"
    folder.mkdir()
    _embargoed(folder, "later.md", watcher.now + 3600)
    watcher.round(folder)
    _embargoed(folder, "later.md", watcher.now + 9000, "Le port rouvre, enfin.")
    watcher.now += 100
    watcher.round(folder)
    watcher.now += 4000
    assert watcher.round(folder).report is None
    watcher.now += 5000
    assert counts(watcher.round(folder)) == (1, 0, 0)


def test_an_article_that_gets_an_embargo_is_not_kept_in_silence(
    watcher: Watcher, tmp_path: Path
) -> None:
    """It is told as gone, and withdrawn where that is set, until its time comes."""
    folder = write_folder(tmp_path / "articles", 1)
    path = folder / "port.md"
    path.write_text("---\ntitle: Le port\n---\nLe port rouvre.\n", encoding="utf-8")
    watcher.round(folder)
    _embargoed(folder, "port.md", watcher.now + 3600)
    done = watcher.round(folder)
    assert done.report is not None
    assert (done.report.removed, watcher.live) == (1, ["article-000.md", "port.md"])
    _embargoed(folder, "port.md", watcher.now + 3700)
    watcher.round(folder, prune=True)
    assert watcher.live == ["article-000.md"]
    watcher.now += 3701
    assert counts(watcher.round(folder, prune=True)) == (1, 0, 0)


# --- feeds --------------------------------------------------------------------------------


def test_a_feed_is_followed(watcher: Watcher, site: Site) -> None:
    """Its articles come in once; then only what it adds or says otherwise."""
    url = f"{site.url}/feed"
    done = watcher.round(url)
    assert (counts(done), done.feeds, done.problems) == ((2, 0, 0), 1, ())
    assert watcher.round(url).report is None
    assert (site.asked_for("/port"), site.asked_for("/feed")) == (1, 2)
    site.paths |= {"/port": page("Le port rouvre"), "/gare": page("La gare ferme")}
    said = {"port": "Le port rouvre", "lycée": "Le lycée", "gare": "La gare"}
    site.paths["/feed"] = feed([item(f"{site.url}/{name}", title) for name, title in said.items()])
    assert counts(watcher.round(url)) == (1, 1, 0)
    assert (site.asked_for("/port"), site.asked_for("/lycée")) == (2, 1)


def test_folder_and_feed_are_one_change(watcher: Watcher, site: Site, tmp_path: Path) -> None:
    """A round is one change of the archive, made by the watcher."""
    folder = write_folder(tmp_path / "articles", 2)
    assert counts(watcher.round(folder, f"{site.url}/feed")) == (4, 0, 0)
    assert watcher.office.indexed == 1


def test_an_unchanged_feed_is_not_sent(watcher: Watcher, site: Site) -> None:
    """The validators of the last answer go with the next request; 304 costs a head."""
    entries = [item(f"{site.url}/port", "Le port")]

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return feed(entries, etag='"v1"')

    site.paths["/feed"] = answer
    watcher.round(f"{site.url}/feed")
    done = watcher.round(f"{site.url}/feed")
    assert (done.feeds, done.report, done.problems) == (1, None, ())
    assert [asked.headers.get("if-none-match") for asked in site.asked if "feed" in asked.path] == [
        None,
        '"v1"',
    ]


def test_a_feed_that_fails_is_asked_less_often(watcher: Watcher, site: Site) -> None:
    """A quarter of an hour, then longer, or as long as the server asks; then all is well again."""
    url = f"{site.url}/feed"
    site.paths["/feed"] = Reply(status=503)
    asked = []
    for later in (0, 800, 200, 1000, 900):
        watcher.now += later
        asked.append(watcher.round(url).feeds)
    assert asked == [1, 0, 1, 0, 1]
    site.paths["/feed"] = Reply(status=503, headers={"Retry-After": "50000"})
    watcher.now += 3600
    assert [each.reason for each in watcher.round(url).problems] == ["fetch_server_error"]
    watcher.now += 49_000
    assert watcher.round(url).feeds == 0
    publish(site, ["port"])
    watcher.now += 1100
    assert counts(watcher.round(url)) == (1, 0, 0)
    with WatchStore(watcher.store_path) as store:
        assert (store.feed(url).failures, store.feed(url).reason) == (0, "")


def test_a_clock_that_is_set_back_freezes_no_feed(watcher: Watcher, site: Site) -> None:
    """A pause that was reckoned by a clock a year ahead is over; the next one is kept."""
    url = f"{site.url}/feed"
    site.paths["/feed"] = Reply(status=503)
    asked = []
    for later in (365 * 86_400, -365 * 86_400, 60, 1_800):
        watcher.now += later
        asked.append(watcher.round(url).feeds)
    assert asked == [1, 1, 0, 1]


def test_a_feed_that_is_gone_is_asked_no_more(watcher: Watcher, site: Site) -> None:
    """410 is said once, and believed; what came from it stays."""
    url = f"{site.url}/feed"
    watcher.round(url)
    site.paths["/feed"] = Reply(status=410)
    assert watcher.round(url).problems == (Unreadable(url, "fetch_gone", "410"),)
    watcher.now += 1e7
    assert (watcher.round(url).feeds, site.asked_for("/feed")) == (0, 2)
    assert len(watcher.live) == 2


def test_a_page_instead_of_a_feed_is_said(watcher: Watcher, site: Site) -> None:
    """What is no feed any more is a problem, and changes nothing."""
    watcher.round(f"{site.url}/feed")
    site.paths["/feed"] = page("Ce flux a déménagé")
    assert [each.reason for each in watcher.round(f"{site.url}/feed").problems] == ["not_a_feed"]
    assert len(watcher.live) == 2


def test_a_failing_page_comes_with_a_later_round(watcher: Watcher, site: Site) -> None:
    """Although the feed is unchanged by then: it is asked for whole until nothing is left."""
    url, lycée = f"{site.url}/feed", site.paths["/lycée"]
    entries = [item(f"{site.url}/{name}", name) for name in ("port", "lycée")]
    site.paths |= {
        "/feed": lambda asked: (
            Reply(status=304) if "if-none-match" in asked.headers else feed(entries, etag='"v1"')
        ),
        "/lycée": Reply(status=500),
    }
    done = watcher.round(url)
    assert (counts(done), [each.reason for each in done.problems]) == (
        (1, 0, 0),
        ["fetch_server_error"],
    )
    site.paths["/lycée"] = lycée
    assert watcher.round(url).report is None
    watcher.now += 1000
    assert counts(watcher.round(url)) == (1, 0, 0)
    watcher.round(url)
    assert site.asked[-1].headers["if-none-match"] == '"v1"'


# --- when something goes wrong --------------------------------------------------------------


def test_a_busy_archive_costs_nothing(watcher: Watcher, site: Site, tmp_path: Path) -> None:
    """Another writer is said; nothing is remembered as read, and the next round reads it all."""
    folder, url = write_folder(tmp_path / "articles", 2), f"{site.url}/feed"
    with writer_lock(watcher.office.home), pytest.raises(ArchiveBusy):
        watcher.round(folder, url)
    assert counts(watcher.round(folder, url)) == (4, 0, 0)


def test_a_round_that_was_killed_is_made_again(watcher: Watcher, tmp_path: Path) -> None:
    """A crash after the change and before the memory of it: the articles are there once."""
    folder = write_folder(tmp_path / "articles", 2)
    watcher.office.indexer("watch").index([folder])
    assert counts(watcher.round(folder)) == (0, 0, 2)
    assert watcher.live == ["article-000.md", "article-001.md"]


def test_what_is_rolled_back_stays_away(watcher: Watcher, site: Site, tmp_path: Path) -> None:
    """Until its file or entry changes, the watcher does not bring it back; a person may."""
    folder, url = write_folder(tmp_path / "articles", 1), f"{site.url}/feed"
    write_article(tmp_path, 9)
    watcher.office.indexer("cli").index([tmp_path / "article-009.md"])
    watcher.round(folder, url)
    watcher.office.editor().rollback()
    assert watcher.live == ["article-009.md"]
    assert watcher.round(folder, url).report is None
    write_article(folder, 0, "Une phrase de plus.")
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port", said="Corrigé")])
    assert counts(watcher.round(folder, url)) == (2, 0, 0)


def test_another_archive_is_filled_from_the_start(watcher: Watcher, tmp_path: Path) -> None:
    """An archive that was deleted, with the memory of it left behind, is filled again."""
    folder = write_folder(tmp_path / "articles", 2)
    watcher.round(folder)
    for path in watcher.office.home.glob("archive.db*"):
        path.unlink()
    assert counts(watcher.round(folder)) == (2, 0, 0)


def test_what_a_restoration_took_away_is_read_again(watcher: Watcher, tmp_path: Path) -> None:
    """After a backup came back, what is younger than it comes back from its files."""
    folder, home = write_folder(tmp_path / "articles", 1), watcher.office.home
    watcher.round(folder)
    backup(Places(home), tmp_path / "backup.zip", ["watch.db"])
    write_article(folder, 1)
    watcher.round(folder)
    restore(Places(home), tmp_path / "backup.zip", (), Options())
    assert watcher.live == ["article-000.md"]
    assert counts(watcher.round(folder)) == (1, 0, 1)
    assert watcher.round(folder).report is None


def test_there_is_one_watcher(tmp_path: Path) -> None:
    """A second one is told so; when the first has ended, it may watch."""
    with only_watcher(tmp_path), pytest.raises(WatcherBusy) as busy, only_watcher(tmp_path):
        pass
    assert busy.value.key == "watch_busy"
    with only_watcher(tmp_path):
        pass

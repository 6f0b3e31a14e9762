"""``kiosque watch`` and ``kiosque feeds``: what is followed, said and kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.storage import writer_lock
from retrieval.web.watch import only_watcher
from tests.bot.cli.conftest import Kiosque
from tests.newspaper import feed, item, page, publish
from tests.web_site import Reply, Site, web_site

ROOT = Path(__file__).parents[3]
_PATIENCE_S = 300.0
"""For what takes seconds on a machine that is not busy."""
NOTHING = {
    "added": 0, "changed": 0, "unchanged": 0, "removed": 0, "near_duplicates": 0,
    "unreadable": [], "passages": None, "windows": None, "took_ms": 0, "withdrawn": 0,
    "feeds": 0, "waiting": 0, "more": False,
}  # fmt: skip


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site on this machine with a feed of two articles, which the settings allow."""
    monkeypatch.setenv("KIOSQUE_FETCH__ALLOW_PRIVATE", "true")
    monkeypatch.setenv("KIOSQUE_FETCH__PAUSE_S", "0")
    with web_site() as made:
        publish(made, ["port", "lycee"])
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one article, written a while ago."""
    folder = tmp_path / "articles"
    folder.mkdir()
    write(folder, "phare", "Le phare sera éteint trois nuits en avril.")
    return folder


def write(folder: Path, name: str, text: str, *, age: float = 60) -> Path:
    """Write an article as if it had been written some seconds ago."""
    path = folder / f"{name}.txt"
    path.write_text(f"Le {name}\n\n{text}", encoding="utf-8")
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    return path


def test_a_second_round_does_nothing(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """The first takes the folder in, as a change of its own; the second is a walk."""
    first = kiosque(empty_home, "watch", folder, "--once", "--json")
    assert (first.code, first.json["added"], list(first.json)) == (0, 1, list(NOTHING))
    second = kiosque(empty_home, "watch", folder, "--once", "--json")
    assert (second.code, second.json) == (0, NOTHING)
    (change,) = kiosque(empty_home, "history", "--json").json
    assert change["by"] == "watch"


def test_the_settings_say_what_is_followed(
    kiosque: Kiosque, empty_home: Path, folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without arguments: the folders of the settings, and the list of feeds."""
    monkeypatch.setenv("KIOSQUE_WATCH__FOLDERS", str(folder))
    kiosque(empty_home, "feeds", "add", f"{site.url}/feed")
    ran = kiosque(empty_home, "watch", "--once", "--json")
    assert (ran.json["added"], ran.json["feeds"]) == (3, 1)


def test_a_round_is_a_line_for_people(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """When, how many, and what gave no article; a file that is being written waits."""
    (folder / "vide.txt").touch()
    os.utime(folder / "vide.txt", (1e9, 1e9))
    write(folder, "port", "Le port ferme lundi.", age=-1)
    said = kiosque(empty_home, "watch", folder, "--once").out.replace("\u00a0", " ").splitlines()
    assert said[0].endswith(
        " : 1 article ajouté, 1 fichier est en cours d’écriture, pour plus tard"
    ) or said[0].endswith(" : 2 articles ajoutés")
    assert said[1] == f"  – {folder}/vide.txt : le fichier est vide"
    later = kiosque(empty_home, "watch", folder.parent / "gone", "--once")
    assert (later.code, "n’existe pas" in later.out) == (0, True)


def test_nothing_to_follow(kiosque: Kiosque, empty_home: Path) -> None:
    """One round of nothing does nothing; for ever, it is a mistake that is said."""
    assert kiosque(empty_home, "watch", "--once", "--json").json == NOTHING
    assert "rien de nouveau" in kiosque(empty_home, "watch", "--once").out
    assert kiosque(empty_home, "watch", "--json").failed_in_json(2) == "nothing_to_watch"


def test_another_writer_is_said(kiosque: Kiosque, own_home: Path, folder: Path) -> None:
    """A busy archive or another watcher ends the one round with an error; the next makes it."""
    with writer_lock(own_home):
        ran = kiosque(own_home, "watch", folder, "--once", "--json")
        assert ran.failed_in_json(1) == "archive_busy"
    with only_watcher(own_home):
        assert "watch" in kiosque(own_home, "watch", folder, "--once").failed(1)
    assert kiosque(own_home, "watch", folder, "--once", "--json").json["added"] == 1


def test_rollback_holds(kiosque: Kiosque, own_home: Path, folder: Path, site: Site) -> None:
    """What a person took back stays away until its file or its entry changes."""
    words = ["watch", folder, f"{site.url}/feed", "--once", "--json"]
    assert kiosque(own_home, *words).json["added"] == 3
    assert kiosque(own_home, "rollback", "--json").code == 0
    assert kiosque(own_home, *words).json["added"] == 0
    write(folder, "phare", "Le phare sera éteint cinq nuits en avril.", age=50)
    assert kiosque(own_home, *words).json["added"] == 1


def started(home: Path, folder: Path) -> subprocess.Popen[str]:
    """The real command, following a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "watch", str(folder), "--every", "1", "--json"],
        cwd=ROOT,
        env=os.environ | {"KIOSQUE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_killed_watcher_leaves_nothing_half_done(
    kiosque: Kiosque, empty_home: Path, folder: Path
) -> None:
    """Killed in the middle of a change, it leaves no lock and no half; the next round makes it."""
    for number in range(60):
        write(folder, f"port-{number}", f"Le port numéro {number} ferme lundi.")
    with started(empty_home, folder) as process:
        while process.poll() is None and not (empty_home / "writer.json").exists():
            time.sleep(0.01)
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    assert kiosque(empty_home, "watch", folder, "--once", "--json").code == 0
    assert len(kiosque(empty_home, "articles", "--json").json) == 61
    assert kiosque(empty_home, "watch", folder, "--once", "--json").json == NOTHING
    assert kiosque(empty_home, "doctor").code == 0


def test_it_follows_until_it_is_told_to_end(
    empty_home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real command takes in what comes later, a line for each change; SIGTERM ends it well.

    When enough has come, it has the base of the indexes made anew, and says nothing of that.
    """
    monkeypatch.setenv("KIOSQUE_INDEXING__TAIL_SHARE", "0.01")
    for number in range(4):
        write(folder, f"quai-{number}", f"Le quai numéro {number} est fermé.")
    process = started(empty_home, folder)
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["added"] == 5
        with writer_lock(empty_home):
            written = write(tmp_path, "port", "Le port ferme lundi.")
            written.rename(folder / written.name)
            assert json.loads(process.stdout.readline())["error"]["key"] == "archive_busy"
        assert json.loads(process.stdout.readline())["added"] == 1
        limit = time.monotonic() + _PATIENCE_S
        while time.monotonic() < limit and last_change(empty_home) != "compact":
            time.sleep(0.1)
        assert last_change(empty_home) == "compact"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert (process.returncode, out, err) == (0, "", "")


def last_change(home: Path) -> str:
    """What was done last to an archive."""
    with ArchiveReader(home / "archive.db") as reader:
        (change,) = reader.changes(1)
    return change.action


# --- the list of feeds --------------------------------------------------------------------


def test_the_list_of_feeds(kiosque: Kiosque, empty_home: Path, site: Site) -> None:
    """A feed is added once, under one address; it shows when it was asked; it can be removed."""
    url = f"{site.url}/feed"
    assert kiosque(empty_home, "feeds", "--json").json == []
    added = kiosque(empty_home, "feeds", "add", f"{url}#top", "--json")
    kiosque(empty_home, "feeds", "add", url)
    assert kiosque(empty_home, "feeds", "--json").json == added.json
    assert [feed["url"] for feed in added.json] == [url]
    assert added.json[0]["checked"] is None
    kiosque(empty_home, "watch", "--once")
    (known,) = kiosque(empty_home, "feeds", "--json").json
    assert known["checked"] is not None
    assert (known["reason"], known["failures"], known["gone"]) == (None, 0, False)
    assert kiosque(empty_home, "feeds", "remove", url, "--json").json == []


def test_how_a_feed_is_going(kiosque: Kiosque, empty_home: Path, site: Site) -> None:
    """The list tells people which feeds fail, and which are gone."""
    for name in ("one", "two"):
        site.paths[f"/{name}"] = feed([item(f"{site.url}/port", "Le port")])
        kiosque(empty_home, "feeds", "add", f"{site.url}/{name}")
    assert "jamais" in kiosque(empty_home, "feeds").out
    site.paths |= {"/one": Reply(status=410), "/two": Reply(status=500)}
    reasons = [
        each["reason"]
        for each in kiosque(empty_home, "watch", "--once", "--json").json["unreadable"]
    ]
    assert reasons == ["fetch_gone", "fetch_server_error"]
    said = " ".join(kiosque(empty_home, "feeds").out.split())
    assert "supprimé par son site" in said
    assert "en panne" in said


def test_what_is_no_feed_is_not_added(kiosque: Kiosque, empty_home: Path, site: Site) -> None:
    """A page, an address that fails, a private one: each is said, and the list stays as it is."""
    site.paths["/page"] = page("Le port")
    for address in (f"{site.url}/page", f"{site.url}/rien", "ftp://journal.example/"):
        ran = kiosque(empty_home, "feeds", "add", address, "--json")
        assert ran.failed_in_json(1) == "feed_refused"
    assert kiosque(empty_home, "feeds", "--json").json == []


def test_the_feed_of_a_site(kiosque: Kiosque, empty_home: Path, site: Site) -> None:
    """The feed that a home page names is followed, and said; the others are told."""
    names = [("/feed", "À la une"), ("/sport.xml", "Sport")]
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{path}">'
        for path, title in names
    )
    site.paths |= {"/": page("Le Fanal", head=head), "/sport.xml": feed([])}
    found = kiosque(empty_home, "feeds", "find", f"{site.url}/", "--json").json
    assert found == [{"url": f"{site.url}{path}", "title": title} for path, title in names]
    assert kiosque(empty_home, "feeds", "--json").json == []
    said = kiosque(empty_home, "feeds", "add", f"{site.url}/").out
    assert f"{site.url}/feed est suivi" in " ".join(said.split())
    assert f"{site.url}/sport.xml (Sport)" in said
    listed = kiosque(empty_home, "feeds", "--json").json
    assert [each["url"] for each in listed] == [f"{site.url}/feed"]


def test_a_list_of_feeds_is_added(
    kiosque: Kiosque, empty_home: Path, site: Site, tmp_path: Path
) -> None:
    """Each feed of an OPML file, or of one behind an address, is followed; none is asked yet."""
    outlines = (f'<outline text="{n}" xmlUrl="{site.url}/{n}"/>' for n in ("un", "deux", "un#haut"))
    opml = f"<opml><body>{''.join(outlines)}<outline xmlUrl='ftp://a/'/></body></opml>"
    (tmp_path / "flux.opml").write_text(opml)
    urls = [f"{site.url}/deux", f"{site.url}/un"]
    added = kiosque(empty_home, "feeds", "add", tmp_path / "flux.opml", "--json")
    assert [feed["url"] for feed in added.json] == urls
    for url in urls:
        kiosque(empty_home, "feeds", "remove", url)
    site.paths["/liste"] = Reply(opml.encode(), "text/x-opml")
    added = kiosque(empty_home, "feeds", "add", f"{site.url}/liste", "--json")
    assert [feed["url"] for feed in added.json] == urls
    assert {asked.path for asked in site.asked} <= {"/liste", "/robots.txt"}


def test_a_file_that_lists_no_feeds_is_told(
    kiosque: Kiosque, empty_home: Path, tmp_path: Path
) -> None:
    """A file of another kind, an empty list, a file that is not there; indexing a list says how."""
    files = {"a.xml": "<foo/>", "b.opml": "<opml><body/></opml>"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        ran = kiosque(empty_home, "feeds", "add", tmp_path / name, "--json")
        assert ran.failed_in_json(1) == "feed_refused"
    assert (
        kiosque(empty_home, "feeds", "add", "c.opml", "--json").failed_in_json(2) == "path_missing"
    )
    ran = kiosque(empty_home, "index", tmp_path / "b.opml")
    assert "kiosque feeds add" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["supprimer", "https://fanal.example/"], "feeds_action"),
        (["add"], "feeds_address"),
        (["remove", "nonsense"], "feeds_address"),
        (["remove", "https://fanal.example/"], "feed_unknown"),
    ],
)
def test_bad_use_of_the_list(
    kiosque: Kiosque, empty_home: Path, words: list[str], key: str
) -> None:
    """An unknown action, a missing address, a feed that is not on the list."""
    assert kiosque(empty_home, "feeds", *words, "--json").failed_in_json(2) == key

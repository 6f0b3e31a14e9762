"""``kiosque index URL``: pages and feeds beside files, and addresses that are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Kiosque
from tests.newspaper import page, publish
from tests.web_site import Reply, Site, redirect, web_site


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site on this machine, which the settings allow, and without pauses."""
    monkeypatch.setenv("KIOSQUE_FETCH__ALLOW_PRIVATE", "true")
    monkeypatch.setenv("KIOSQUE_FETCH__PAUSE_S", "0")
    with web_site() as made:
        publish(made, ["port", "lycee"])
        yield made


def test_pages_feeds_and_files_together(
    kiosque: Kiosque, empty_home: Path, site: Site, tmp_path: Path
) -> None:
    """One command, one change; again, nothing changes and the feed's pages are left alone."""
    site.paths["/gare"] = page("La gare ferme ses portes")
    note = tmp_path / "note.txt"
    note.write_text("Le phare\n\nLe phare sera éteint trois nuits en avril.", encoding="utf-8")
    words = ["index", note, f"{site.url}/feed", f"{site.url}/gare#haut", f"{site.url}/rien"]
    ran = kiosque(empty_home, *words, "--json")
    assert (ran.code, ran.json["added"]) == (0, 4)
    assert ran.json["unreadable"] == [{"source": f"{site.url}/rien", "reason": "fetch_not_found"}]
    again = kiosque(empty_home, *words, "--json")
    assert (again.json["added"], again.json["unchanged"]) == (0, 4)
    assert site.asked_for("/port") == 1
    (shown,) = [e for e in kiosque(empty_home, "articles", "--json").json if "gare" in e["title"]]
    assert shown["source"] == f"{site.url}/gare#haut"
    article = kiosque(empty_home, "show", shown["article_id"], "--json").json
    assert article["url"] == f"{site.url}/gare"


def test_a_plan_changes_nothing(kiosque: Kiosque, empty_home: Path, site: Site) -> None:
    """With ``--dry-run`` pages are fetched, and neither the archive nor a memory is made."""
    ran = kiosque(empty_home, "index", f"{site.url}/feed", "--dry-run", "--json")
    assert (ran.code, ran.json["added"]) == (0, 2)
    assert not (empty_home / "archive.db").exists()
    assert not (empty_home / "watch.db").exists()


def test_private_addresses_are_refused(kiosque: Kiosque, unchanged: Path) -> None:
    """By default, nothing is even connected to on this machine or its network, or changed."""
    with web_site() as site:
        addresses = [f"http://{host}:{site.port}/" for host in ("127.0.0.1", "localhost", "[::1]")]
        addresses += ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/"]
        ran = kiosque(unchanged, "index", *addresses, "--json")
        reasons = {each["reason"] for each in ran.json["unreadable"]}
        assert (ran.code, reasons, site.connections) == (1, {"fetch_private"}, 0)


def test_what_fails_is_a_sentence(kiosque: Kiosque, empty_home: Path, site: Site) -> None:
    """People read which address it was and why; nothing of it is a traceback or a password."""
    site.paths |= {"/a": redirect("http://user:secret@127.0.0.1/"), "/b": Reply(status=500)}
    ran = kiosque(empty_home, "index", f"{site.url}/a", f"{site.url}/b", site.url)
    said = " ".join(ran.out.split()).replace("\u00a0", " ")
    assert ran.code == 1
    for path in ("/a", "/b", ""):
        assert f"– {site.url}{path} : " in said
    assert "Traceback" not in ran.out + ran.err
    assert "secret" not in ran.out + ran.err


def test_a_path_is_still_missed(kiosque: Kiosque, empty_home: Path, site: Site) -> None:
    """A file that is not there is said before anything is fetched."""
    ran = kiosque(empty_home, "index", f"{site.url}/port", "not-there", "--json")
    assert ran.failed_in_json(2) == "path_missing"
    assert site.connections == 0

"""From pages and documents to drafts, and the choice between page and feed, over real HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.vocabulary import Draft, LeftOut, PublicationDate, Unreadable
from retrieval.web.feeds import pause
from retrieval.web.watch_store import EntryRecord
from tests.newspaper import feed, item, page, publish
from tests.retrieval.web.collecting import NOW, Desk, draft
from tests.web_site import Reply, Site, redirect


def test_a_page_is_named_by_where_it_ends(site: Site, desk: Desk) -> None:
    """After redirects, without fragment and trackers: one page has one origin."""
    site.paths |= {"/old": redirect("/new?utm_source=fil#top"), "/new?utm_source=fil": page("Port")}
    found = draft(desk.gather(f"{site.url}/old"))
    assert (found.origin, found.url) == (f"{site.url}/new", f"{site.url}/new")
    assert found.source == f"{site.url}/old"
    assert found.title == "Port"
    assert b"<article>" in found.raw


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        ("{site}/article-12", True),
        ("{site}/article-12?utm_medium=x#haut", True),
        ("{site}/", False),  # a site that names its home page everywhere
        ("https://elsewhere.example/article-12", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_page_may_name_itself_on_its_own_site(
    site: Site, desk: Desk, claimed: str, believed: bool
) -> None:
    """The canonical address of a page counts if it is of the same site, and of a page."""
    link = f'<link rel="canonical" href="{claimed.format(site=site.url)}">'
    site.paths["/a?id=12"] = page("Port", head=link)
    wanted = f"{site.url}/article-12" if believed else f"{site.url}/a?id=12"
    assert draft(desk.gather(f"{site.url}/a?id=12")).origin == wanted


def test_documents_and_texts_are_articles_too(site: Site, desk: Desk) -> None:
    """A text and a PDF are read as what they are, whatever their address ends in."""
    pdf = Path("tests/data/documents/tramway.pdf")
    site.paths["/note"] = Reply(b"Le port ferme\n\nLe port ferme lundi.", "text/plain")
    assert draft(desk.gather(f"{site.url}/note")).title == "Le port ferme"
    if pdf.exists():
        site.paths["/doc"] = Reply(pdf.read_bytes(), "application/octet-stream")
        assert "tram" in draft(desk.gather(f"{site.url}/doc")).text.lower()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"", status=404), "fetch_not_found"),
        (Reply(b"\x89PNG\r\n\x1a\n" + bytes(100), "text/html"), "fetch_media_type"),
        (Reply(b"PK\x03\x04" + bytes(100), "application/zip"), "fetch_media_type"),
        (Reply(b"   "), "empty"),
        (Reply(b"<html><body></body></html>"), "no_text"),
    ],
)
def test_what_gives_no_article_is_said(site: Site, desk: Desk, reply: Reply, reason: str) -> None:
    """Each failure is a line of the report, with the address as it was given."""
    site.paths["/page"] = reply
    (found,) = desk.gather(f"{site.url}/page").found
    assert isinstance(found, Unreadable)
    assert (found.source, found.reason) == (f"{site.url}/page", reason)


def test_a_copy_in_an_archive_is_named_by_its_own_address(site: Site, desk: Desk) -> None:
    """Address, newspaper and date are the page's, not the archive's."""
    own = "https://www.trevou.example/bac-12"
    path = f"/web/20190512083000/{own}"
    link = f'<link rel="canonical" href="https://web.archive.org/web/20190512083000/{own}">'
    site.paths[path] = page("Le bac en panne", head=link)
    found = draft(desk.gather(f"{site.url}{path}"))
    assert (found.origin, found.url, found.outlet) == (own, own, "trevou.example")
    assert (found.published, found.source) == (None, f"{site.url}{path}")


# --- the feed's text, and its page's ----------------------------------------------------

WALL = (
    "<html lang='fr'><head><title>Le Fanal</title></head><body><h1>Votre vie privée compte</h1>"
    "<p>Nous et nos 120 partenaires stockons des informations sur un appareil.</p><p>Avec votre"
    " accord, nos partenaires et nous utilisons des cookies. Vous pouvez retirer votre consentement"
    " à tout moment.</p></body></html>"
)
SAID = "Le port de Vaubrelles ferme lundi pour deux mois de travaux, a annoncé la mairie."


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=403), "fetch_forbidden"),
        (Reply(status=404), "fetch_not_found"),
        (Reply(WALL.encode()), "consent_wall"),
        (Reply(b"<body><div id='root'></div><script src='/a.js'></script></body>"), "needs_script"),
        (Reply(b"<title>Just a moment...</title><p>Checking your browser.</p>"), "bot_check"),
        (Reply(b"<script>location.replace('/autre')</script>"), "redirection"),
        (Reply(b"<title>Page introuvable</title><p>Page introuvable.</p>"), "error_page"),
        (Reply(b"<html><body><video src='/v.mp4'></video></body></html>"), "no_text"),
        (Reply(b"\x89PNG\r\n\x1a\n" + bytes(99), "image/png"), "fetch_media_type"),
    ],
)
def test_a_page_that_is_no_article_loses_no_entry(
    site: Site, desk: Desk, reply: Reply, why: str
) -> None:
    """What the feed says of it is the article, under its address, and the report says why."""
    site.paths["/port?utm_source=rss"] = reply
    link = f"{site.url}/port?utm_source=rss"
    site.paths["/feed"] = feed([item(link, "Le port ferme", said=SAID, author="Anne Lô")])
    run = desk.gather(f"{site.url}/feed")
    found = draft(run)
    assert (found.origin, found.url, found.title) == (*[f"{site.url}/port"] * 2, "Le port ferme")
    assert (found.text, found.author, str(found.published)) == (SAID, "Anne Lô", "2017-05-24")
    assert found.removed == (f"text of the feed, not of the page: {why}",)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=410), "fetch_gone"),
        (redirect("http://user:secret@127.0.0.1/"), "fetch_credentials"),
    ],
)
def test_what_a_site_has_deleted_is_not_taken_from_its_feed(
    site: Site, desk: Desk, reply: Reply, reason: str
) -> None:
    """A page that is gone on purpose, and an address that is a trap, give no article."""
    site.paths["/port"] = reply
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme", said=SAID)])
    assert desk.gather(f"{site.url}/feed").found == [
        Unreadable(f"{site.url}/port", reason, desk.gather(f"{site.url}/feed").found[0].detail)  # type: ignore[union-attr]
    ]


def test_a_title_is_no_article(site: Site, desk: Desk) -> None:
    """An entry of which the feed gives only the title is said, and lost with its page."""
    site.paths["/port"] = Reply(WALL.encode())
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme")])
    assert desk.gather(f"{site.url}/feed").found == [Unreadable(f"{site.url}/port", "consent_wall")]


def test_a_whole_text_in_a_feed_comes_before_a_part_of_it(site: Site, desk: Desk) -> None:
    """The longer text is taken, with the address and the date of the page; a summary is not."""
    dated = '<meta property="article:published_time" content="2016-02-03T10:00:00Z">'
    whole = " ".join(f"{SAID} Le quai numéro {n} sera refait." for n in range(12))
    site.paths |= {"/port": page("Le port ferme", head=dated), "/gare": page("La gare ferme")}
    entries = [
        item(f"{site.url}/port", "Le port ferme", said=whole),
        item(f"{site.url}/gare", "La gare ferme", said="La gare ferme lundi, dit la mairie."),
    ]
    site.paths["/feed"] = feed(entries)
    port, gare = desk.gather(f"{site.url}/feed").found
    assert isinstance(port, Draft)
    assert isinstance(gare, Draft)
    assert (port.text, port.published) == (whole, PublicationDate(2016, 2, 3))
    assert port.removed == ("text of the feed, not of the page: longer",)
    assert "registre ouvert" in gare.text


def test_a_wall_that_is_not_known_makes_no_copies(site: Site, desk: Desk) -> None:
    """One page behind several entries, and about none of them, is none of them."""
    wall = page("Bienvenue", "Un instant : nous préparons votre visite, merci de votre patience.")
    names = {"port": SAID, "gare": "La gare rouvre samedi après six mois de chantier.", "bac": ""}
    site.paths |= {f"/{name}": wall for name in names}
    site.paths["/feed"] = feed(
        [item(f"{site.url}/{name}", f"Titre {name}", said=said) for name, said in names.items()]
    )
    port, gare, bac = desk.gather(f"{site.url}/feed").found
    assert isinstance(port, Draft)
    assert isinstance(gare, Draft)
    assert (port.text, gare.text) == (names["port"], names["gare"])
    assert bac == Unreadable(f"{site.url}/bac", "repeated_page")


def test_what_was_kept_of_a_feed_is_tried_again(site: Site, desk: Desk) -> None:
    """A page that was away for a moment comes later, in the place of what the feed said."""
    site.paths["/port"] = Reply(status=503)
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme", said=SAID)])
    url = f"{site.url}/feed"
    run = desk.gather(url, asked=False)
    assert draft(run).text == SAID
    assert run.records[url][f"{site.url}/port"] == EntryRecord("", 1, NOW + pause(1))
    desk.seen, desk.have = run.records[url], {f"{site.url}/port": f"{site.url}/port"}
    canonical = '<link rel="canonical" href="/articles/port-12">'
    site.paths["/port"] = page("Le port ferme", head=canonical)
    assert desk.gather(url, asked=False).found == []
    later = desk.gather(url, asked=False, now=NOW + pause(1) + 1)
    assert "registre ouvert" in draft(later).text
    assert draft(later).origin == f"{site.url}/port"
    assert later.records[url][f"{site.url}/port"].stamp


def test_an_entry_under_an_embargo_waits_for_its_time(site: Site, desk: Desk) -> None:
    """An entry of tomorrow is left out until then; its page is not even asked for."""
    publish(site, ["port"])
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port", day="2026-11-25")])
    url = f"{site.url}/feed"
    run = desk.gather(url, asked=False)
    (left,) = run.found
    assert isinstance(left, LeftOut)
    assert left.until is not None
    assert (left.reason, left.until.isoformat()) == ("scheduled", "2026-11-25T10:00:00+00:00")
    assert (run.unfinished, site.asked_for("/port")) == ({url}, 0)
    desk.seen = run.records[url]
    assert desk.gather(url, asked=False, now=NOW + 3600).found == []
    then = left.until.timestamp() + 1
    assert draft(desk.gather(url, asked=False, now=then)).origin == f"{site.url}/port"


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ("Le doyen du canton fête ses cent neuf printemps avec sa famille.", False),
        ("Les habitants ont appris samedi que le cinéma ferme, dit un communiqué municipal.", True),
        ("Complet ce soir.", True),
    ],
)
def test_a_page_without_the_words_of_its_entry(
    site: Site, desk: Desk, told: str, *, ours: bool
) -> None:
    """A page that shares none of the words of its entry is not its article; a paraphrase is."""
    site.paths["/a"] = page("Rendez-vous")
    site.paths["/feed"] = feed([item(f"{site.url}/a", "Titre", said=told)])
    found = draft(desk.gather(f"{site.url}/feed"))
    assert (found.text != told) is ours
    assert ("text of the feed, not of the page: another_text" in found.removed) is not ours


@pytest.mark.parametrize("said", [SAID, "Le port ferme : la nouvelle a surpris. " * 20])
def test_the_beginning_of_a_sold_article(site: Site, desk: Desk, said: str) -> None:
    """It is taken where it is more than the feed says, without the offer below it."""
    offer = "</p><p>La suite est réservée aux abonnés. Déjà abonné ? Connectez-vous."
    site.paths["/port"] = page("Le port de Vaubrelles ferme", offer)
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme", said=said)])
    found = draft(desk.gather(f"{site.url}/feed"))
    assert ("registre ouvert" in found.text) is (said == SAID)
    assert "abonné" not in found.text

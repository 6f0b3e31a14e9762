"""Fetching over real HTTP: what comes, what is no page, and politeness."""

from __future__ import annotations

import gzip
import itertools

import pytest

from retrieval.web.fetch import Fetcher
from retrieval.web.response import FetchFailed, FetchLimits, Validators, WebResponse
from tests.retrieval.web.fetching import FAST, HEAD, PAGE, fetcher, pieces, reason
from tests.web_site import Asked, Reply, Site, redirect, web_site


@pytest.fixture
def site(site: Site) -> Site:
    """A site with one good page."""
    site.paths["/page"] = PAGE
    return site


def test_a_page_comes_with_what_is_said_of_it(site: Site) -> None:
    """The bytes, the type, the validators and the final address are given."""
    site.paths["/old"] = redirect("/page#top", 301)
    found = fetcher().get(f"{site.url}/old")
    assert found == WebResponse(
        f"{site.url}/page", PAGE.body, "text/html; charset=utf-8", Validators('"v1"')
    )
    assert found.media_type == "text/html"


def test_a_request_tells_who_asks_and_no_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain User-Agent, no cookie kept; proxies and passwords of the environment unused."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    site.paths["/a"] = Reply(
        b"a", headers={"Set-Cookie": "seen=1", "Location": "/page"}, status=302
    )
    getting = fetcher(user_agent="Kiosque/1.2")
    getting.get(f"{site.url}/a")
    getting.get(f"{site.url}/a")
    for asked in site.asked:
        assert asked.headers["user-agent"] == "Kiosque/1.2"
        assert asked.headers["host"] == f"127.0.0.1:{site.port}"
        assert not {"cookie", "authorization", "referer"} & set(asked.headers)


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    """The validators go with the request; 304 is an answer."""
    site.paths["/page"] = lambda asked: (
        Reply(status=304)
        if (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
        == ('"v1"', "Wed, 24 May 2017 10:00:00 GMT")
        else PAGE
    )
    known = Validators('"v1"', "Wed, 24 May 2017 10:00:00 GMT")
    assert fetcher().get(f"{site.url}/page", known).not_modified
    assert not fetcher().get(f"{site.url}/page").not_modified


def test_gzip_is_unpacked(site: Site) -> None:
    """A packed body comes out whole."""
    packed = {"Content-Encoding": "gzip"}
    site.paths["/page"] = Reply(gzip.compress(PAGE.body * 1000), headers=packed)
    assert fetcher().get(f"{site.url}/page").raw == PAGE.body * 1000


def test_a_name_is_resolved_once_and_its_address_is_spoken_to(site: Site) -> None:
    """The name goes into the Host header; what it resolves to later makes no difference."""
    answers = itertools.chain([["127.0.0.1"]], itertools.repeat(["10.9.9.9"]))
    getting = Fetcher(
        FetchLimits(seconds=FAST, robots=False, allow_private=True), lambda *_: next(answers)
    )
    assert getting.get(f"http://journal.example:{site.port}/page").raw == PAGE.body
    assert site.asked[0].headers["host"] == f"journal.example:{site.port}"


# --- what is no page --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "forbidden"), (403, "forbidden"), (404, "not_found"), (410, "gone"), (418, "status"),
        (429, "busy"), (500, "server_error"), (503, "server_error"), (300, "status"),
        (204, "status"), (206, "status"), (304, "status"),
    ],
)  # fmt: skip
def test_a_status_has_its_reason(site: Site, status: int, said: str) -> None:
    """Each kind of refusal is told apart."""
    site.paths["/page"] = Reply(b"<p>Erreur</p>", status=status)
    assert reason(fetcher(), f"{site.url}/page") == said


def test_a_server_may_ask_for_time(site: Site) -> None:
    """``Retry-After`` is kept, in seconds or as a date; nonsense is none, a century is a day."""
    found = []
    for asked in ("120", "Wed, 24 May 2017 10:00:00 GMT", "soon", "9999999999999"):
        site.paths["/page"] = Reply(status=503, headers={"Retry-After": asked})
        with pytest.raises(FetchFailed) as failure:
            fetcher().get(f"{site.url}/page")
        assert failure.value.temporary
        found.append(failure.value.retry_after)
    assert found == [120.0, 0.0, 0.0, 86_400.0]


def test_what_is_no_text_is_left_unread(site: Site) -> None:
    """Pictures and films are not downloaded; an unknown packing is not guessed at."""
    packed = gzip.compress(PAGE.body)
    site.paths |= {
        "/film": Reply(b"0" * 1000, "Video/mp4"),
        "/brotli": Reply(PAGE.body, headers={"Content-Encoding": "br"}),
        "/damaged": Reply(PAGE.body, headers={"Content-Encoding": "gzip"}),
        "/half": Reply(packed[:20], headers={"Content-Encoding": "gzip"}),
    }
    found = [reason(fetcher(), f"{site.url}{path}") for path in site.paths if path != "/page"]
    assert found == ["media_type", "encoding", "encoding", "encoding"]


def test_what_is_no_web_server_is_said(site: Site) -> None:
    """Another protocol, a connection that is closed at once, a port where nobody listens."""
    site.paths |= {
        "/ssh": pieces(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "/two": pieces(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n012345"),
        "/closed": pieces(),
    }
    found = [reason(fetcher(), f"{site.url}{path}") for path in ("/ssh", "/two", "/closed")]
    assert found == ["protocol", "protocol", "cut"]
    with web_site() as other:
        nobody = other.url
    assert reason(fetcher(), f"{nobody}/page") == "unreachable"


# --- robots and politeness --------------------------------------------------------------


def test_robots_are_asked_once_and_obeyed(site: Site) -> None:
    """What a site closes to us is not fetched, also by way of a redirect."""
    rules = b"User-agent: kiosque\nDisallow: /closed/\n\nUser-agent: *\nDisallow: /\n"
    site.paths |= {"/robots.txt": Reply(rules, "text/plain"), "/closed/page": PAGE}
    site.paths["/around"] = redirect("/closed/page")
    getting = fetcher(robots=True, user_agent="Kiosque/1.0")
    assert getting.get(f"{site.url}/page").raw == PAGE.body
    assert reason(getting, f"{site.url}/closed/page") == "robots"
    assert reason(getting, f"{site.url}/around") == "robots"
    assert reason(fetcher(robots=True, user_agent="Other/1.0"), f"{site.url}/page") == "robots"
    assert site.asked_for("/robots.txt") == 2
    assert site.asked_for("/closed/page") == 0
    assert fetcher(robots=False).get(f"{site.url}/closed/page").raw == PAGE.body


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (Reply(status=404), True),
        (Reply(status=403), True),
        (Reply(status=429), True),
        (redirect("/robots.txt"), True),
        (Reply(b"\x00\xff<html>Disallow: /", "image/png"), True),
        (Reply(b"\x00\xff\nUser-agent: *\nDisallow: /\n" + b"#" * 600_000), False),
        (Reply(status=500), False),
        (Reply(status=503), False),
    ],
)
def test_robots_that_cannot_be_had(site: Site, answer: Reply, allowed: bool) -> None:
    """RFC 9309: no file is no rules; a server that fails is a site that is closed."""
    site.paths["/robots.txt"] = answer
    getting = fetcher(robots=True)
    if allowed:
        assert getting.get(f"{site.url}/page").raw == PAGE.body
    else:
        assert reason(getting, f"{site.url}/page") in ("robots", "robots_unreachable")


def test_a_host_is_not_hurried(site: Site) -> None:
    """Between two pages of a host there is a pause; a site may ask for a longer one."""
    waits: list[float] = []
    limits = FetchLimits(seconds=FAST, pause=0.5, allow_private=True)
    getting = Fetcher(limits, sleep=waits.append, clock=lambda: 0.0)
    with web_site() as other:
        other.paths |= {"/page": PAGE, "/robots.txt": Reply(b"User-agent: *\nCrawl-delay: 3")}
        getting.get(f"{site.url}/page")
        getting.get(f"http://localhost:{other.port}/page")
        assert not waits
        getting.get(f"{site.url}/page")
        getting.get(f"http://localhost:{other.port}/page")
    assert waits == [0.5, 3.0]


# --- pages that lead elsewhere ----------------------------------------------------------


def refreshing(content: str, more: str = "") -> Reply:
    """A page that sends its readers on."""
    return Reply(
        f'<html><head>{more}<meta http-equiv="refresh" content="{content}"></head></html>'.encode()
    )


@pytest.mark.parametrize(
    "content", ["0;url=/page", "5; URL='page'", "1,/page", "0;url=//{host}/page"]
)
def test_a_refresh_is_followed(site: Site, content: str) -> None:
    """A page that leads elsewhere within seconds is where it leads, as in a browser."""
    site.paths["/old"] = refreshing(content.format(host=f"127.0.0.1:{site.port}"))
    assert fetcher().get(f"{site.url}/old").url == f"{site.url}/page"


@pytest.mark.parametrize(
    "reply",
    [
        refreshing("300;url=/page"),
        refreshing("60"),
        refreshing("0;url=/old"),
        Reply(b'<noscript><meta http-equiv="refresh" content="0;url=/page"></noscript>'),
        Reply(b'<!--<meta http-equiv="refresh" content="0;url=/page">-->'),
        Reply(b'<meta http-equiv="refresh" content="0;url=/page">', "text/plain"),
    ],
)
def test_a_page_that_is_loaded_again_is_where_it_is(site: Site, reply: Reply) -> None:
    """A live page, one that leads to itself, one for browsers without scripts, and a text stay."""
    site.paths["/old"] = reply
    assert fetcher().get(f"{site.url}/old").url == f"{site.url}/old"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("0;url=file:///etc/passwd", "bad_url"),
        ("0;url=javascript:alert(1)", "bad_url"),
        ("0;url=http://user:secret@127.0.0.1/", "credentials"),
        ("0;url=/loop?{n}", "redirects"),
    ],
)
def test_a_refresh_is_suspected_like_a_redirect(site: Site, content: str, why: str) -> None:
    """It leads to web addresses only, and not for ever."""
    numbers = itertools.count()

    def answer(_asked: Asked) -> Reply:
        return refreshing(content.replace("{n}", str(next(numbers))))

    site.paths["/old"] = answer
    for number in range(9):
        site.paths[f"/loop?{number}"] = answer
    assert reason(fetcher(), f"{site.url}/old") == why


def test_a_refresh_does_not_lead_into_a_private_network(site: Site) -> None:
    """Each hop is checked: a public page cannot send us to this machine."""
    site.paths["/old"] = refreshing(f"0;url=http://localhost:{site.port}/page")
    site.paths["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /page")
    assert reason(fetcher(robots=True), f"{site.url}/old") == "robots"
    assert site.asked_for("/page") == 0

"""Fetching over real HTTP: what comes, what is refused, and what it may cost."""

from __future__ import annotations

import gzip
import itertools
import random
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpcore
import pytest

from retrieval.web.exchange import FetchFailed, FetchLimits, Validators, WebResponse
from retrieval.web.fetch import Fetcher
from retrieval.web.network import resolve
from tests.web_site import Answer, Asked, Reply, Site, redirect, web_site

PAGE = Reply("<p>Le musée est ouvert.</p>".encode(), headers={"ETag": '"v1"'})
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
OUTSIDE = "93.184.215.14"
FAST = 2.0  # seconds: far more than a fetch on this machine takes


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with one good page."""
    with web_site() as made:
        made.paths["/page"] = PAGE
        yield made


def fetcher(**limits: object) -> Fetcher:
    """A fetcher that may speak to this machine, in a hurry, and asks no robots.txt."""
    chosen = {"seconds": FAST, "pause": 0.0, "robots": False, "allow_private": True} | limits
    return Fetcher(FetchLimits(**chosen))  # type: ignore[arg-type]


def reason(getting: Fetcher, url: str) -> str:
    """Why an address gives nothing."""
    with pytest.raises(FetchFailed) as failure:
        getting.get(url)
    return failure.value.reason.removeprefix("fetch_")


def pieces(*parts: bytes, pause: float = 0.0) -> Answer:
    """An answer of bytes as they are, with pauses between them."""

    def answer(_asked: Asked) -> Iterator[bytes]:
        for part in parts:
            yield part
            time.sleep(pause)

    return answer


# --- what comes ---------------------------------------------------------------------------


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


# --- addresses that are refused ----------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_refused_before_anything_is_sent(site: Site, host: str) -> None:
    """By default nothing is even connected to that is not of the open Internet."""
    strict = fetcher(allow_private=False, robots=True)
    assert reason(strict, f"http://{host}:{site.port}/page") == "private"
    assert site.connections == 0


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/page",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{port}/page",
        "http://[::ffff:7f00:1]:{port}/page",
        "http://2130706433:{port}/page",
        "http://10.0.0.1/",
        "//inside.example:{port}/page",
    ],
)
def test_a_redirect_does_not_lead_inside(target: str) -> None:
    """Each hop is judged like the first: a public site cannot lead to a private address."""
    with web_site() as outside, web_site() as inside:
        outside.paths["/"] = redirect(target.format(port=inside.port))
        getting = from_outside(robots=False)
        assert reason(getting, f"http://outside.example:{outside.port}/") == "private"
        assert (outside.asked_for("/"), inside.connections) == (1, 0)


def test_a_robots_txt_does_not_lead_inside() -> None:
    """A robots.txt that redirects inside gives no page, and nothing is connected to."""
    with web_site() as outside, web_site() as inside:
        outside.paths |= {"/robots.txt": redirect(f"{inside.url}/robots.txt"), "/": PAGE}
        assert reason(from_outside(), f"http://outside.example:{outside.port}/") == "private"
        assert (outside.asked_for("/"), inside.connections) == (0, 0)


def test_a_redirect_stays_on_the_web(site: Site) -> None:
    """A redirect to another scheme, to a password or to nonsense is refused."""
    site.paths |= {
        "/file": redirect("file:///etc/passwd"),
        "/password": redirect(f"http://user:secret@127.0.0.1:{site.port}/page"),
        "/nonsense": redirect("http://[::1"),
    }
    found = [reason(fetcher(), f"{site.url}{path}") for path in site.paths if path != "/page"]
    assert found == ["bad_url", "credentials", "bad_url"]


def test_redirects_end(site: Site) -> None:
    """Five are followed; a loop and a longer chain are given up."""
    site.paths |= {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    site.paths |= {"/5": PAGE, "/loop": redirect("/loop")}
    assert fetcher().get(f"{site.url}/0").url == f"{site.url}/5"
    site.paths |= {"/5": redirect("/6"), "/6": PAGE}
    assert reason(fetcher(), f"{site.url}/0") == "redirects"
    assert reason(fetcher(), f"{site.url}/loop") == "redirects"
    assert site.asked_for("/loop") == 6


# --- what it may cost --------------------------------------------------------------------


def test_slow_servers_are_left(site: Site) -> None:
    """Seconds are for the whole fetch: a head or a body that drips gains none by each byte."""
    drops = [b"x"] * 100
    site.paths |= {
        "/silent": pieces(b"", pause=3),
        "/head": pieces(b"HTTP/1.1 200 OK\r\nX-Slow: ", *drops, pause=0.05),
        "/body": pieces(HEAD, b"Content-Length: 100\r\n\r\n", *drops, pause=0.05),
        "/redirect": pieces(
            HEAD.replace(b"200", b"302"), b"Location: /redirect\r\n\r\n", pause=0.1
        ),
    }
    for path in ("/silent", "/head", "/body", "/redirect"):
        assert reason(fetcher(seconds=0.4), f"{site.url}{path}") == "timeout"


def test_large_answers_are_left(site: Site) -> None:
    """An endless body, one that says its size, an endless head, and a small bomb."""

    def endless(head: bytes) -> Answer:
        return lambda _asked: itertools.chain([head], itertools.repeat(b"a" * 65_536))

    bomb = gzip.compress(bytes(50_000_000))
    site.paths |= {
        "/endless": endless(HEAD + b"\r\n"),
        "/chunks": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n"),
        "/said": pieces(HEAD + b"Content-Length: 99999999999\r\n\r\n"),
        "/bomb": Reply(bomb, headers={"Content-Encoding": "gzip"}),
    }
    for path in ("/endless", "/chunks", "/said", "/bomb"):
        assert reason(fetcher(max_bytes=1_000_000), f"{site.url}{path}") == "too_large"
    site.paths["/head"] = endless(b"HTTP/1.1 200 OK\r\nX-Long: ")
    assert reason(fetcher(max_bytes=1_000_000), f"{site.url}/head") in ("protocol", "too_large")


def test_a_wrong_length_is_said(site: Site) -> None:
    """A body that is shorter or longer than announced is not half an article."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    site.paths |= {
        "/short": pieces(HEAD + b"Content-Length: 50\r\n\r\n0123456789"),
        "/long": pieces(HEAD + b"Content-Length: 5\r\n\r\n0123456789"),
        "/chunk": pieces(HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n0123"),
        "/right": pieces(early + HEAD + b"Content-Length: 10\r\n\r\n0123456789"),
        "/none": pieces(HEAD + b"\r\n0123456789"),
    }
    found = [reason(fetcher(), f"{site.url}{path}") for path in ("/short", "/long", "/chunk")]
    assert found == ["cut", "length", "cut"]
    for path in ("/right", "/none"):
        assert fetcher().get(f"{site.url}{path}").raw == b"0123456789"


# --- what is no page ---------------------------------------------------------------------


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


_STATUS = "200 204 302 304 404 503 100 103 999 abc -1".split()
_FIELDS = (
    b"Content-Type: text/html\nContent-Type: \xff/\xe9; charset=\x80\nContent-Length: -3\n"
    b"Content-Length: 7\nLocation: /page\nLocation: //\xff\xfe\nLocation: http://a..b/\n"
    b"Location: http://x:0/\nContent-Encoding: gzip\nTransfer-Encoding: chunked\n"
    b"Transfer-Encoding: x\nRetry-After: \xb2\nRetry-After: Wed, 99 Foo\nETag: \xff\xe9\n"
    b"Connection: Upgrade\nX: \x00\nno colon\n folded"
).split(b"\n")
_BODIES = (b"", b"a body", gzip.compress(b"x" * 99), b"5\r\nhello\r\n0\r\n\r\n", bytes(range(256)))


def _nonsense(chance: random.Random) -> bytes:
    """An answer that no server should give."""
    fields = b"".join(chance.choice(_FIELDS) + b"\r\n" for _ in range(chance.randrange(5)))
    head = f"HTTP/1.1 {chance.choice(_STATUS)} So\r\n".encode()
    answer = bytearray(head + fields + b"\r\n" + chance.choice(_BODIES))
    for _ in range(chance.choice((0, 0, 1, 3))):
        answer[chance.randrange(len(answer))] = chance.randrange(256)
    return bytes(answer)


def test_no_answer_is_a_crash(site: Site) -> None:
    """Whatever a server says, it is a page or a reason."""
    chance = random.Random(20)  # noqa: S311 - the same nonsense each time
    getting = fetcher(seconds=0.5)
    outcomes = set()
    for _ in range(300):
        site.paths["/page"] = pieces(_nonsense(chance))
        try:
            getting.get(f"{site.url}/page")
            outcomes.add("page")
        except FetchFailed as failure:
            outcomes.add(failure.reason)
    assert len(outcomes) > 5


# --- TLS ---------------------------------------------------------------------------------


def test_a_certificate_must_be_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under TLS the name is what is verified, although the address is what is connected to."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = "-subj /CN=journal.example -addext subjectAltName=DNS:journal.example"
    command = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes {subject}"
    made = [*command.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    def getting() -> Fetcher:
        limits = FetchLimits(seconds=FAST, robots=False, allow_private=True)
        return Fetcher(limits, lambda *_: ["127.0.0.1"])

    with web_site(tls) as site:
        site.paths["/page"] = PAGE
        assert reason(getting(), f"https://journal.example:{site.port}/page") == "tls"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        found = getting().get(f"https://journal.example:{site.port}/page")
        assert found.raw == PAGE.body
        assert reason(getting(), f"https://other.example:{site.port}/page") == "tls"
        assert site.asked_for("/page") == 1


def test_a_server_without_tls_is_said(site: Site) -> None:
    """https to a plain server is a matter of TLS, not a crash."""
    assert reason(fetcher(), f"https://127.0.0.1:{site.port}/page") == "tls"


# --- robots and politeness ---------------------------------------------------------------


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


class _Outside(httpcore.SyncBackend):
    """The open Internet as far as tests go: its one address is a server on this machine."""

    def connect_tcp(self, host: str, *rest: Any, **named: Any) -> httpcore.NetworkStream:  # noqa: ANN401
        return super().connect_tcp("127.0.0.1" if host == OUTSIDE else host, *rest, **named)


def from_outside(**limits: object) -> Fetcher:
    """A fetcher as it is by default, for which ``outside.example`` has a public address."""
    named = {"outside.example": OUTSIDE, "inside.example": "192.168.0.7"}

    def addresses(host: str, port: int, seconds: float) -> list[str]:
        return [named[host]] if host in named else resolve(host, port, seconds)

    chosen = {"seconds": FAST, "pause": 0.0} | limits
    return Fetcher(FetchLimits(**chosen), addresses, _Outside())  # type: ignore[arg-type]


# --- pages that lead elsewhere ------------------------------------------------------------


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


def test_pages_made_to_cost_time(site: Site) -> None:
    """A head of half-open elements does not keep the search busy for ever."""
    for part in (
        b"<!--",
        b"<script>",
        b"<meta ",
        b'<meta a="',
        b"<meta http-equiv=refresh content=",
    ):
        site.paths["/old"] = Reply(b"http-equiv" + part * 200_000)
        assert fetcher().get(f"{site.url}/old").url == f"{site.url}/old"

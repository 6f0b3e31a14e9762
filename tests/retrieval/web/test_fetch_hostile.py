"""Fetching from hostile servers: addresses that are refused, limits of cost, nonsense, TLS."""

from __future__ import annotations

import gzip
import itertools
import random
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from retrieval.web.fetch import Fetcher
from retrieval.web.response import FetchFailed, FetchLimits
from tests.retrieval.web.fetching import FAST, HEAD, PAGE, fetcher, from_outside, pieces, reason
from tests.web_site import Answer, Reply, Site, redirect, web_site


@pytest.fixture
def site(site: Site) -> Site:
    """A site with one good page."""
    site.paths["/page"] = PAGE
    return site


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


# --- what it may cost -------------------------------------------------------------------


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


# --- nonsense ---------------------------------------------------------------------------

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


# --- TLS --------------------------------------------------------------------------------


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

"""Which addresses can be fetched, and the form that tells a page apart."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.text.addresses import address_key, host_of, is_url
from retrieval.web.response import FetchFailed
from retrieval.web.urls import canonical, parsed, same_site


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTP://Journal.Example:80/a/../b#suite", "http://journal.example/b"),
        ("https://journal.example/a?utm_source=x&id=3&fbclid=y", "https://journal.example/a?id=3"),
        (
            "https://journal.example/spip.php?article12",
            "https://journal.example/spip.php?article12",
        ),
        ("https://journal.example/?p=&b=2&a=1", "https://journal.example/?p=&b=2&a=1"),
        ("https://journal.example/a?utm_source=x", "https://journal.example/a"),
        ("https://été.example/é", "https://xn--t-9fab.example/%C3%A9"),
        ("  https://journal.example  ", "https://journal.example/"),
        (
            "https://arquivo.example/20190512083000/https://journal.example/a",
            "https://journal.example/a",
        ),
        # a path that looks like a copy's, of what is no address
        (
            "https://journal.example/20190512083000/http:/%20x",
            "https://journal.example/20190512083000/http:/%20x",
        ),
    ],
)
def test_one_form_for_a_page(given: str, kept: str) -> None:
    """Fragments and trackers do not make another page; everything else may."""
    assert canonical(given) == kept
    assert canonical(kept) == kept


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("ftp://journal.example/a", "fetch_bad_url"),
        ("file:///etc/passwd", "fetch_bad_url"),
        ("http:///a", "fetch_bad_url"),
        ("http://[::1", "fetch_bad_url"),
        ("http://[fe80::1%25eth0]/", "fetch_bad_url"),
        ("http://journal.example:99999/", "fetch_bad_url"),
        ("http://a b/", "fetch_bad_url"),
        ("http://xn--/", "fetch_bad_url"),
        ("http://journal.example/\x00", "fetch_bad_url"),
        ("http://journal.example/" + "a" * 3000, "fetch_bad_url"),
        ("http://user:secret@journal.example/", "fetch_credentials"),
    ],
)
def test_what_is_no_address_is_said(given: str, reason: str) -> None:
    """Other schemes, broken addresses and those with a password are refused."""
    with pytest.raises(FetchFailed) as failure:
        parsed(given)
    assert failure.value.reason == reason
    assert "secret" not in str(failure.value)


def test_a_path_is_no_address() -> None:
    """Only what begins as a web address is one: a Windows drive or a folder is a path."""
    assert is_url("HTTPS://journal.example")
    assert not any(map(is_url, ["articles/", "C:\\articles", "http:/a", "journal.example/a"]))


def test_a_site_is_its_host() -> None:
    """``www.`` and ``m.`` are the same site; a neighbour under the same domain is another."""
    assert same_site("https://www.journal.example/a", "http://m.journal.example/b")
    assert not same_site("https://anne.blogs.example/", "https://bruno.blogs.example/")
    assert not same_site("http://127.0.0.1:8001/", "http://127.0.0.1:8002/")
    assert not same_site("https://journal.example/", "nonsense")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Journal.Example:8443/a", "journal.example"),
        ("//journal.example/a", "journal.example"),
        ("http://reader:secret@journal.example/", "journal.example"),
        ("journal.example/a", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    """In lower case, without ``www.``, port and login; a broken address has none."""
    assert host_of(url) == host


# --- spellings of one address -----------------------------------------------------------------

SAME = "https://courrier.example/2017/pont?id=3"


@pytest.mark.parametrize(
    "written",
    [
        "http://courrier.example/2017/pont?id=3",
        "https://www.courrier.example/2017/pont?id=3",
        "https://Courrier.Example:443/2017/pont?id=3",
        "https://courrier.example/2017/pont/?id=3",
        "https://courrier.example/2017/pont?id=3#commentaires",
        "https://courrier.example/2017/pont?utm_source=lettre&id=3&fbclid=x",
    ],
)
def test_spellings_of_one_page(written: str) -> None:
    """Scheme, www, port, trailing slash, fragment and trackers do not tell pages apart."""
    assert address_key(written) == address_key(SAME) is not None


@given(
    st.sampled_from(("http", "https")),
    st.text("awx.-W:", max_size=8),
    st.text("a/._-,=:!%;~+()é W", max_size=12),
)
@example("https", "www.courrier.example", "/2017/05/pont-neuf,12.html/")
@example("https", "xn--caf-dma.example", "/a")
def test_a_plain_address_has_the_form_that_any_spelling_has(
    scheme: str, host: str, path: str
) -> None:
    """Whether a form is made the short way or the long way (a fragment asks for it) is the same."""
    address = f"{scheme}://{host}{path}"
    assert address_key(address) == address_key(f"{address}#suite")


@pytest.mark.parametrize(
    "written",
    [
        "https://courrier.example/2017/pont?id=4",
        "https://courrier.example/2017/port?id=3",
        "https://gazette.example/2017/pont?id=3",
    ],
)
def test_addresses_of_other_pages(written: str) -> None:
    """Host, path and query do."""
    assert address_key(written) != address_key(SAME)


@pytest.mark.parametrize(
    "written",
    [
        "https://courrier.example",
        "https://www.courrier.example/",
        "https://courrier.example/?utm_source=lettre",
        "file:/articles/pont.txt",
        "/articles/pont.txt",
        "http://[::1",
        "https://courrier.example/" + "a" * 3_000,
        "",
    ],
)
def test_an_address_that_names_no_page(written: str) -> None:
    """A home page, a file, and what is no address identify nothing."""
    assert address_key(written) is None

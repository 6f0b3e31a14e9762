"""Which addresses may be spoken to."""

from __future__ import annotations

import pytest

from retrieval.web.connections import checked_addresses, is_public, resolve
from retrieval.web.response import FetchFailed

PUBLIC = "93.184.215.14 2606:4700::6810:84e5 ::ffff:93.184.215.14 64:ff9b::5db8:d70e".split()
REFUSED = (
    # loopback, this network, private, shared, link-local (cloud metadata), benchmarks, multicast
    "127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 100.64.0.1 169.254.169.254"
    " 198.18.0.1 192.0.0.1 192.0.2.1 224.0.0.1 240.0.0.1 255.255.255.255"
    # the same in IPv6, and IPv4 in its wrappings: mapped, compatible, NAT64, 6to4, Teredo
    " :: ::1 fe80::1 fec0::1 fc00::1 fd12::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1"
    " ::7f00:1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001:0:4136:e378:8000:63bf:80ff:fffe"
    " fe80::1%eth0 nonsense"
).split()


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    """An address of the open Internet is one, also when IPv6 carries it."""
    assert is_public(address)


@pytest.mark.parametrize("address", REFUSED)
def test_other_addresses_do_not(address: str) -> None:
    """Whatever is not of the open Internet is refused, however it is written."""
    assert not is_public(address)


def test_one_private_address_condemns_a_name() -> None:
    """A name that resolves to a public and a private address is a trap."""
    with pytest.raises(FetchFailed) as failure:
        checked_addresses(
            "trap.example", 80, lambda *_: [PUBLIC[0], "10.0.0.1"], 1.0, allow_private=False
        )
    assert failure.value.reason == "fetch_private"
    assert failure.value.detail == "trap.example: 10.0.0.1"


def test_private_addresses_may_be_allowed() -> None:
    """With the setting, a private address is as good as another."""
    assert checked_addresses("nas", 80, lambda *_: ["10.0.0.1"], 1.0, allow_private=True) == [
        "10.0.0.1"
    ]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    """The system reads decimal, hexadecimal, octal and short forms; what it reads is judged."""
    with pytest.raises(FetchFailed) as failure:
        checked_addresses(host, 80, resolve, 5.0, allow_private=False)
    assert failure.value.reason == "fetch_private"


@pytest.mark.parametrize("host", ["no-such-name.invalid", "a" * 64 + ".example", "a..b"])
def test_a_name_without_address_is_unknown(host: str) -> None:
    """A name that is not there, or cannot be one, is a reason and not a crash."""
    with pytest.raises(FetchFailed) as failure:
        checked_addresses(host, 80, resolve, 5.0, allow_private=False)
    assert failure.value.reason == "fetch_unknown_host"


def test_a_slow_resolver_is_not_waited_for() -> None:
    """A name that does not resolve in time is given up."""

    def slow(host: str, _port: int, seconds: float) -> list[str]:
        assert seconds == 0.5
        raise TimeoutError(host)

    with pytest.raises(FetchFailed) as failure:
        checked_addresses("slow.example", 80, slow, 0.5, allow_private=False)
    assert failure.value.reason == "fetch_timeout"

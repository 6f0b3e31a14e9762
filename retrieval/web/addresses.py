"""Which addresses may be spoken to: the names of a host resolved once, and each one judged."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from retrieval.web.failures import FetchFailed

Resolver = Callable[[str, int, float], list[str]]
"""Gives the addresses of a host, for a port, within some seconds; `OSError` when it has none."""

_NAT64 = IPv6Network("64:ff9b::/96")


def checked(
    host: str, port: int, resolve: Resolver, seconds: float, *, allow_private: bool
) -> list[str]:
    """The addresses to connect to.

    All of them must be public: a name with a public and a private one is a trap.

    Raises:
        FetchFailed: ``unknown_host``, ``private`` or ``timeout``.
    """
    try:
        found = resolve(host, port, seconds)
    except TimeoutError:
        raise FetchFailed("timeout", f"no address of {host} in time") from None
    except (OSError, UnicodeError):  # a name that cannot be one is a `UnicodeError`
        raise FetchFailed("unknown_host", host) from None
    if not found:
        raise FetchFailed("unknown_host", host)
    for address in found:
        if not allow_private and not is_public(address):
            raise FetchFailed("private", host if host == address else f"{host}: {address}")
    return found


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet, whatever it is wrapped in."""
    try:
        ip = _unwrapped(ip_address(address))
    except ValueError:
        return False
    site_local = isinstance(ip, IPv6Address) and ip.is_site_local
    special = ip.is_multicast or ip.is_reserved or ip.is_link_local or ip.is_unspecified
    return ip.is_global and not special and not site_local


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Ask the system, which may take as long as it likes; we do not wait for longer."""
    found: list[str] = []
    failed: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(str(address[0]))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        raise TimeoutError(host)
    if failed:
        raise failed[0]
    return list(dict.fromkeys(found))

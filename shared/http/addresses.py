"""Where a webhook of ours may go: to a public host, over https, and never into a network of ours or AWS' own. T20.

ADDR-1 What is checked is the address that is connected to: a name is resolved once, and its answer is used.
ADDR-2 One address of a name that is not public refuses the name: nobody's public host has a private one beside it.
ADDR-3 A URL is read here and taken apart once; nothing reads it a second time in another way.

Of IPv6 only 2000::/3 is given out to hosts; mapped and translated addresses (::ffff:0:0/96, 64:ff9b::/96) stand outside
of it. Inside of it 6to4 and Teredo wrap an IPv4 address, which may be a private one.
Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, by way of `ipaddress`.
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host name. Raises OSError."""

LONGEST_URL: Final = 2048
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
_PLAIN: Final = re.compile(r"[!-~]+", re.ASCII)
_GIVEN_OUT: Final = IPv6Network("2000::/3")
_PUBLIC_TO_OLDER_PYTHONS: Final = (
    IPv4Network("192.0.0.0/24"),  # the IETF's own
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv6Network("3fff::/20"),  # documentation
)


class UrlRefusedError(Exception):
    """A webhook may not go there; the text says why and names no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a URL leads to. `path` has its query; `authority` is the value of the header Host."""

    host: str
    port: int
    path: str
    authority: str
    is_secure: bool


def target_of(url: str, *, loopback: bool = False) -> Target:
    """Read a URL: https on port 443, or with `loopback` any port, and http. Raises UrlRefusedError."""
    if len(url) > LONGEST_URL or not _PLAIN.fullmatch(url):
        raise UrlRefusedError("a URL has printable ASCII characters alone, 2 048 at most")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise UrlRefusedError("this is no URL") from None
    is_secure = parts.scheme == "https"
    if not is_secure and not (loopback and parts.scheme == "http"):
        raise UrlRefusedError("a URL begins with https://")
    if not host or "@" in parts.netloc or "%" in host:
        raise UrlRefusedError("a URL has a host, and no user, password or zone")
    port = port or (HTTPS_PORT if is_secure else HTTP_PORT)
    if port != HTTPS_PORT and not loopback:
        raise UrlRefusedError("a URL has the port 443, or none")
    query = f"?{parts.query}" if parts.query else ""
    return Target(host=host, port=port, path=(parts.path or "/") + query, authority=parts.netloc, is_secure=is_secure)


def address_of(target: Target, resolve: Resolve, *, loopback: bool = False) -> str:
    """Give the address to connect to, an IPv4 one where there is one. Raises UrlRefusedError."""
    try:
        addresses = [ip_address(text) for text in resolve(target.host, target.port)]
    except (OSError, ValueError):
        raise UrlRefusedError("the host has no address") from None
    if not addresses or not all(is_public(one) or (loopback and one.is_loopback) for one in addresses):
        raise UrlRefusedError("an address of the host is not public")
    return str(min(addresses, key=lambda one: one.version))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one that anybody on the internet may have."""
    if not address.is_global or address.is_multicast or any(address in one for one in _PUBLIC_TO_OLDER_PYTHONS):
        return False
    if isinstance(address, IPv4Address):
        return True
    return address in _GIVEN_OUT and address.sixtofour is None and address.teredo is None


def resolved(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Raises OSError."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in answers]

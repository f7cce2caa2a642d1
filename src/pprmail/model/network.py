"""Networks: from which part of the internet somebody comes, as far as that can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

UNKNOWN: Final = "unknown"
OF_FOUR: Final = 24
OF_SIX: Final = 48

Address = IPv4Address | IPv6Address


def network_of(peer: str, forwarded: Sequence[str], *, trusted: Sequence[str]) -> str:
    """Name the network of a visitor: a /24 of IPv4, a /48 of IPv6, or “unknown”.

    `forwarded` are the hops that proxies noted, the nearest last. A hop is believed only if it was
    noted by a proxy that is trusted; whatever a visitor writes there himself is never reached.
    """
    client = _parsed(peer)
    for hop in reversed(forwarded):
        if client is None or not _is_trusted(client, trusted):
            break
        noted = _parsed(hop)
        if noted is None:
            break
        client = noted
    return UNKNOWN if client is None else _around(client)


def _parsed(text: str) -> Address | None:
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address, trusted: Sequence[str]) -> bool:
    return any(address in ip_network(network, strict=False) for network in trusted)


def _around(address: Address) -> str:
    size = OF_FOUR if address.version == 4 else OF_SIX
    return str(ip_network(f"{address}/{size}", strict=False))

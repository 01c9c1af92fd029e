"""Which IP addresses we connect to when somebody else names them. Pure."""

from ipaddress import IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in its last four bytes."""


def is_allowed(address: str, url: str, loopback: bool) -> bool:
    """Whether an IP address that a URL's host leads to may be connected to."""
    ip = ip_address(address.partition("%")[0])
    if loopback and ip.is_loopback:
        return True
    return url.lower().startswith("https:") and is_public(address)


def is_public(address: str) -> bool:
    """Whether an IP address is anybody's on the internet: not private, link-local (where clouds keep their
    metadata), loopback, multicast or reserved, nor an IPv6 address that stands for an IPv4 one of these."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return is_public(str(ip_address(ip.packed[-4:])))
        if ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved

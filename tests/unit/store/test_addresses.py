"""Where we do not connect to when somebody else says where."""

import pytest

from videosite.store.addresses import is_allowed, is_public


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.8.9.10", "0.0.0.0", "169.254.169.254",
        "169.254.170.2", "100.64.0.1", "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1",
        "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "ff02::1", "fec0::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254",
        "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:a00:1::", "2002:808:808::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::127.0.0.1",
    ],
)  # fmt: skip
def test_not_on_the_internet(address: str) -> None:
    assert not is_public(address)
    assert not is_allowed(address, "https://x/", loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_on_the_internet(address: str) -> None:
    assert is_public(address)
    for url in ("https://x/", "HTTPS://x/"):
        assert is_allowed(address, url, loopback=False)
    assert not is_allowed(address, "http://x/", loopback=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_only_where_it_is_wanted(address: str) -> None:
    for url in ("http://x/", "https://x/"):
        assert is_allowed(address, url, loopback=True)
        assert not is_allowed(address, url, loopback=False)


def test_wanting_this_machine_opens_nothing_else() -> None:
    assert not is_allowed("10.0.0.1", "https://x/", loopback=True)
    assert not is_allowed("169.254.169.254", "http://x/", loopback=True)

"""Where webhooks may go, and where never. T20."""

from collections.abc import Callable, Sequence

import pytest

from shared.http.addresses import Target, UrlRefusedError, address_of, target_of

PUBLIC = "93.184.216.34"
PUBLIC_V6 = "2606:2800:220:1:248:1893:25c8:1946"


def answering(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


def a_target(host: str = "crm.chain.example") -> Target:
    return target_of(f"https://{host}/hook")


def is_taken(url: str, *, loopback: bool = False) -> bool:
    try:
        target_of(url, loopback=loopback)
    except UrlRefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://crm.chain.example", "crm.chain.example", "/"),
        ("https://crm.chain.example/hooks/jifen?shop=1&x=%20", "crm.chain.example", "/hooks/jifen?shop=1&x=%20"),
        ("https://CRM.chain.example:443/a#part", "crm.chain.example", "/a"),
        ("https://93.184.216.34/", "93.184.216.34", "/"),
        ("https://[2606:2800:220:1:248:1893:25c8:1946]/", PUBLIC_V6, "/"),
    ],
)
def test_a_url_is_taken_apart_once(url: str, host: str, path: str) -> None:
    target = target_of(url)
    assert (target.host, target.path, target.port, target.is_secure) == (host, path, 443, True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.chain.example/hook",
        "http://crm.chain.example/",
        "ftp://crm.chain.example/",
        "file:///etc/passwd",
        "gopher://crm.chain.example/",
        "https:///hook",
        "https://",
        "https://crm.chain.example:8443/",
        "https://crm.chain.example:80/",
        "https://crm.chain.example:99999/",
        "https://crm.chain.example:port/",
        "https://user@crm.chain.example/",
        "https://user:secret@crm.chain.example/",
        "https://crm.chain.example\\@169.254.169.254/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://crm.chain.example/a b",
        "https://crm.chain.example/\r\nHost: other",
        "https://crm.chain.example/\x00",
        "https://会员.example/",
        "https://crm.chain.example/" + "a" * 2_048,
    ],
)
def test_t20_a_url_that_is_not_plainly_https_on_443_is_refused(url: str) -> None:
    assert not is_taken(url)


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_V6, "8.8.8.8", "2001:4860:4860::8888", "100.63.255.255"])
def test_t20_a_public_address_is_taken(address: str) -> None:
    assert address_of(a_target(), answering(address)) == address


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 an address that is refused
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:93.184.216.34",
        "::ffff:0:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:a9fe:a9fe::1",
        "2002:c0a8:101::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%2",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_t20_no_other_address_is(address: str) -> None:
    with pytest.raises(UrlRefusedError):
        address_of(a_target(), answering(address))
    for beside in (PUBLIC, PUBLIC_V6):
        with pytest.raises(UrlRefusedError):
            address_of(a_target(), answering(beside, address))


def test_t20_a_host_without_an_address_is_refused() -> None:
    def fails(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    for resolve in (answering(), answering("no address"), fails):
        with pytest.raises(UrlRefusedError):
            address_of(a_target(), resolve)


def test_an_ipv4_address_is_preferred_because_lambda_has_no_other_way_out() -> None:
    assert address_of(a_target(), answering(PUBLIC_V6, PUBLIC)) == PUBLIC


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/hook", "https://localhost:8443/", "http://[::1]/"])
def test_a_laptop_may_be_told_of_its_own_events(url: str) -> None:
    target = target_of(url, loopback=True)
    address = "::1" if ":" in target.host else "127.0.0.1"
    assert address_of(target, answering(address), loopback=True) == address
    assert not is_taken(url)


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "::ffff:10.0.0.1", "fd00:ec2::254"])
def test_t20_and_of_nothing_else_that_is_not_public(address: str) -> None:
    with pytest.raises(UrlRefusedError):
        address_of(a_target(), answering(address), loopback=True)

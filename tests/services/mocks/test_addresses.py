"""Addresses outside: what a record shows of them, and which the manifest allows."""

from __future__ import annotations

import pytest

from forge_emu.services.mocks.addresses import is_allowed, is_loopback, shown_address

TOKEN = "a1B2c3D4e5F6g7H8i9J0k1L2"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example", ("https://a.example", "/")),
        ("https://user:pass@A.Example:443/x#y", ("https://a.example", "/x")),
        ("http://[::1]:80/x", ("http://[::1]", "/x")),
        ("https://a.example/x?jql=a%20b&n=1", ("https://a.example", "/x?jql=a%20b&n=1")),
        ("https://a.example/x?api_key=1&token=", ("https://a.example", "/x?api_key=***&token=")),
        (f"https://a.example/s/{TOKEN}?k={TOKEN}", ("https://a.example", "/s/***?k=***")),
        ("https://a.example/issue/EMU-1", ("https://a.example", "/issue/EMU-1")),
    ],
)
def test_what_a_record_shows(url: str, shown: tuple[str, str]) -> None:
    """Host and path, without passwords and keys."""
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    ("host", "address", "allowed"),
    [
        ("https://a.example", "https://a.example", True),
        ("https://a.example", "a.example", True),
        ("https://a.example", "https://A.example:443/path?x", True),
        ("https://a.example", "//a.example", True),
        ("http://a.example", "a.example", False),
        ("https://a.example:8443", "https://a.example", False),
        ("https://a.example:8443", "https://a.example:8443", True),
        ("https://b.a.example", "*.a.example", True),
        ("https://c.b.a.example", "*.a.example", True),
        ("https://c.b.a.example", "https://*.a.example", True),
        ("https://a.example", "*.a.example", False),
        ("https://evil-a.example", "*.a.example", False),
        ("https://a.example.evil", "*.a.example", False),
        ("https://anything", "*", True),
        ("https://a.example", "wss://a.example", True),
        ("https://a.example", "", False),
        ("http://localhost:8080", "localhost", True),
        ("http://localhost:8080", "http://localhost:8080", True),
        ("http://localhost:8080", "http://localhost:9090", False),
        ("http://127.0.0.1:8080", "https://127.0.0.1", True),
    ],
)
def test_what_the_manifest_allows(host: str, address: str, allowed: bool) -> None:
    """Scheme, host and port; on this machine the host alone."""
    assert is_allowed(host, [address], loopback_is_free=True) is allowed


def test_this_machine_may_be_like_any_other() -> None:
    """Scheme and port count there as well."""
    assert not is_allowed("http://localhost:8080", ["localhost"], loopback_is_free=False)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("http://localhost", True),
        ("http://api.localhost:80", True),
        ("https://127.1.2.3:8443", True),
        ("https://[::1]:8443", True),
        ("https://127.0.0.1.example.com", False),
        ("https://localhost.example.com", False),
    ],
)
def test_this_machine(host: str, loopback: bool) -> None:
    """By name, and by number."""
    assert is_loopback(host) is loopback

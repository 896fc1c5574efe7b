"""Where the control API listens, and which names it answers to."""

from __future__ import annotations

import socket

import pytest

from forge_emu.control.addresses import Addresses, addresses_of, bind_sockets
from forge_emu.errors import UserError

NAME = socket.gethostname()


@pytest.mark.parametrize(
    ("listens", "host", "answers"),
    [
        (None, "127.0.0.1", True),
        (None, "127.0.0.1:80", True),
        (None, "LocalHost:80", True),
        (None, "[::1]:80", True),
        (None, "::1", False),
        (None, "", False),
        (None, "evil.example", False),
        (None, "127.0.0.1.evil.example", False),
        (None, "localhost:80:90", False),
        (None, "[::1].evil.example", False),
        (None, "localhost:x", False),
        (None, "[]:80", False),
        (None, "10.0.0.7", False),
        ("0.0.0.0", "10.0.0.7:80", True),
        ("0.0.0.0", "[fe80::7]:80", True),
        ("0.0.0.0", "[fe80::7", False),
        ("0.0.0.0", NAME, True),
        ("0.0.0.0", f"{NAME}.local:80", True),
        ("0.0.0.0", "evil.example", False),
        ("127.0.0.2", "127.0.0.2", True),
        ("127.0.0.2", "127.0.0.1", True),
        ("127.0.0.2", "127.0.0.3", False),
    ],
)
def test_a_host_is_this_machine_or_not(listens: str | None, host: str, answers: bool) -> None:
    """Names are taken literally; numbers pass where every address is served."""
    assert addresses_of(listens).accepts_host(host) == answers


@pytest.mark.parametrize(
    ("listens", "is_open"),
    [(None, False), ("localhost", False), ("127.0.0.2", False), ("0.0.0.0", True), ("::", True)],
)
def test_loopback_is_not_open_to_other_machines(listens: str | None, is_open: bool) -> None:
    """The warning is for what others can reach."""
    assert addresses_of(listens).exposed == is_open


@pytest.mark.parametrize("listens", ["no such host", "256.1.1.1", "", "a" * 300, "x:80"])
def test_what_is_no_address_is_quoted(listens: str) -> None:
    """One message that names the option."""
    with pytest.raises(UserError) as caught:
        addresses_of(listens)
    assert "--host" in caught.value.message
    assert repr(listens) in caught.value.message


def test_every_address_has_the_same_port() -> None:
    """The loopback is always among them."""
    sockets = bind_sockets(addresses_of("127.0.0.2"), 0)
    names = [sock.getsockname() for sock in sockets]
    for sock in sockets:
        sock.close()
    assert [name[0] for name in names] == ["127.0.0.1", "127.0.0.2"]
    assert len({name[1] for name in names}) == 1


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_open() -> None:
    """The message says what to do, and the first of two addresses is let go again."""
    (taken,) = bind_sockets(Addresses(((socket.AF_INET, "127.0.0.2"),)), 0)
    port = taken.getsockname()[1]
    with pytest.raises(UserError, match=rf"port {port} of 127\.0\.0\.2"):
        bind_sockets(addresses_of("127.0.0.2"), port)
    taken.close()
    for sock in bind_sockets(addresses_of("127.0.0.2"), port):
        sock.close()


def test_an_address_of_another_machine_is_an_error() -> None:
    """TEST-NET-1 belongs to nobody."""
    with pytest.raises(UserError) as caught:
        bind_sockets(addresses_of("192.0.2.1"), 0)
    assert "192.0.2.1" in caught.value.message
    assert "--host" in str(caught.value.hint)

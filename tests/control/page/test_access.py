"""Links to the live page work once; a cookie is good for its own page alone."""

from __future__ import annotations

from itertools import count

import pytest

from forge_emu.control.page.access import PageAccess

URL = "http://127.0.0.1:4242"


def _access(secret: str = "s3cret-of-this-app") -> PageAccess:
    numbers = count()
    return PageAccess(secret, lambda: f"{next(numbers):032}"[::-1])


def _token(link: str) -> str:
    assert link.startswith(f"{URL}/?token=")
    return link.rpartition("=")[2]


def test_a_link_works_once() -> None:
    """And a token that nobody was given never."""
    access = _access()
    link = access.new_link(URL)

    assert not access.use_link("0000")
    assert not access.use_link("")
    assert access.use_link(_token(link))
    assert not access.use_link(_token(link))


def test_the_link_that_is_shown_always_works() -> None:
    """It stays the same until somebody has opened it, whatever other links are made."""
    access = _access()
    shown = access.shown_link(URL)
    other = access.new_link(URL)

    assert access.shown_link(URL) == shown != other
    assert access.use_link(_token(shown))
    assert access.shown_link(URL) not in (shown, other)
    assert access.use_link(_token(access.shown_link(URL)))
    assert access.use_link(_token(other))


def test_of_links_that_nobody_opens_the_oldest_go() -> None:
    """So that they are bounded."""
    access = _access()
    links = [access.new_link(URL) for _ in range(40)]

    assert [access.use_link(_token(link)) for link in links] == [False] * 8 + [True] * 32


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"other=1",
        b"forge-emu-0=s3cret-of-this-app",
        b"\xff\xfe=;;;==",
        b'"; forge-emu="',
    ],
)
def test_another_cookie_is_not_accepted(header: bytes) -> None:
    """Nor is what is no cookie at all."""
    assert not _access().accepts_cookies(header)


def test_the_cookie_of_a_page_is_accepted_in_the_next_run() -> None:
    """As long as the secret is the same; that of another app has another name."""
    given = _access().set_cookie_header()
    pair, *attributes = given.split("; ")

    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Strict"]
    assert _access().accepts_cookies(f"a=b; {pair}".encode())
    assert not _access("another-secret").accepts_cookies(pair.encode())
    assert not _access().accepts_cookies(pair[:-1].encode())
    assert _access().cookie_name != _access("another-secret").cookie_name

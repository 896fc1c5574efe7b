"""Who may open the live page: links that work once, and the cookie that a browser gets for one."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final

PARAMETER: Final = "token"
"""The parameter of a link that has its token."""

_TOKEN_CHARACTERS = 16
_MOST_LINKS = 32


class PageAccess:
    """Makes links and checks cookies. `secret` is the value of the cookie, in every run of an app.

    A link works once: whoever opens it gets the cookie. Of links that nobody opened, the last 32
    work. `new_token` gives a secret that nobody guesses.
    """

    def __init__(self, secret: str, new_token: Callable[[], str]) -> None:
        self._secret = secret
        self._new_token = new_token
        self._unused: deque[str] = deque(maxlen=_MOST_LINKS)
        self._shown = ""
        # A browser sends its cookies to every port of a host: emulators have one each.
        self.cookie_name = f"forge-emu-{hashlib.sha256(secret.encode()).hexdigest()[:8]}"

    def new_link(self, url: str) -> str:
        """A link to the page of the emulator at `url`, which works once."""
        self._unused.append(self._new_token()[:_TOKEN_CHARACTERS])
        return _link(url, self._unused[-1])

    def shown_link(self, url: str) -> str:
        """The link to show: the same one until it was opened, then another."""
        if self._shown not in self._unused:
            self.new_link(url)
            self._shown = self._unused[-1]
        return _link(url, self._shown)

    def use_link(self, token: str) -> bool:
        """Whether `token` is that of a link which nobody has opened; it works no more then."""
        found = next((each for each in self._unused if _is_same(each, token)), None)
        if found is None:
            return False
        self._unused.remove(found)
        return True

    def accepts_cookies(self, header: bytes) -> bool:
        """Whether a `Cookie` header has the cookie of this page."""
        try:
            found = SimpleCookie(header.decode("latin-1")).get(self.cookie_name)
        except CookieError:
            return False
        return found is not None and _is_same(found.value, self._secret)

    def set_cookie_header(self) -> str:
        """The `Set-Cookie` header for a browser that opened a link."""
        return f"{self.cookie_name}={self._secret}; Path=/; HttpOnly; SameSite=Strict"


def _link(url: str, token: str) -> str:
    return f"{url}/?{PARAMETER}={token}"


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())

"""A page that needs no emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator

from forge_emu.control.page.access import PageAccess
from forge_emu.control.page.contract import WaitForDisconnect

URL = "http://127.0.0.1:4242"
SECRET = "the-secret-of-the-cookie"


class FakePage:
    """A page of one word, and a stream of one line."""

    def __init__(self) -> None:
        self.access = PageAccess(SECRET, iter([f"token-{n:010}" for n in range(9)]).__next__)

    def new_link(self) -> str:
        return self.access.new_link(URL)

    def html(self) -> bytes:
        return b"<!doctype html>page"

    async def collect(self) -> None:
        """Nothing to wait for."""

    async def follow_changes(self, wait_for_disconnect: WaitForDisconnect) -> AsyncIterator[bytes]:
        yield b'{"now":1}\n'

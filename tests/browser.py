"""A headless Chromium that tests drive through the DevTools protocol, over a pipe.

python -m tests.browser    prints the browser that would be used; exits 1 where there is none
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 60.0
"""Real seconds after which a test gives up; no test depends on a shorter time."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# fmt: off
_FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
    "--remote-debugging-pipe",
)
# fmt: on
# Chromium reads commands from 3 and writes to 4; the numbers it is given may be those very ones.
_LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3]]
for end, wanted in zip(ends, (3, 4)):
    os.dup2(end, wanted, inheritable=True)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find_browser() -> str | None:
    """The browser of this machine."""
    for name in (os.environ.get("FORGE_EMU_BROWSER"), *_NAMES, _MAC):
        if name and (path := shutil.which(name)):
            return path
    return None


class Browser:
    """One process of it. Commands go to the browser, or to a page's session."""

    def __init__(self, path: str, profile: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        flags = [*_FLAGS, f"--user-data-dir={profile}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(to_browser), str(from_browser), path, *flags],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._read, selectors.EVENT_READ)
        self._buffer = b""
        self._ids = itertools.count(1)
        self._messages: deque[dict[str, Any]] = deque()
        self.events: list[dict[str, Any]] = []

    @property
    def pid(self) -> int:
        """Its first process."""
        return self._process.pid

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        id = next(self._ids)
        command: dict[str, Any] = {"id": id, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        _write_all(self._write, json.dumps(command).encode() + b"\0")
        while True:
            message = self._read_message()
            if message.get("id") == id:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self.events.append(message)

    def wait_for(self, method: str, session: str) -> dict[str, Any]:
        """The next event of a kind, also one that has come already."""
        while True:
            for i, message in enumerate(self.events):
                if message.get("method") == method and message.get("sessionId") == session:
                    return self.events.pop(i)
            self.events.append(self._read_message())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._selector.close()
        os.close(self._read)
        os.close(self._write)

    def _read_message(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            assert self._selector.select(TIMEOUT_SECONDS), "the browser does not answer"
            read = os.read(self._read, 1 << 20)
            assert read, "the browser has ended"
            self._buffer += read
        message, _, self._buffer = self._buffer.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded


class Page:
    """A page in a tab of its own. `errors` are those of its console and of its network."""

    def __init__(self, browser: Browser, width: int, height: int, *, dark: bool = False) -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session: str = attached["sessionId"]
        self._target: str = target
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self.set_size(width, height)
        self.set_theme(dark=dark)

    def open(self, file: Path) -> None:
        """Load a file, until its script has drawn everything."""
        self.open_address(file.resolve().as_uri())
        self.wait_for_frames()

    def open_address(self, url: str) -> None:
        """Load what is at `url`, until its first document is there."""
        self._call("Page.navigate", url=url)
        self.wait_for_load()

    def wait_for_load(self) -> None:
        """The next document that is loaded, also one that is there already."""
        self._browser.wait_for("Page.loadEventFired", self._session)

    def set_size(self, width: int, height: int) -> None:
        """The window's size in CSS pixels."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def set_theme(self, *, dark: bool) -> None:
        """What the system prefers."""
        value = "dark" if dark else "light"
        self._call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": value}],
        )

    def evaluate(self, expression: str) -> Any:
        """What an expression of JavaScript, maybe a promise, comes to."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for_frames(self) -> None:
        """Two frames on, everything that was asked for has been drawn."""
        self.evaluate("new Promise(f => requestAnimationFrame(() => requestAnimationFrame(f)))")

    def press_key(self, key: str) -> None:
        """A key."""
        for type in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=type, key=key, code=key)
        self.wait_for_frames()

    def move(self, x: float, y: float) -> None:
        """The pointer."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.wait_for_frames()

    def click(self, x: float, y: float) -> None:
        """The left button."""
        for type in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=type, x=x, y=y, button="left", clickCount=1)
        self.wait_for_frames()

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self._call("Input.insertText", text=text)
        self.wait_for_frames()

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        """A picture of what is in sight, or of the whole page."""
        shot = self._call("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        file.write_bytes(base64.b64decode(shot["data"]))

    @property
    def errors(self) -> list[str]:
        """Everything that went wrong in the page so far."""
        self.evaluate("1")
        found = []
        for message in self._browser.events:
            if message.get("sessionId") != self._session:
                continue
            method, params = message["method"], message["params"]
            if method == "Runtime.exceptionThrown":
                found.append(json.dumps(params["exceptionDetails"])[:2_000])
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                found.append(json.dumps(params["args"])[:2_000])
            elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(params["entry"]["text"])
        return found

    @property
    def requests(self) -> list[str]:
        """Every address that the page has asked for."""
        self.evaluate("1")
        return [
            message["params"]["request"]["url"]
            for message in self._browser.events
            if message.get("sessionId") == self._session
            and message["method"] == "Network.requestWillBeSent"
        ]

    def close(self) -> None:
        """Close the tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser with a fresh profile."""
    path = find_browser()
    assert path is not None
    with tempfile.TemporaryDirectory(prefix="forge-emu-browser-", ignore_cleanup_errors=True) as d:
        browser = Browser(path, Path(d))
        try:
            yield browser
        finally:
            browser.close()


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


if __name__ == "__main__":
    found = find_browser()
    sys.stdout.write(f"{found or 'there is no Chromium or Chrome'}\n")
    sys.exit(0 if found else 1)

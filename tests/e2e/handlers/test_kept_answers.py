"""What is kept of answers from real addresses: packed ones, long ones, those that nobody reads."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from forge_emu.testing import Emulator

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a12
  runtime: {name: nodejs22.x}
permissions:
  external: {fetch: {backend: [127.0.0.1]}}
modules:
  consumer:
    - {key: asking, queue: asks, function: ask}
  function:
    - {key: ask, handler: index.ask}
"""
SCRIPT = """\
import http from 'node:http';

const get = (url) => new Promise((resolve, reject) => {
  http.get(url, (response) => {
    let size = 0;
    response.on('data', (chunk) => { size += chunk.length; });
    response.on('end', () => resolve(size));
  }).on('error', reject);
});

export async function ask({ body: { url, way } }) {
  if (way === 'http') console.log(await get(url));
  else if (way === 'status') console.log((await fetch(url)).status);
  else console.log((await (await fetch(url)).arrayBuffer()).byteLength);
}
"""
MODULE = """\
import urllib.request

def ask(event):
    request = urllib.request.Request(event["body"]["url"])
    with urllib.request.urlopen(request) as response:
        print(len(response.read()))
"""
LONG = "long " * 80_000
BODIES: dict[str, tuple[bytes, str | None]] = {
    "/plain": (b"plain", None),
    "/none": (b"", None),
    "/gzip": (gzip.compress(b"was packed"), "gzip"),
    "/deflate": (zlib.compress(b"was packed"), "deflate"),
    "/long": (LONG.encode(), None),
    "/binary": (bytes(range(256)), None),
    "/secret": (b"it is canary-value", None),
}
CUT = f"{LONG[:64_000]}… (cut: it is longer)"
PACKED = "was packed"
KEPT = {
    "/plain": "plain",
    "/none": None,
    "/gzip": PACKED,
    "/deflate": PACKED,
    "/long": CUT,
    "/secret": "it is [API_KEY]",
    "/chunks": "one two three",
}
WAYS = [
    pytest.param("fetch", marks=pytest.mark.node),
    pytest.param("http", marks=pytest.mark.node),
    "python",
]


class _Answer(BaseHTTPRequestHandler):
    wbufsize = -1
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/chunks":
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for text in (b"one ", b"two ", b"three", b""):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
            return
        body, encoding = BODIES[self.path]
        self.send_header("content-length", str(len(body)))
        if encoding:
            self.send_header("content-encoding", encoding)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    """Of a server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def kept_answers(root: Path, way: str, urls: list[str]) -> tuple[list[Any], list[str]]:
    """What is kept of the answer of each, and what the handler prints of it."""
    (root / "src").mkdir()
    (root / "manifest.yml").write_text(MANIFEST, "utf-8")
    (root / "package.json").write_text("{}", "utf-8")
    name, text = ("index.py", MODULE) if way == "python" else ("index.js", SCRIPT)
    (root / "src" / name).write_text(text, "utf-8")
    variables = {"API_KEY": "canary-value"}
    with Emulator(root, network=True, variables=variables) as emu:
        events = [emu.push("asks", {"url": url, "way": way})[0] for url in urls]
        emu.until_idle()
        assert emu.dropped == []
        payloads = [emu.payload(event)["invocations"][0]["requests"][0] for event in events]
        return [each["answer"] for each in payloads], [_number(event.logs) for event in events]


def _number(logs: list[str]) -> str:
    """The line of the handler; the emulator says that another run may differ."""
    return next(line for line in logs if line.isdigit())


@pytest.mark.parametrize("way", WAYS)
def test_answers_are_kept_as_text(tmp_path: Path, way: str, address: str) -> None:
    """Unpacked, bounded, without secrets; the handler gets all of it."""
    answers, printed = kept_answers(tmp_path, way, [f"{address}{path}" for path in KEPT])

    assert dict(zip(KEPT, answers, strict=True)) == KEPT
    sizes = dict(zip(KEPT, map(int, printed), strict=True))
    assert (sizes["/plain"], sizes["/long"], sizes["/chunks"]) == (5, len(LONG), 13)


@pytest.mark.parametrize("way", WAYS)
def test_binary_answers_are_left_out(tmp_path: Path, way: str, address: str) -> None:
    """In words."""
    (answer,), _ = kept_answers(tmp_path, way, [f"{address}/binary"])

    assert answer.endswith("characters of binary data)")


@pytest.mark.node
def test_what_the_handler_does_not_read_holds_nothing_up(tmp_path: Path, address: str) -> None:
    """Whether it is kept or not."""
    answers, printed = kept_answers(tmp_path, "status", [f"{address}/plain", f"{address}/long"])

    assert printed == ["200", "200"]
    assert len(answers) == 2

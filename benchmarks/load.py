"""Heavy loads through a whole emulator: many events, much output, many followers.

Run it: `python -m benchmarks.load [events|logs|tails] ...`; without words, all of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.calibration import CalibratedTimer

EVENTS = 100_000
FOLLOWERS = 1_000
FOLLOWED = 500
MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
  runtime:
    name: nodejs22.x
modules:
  trigger:
    - key: on-created
      function: created
      events: [avi:jira:created:issue]
  function:
    - key: created
      handler: index.created
"""
QUIET = "exports.created = () => {};"
TALKATIVE = """\
exports.created = () => {
  const line = 'x'.repeat(9_999);
  for (let n = 0; n < 10_000; n++) console.log(line);
};
"""


@contextmanager
def app(source: str) -> Iterator[Path]:
    """An app of one handler."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "src").mkdir()
        (root / "manifest.yml").write_text(MANIFEST)
        (root / "src" / "index.js").write_text(source)
        yield root


def run_to_end(root: Path, *options: str) -> None:
    """A run to its end."""
    command = [sys.executable, "-m", "forge_emu", "run", str(root), "--json", "--no-watch"]
    subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)


def peak_megabytes() -> float:
    """The most memory that any process started so far has had."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def events() -> None:
    """A hundred thousand product events through a handler that does nothing."""
    with app(QUIET) as root:
        for words, options in (("in memory", ["--ephemeral"]), ("kept on disk", [])):
            with CalibratedTimer().measure(f"events through a handler, {words}", EVENTS):
                run_to_end(
                    root, *options, "--until-idle", "--limits", "off",
                    "--trigger", "issue-created", "--count", str(EVENTS),
                )  # fmt: skip
            print(f"{'most memory of a process':<44}{peak_megabytes():>9,.0f} MB")


def logs() -> None:
    """A handler that logs a hundred megabytes, of which the platform keeps little."""
    with app(TALKATIVE) as root:
        with CalibratedTimer().measure("100 MB logged by a handler, lines", 10_000):
            run_to_end(root, "--until-idle", "--trigger", "issue-created")
        print(f"{'most memory of a process':<44}{peak_megabytes():>9,.0f} MB")


def tails() -> None:
    """A thousand followers of one emulator, each of which gets every record."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    with app(QUIET) as root:
        command = [sys.executable, "-m", "forge_emu", "run", str(root), "--json", "--no-watch"]
        process = subprocess.Popen([*command, "--limits", "off"], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            asyncio.run(_follow(root))
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            print(f"{'most memory of the emulator':<44}{int(peak.split()[1]) / 1024:>9,.0f} MB")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


async def _follow(root: Path) -> None:
    session = json.loads((root / ".forge-emu" / "session.json").read_text())
    host, _, port = session["url"].removeprefix("http://").partition(":")
    clock = CalibratedTimer()
    with clock.measure("tails opened", FOLLOWERS):
        streams = [await _open_stream(host, int(port), session["token"]) for _ in range(FOLLOWERS)]
    with clock.measure("records to 1,000 tails", FOLLOWED * FOLLOWERS * 4):
        options = ["--count", str(FOLLOWED), "--app", str(root)]
        ordering = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "forge_emu", "trigger", "issue-created", *options,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        counts = await asyncio.gather(*(_count_ended_events(reader) for reader, _ in streams))
        await ordering.wait()
    assert min(counts) == FOLLOWED, f"a tail missed records: {min(counts)} of {FOLLOWED}"
    for _, writer in streams:
        writer.close()


async def _open_stream(
    host: str, port: int, token: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 22)
    writer.write(
        f"GET /v1/records?follow=1&since=0 HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Authorization: Bearer {token}\r\n\r\n".encode()
    )
    await reader.readuntil(b"app.loaded")
    return reader, writer


async def _count_ended_events(reader: asyncio.StreamReader) -> int:
    """Read until every event has ended; answers how many have."""
    ended, rest = 0, b""
    while ended < FOLLOWED and (chunk := await reader.read(1 << 20)):
        *lines, rest = (rest + chunk).split(b"\n")
        ended += sum(b"product_event.succeeded" in line for line in lines)
    return ended


LOADS = {"events": events, "logs": logs, "tails": tails}


def main(words: list[str]) -> None:
    """Those that are named, or all."""
    os.chdir(Path(__file__).parent.parent)
    for word in words or LOADS:
        LOADS[word]()


if __name__ == "__main__":
    main(sys.argv[1:])

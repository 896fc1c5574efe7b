"""What the live page costs a run, and how soon it reacts, in a Chromium that draws (Linux).

Run it: `python -m benchmarks.live_page --issues 5000 --repeat 3`; an issue is two events. Each
repetition runs without a page, with a follower that reads the page's stream and draws nothing, and
with a page that is open and used. Processor time is that of the emulator and its hosts, from the
order of the events to the end of the last one; the browser's counts apart.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import httpx

from benchmarks.calibration import calibration_loop
from benchmarks.commands import EVENT, FORGE_EMU
from benchmarks.floor.app import write_app
from forge_emu.report.page.builder import MOST_EVENTS
from tests import browser

LAPTOP: Final = (1440, 900)
_LOOK_SECONDS: Final = 1.0
"""Between two clicks, and two looks at the page's memory."""
_ENDED: Final = b'"type":"event.succeeded"'

# What the page notes of itself: long tasks, and from each click to the frame that shows it.
_OBSERVE: Final = """
window.noted = {tasks: [], clicks: []};
new PerformanceObserver((list) => list.getEntries().forEach((e) => noted.tasks.push(e.duration)))
  .observe({type: 'longtask', buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((e) => {
  if (e.name === 'click' || e.name === 'pointerdown') noted.clicks.push(e.duration);
})).observe({type: 'event', durationThreshold: 16});
"""
_ROW: Final = """(() => {
  document.documentElement.style.scrollBehavior = 'auto';
  document.querySelector('.view').scrollIntoView({block: 'center'});
  const rows = [...document.querySelectorAll('.sheet .row')];
  const row = rows[Math.min(4, rows.length - 1)];
  const box = row?.getBoundingClientRect();
  return row ? [box.x + 200, box.y + 10] : null;
})()"""


@dataclass
class Measured:
    """One run: issues a second by its own records, and processor seconds."""

    issues_a_second: float = 0.0
    emulator_cpu: float = 0.0
    browser_cpu: float = 0.0
    peak_mb: float = 0.0
    page: dict[str, Any] = field(default_factory=dict)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            found += [child, *_children(child)]
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and of all below it that live."""
    ticks = 0
    for each in (pid, *_children(pid)):
        try:
            text = Path(f"/proc/{each}/stat").read_text()
        except OSError:
            continue
        ticks += sum(map(int, text.rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


class Run:
    """A `forge-emu run --json` under way, whose records are read as they come."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        command = [*FORGE_EMU, "run", self._root, "--json", "--no-watch", "--ephemeral"]
        self.process = subprocess.Popen(
            [*command, "--limits", "off"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._ended = 0
        self._first_at = self._last_at = 0
        self._loaded = threading.Event()
        self._wanted = sys.maxsize
        self._done = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._loaded.wait(60), "the emulator is not ready"

    def link(self) -> str:
        """A link to its page."""
        command = [*FORGE_EMU, "open", "--print", "--app", self._root]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def play(self, issues: int, meanwhile: Callable[[threading.Event], None]) -> Measured:
        """Send so many issues, and do something `meanwhile` until every event has ended."""
        self._wanted = issues
        before = cpu_seconds(self.process.pid)
        order = ["trigger", EVENT, "--count", str(issues), "--app", self._root]
        subprocess.run([*FORGE_EMU, *order], check=True, capture_output=True)
        meanwhile(self._done)
        self._done.wait()
        cpu = cpu_seconds(self.process.pid) - before
        seconds = (self._last_at - self._first_at) / 1000
        peak = _peak_megabytes(self.process.pid)
        return Measured(issues / seconds, cpu, peak_mb=peak)

    def close(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not self._loaded.is_set() and b'"app.loaded"' in line:
                self._loaded.set()
            elif not self._first_at and b'"product_event.sent"' in line:
                self._first_at = json.loads(line)["at"]
            elif _ENDED in line:
                self._ended += 1
                if self._ended >= self._wanted:
                    self._last_at = json.loads(line)["at"]
                    self._done.set()


class OpenPage:
    """The page in a browser, which is clicked once a second."""

    def __init__(self, chromium: browser.Browser, link: str) -> None:
        self._chromium = chromium
        self.page = browser.Page(chromium, *LAPTOP)
        self.page.open_address(link)
        self.page.wait_for_load()
        self._wait_for("document.getElementById('clock')")
        self.page.evaluate(_OBSERVE)
        self.heap_mb: list[float] = []

    def use(self, done: threading.Event) -> None:
        """Select rows until it is done."""
        while not done.wait(_LOOK_SECONDS):
            if place := self.page.evaluate(_ROW):
                self.page.click(*place)
            self.heap_mb.append(
                float(self.page.evaluate("performance.memory.usedJSHeapSize / 1e6"))
            )

    def noted(self, events: int) -> dict[str, Any]:
        """What it noted, once it lists so many events."""
        began = perf_counter()
        text = f"of {events:,} events"
        self._wait_for(f"document.getElementById('found').textContent.endsWith('{text}')")
        behind = perf_counter() - began
        noted: dict[str, Any] = self.page.evaluate("noted")
        assert self.page.errors == [], self.page.errors
        return {**noted, "heap_mb": max(self.heap_mb, default=0.0), "behind_s": behind}

    def _wait_for(self, expression: str) -> None:
        self.page.evaluate(
            "new Promise(found => (function look() {"
            f" if ({expression}) found(true); else requestAnimationFrame(look); }})())"
        )


def without_page(run: Run, issues: int) -> Measured:
    """Nobody follows it."""
    return run.play(issues, lambda _: None)


def with_reader(run: Run, issues: int) -> Measured:
    """Somebody reads the stream of its page, and draws nothing."""
    with httpx.Client(trust_env=False, timeout=None) as client:
        # The link's own document comes with the cookie.
        url = run.link()
        client.get(url)
        with client.stream("GET", httpx.URL(url).join("/v1/page")) as answer:
            lines = answer.iter_raw()
            next(lines)
            reader = threading.Thread(target=_read_all, args=(lines,), daemon=True)
            reader.start()
            return run.play(issues, lambda _: None)


def _read_all(lines: Iterator[bytes]) -> None:
    # The end of the run ends the connection.
    with suppress(httpx.HTTPError, RuntimeError):
        for _ in lines:
            continue


def with_page(run: Run, issues: int) -> Measured:
    """Its page is open from the start, and used."""
    with browser.open_browser() as chromium:
        opened = OpenPage(chromium, run.link())
        before = cpu_seconds(chromium.pid)
        found = run.play(issues, opened.use)
        found.browser_cpu = cpu_seconds(chromium.pid) - before
        found.page = opened.noted(min(issues * 2, MOST_EVENTS))
        return found


WAYS: Final = {"without": without_page, "a reader": with_reader, "a page": with_page}


def print_table(runs: dict[str, list[Measured]], issues: int) -> None:
    """Medians, and how they compare with those of the same repetition without a page."""

    print(f"{'':<30}{'without':>10}" + "".join(f"{way:>12}{'ratio':>20}" for way in (*runs,)[1:]))
    for name, words, scale in (
        ("emulator_cpu", "processor, ms an issue", 1000 / issues),
        ("issues_a_second", "issues a second", 1),
        ("peak_mb", "memory of the emulator, MB", 1),
    ):
        alone, *others = ([getattr(each, name) for each in of_way] for of_way in runs.values())
        shown = f"{words:<30}{statistics.median(alone) * scale:>10.2f}"
        for found in others:
            ratios = sorted(b / a for a, b in zip(alone, found, strict=True))
            spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            shown += f"{statistics.median(found) * scale:>12.2f}{spread:>20}"
        print(shown)
    print_page(runs["a page"])


def print_page(followed: list[Measured]) -> None:
    """What the pages noted of themselves."""
    tasks = sorted(t for each in followed for t in each.page["tasks"])
    clicks = sorted(c for each in followed for c in each.page["clicks"])
    print(f"\nbrowser's processor time         {max(e.browser_cpu for e in followed):.1f} s")
    print(
        f"tasks over 50 ms                 {len(tasks)}, the longest {max(tasks, default=0):.0f} ms"
    )
    if clicks:
        print(
            f"click to the frame that shows it {statistics.median(clicks):.0f} ms in the median, "
            f"{clicks[int(len(clicks) * 0.95)]:.0f} ms for 95 %, {clicks[-1]:.0f} ms at most, "
            f"of {len(clicks)}"
        )
    print(f"the page's heap                  {max(e.page['heap_mb'] for e in followed):.0f} MB")
    print(f"behind the last event            {max(e.page['behind_s'] for e in followed):.1f} s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_page", description=__doc__)
    parser.add_argument("--issues", type=int, default=5_000, help="two events each")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each kind, interleaved")
    given = parser.parse_args()
    runs: dict[str, list[Measured]] = {way: [] for way in WAYS}
    loop = [calibration_loop()]
    for n in range(given.repeat):
        print(f"repetition {n + 1} of {given.repeat}", flush=True)
        for way, measured in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                run = Run(write_app(Path(folder) / "app"))
                try:
                    runs[way].append(measured(run, given.issues))
                finally:
                    run.close()
        loop.append(calibration_loop())
    print(f"\n{given.issues:,} issues, {given.issues * 2:,} events under way, limits off.")
    print(f"A million steps of a loop of plain Python: {min(loop):.2f} to {max(loop):.2f} s.\n")
    print_table(runs, given.issues)


if __name__ == "__main__":
    main()

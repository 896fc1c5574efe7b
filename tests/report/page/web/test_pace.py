"""How often a live page is drawn, by a clock of the test."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.report.page.web.page_modules import evaluate

pytestmark = pytest.mark.node

# A line every 250 ms for five seconds, each drawn in `COSTS`; answers what was drawn when.
PLAY = """(() => {
  const timers = [];
  let now = 0;
  const at = (when, call) => timers.push({ when, call });
  Object.defineProperty(globalThis, 'performance', { value: { now: () => now } });
  globalThis.setTimeout = (call, ms = 0) => at(now + ms, call);
  globalThis.requestAnimationFrame = (call) => at(Math.ceil((now + 1) / 16) * 16, call);
  const drawn = [];
  const given = pacedDrawing((what) => { drawn.push([now, what]); now += COSTS; });
  for (let line = 0; line < 20; line++) at(line * 250, () => given(line));
  while (timers.length > 0) {
    timers.sort((a, b) => a.when - b.when);
    const { when, call } = timers.shift();
    now = Math.max(now, when);
    call();
  }
  return drawn;
})()"""


def _drawn(costs: int) -> list[list[int]]:
    drawn: list[list[int]] = evaluate(
        "live/pace.js", "pacedDrawing", PLAY.replace("COSTS", str(costs))
    )
    return drawn


def test_every_line_is_drawn_where_that_takes_little() -> None:
    """Within two frames."""
    drawn = _drawn(4)
    assert [line for _, line in drawn] == list(range(20))
    assert all(now - line * 250 <= 32 for now, line in drawn)


def test_a_slow_browser_draws_less_often() -> None:
    """A fortieth of the time; the last line is always drawn."""
    drawn = _drawn(20)
    assert 6 <= len(drawn) <= 8
    assert drawn[-1][1] == 19


def test_a_very_slow_one_draws_once_a_second() -> None:
    """However long it takes."""
    instants = [now for now, _ in _drawn(100)]
    assert 5 <= len(instants) <= 7
    assert all(900 <= b - a <= 1_300 for a, b in pairwise(instants[:-1]))

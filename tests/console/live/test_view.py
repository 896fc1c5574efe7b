"""Frames: exact size at every width and height, windowed, and as the golden files show them."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from forge_emu.console.live.keys import press_key
from forge_emu.console.live.state import Overlay, Screen, Snapshot, ViewState
from forge_emu.console.live.view import frame_rows, render
from forge_emu.errors import Problem
from forge_emu.model import ErrorReport, LimitUsage
from forge_emu.records import EventDeferred
from forge_emu.report.summary import AttemptSeries
from forge_emu.settings import Settings
from forge_emu.timeline.timeline import Timeline
from tests.console.golden import check_golden, plain_text
from tests.console.live.actions import RecordedActions
from tests.console.test_payload_lines import PAYLOAD
from tests.timeline.burst import add_burst, usage
from tests.timeline.stream import Stream

PROBLEM = Problem(
    "src/index.js", 3, 5, 'Unexpected "}"', "Close the string before it.", rule="syntax"
)


def _story(timeline: Timeline) -> Stream:
    """One event of each kind of trouble."""
    stream = Stream(timeline.add_record)
    stream.loaded(consumers={"snapshots": "a", "audit": "b"})
    ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(1, 9)]
    for n, id in enumerate(ids, 1):
        stream.sent(n * 100, f"p{n}", subject=f"EMU-{n}")
        by = stream.triggered(n * 100, f"p{n}")
        stream.pushed(n * 100 + 2, id, by=by, queue="audit" if n == 8 else "snapshots")
        stream.returned(n * 100 + 5, by, f"p{n}")
        stream.product_succeeded(n * 100 + 5, f"p{n}")
    asked, threw, slow, fat, lost, deferred, runs, gone = ids
    stream.failed(5_000, asked)
    stream.retry(5_020, asked, 25_000)
    stream.failed(25_000, asked)
    stream.retry(25_020, asked, 70_000, count=2)
    error = ErrorReport("TypeError", "x is not a function")
    stream.failed(6_000, threw, outcome="error", error=error)
    stream.retry(6_020, threw, 61_000, by="platform")
    stream.failed(3_000, slow, outcome="timeout", took=25_000)
    stream.retry(28_000, slow, 58_000, by="platform")
    stream.failed(7_000, fat, outcome="out_of_memory")
    stream.retry(7_020, fat, 90_000, by="platform")
    stream.failed(8_000, lost, outcome="platform_error")
    stream.retry(8_020, lost, 45_000, by="platform")
    for at, due in ((9_000, 20_000), (20_000, 55_000)):
        stream.record(
            at,
            EventDeferred(
                limit="concurrency:site", due_at=due, event_id=deferred, queue="snapshots"
            ),
        )
    stream.failed(10_000, runs)
    stream.retry(10_020, runs, 30_000)
    stream.started(30_000, runs)
    stream.failed(11_000, gone)
    stream.retry(11_020, gone, 12_020)
    stream.failed(12_020, gone)
    stream.dropped(12_040, gone)
    return stream


def _snapshot(timeline: Timeline, now: int) -> Snapshot:
    return Snapshot(
        timeline=timeline,
        usage=usage(),
        now=now,
        speed=60.0,
        seed=42,
        limits="current",
        app_name="sample-app",
        url="http://127.0.0.1:45123",
        settings=Settings(),
        start_hint="forge-emu trigger issue-created",
    )


@pytest.fixture(scope="module")
def trouble() -> Snapshot:
    """Eight events, each in a trouble of its own."""
    timeline = Timeline()
    _story(timeline)
    return _snapshot(timeline, 40_000)


@pytest.fixture(scope="module")
def burst() -> Snapshot:
    """A thousand issues, thirty seconds in: hundreds of retries at once."""
    timeline = Timeline()
    stream = Stream(timeline.add_record)
    now = 0
    for now in add_burst(stream):
        if now > 30_000:
            break
    return _snapshot(timeline, now)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (160, 50)])
def test_every_kind_of_trouble_has_its_mark(trouble: Snapshot, width: int, height: int) -> None:
    """Attempts, waits, deferrals and the next delivery on one axis."""
    screen = Screen(selected="00000002-0000-4000-8000-000000000000")
    frame = render(ViewState(trouble, screen), width, height)

    check_golden(f"trouble-{width}x{height}", plain_text(frame, width))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (160, 60)])
def test_a_burst_is_windowed(burst: Snapshot, width: int, height: int) -> None:
    """Hundreds of retries fill the room there is; the rest is a number."""
    frame = render(ViewState(burst), width, height)

    check_golden(f"burst-{width}x{height}", plain_text(frame, width))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 40)])
def test_a_fresh_run_is_calm(width: int, height: int) -> None:
    """Before anything happened: the queues are there, and nothing else."""
    timeline = Timeline()
    Stream(timeline.add_record).loaded()
    fresh = replace(_snapshot(timeline, 0), usage=[])
    frame = render(ViewState(fresh), width, height)

    check_golden(f"fresh-{width}x{height}", plain_text(frame, width))


@pytest.mark.parametrize("overlay", ["limits", "keys", "problems"])
def test_overlays(trouble: Snapshot, overlay: Overlay) -> None:
    """Limits with their sources, the keys, the broken build; how many settings there are is left
    out."""
    broken = replace(trouble, problems=[PROBLEM], paused=True)
    frame = render(ViewState(broken, Screen(overlay=overlay)), 100, 30)

    lines = plain_text(frame, 100).splitlines(keepends=True)
    shown = [re.sub(r"(settings )─+ (1-\d+) of \d+", r"\1── \2 of all", line) for line in lines]
    check_golden(f"overlay-{overlay}", "".join(shown))


def test_what_keys_and_marks_mean_is_seen_whole_on_a_usual_terminal(trouble: Snapshot) -> None:
    """Of 80 columns: no line of the list is cut."""
    listed = plain_text(render(ViewState(trouble, Screen(overlay="keys")), 80, 60), 80)
    rows = listed.partition("── Keys")[2].splitlines()
    assert len(rows) > 32
    assert [row for row in rows if "…" in row] == []


def test_the_list_of_keys_ends_with_the_addresses_of_web_triggers(trouble: Snapshot) -> None:
    """Each in a row of its own, so that it can be copied."""
    url = "http://127.0.0.1:44135/x1/0-bgf75bi2qm7cvc5rgw42dna7dy4wfvmx"
    shown = replace(trouble, web_triggers=[("hook", url)])
    frame = render(ViewState(shown, Screen(overlay="keys")), 80, 50)
    lines = [line.strip(" │") for line in plain_text(frame, 80).splitlines()]

    assert url in lines
    assert lines[lines.index(url) - 2 : lines.index(url)] == ["web triggers", "hook"]


@pytest.mark.parametrize("width", [20, 33, 40, 59, 60, 79, 80, 99, 119, 120, 121, 160, 240])
@pytest.mark.parametrize("height", [8, 10, 15, 24, 37, 60])
@pytest.mark.parametrize("overlay", [None, "limits", "keys", "problems", "payload"])
def test_a_frame_fills_its_terminal_exactly(
    trouble: Snapshot, width: int, height: int, overlay: Overlay | None
) -> None:
    """No row wraps, none overflows, none is missing."""
    screen = Screen(overlay=overlay, selected="00000001-0000-4000-8000-000000000000")
    screen.payload = PAYLOAD
    state = ViewState(replace(trouble, problems=[PROBLEM]), screen)
    rows = frame_rows(state, width, height)

    assert [row.cell_len for row in rows] == [width] * height


@pytest.mark.parametrize("width", [80, 160])
def test_wide_letters_do_not_move_the_columns(width: int) -> None:
    """Titles in Japanese take two columns a letter."""
    timeline = Timeline()
    stream = Stream(timeline.add_record)
    stream.sent(0, "p", subject="日本語のページの題名です")
    stream.pushed(1, "日本", by=stream.triggered(0, "p"), queue="列" * 40)
    stream.failed(500, "日本", outcome="error", error=ErrorReport("エラー", "失敗" * 50))
    stream.retry(520, "日本", 9_000)
    rows = frame_rows(ViewState(_snapshot(timeline, 1_000)), width, 24)

    assert {row.cell_len for row in rows} == {width}


def test_hostile_names_cannot_steer_the_terminal() -> None:
    """Whatever an app calls its things."""
    timeline = Timeline()
    stream = Stream(timeline.add_record)
    stream.sent(0, "p", subject="\x1b[2Jgone")
    stream.pushed(1, "e", by=stream.triggered(0, "p"), queue="q\x1b[31m")
    stream.failed(500, "e", outcome="error", error=ErrorReport("\x07", "a\nb\x1b]0;x\x07"))
    stream.retry(520, "e", 9_000)
    text = plain_text(render(ViewState(_snapshot(timeline, 1_000)), 160, 40), 160)

    assert "\x1b" not in text
    assert "\x07" not in text


def test_the_countdown_never_says_zero(trouble: Snapshot) -> None:
    """A retry due in 1 ms is due in 1 s; one whose time has come is due."""
    for now, words in ((54_999, "next in 1 s"), (55_000, "due ")):
        frame = render(ViewState(replace(trouble, now=now)), 80, 40)
        row = next(r for r in plain_text(frame, 80).splitlines() if "EMU-6" in r)

        assert words in row + " "


def test_the_filter_narrows_rows_and_records(trouble: Snapshot) -> None:
    """By what is seen: an error's words, a queue, an id."""
    screen = Screen(filter="emu-2")
    text = plain_text(render(ViewState(trouble, screen), 160, 40), 160)

    assert "EMU-2" in text
    assert "EMU-3" not in text
    assert screen.rows == ["00000002-0000-4000-8000-000000000000"]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_an_active_filter_and_a_note_are_seen_at_every_width(trouble: Snapshot, width: int) -> None:
    """Before the keys, which give way."""
    screen = Screen(filter="emu-2", note="delivered now")
    foot = frame_rows(ViewState(trouble, screen), width, 24)[-1].plain
    assert foot.startswith(" delivered now  /emu-2 ")
    assert "Esc" in foot


def test_titles_say_how_many_a_filter_hides(trouble: Snapshot) -> None:
    """Of the events under way, and of the records that are kept."""
    text = plain_text(render(ViewState(trouble, Screen(filter="emu-2")), 80, 24), 80)
    assert "1 of 7 under way" in text
    assert re.search(r"Records ─+ \d+ of the last 71 ──", text)
    all_of_them = plain_text(render(ViewState(trouble, Screen()), 80, 24), 80)
    assert " of the last" not in all_of_them


def test_an_event_that_the_filter_hides_is_not_described(trouble: Snapshot) -> None:
    """Though it stays selected."""
    screen = Screen(selected="00000002-0000-4000-8000-000000000000", filter="emu-3")
    hidden = plain_text(render(ViewState(trouble, screen), 80, 24), 80)
    screen.filter = "emu-2"
    assert "x is not a function" not in hidden
    assert "x is not a function" in plain_text(render(ViewState(trouble, screen), 80, 24), 80)


def test_events_are_sorted_by_attempts(trouble: Snapshot) -> None:
    """Those with most of them first; the title says so."""
    screen = Screen(order="attempts")
    text = plain_text(render(ViewState(trouble, screen), 80, 40), 80)
    made = [int(n) for n in re.findall(r"EMU-\d +(\d)/5", text)][: len(screen.rows)]
    assert made == sorted(made, reverse=True)
    assert made[0] > made[-1]
    assert "7 under way, by attempts" in text


@pytest.mark.parametrize(
    ("retries", "attempts"), [(4, "1/5"), (None, "1x"), (0, "1/1"), (10, "1/11")]
)
def test_attempts_are_shown_with_the_most_there_may_be(
    trouble: Snapshot, retries: int | None, attempts: str
) -> None:
    """As the settings have it."""
    settings = Settings("current", {"async_events.max_retries": retries})
    rows = frame_rows(ViewState(replace(trouble, settings=settings)), 80, 40)
    (row,) = [row.plain for row in rows if "EMU-2 " in row.plain and "next in" in row.plain]
    assert f" {attempts} " in row


def test_records_scroll_and_stay_where_they_are_read(trouble: Snapshot) -> None:
    """What comes meanwhile does not move them; End follows again."""
    screen = Screen()
    newest = _shown_records(trouble, screen)
    for key in ("\t", "page up", "up"):
        press_key(key, screen, RecordedActions())
        older = _shown_records(trouble, screen)
    assert set(older) != set(newest)
    timeline = trouble.timeline
    Stream(timeline.add_record).sent(41_000, "late", subject="EMU-99")
    assert _shown_records(trouble, screen) == older
    press_key("end", screen, RecordedActions())
    assert "EMU-99" in _shown_records(trouble, screen)[-1]


def test_the_title_counts_the_records_of_this_run() -> None:
    """Those of an earlier one tell of its events that are pending; they are not in the list."""
    timeline = Timeline()
    earlier = Stream(timeline.resume_from)
    earlier.loaded(consumers={"snapshots": "a"})
    earlier.pushed(100, "left")
    now = Stream(timeline.add_record)
    now.loaded(consumers={"snapshots": "a"})
    now.pushed(200, "new")

    text = plain_text(render(ViewState(_snapshot(timeline, 300)), 80, 24), 80)
    assert re.search(r"Records ─+ 2 records ──", text)
    assert len(timeline.recent) == 2


def _shown_records(snapshot: Snapshot, screen: Screen) -> list[str]:
    text = plain_text(render(ViewState(snapshot, screen), 100, 24), 100)
    rows = text.splitlines()
    first = next(i for i, row in enumerate(rows) if "Records ─" in row)
    return rows[first + 1 : -1]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 46)])
def test_the_wave_of_attempts_is_seen(burst: Snapshot, width: int, height: int) -> None:
    """As a line, and as a picture where there is room."""
    series = AttemptSeries(0, 1_000, [900, 64, 0, 0], [0, 0, 300, 20], [400, 0, 0, 0], [0] * 4)
    rows = frame_rows(ViewState(replace(burst, attempts=series)), width, height)
    text = "\n".join(row.plain.rstrip() for row in rows)
    assert [row.cell_len for row in rows] == [width] * height
    if height < 40:
        assert " Attempts █▁▃▁  peak 900 in 1 s" in text
    else:
        assert "── Attempts over time ─" in text
        assert "█ first 964  ▒ retries 320  ▅ refused 400" in text


def test_a_paused_and_a_draining_emulator_say_so(trouble: Snapshot) -> None:
    """In the top right corner, where it cannot be missed."""
    paused = plain_text(render(ViewState(replace(trouble, paused=True)), 80, 24), 80)
    stopping = plain_text(render(ViewState(replace(trouble, stopping=True)), 80, 24), 80)

    assert "paused" in paused.splitlines()[0]
    assert "draining" in stopping.splitlines()[0]


def test_many_queues_are_windowed_by_how_busy_they_are() -> None:
    """An app with fifty queues still leaves room for the rest."""
    timeline = Timeline()
    stream = Stream(timeline.add_record)
    for n in range(50):
        stream.pushed(n, f"e{n}", queue=f"queue-{n}")
        if n < 40:
            stream.succeeded(600 + n, f"e{n}")
    text = plain_text(render(ViewState(_snapshot(timeline, 2_000)), 80, 24), 80)
    queues, _, rest = text.partition("more queues")

    assert "queue-40" in queues
    assert "queue-39" not in queues
    assert "Records" in rest


def test_a_resource_without_a_limit_has_no_bar() -> None:
    """Use is still shown."""
    timeline = Timeline()
    free = LimitUsage("x", "events pushed", 1_234, None, "events/min", 0, 2_000)
    snapshot = replace(_snapshot(timeline, 0), usage=[free])
    text = plain_text(render(ViewState(snapshot), 80, 24), 80)

    assert "no limit" in text
    assert "1,234 events/min" in text


def test_clock_and_speed_are_there_however_long_the_name(trouble: Snapshot) -> None:
    """The name is cut, the time is not."""
    named = replace(trouble, app_name="a-very-long-name-" * 10, now=61_000, speed=20.0)

    head = frame_rows(ViewState(named), 80, 24)[0].plain

    assert "+0:01:01  x20" in head
    assert "a-very-long-name" in head


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_link_to_the_page_is_shown_at_every_width(trouble: Snapshot, width: int) -> None:
    """Whole, so that it can be copied; beside the facts where they leave room for it."""
    link = "http://127.0.0.1:45123/?token=dtHS0Zn3I1AcFpM_"
    rows = frame_rows(ViewState(replace(trouble, page=link)), width, 24)

    assert any(link in row.plain for row in rows[:2])
    assert len(rows) == 24


def test_what_is_in_an_event_wraps_and_scrolls(trouble: Snapshot) -> None:
    """Nothing of a long line is lost, of one with wide characters either."""
    texts = {"narrow": "n" * 300, "wide": "漢" * 100}
    screen = Screen(overlay="payload", payload={**PAYLOAD, "body": texts})
    shown = "".join(line.plain for line in frame_rows(ViewState(trouble, screen), 80, 60))

    assert shown.count("n" * 60) >= 4
    assert shown.count("漢") == 100
    screen.scroll = 1_000
    frame_rows(ViewState(trouble, screen), 80, 30)
    assert 0 < screen.scroll < 100

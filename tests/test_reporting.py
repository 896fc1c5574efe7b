"""The files that a run leaves behind."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from forge_emu import reporting
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.model import PushItem
from forge_emu.payloads import PayloadCollector, PayloadsInMemory
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.reporting import Reports, read_sources, source_places
from forge_emu.settings import Settings
from tests.engine.world import app, queued_event
from tests.timeline.stream import Stream


def _reports(page: Path | None, trace: Path | None, **settings: int) -> Reports:
    overrides = {name.replace("__", "."): value for name, value in settings.items()}
    return Reports(
        page, trace, Settings("current", overrides), app(), command="forge-emu run", seed=7
    )


def _play(reports: Reports) -> SummaryBuilder:
    summary = SummaryBuilder()
    stream = Stream(summary.add_record, lambda record: reports.add_records([record]))
    stream.loaded()
    stream.pushed(0, "e")
    stream.failed(500, "e")
    stream.retry(520, "e", 1_520)
    stream.succeeded(1_520, "e")
    return summary


def test_both_files_are_written_at_the_end(tmp_path: Path) -> None:
    """And nothing beside them."""
    page, trace = tmp_path / "out.html", tmp_path / "out.json"
    with _reports(page, trace, limits__push__events_per_minute=9) as reports:
        summary = _play(reports).summary(now=2_000)
        assert reports.write_files(summary) == [page, trace]

    assert sorted(tmp_path.iterdir()) == [page, trace]
    text = page.read_text("utf-8")
    assert '"command":"forge-emu run --seed 7"' in text
    assert '"limits.push.events_per_minute":"9 events/min"' in text
    events = json.loads(trace.read_text("utf-8"))["traceEvents"]
    assert [e["dur"] for e in events if e["ph"] == "X"] == [20_000, 20_000]


def test_a_run_that_is_cut_short_leaves_nothing_behind(tmp_path: Path) -> None:
    """Half a trace would be taken for a whole one."""
    trace = tmp_path / "out.json"
    with _reports(None, trace) as reports:
        _play(reports)

    assert list(tmp_path.iterdir()) == []


def test_without_files_nothing_is_collected(tmp_path: Path) -> None:
    """A run that was asked for none costs nothing."""
    with _reports(None, None) as reports:
        summary = _play(reports).summary(now=2_000)
        assert reports.write_files(summary) == []


@pytest.mark.parametrize("option", ["--report", "--trace"])
def test_a_file_that_cannot_be_written_is_an_error_at_once(tmp_path: Path, option: str) -> None:
    """Not after an hour's run."""
    missing, folder = tmp_path / "no" / "out", tmp_path / "folder"
    folder.mkdir()

    def make(path: Path) -> None:
        _reports(*((path, None) if option == "--report" else (None, path)))

    with pytest.raises(UserError, match=f"{option}: there is no directory .*no"):
        make(missing)
    with pytest.raises(UserError, match=f"{option}: .*folder' is a directory"):
        make(folder)


def test_a_folder_without_permission_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the path in the user's words."""
    # Root may write everywhere, whatever a folder's mode says.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UserError, match="cannot write to"):
        _reports(None, tmp_path / "out.json")


def test_one_file_cannot_be_both(tmp_path: Path) -> None:
    """Nor by two spellings."""
    with pytest.raises(UserError, match="both name"):
        _reports(tmp_path / "x", tmp_path / "." / "x")


def test_a_page_that_was_not_built_says_which_command_builds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a checkout before `make setup`."""
    monkeypatch.setattr(reporting, "BUILT_PAGE", tmp_path / "built.html")
    with pytest.raises(UserError) as error:
        _reports(tmp_path / "out.html", None)

    assert "has not been built" in error.value.message
    assert error.value.hint is not None
    assert "`make setup`" in error.value.hint


def test_the_apps_own_sources_are_read(tmp_path: Path) -> None:
    """Packages, builds and hidden folders are not its own; bytes that are no text do no harm."""
    for name in (
        "src/index.js",
        "src/deep/a.ts",
        "node_modules/x/index.js",
        ".git/a.js",
        "dist/b.js",
        "src/style.css",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"let x;\xff")
    (tmp_path / "src" / "index.js").write_bytes(b"import './deep/a'; let x;\xff")

    assert list(read_sources(tmp_path)) == ["src/index.js", "src/deep/a.ts"]
    places = source_places(app(), tmp_path, None)
    assert places.find_code("let x", near="work") == ["src/index.js:1", "src/deep/a.ts:1"]


def test_the_page_has_what_is_in_events_only_if_asked(tmp_path: Path) -> None:
    """Of the events that it lists."""
    collector = PayloadCollector(PayloadsInMemory(1_000_000), Secrets())
    collector.add_delivery(queued_event("e", item=PushItem.of({"n": "the-body"})))
    collector.add_delivery(queued_event("f", item=PushItem.of({"n": "of-another"})))
    texts = []
    for wanted in (False, True):
        page = tmp_path / f"{wanted}.html"
        with Reports(
            page, None, Settings(), app(), payloads=collector, with_payloads=wanted
        ) as reports:
            reports.write_files(_play(reports).summary(now=2_000))
        texts.append(page.read_text("utf-8"))

    assert ["the-body" in text for text in texts] == [False, True]
    assert "of-another" not in texts[1]


@pytest.mark.parametrize(
    ("page", "collector", "words"),
    [
        (None, PayloadCollector(PayloadsInMemory(1), Secrets()), "needs --report"),
        (Path("out.html"), None, "state.payloads_mb is 0"),
    ],
)
def test_payloads_need_a_page_and_the_setting(
    page: Path | None, collector: PayloadCollector | None, words: str
) -> None:
    """Before the run begins."""
    with pytest.raises(UserError, match=words):
        Reports(page, None, Settings(), app(), payloads=collector, with_payloads=True)

"""What was pushed and stored outlives a kill of the emulator, and goes on where it stood."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from forge_emu.store.database import Database
from tests.e2e import apps
from tests.e2e.control.test_tail import tailing
from tests.e2e.emulator_process import RecordJson, run_command, running_emulator

pytestmark = pytest.mark.node

ENDS = ("event.succeeded", "event.dropped", "event.cancelled")


def kept(app: Path) -> list[RecordJson]:
    """The records in the state of an app whose emulator is not running."""
    with closing(Database(app / ".forge-emu" / "state.sqlite")) as database:
        return [json.loads(line) for line in database.record_lines(0, 1_000_000)]


def ids(seen: list[RecordJson], *types: str) -> list[str]:
    """The events that records of these types are about."""
    return [r["event_id"] for r in seen if r["type"] in types]


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    """Every event ends once, in one sequence of records, and the run says that it went on."""
    app = apps.queued_app(tmp_path)
    options = ("--limits", "off", "--speed", "10")
    with running_emulator(app, *options, "--trigger", "issue-created", "--count", "60") as first:
        first.wait_for(lambda r: len(first.records_of("event.succeeded")) >= 5)
        first.kill()
    with running_emulator(app, *options, "--until-idle") as second:
        summary = second.wait_for_summary()

    every = kept(app)
    assert [r["seq"] for r in every] == list(range(1, len(every) + 1))
    restarted = second.records[0]
    assert restarted["type"] == "emulator.restarted"
    assert restarted["clean"] is False
    pushed, ended = ids(every, "event.pushed"), ids(every, *ENDS)
    assert len(pushed) >= 60
    assert sorted(ended) == sorted(pushed)
    assert summary["events"]["pending"] == 0
    assert second.records_of("app.loaded")[0]["seed"] == first.records_of("app.loaded")[0]["seed"]


def test_a_tail_goes_on_after_a_kill(tmp_path: Path) -> None:
    """No record is missing from it, and none comes twice; what was before can be read as well."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    with running_emulator(app) as first, tailing(app, "--json", "--since", "all") as tail:
        run_command("trigger", "issue-created", "--app", app, "--wait")
        tail.until("product_event.succeeded")
        first.kill()
        with running_emulator(app):
            run_command("trigger", "issue-created", "--app", app, "--wait")
            tail.until("product_event.succeeded")
            every = run_command("tail", "--json", "--no-follow", "--app", app).stdout.splitlines()
    seqs = [json.loads(line)["seq"] for line in every]
    assert seqs == list(range(1, len(seqs) + 1))
    assert [json.loads(line)["seq"] for line in tail.lines if line.startswith("{")] == seqs


def test_orders_go_on_where_they_stood(tmp_path: Path) -> None:
    """A paced order that was half sent is sent to its end, and no event of it twice."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    with running_emulator(app) as first:
        run_command("trigger", "issue-created", "--count", "40", "--rate", "20/s", "--app", app)
        first.wait_for(lambda r: len(first.records_of("product_event.sent")) >= 10)
        first.kill()
    with running_emulator(app, "--until-idle") as second:
        second.wait_for_summary()
    sent = [r["subject"] for r in kept(app) if r["type"] == "product_event.sent"]
    assert sorted(sent) == sorted(f"EMU-{n}" for n in range(1, 41))


@pytest.mark.parametrize("queue", [(), ("store-later",)], ids=["everything", "a queue"])
def test_what_is_paused_stays_paused(tmp_path: Path, queue: tuple[str, ...]) -> None:
    """After a kill and after a clean end; the user is told, and can go on."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    with running_emulator(app) as first:
        assert run_command("queue", "pause", *queue, "--app", app).returncode == 0
        first.wait_for_type("queue.by_hand")
        first.kill()
    for end in ("clean", "kill"):
        with running_emulator(app) as again:
            warning = again.wait_for(lambda r: "still paused" in r.get("message", ""))
            assert (queue or ("all delivery",))[0] in warning["message"]
            if end == "clean":
                again.interrupt()
                again.wait_for_summary()
            else:
                again.kill()
    with running_emulator(app) as last:
        assert run_command("queue", "resume", "--app", app).returncode == 0
        run_command("trigger", "issue-created", "--app", app, "--wait")
        last.wait_for_type("product_event.succeeded")
        last.kill()
    with running_emulator(app) as free:
        free.interrupt()
        free.wait_for_summary()
        assert not [r for r in free.records_of("log") if "paused" in r["message"]]


def test_a_stopped_clock_stays_stopped(tmp_path: Path) -> None:
    """And stands where it stood, or where it was moved to, however long nobody ran it."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )

    def stand() -> int:
        shown = json.loads(run_command("clock", "show", "--json", "--app", app).stdout)
        assert shown["paused"]
        return int(shown["now"])

    with running_emulator(app) as first:
        assert run_command("clock", "pause", "--app", app).returncode == 0
        assert run_command("clock", "advance", "2h", "--app", app).returncode == 0
        stood = stand()
        assert stood >= 2 * 3_600_000
        first.kill()
    with running_emulator(app) as again:
        again.wait_for(lambda r: "stands still since the last run" in r.get("message", ""))
        assert stand() == stood
        again.interrupt()
        again.wait_for_summary()
    with running_emulator(app) as last:
        # Time goes on for what is running when an emulator ends.
        assert stood <= stand() < stood + 60_000
        assert run_command("clock", "resume", "--app", app).returncode == 0
        last.wait_for(lambda r: r.get("message") == "time goes on")
        last.kill()
    with running_emulator(app) as free:
        free.interrupt()
        free.wait_for_summary()
        assert not [r for r in free.records_of("log") if "stands still" in r["message"]]


def test_ephemeral_leaves_nothing(tmp_path: Path) -> None:
    """And begins anew, whatever state there is."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    with running_emulator(app, "--ephemeral", "--trigger", "issue-created", "--until-idle") as run:
        run.wait_for_summary()
    assert not (app / ".forge-emu").exists()
    with running_emulator(app, "--trigger", "issue-created", "--until-idle") as run:
        run.wait_for_summary()
    with running_emulator(app, "--ephemeral", "--until-idle") as run:
        run.wait_for_summary()
        assert run.records[0]["seq"] == 1
        assert run.records[0]["type"] == "app.loaded"


def test_a_clean_end_says_so(tmp_path: Path) -> None:
    """The next run knows that the last one was stopped well."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    for _ in range(2):
        with running_emulator(app, "--trigger", "issue-created", "--until-idle") as run:
            run.wait_for_summary()
    assert run.records[0]["type"] == "emulator.restarted"
    assert run.records[0]["clean"] is True
    assert run.records[0]["pending"] == 0


def test_a_start_that_fails_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    """No record is written, none is missing from the sequence later."""
    sound = "exports.created = () => {}; exports.store = () => {};"
    app = apps.app_without_packages(tmp_path, sound)
    for source in (sound, "exports.created = (", sound):
        (app / "src" / "index.js").write_text(source)
        code = run_command("run", app, "--until-idle", "--trigger", "issue-created").returncode
        assert code == (0 if source == sound else 2)
    every = kept(app)
    assert [r["seq"] for r in every] == list(range(1, len(every) + 1))
    assert [r["type"] for r in every].count("emulator.restarted") == 1


def test_a_first_start_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    """Neither where the app is wrong nor where an option is."""
    app = apps.app_without_packages(tmp_path, "exports.created = (")
    assert run_command("run", app).returncode == 2
    assert run_command("run", app, "--fault", "nonsense=1").returncode == 2
    assert not (app / ".forge-emu").exists()


def test_a_damaged_state_is_left_alone_until_it_is_recovered(tmp_path: Path) -> None:
    """Exit code 2 and its path; `--recover` keeps the old file and says what is saved."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    with running_emulator(app, "--trigger", "issue-created", "--until-idle") as run:
        run.wait_for_summary()
    state = app / ".forge-emu" / "state.sqlite"
    content = bytearray(state.read_bytes())
    content[100:6000] = b"\xff" * 5900
    state.write_bytes(content)

    refused = run_command("run", app, "--until-idle")
    assert refused.returncode == 2
    assert str(state) in refused.stderr
    assert "--recover" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert state.read_bytes() == content

    done = run_command("run", app, "--until-idle", "--recover")
    assert done.returncode == 0, done.stderr
    assert "recovered" in done.stderr
    assert state.with_name("state.sqlite.damaged-1").read_bytes() == content
    assert run_command("run", app, "--until-idle").returncode == 0


def test_a_state_moves_between_folders(tmp_path: Path) -> None:
    """Not while an emulator uses it, and not over another one."""
    source = "exports.created = () => {}; exports.store = () => {};"
    there, here = (
        apps.app_without_packages(tmp_path / "there", source),
        apps.app_without_packages(tmp_path / "here", source),
    )
    file = tmp_path / "monday.state"
    with running_emulator(there) as run:
        busy = run_command("state", "export", file, "--app", there)
        assert busy.returncode == 2
        assert "already runs" in busy.stderr
        run_command("trigger", "issue-created", "--app", there, "--wait")
        run.interrupt()
        run.wait_for_summary()
    done = run_command("state", "export", file, "--app", there)
    assert done.returncode == 0, done.stderr
    assert "records up to" in done.stdout
    assert run_command("state", "import", file, "--app", here).returncode == 0
    again = run_command("state", "import", file, "--app", here)
    assert again.returncode == 2
    assert "--force" in again.stderr
    with running_emulator(here, "--until-idle") as run:
        run.wait_for_summary()
    assert run.records[0]["type"] == "emulator.restarted"


def test_a_state_of_an_app_with_another_id(tmp_path: Path) -> None:
    """It goes on, as after `forge register`, and the user is told once."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    with running_emulator(app) as first:
        first.kill()
    manifest = tmp_path / "manifest.yml"
    manifest.write_text(manifest.read_text().replace("app/0b1f6a5e", "app/1c2f6a5e"))
    for told in (True, False):
        with running_emulator(app) as run:
            assert run.records_of("emulator.restarted")
            assert ("app/0b1f6a5e" in run.stderr) == told
            run.interrupt()
            run.wait_for_summary()


def test_an_app_that_has_lost_a_consumer_meanwhile(tmp_path: Path) -> None:
    """Its events are dropped when they are due, as after a reload."""
    app = apps.queued_app(tmp_path)
    with running_emulator(app, "--limits", "off", "--trigger", "issue-created") as first:
        first.wait_for_type("product_event.succeeded")
        first.kill()
    manifest = (app / "manifest.yml").read_text()
    (app / "manifest.yml").write_text(manifest.replace("queue: store-later", "queue: other"))
    with running_emulator(app, "--until-idle") as second:
        second.wait_for_summary()
    assert [r["reason"] for r in second.records_of("event.dropped")] == ["no_consumer"]

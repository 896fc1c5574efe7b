"""What a wrong word on the command line gets: the same form as every other error, and a way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.cli.parsing.apps import with_app
from tests.cli.commandlines import ALL
from tests.conftest import Call


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("triger", "there is no command 'triger'", "Did you mean trigger?"),
        ("queue showw x", "there is no command 'showw'", "Did you mean show?"),
        ("clock advnce 5m", "there is no command 'advnce'", "Did you mean advance?"),
        ("site zzz", "there is no command 'zzz'", "There are "),
        ("trigger schedul x", "'x' is too much", "Did you mean schedule?"),
        ("trigger --cout 3 x", "there is no option --cout", "Did you mean --count"),
        ("queue show", "ID is missing", "forge-emu queue show [OPTIONS] ID."),
        ("kvs get a b c", "'b c' is too much", "forge-emu kvs get [OPTIONS] KEY."),
        ("kvs list note:", "'note:' is too much", "Write: forge-emu kvs list --prefix note:."),
        ("kvs export 'a", "is too much", "Write: forge-emu kvs export --prefix '"),
        ("trigger x 100", "'100' is too much", "Write: forge-emu trigger x --count 100."),
        ("trigger x 1k", "'1k' is too much", "Write: forge-emu trigger x --count 1k."),
        ("trigger x y", "'y' is too much", "Write: forge-emu trigger [OPTIONS] [EVENT]."),
        ("invoke", "FUNCTION[.KEY] is missing", "forge-emu invoke [OPTIONS] FUNCTION[.KEY]."),
        ("run --foo", "there is no option --foo", "  hint: `forge-emu run --help` shows more."),
        ("queue push q {}", "--body is missing", "forge-emu queue push --body JSON|@FILE|-"),
        ("clock speed", "SPEED is missing", "`forge-emu clock speed --help` shows more."),
        ("run --limits lgacy", "--limits: 'lgacy' is none of current,", "Did you mean legacy?"),
        ("queue --state droped", "--state: 'droped' is none of", "Did you mean dropped?"),
        (
            "queue list --state succeeded",
            "--state: 'succeeded' is no state of this list",
            "forge-emu tail",
        ),
        ("run --port 99999", "--port: '99999' is no whole number from 0 to 65,535", "--help"),
        ("trigger x --count", "--count needs a value", "--help"),
        ("trigger x --count 0", "--count: '0' is no number from 1 to 1,000,000", "--help"),
        ("trigger x --count 1q", "write 1000, 1_000 or 1k", "--help"),
        ("clock advance -5m", "-5m is negative", "write 5m, not -5m"),
        ("trigger x --spread -5s", "no span of time is negative; write 5s", "--help"),
        ("clock advance soon", "'soon' is no span of time; write 10s", "--help"),
        ("run --fail-on dropped>0", "--fail-on needs --until-idle", "--help"),
        ("run --quiet --plain", "--quiet excludes --json and --plain", "--help"),
        ("--bogus", "there is no option --bogus", "`forge-emu --help` shows more."),
        ("check other --app one", "the app is given twice: other and --app one", "--help"),
    ],
)
def test_each_mistake_is_one_error_with_a_way_on(
    call: Call, words: str, message: str, hint: str
) -> None:
    """`error: …`, `hint: …` and exit code 2, as for every other error; nothing on stdout."""
    said = call(*words.split())
    error, *rest = said.err.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert rest[0].startswith("  hint: ")
    assert hint in rest[0]
    assert (said.code, len(rest), said.out) == (2, 1, "")


def test_a_group_without_a_command_shows_its_help(call: Call) -> None:
    """Nothing is wrong with it that help does not mend."""
    said = call("testing")
    assert said.code == 2
    assert "Usage: forge-emu testing" in said.err
    assert "error:" not in said.err


@pytest.mark.parametrize("written", ["1000", "1_000", "1,000", "1k", "1K", "1.0k"])
def test_counts_are_written_as_people_write_them(call: Call, tmp_path: Path, written: str) -> None:
    """What is wrong here is only that no emulator runs."""
    app = _app(tmp_path / "app")
    said = call("trigger", "issue-created", "--count", written, "--app", app)
    assert said.code == 3


def _app(folder: Path) -> Path:
    folder.mkdir()
    (folder / "manifest.yml").write_text(
        "modules: {trigger: [{key: t, function: f, events: [avi:jira:updated:issue]}]}"
    )
    return folder


@pytest.mark.parametrize(
    "words",
    [
        "trigger issue-updated {app}",
        "trigger {app} issue-updated",
        "tail {app}",
        "queue {app}",
        "queue show EMU-1 {app}",
        "queue pause {app}",
        "kvs list {app}",
        "kvs get k {app}",
        "kvs set k 1 {app}",
        "clock advance 5m {app}",
        "clock next {app}",
        "schedule {app}",
        "site show {app}",
        "logs {app}",
        "logs --level warn {app}",
        "invoke f {app}",
        "trigger schedule nightly {app}",
    ],
)
def test_every_command_takes_the_app_as_a_word(call: Call, tmp_path: Path, words: str) -> None:
    """Where there is one word more than it needs, and that is the directory of an app."""
    app = _app(tmp_path / "my-app")
    said = call(*words.replace("{app}", str(app)).split())
    assert said.code == 3, said.err
    assert f"no emulator is running for {app}" in said.err
    assert "hint: Start one with: forge-emu run" in said.err
    assert "--app" not in said.err


def test_every_command_about_an_app_has_the_option() -> None:
    """`--app` wherever an app is meant; `init` makes one, `schema` writes files into one."""
    without = {
        name
        for name, command in ALL.items()
        if any(param.name in ("app_dir", "arguments") for param in command.params)
        and not any("--app" in param.opts for param in command.params)
    }
    assert without == {"init", "schema"}
    assert len(ALL) > 30


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_where_the_app_is_an_argument_the_option_means_the_same(
    call: Call, tmp_path: Path, command: str
) -> None:
    """Both name the same directory."""
    app = _app(tmp_path / "my-app")
    by_word, by_option = call(command, app), call(command, "--app", app)
    assert (by_word.code, by_word.out) == (by_option.code, by_option.out)


def test_a_missing_event_gets_those_that_the_app_listens_to(call: Call, tmp_path: Path) -> None:
    """Not an example that nobody hears."""
    app = _app(tmp_path / "my-app")
    said = call("trigger", "--app", app)
    assert "error: EVENT is missing" in said.err
    assert f"listens to issue-updated: `forge-emu trigger issue-updated --app {app}`" in said.err
    said = call("trigger", "zzzzz", "--app", app)
    assert "The app listens to issue-updated." in said.err
    said = call("simulate", app, "zzzzz")
    assert "The app listens to issue-updated." in said.err
    said = call("simulate", app)
    assert f"forge-emu simulate {app} issue-updated --count 1000." in said.err


def test_what_to_type_next_is_meant_for_the_same_app(call: Call, tmp_path: Path) -> None:
    """A hint's command has the `--app` that was typed."""
    app = _app(tmp_path / "my-app")
    said = call("state", "export", tmp_path / "x.state", "--app", app)
    assert f"`forge-emu run --app {app}`" in said.err


def test_the_payload_may_stand_on_the_command_line(call: Call, tmp_path: Path) -> None:
    """JSON that is wrong is quoted with its place."""
    app = _app(tmp_path / "my-app")
    said = call("trigger", "issue-updated", "--data", '{"a": 1}', "--app", app)
    assert said.code == 3
    said = call("trigger", "issue-updated", "--data", '{"a": }', "--app", app)
    assert said.code == 2
    assert "--data: the text given" in said.err


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("See `forge-emu queue`; more.", "See `forge-emu queue --app my-app`; more."),
        (
            "all delivery is paused: forge-emu queue resume",
            "all delivery is paused: forge-emu queue resume --app my-app",
        ),
        ("Start one with: forge-emu run my-app", "Start one with: forge-emu run my-app"),
        ("Such as `forge-emu run`.", "Such as `forge-emu run --app my-app`."),
        ("`forge-emu init` writes one.", "`forge-emu init` writes one."),
        ("`forge-emu tail --app x`", "`forge-emu tail --app x`"),
    ],
)
def test_commands_in_words_get_the_app(text: str, meant: str) -> None:
    """Where they mean an app and do not name it."""
    assert with_app(text, "my-app") == meant

"""`forge-emu kvs` where no emulator runs: the store in the state file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forge_emu import records
from forge_emu.control.session import FOLDER, lock_app
from tests.conftest import Call
from tests.rules.apps import write_example
from tests.rules.examples import CLEAN
from tests.store.state_files import close, fill_state_file, open_state_file


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app whose emulator has stored something and ended."""
    app = write_example(tmp_path, CLEAN)
    with lock_app(app):
        close(fill_state_file(app / FOLDER, 3))
    return app


def test_what_was_stored_is_listed(call: Call, app: Path) -> None:
    """Secrets are masked here too."""
    found = json.loads(call("kvs", "list", "--app", app, "--json").out)
    assert [entry["key"] for entry in found] == ["key0", "key1", "key2"]
    (secret,) = json.loads(call("kvs", "list", "--secret", "--app", app, "--json").out)
    assert (secret["key"], secret["value"]) == ("hidden", None)


def test_changes_are_there_at_the_next_start_and_on_record(call: Call, app: Path) -> None:
    """Everything else is as it was; the records go on without a gap."""
    database = open_state_file(app / FOLDER)
    before = database.read_state()
    database.close()
    assert before
    assert call("kvs", "set", "new", '{"a": 1}', "--ttl", "1h", "--app", app).code == 0
    assert call("kvs", "delete", "key0", "--app", app).code == 0
    assert json.loads(call("kvs", "get", "new", "--app", app).out) == {"a": 1}
    database = open_state_file(app / FOLDER)
    after = database.read_state()
    lines = [records.decode_record(line) for line in database.record_lines(before.header.seq, 10)]
    database.close()
    assert after
    assert sorted(key for secret, key in after.saved.values if not secret) == [
        "key1",
        "key2",
        "new",
    ]
    assert after.saved.deliveries == before.saved.deliveries
    assert (after.header.at, after.header.wall_ms) == (before.header.at, before.header.wall_ms)
    assert [(line.seq, line.type) for line in lines] == [
        (before.header.seq + 1, "kvs.done"),
        (before.header.seq + 2, "kvs.done"),
    ]
    assert after.saved.seq == before.saved.seq + 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("get", "nothing"), "nothing"),
        (("delete", "nothing"), "nothing"),
        (("set", "bad/key", "1"), "bad/key"),
        (("set", "key", "null"), "null"),
    ],
)
def test_wrong_input_changes_nothing(
    call: Call, app: Path, arguments: tuple[str, ...], words: str
) -> None:
    """One message, exit code 2."""
    said = call("kvs", *arguments, "--app", app)
    assert said.code == 2
    assert words in said.err
    assert len(json.loads(call("kvs", "list", "--app", app, "--json").out)) == 3


def test_a_damaged_state_is_told(call: Call, app: Path) -> None:
    """And left as it is."""
    path = app / FOLDER / "state.sqlite"
    path.write_bytes(b"no database" * 1_000)
    said = call("kvs", "list", "--app", app)
    assert said.code == 2
    assert "state.sqlite" in said.err
    assert path.read_bytes().startswith(b"no database")


def test_nothing_is_made_where_nothing_was(call: Call, tmp_path: Path) -> None:
    """An app that never ran has no store."""
    app = write_example(tmp_path, CLEAN)
    assert call("kvs", "list", "--app", app).code == 3
    assert not (app / FOLDER).exists()


def test_a_secret_that_is_set_while_nothing_runs_is_in_no_record(call: Call, app: Path) -> None:
    """Not even where it is a part of another key."""
    value = '{"user": "canary-4711"}'
    assert call("kvs", "set", "token", value, "--secret", "--app", app).code == 0
    assert call("kvs", "set", "of canary-4711", "1", "--app", app).code == 0
    database = open_state_file(app / FOLDER)
    told = b"".join(database.record_lines(0, 1_000))
    database.close()
    assert b"canary" not in told
    assert b'"of [secret token]"' in told


def test_an_export_says_what_it_leaves_out(call: Call, app: Path, tmp_path: Path) -> None:
    """And an import what is missing."""
    file = tmp_path / "monday.state"
    done = call("state", "export", file, "--app", app)
    assert done.code == 0
    assert "3 stored values" in done.out
    assert "1 secret left out; --with-secrets takes them along" in done.err
    done = call("state", "import", file, "--force", "--app", app)
    assert "without 1 secret" in done.err
    assert json.loads(call("kvs", "list", "--secret", "--app", app, "--json").out) == []
    whole = tmp_path / "tuesday.state"
    done = call("state", "export", whole, "--with-secrets", "--app", app)
    assert (done.code, done.err) == (0, "")


ENTITY = """\
  storage:
    entities:
      - name: employee
        attributes: {surname: {type: string}, age: {type: integer}}
        indexes: [surname]
"""


@pytest.fixture
def app_with_entity(app: Path) -> Path:
    """Its manifest declares a custom entity, of which nothing is stored."""
    manifest = app / "manifest.yml"
    text = manifest.read_text()
    manifest.write_text(text.replace("permissions:", ENTITY + "permissions:", 1))
    return app


def test_values_of_an_entity_are_a_store_of_their_own(call: Call, app_with_entity: Path) -> None:
    """Written by the rules of the manifest, counted by `list`, and part of an export."""
    at = ("--app", app_with_entity)
    of = ("--entity", "employee")
    assert call("kvs", "set", "key0", '{"surname": "Ng", "age": 40}', *of, *at).code == 0
    assert call("kvs", "set", "e2", '{"surname": "Li"}', *of, *at).code == 0

    refused = call("kvs", "set", "e3", '{"surname": 1}', *of, *at)
    assert (refused.code, "surname" in refused.err) == (2, True)
    assert json.loads(call("kvs", "get", "key0", *of, *at).out) == {"surname": "Ng", "age": 40}
    listed = json.loads(call("kvs", "list", *of, "--json", *at).out)
    assert [(e["key"], e["entity"]) for e in listed] == [("e2", "employee"), ("key0", "employee")]
    plain = call("kvs", "list", *at)
    assert "entities: employee 2; see them with --entity NAME" in plain.err

    exported = call("kvs", "export", *at).out
    assert [e["key"] for e in json.loads(exported)] == ["key0", "key1", "key2", "e2", "key0"]
    assert call("kvs", "delete", "key0", *of, *at).code == 0
    assert call("kvs", "get", "key0", *at).code == 0
    missing = call("kvs", "get", "key0", *of, *at)
    assert (missing.code, "no value of employee with the key 'key0'" in missing.err) == (2, True)
    assert "hint: These are there: `forge-emu kvs list --entity employee" in missing.err

    saved = app_with_entity / "store.json"
    saved.write_text(exported)
    assert call("kvs", "import", saved, *at).code == 0
    assert json.loads(call("kvs", "get", "key0", *of, *at).out)["surname"] == "Ng"


def test_an_entity_has_no_secrets(call: Call, app_with_entity: Path) -> None:
    """One of the two is meant."""
    said = call("kvs", "list", "--secret", "--entity", "employee", "--app", app_with_entity)
    assert (said.code, "give one of them" in said.err) == (2, True)

"""What is checked by schema at load, and what is said of what only a schema refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.appdir import load_settings, settings_file
from forge_emu.appdir.settings_file import SettingsFile
from forge_emu.errors import ManifestError
from forge_emu.simulate.plan import scenario
from forge_emu.simulate.plan.scenario import Scenario, read_scenario
from forge_emu.yamlsource import read_document
from forge_emu.yamlsource.file_schemas import SchemaName, check_by_schema


def said(name: SchemaName, text: str) -> list[str]:
    """What the schema alone says, with hints."""
    root = read_document(text.encode(), "f.yml")
    with pytest.raises(ManifestError) as caught:
        check_by_schema(name, root, "f.yml")
    assert {problem.rule for problem in caught.value.problems} == {"schema"}
    return [f"{problem} {problem.hint or ''}".strip() for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "limits:\n  push: {events_per_minite: 7}\n",
            "f.yml:2:10 limits.push should not have the property 'events_per_minite'"
            " Did you mean events_per_minute",
        ),
        (
            "preset: of\n",
            "f.yml:1:9 preset must be one of current, legacy, off, found the text 'of'",
        ),
        (
            "limits: {push: {events_per_minute: 0}}\n",
            "f.yml:1:36 limits.push.events_per_minute must be at least 1, found the number 0",
        ),
        ("environment: [A B]\n", "f.yml:1:15 environment[0] must have the form"),
        (
            "mocks: [{status: 200}]\n",
            "f.yml:1:9 mocks[0] does not have the form that forge-emu asks",
        ),
        (
            "variables: {1A: x}\n",
            "f.yml:1:12 variables has a key of another form than forge-emu asks for",
        ),
        (
            "latency: {kvs: soon}\n",
            "f.yml:1:16 latency.kvs must have the form",
        ),
    ],
)
def test_settings(text: str, expected: str) -> None:
    """Each with its place, a near name or the form."""
    (told,) = said("settings", text)
    assert told.startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("until: 24h\n", "f.yml:1:1 the file has no 'steps'"),
        (
            "steps: [{event: a}]\nsede: 1\n",
            "f.yml:2:1 the file should not have the property 'sede'",
        ),
        (
            "steps:\n  - event: a\n    count: 0\n",
            "f.yml:3:12 steps[0].count must be at least 1, found the number 0",
        ),
        (
            "steps: [{event: a, at: 5m}]\nuntil: soon\n",
            "f.yml:2:8 until must have the form",
        ),
    ],
)
def test_scenarios(text: str, expected: str) -> None:
    """Here as well."""
    (told,) = said("scenario", text)
    assert told.startswith(expected)


def test_forms_are_said_in_words() -> None:
    """As the editor says them."""
    (told,) = said("scenario", "steps: [{event: a}]\nuntil: soon\n")
    assert told.endswith("A span of time: 500ms, 10s, 5m, 2h.")


def test_twenty_are_told_at_most() -> None:
    """Nobody reads more."""
    assert len(said("settings", "".join(f"nothing_{n}: 1\n" for n in range(30)))) == 20


def test_what_the_reader_of_settings_takes_is_checked_by_the_schema(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A reader that forgets a check lets nothing through."""
    (tmp_path / "forge-emu.yml").write_text("preset: of\n", "utf-8")
    monkeypatch.setattr(settings_file, "read_settings", lambda *_: SettingsFile())
    with pytest.raises(ManifestError, match=r"forge-emu\.yml:1:9 preset must be one of"):
        load_settings(tmp_path)


def test_what_the_reader_of_scenarios_takes_is_checked_by_the_schema(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same for scenarios."""
    monkeypatch.setattr(scenario, "scenario_of", lambda *_: Scenario())
    with pytest.raises(ManifestError, match=r"s\.yml:1:8 until must have the form"):
        read_scenario(b"until: soon\nsteps: [{event: a}]\n", "s.yml", lambda *_: {})


def test_the_readers_words_come_first(tmp_path: Path) -> None:
    """The schema says nothing where the reader has said something."""
    (tmp_path / "forge-emu.yml").write_text("preset: of\n", "utf-8")
    with pytest.raises(ManifestError) as caught:
        load_settings(tmp_path)
    assert [problem.rule for problem in caught.value.problems] == ["settings"]

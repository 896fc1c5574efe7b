"""`forge-emu.yml`: the forms it takes, and everything that can be wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forge_emu.appdir import DeclaredVariables, load_settings
from forge_emu.appdir.settings_file import SettingsFile
from forge_emu.errors import ManifestError, UserError


def read(folder: Path, text: str) -> object:
    """What the settings file says, or the lines of what is wrong with it."""
    (folder / "forge-emu.yml").write_text(text, encoding="utf-8")
    try:
        beside = load_settings(folder)
    except ManifestError as e:
        return [str(problem).removeprefix("forge-emu.yml:") for problem in e.problems]
    return beside.preset, beside.overrides


def test_without_the_file_nothing_is_set(tmp_path: Path) -> None:
    """The file is optional."""
    assert load_settings(tmp_path) == SettingsFile()


@pytest.mark.parametrize(
    ("text", "preset", "values"),
    [
        ("", None, {}),
        ("# later\n", None, {}),
        ("preset: legacy\n", "legacy", {}),
        ("limits: off\n", "off", {}),
        ("latency: slow\n", None, {"latency.profile": "slow"}),
        ("latency: none\n", None, {"latency.profile": "none"}),
        (
            "latency: {profile: typical, kvs: 5ms}\n",
            None,
            {"latency.profile": "typical", "latency.kvs": "5ms"},
        ),
        ("limits: off\npreset: off\n", "off", {}),
        (
            "limits:\n  push:\n    events_per_minute: 7\n",
            None,
            {
                "limits.push.events_per_minute": 7,
            },
        ),
        ("limits.push.events_per_minute: 7\n", None, {"limits.push.events_per_minute": 7}),
        (
            "limits:\n  push.events_per_minute: none\n",
            None,
            {
                "limits.push.events_per_minute": None,
            },
        ),
        (
            "preset: off\nlimits:\n  push:\n    events_per_minute: 7\n",
            "off",
            {
                "limits.push.events_per_minute": 7,
            },
        ),
        (
            "limits.invocations.consumer_timeout_seconds: 50\n",
            None,
            {"limits.invocations.consumer_timeout_seconds": 50},
        ),
        ("storage.legacy: on\n", None, {"storage.legacy": "on"}),
        ("async_events.max_retries: ~\n", None, {"async_events.max_retries": None}),
    ],
)
def test_settings_are_nested_or_dotted(
    tmp_path: Path, text: str, preset: str | None, values: dict[str, object]
) -> None:
    """Both forms name the same settings; `limits` with a word picks the preset."""
    assert read(tmp_path, text) == (preset, values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("preset: of\n", ["1:9 preset cannot be 'of'"]),
        ("preset:\n", ["1:1 preset must be a preset's name, found nothing"]),
        ("preset: [off]\n", ["1:9 preset must be a preset's name, found a list"]),
        ("limits: 5\n", ["1:9 limits cannot be '5'"]),
        (
            "preset: off\nlimits: legacy\n",
            ["2:9 limits: legacy contradicts the preset given above"],
        ),
        (
            "limits:\n  push:\n    events_per_minite: 7\n",
            ["3:5 there is no setting 'limits.push.events_per_minite'"],
        ),
        ("async_events.max_retries:\n", ["1:1 async_events.max_retries has no value"]),
        ("async_events.max_retries: x\n", ["1:27 async_events.max_retries cannot be 'x'"]),
        ("async_events.max_retries: -1\n", ["1:27 async_events.max_retries cannot be '-1'"]),
        (
            "async_events.max_retries: [1]\n",
            ["1:27 async_events.max_retries must be a single value, found a list"],
        ),
        (
            "async_events.max_retries: 1\nasync_events:\n  max_retries: 2\n",
            ["3:16 async_events.max_retries is given twice; first in line 1"],
        ),
        ("a: 'x\n", ["1:4 broken YAML: this quotation mark is never closed"]),
        ("- a\n", ["1:1 forge-emu.yml holds a list where a mapping is expected"]),
        ("nothing_known: {}\n", ["1:1 there is no setting 'nothing_known'"]),
        (
            "limits: {nothing_known: {}}\n",
            ["1:10 there is no setting 'limits.nothing_known'"],
        ),
        ("b: 1\na: 2\n", ["1:1 there is no setting 'b'", "2:1 there is no setting 'a'"]),
    ],
)
def test_all_problems_are_told_with_their_places(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    """As for the manifest: line, column, the user's words."""
    assert read(tmp_path, text) == said


OWN_KEYS = (
    "The file has preset, faults, mocks, remotes, site, variables, environment, secrets, and "
)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("async_events.max_retry: 3", "Did you mean async_events.max_retries"),
        ("writes_per_minute: 3", "Did you mean limits.kvs.write_units_per_minute"),
        ("kvs: {write_units: 3}", "Did you mean limits.kvs.write_units_per_minute"),
        ("limit: off", "Did you mean limits?"),
        ("mock: []", "Did you mean mocks?"),
        ("variable: {A: x}", "Did you mean variables?"),
        ("presets: off", "Did you mean preset?"),
        ("limits: {zzz: 3}", "See `forge-emu limits`."),
        # Each of these once got the name of some setting that has a few letters in common.
        ("setings: {}", OWN_KEYS),
        ("seed: 1", OWN_KEYS),
        ("fnord: 1", OWN_KEYS),
        ("setting: {a: 1}", OWN_KEYS),
    ],
)
def test_a_misspelt_name_gets_the_nearest(tmp_path: Path, text: str, hint: str) -> None:
    """Real names, of settings or of the file's own keys; nothing far-fetched."""
    (tmp_path / "forge-emu.yml").write_text(text)

    with pytest.raises(ManifestError) as caught:
        load_settings(tmp_path)

    assert str(caught.value.problems[0].hint).startswith(hint)


def test_the_other_ending_is_not_silently_ignored(tmp_path: Path) -> None:
    """`forge-emu.yaml` would have no effect."""
    (tmp_path / "forge-emu.yaml").write_text("preset: off\n")

    with pytest.raises(UserError, match=r"forge-emu\.yaml is not read"):
        load_settings(tmp_path)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=80) | st.text("ab.:-[]{} \nlimits", max_size=60).map(str.encode))
def test_any_bytes_are_settings_or_a_user_error(tmp_path: Path, raw: bytes) -> None:
    """Nothing else is raised, whatever the file holds."""
    (tmp_path / "forge-emu.yml").write_bytes(raw)
    try:
        beside = load_settings(tmp_path)
        preset, values = beside.preset, beside.overrides
    except UserError:
        return

    assert preset in {None, "current", "legacy", "off"}
    assert all(isinstance(name, str) for name in values)


def test_faults_are_a_list_of_texts(tmp_path: Path) -> None:
    """The same texts as those of `--fault`."""
    (tmp_path / "forge-emu.yml").write_text("faults:\n  - kvs.error=5%@1m..2m\n")
    (rule,) = load_settings(tmp_path).faults
    assert (rule.kind, rule.share, rule.start, rule.end) == ("kvs.error", 0.05, 60_000, 120_000)


def test_a_wrong_fault_is_reported_at_its_place(tmp_path: Path) -> None:
    """With the user's words, as every other problem of the file."""
    said = read(tmp_path, "faults:\n  - kvs.eror=5%\n  - {a: 1}\n")
    assert said == [
        "2:5 there is no fault 'kvs.eror' in 'kvs.eror=5%'",
        "3:5 faults[1] must be a single value, found a mapping",
    ]
    assert read(tmp_path, "faults: kvs.error=5%\n") == [
        "1:9 faults must be a list, found the text 'kvs.error=5%'"
    ]


def declared(folder: Path, text: str) -> DeclaredVariables:
    """What the settings file says of variables."""
    (folder / "forge-emu.yml").write_text(text, encoding="utf-8")
    return load_settings(folder).variables


def test_values_of_variables_are_texts_as_they_are_written(tmp_path: Path) -> None:
    """Numbers and truth values as well."""
    text = "variables:\n  A: 1.50\n  B: true\n  C: two words\n  D: ''\n  E: 0x1F\n  F: 'null'\n"
    assert declared(tmp_path, text).variables == {
        "A": "1.50",
        "B": "true",
        "C": "two words",
        "D": "",
        "E": "0x1F",
        "F": "null",
    }


def test_names_are_passed_on_or_all_of_them(tmp_path: Path) -> None:
    """A list, or one word."""
    some = declared(tmp_path, "environment: [A, B, A]\nsecrets: [B]\n")
    assert some == DeclaredVariables(from_environment=("A", "B"), secrets=frozenset({"B"}))
    assert declared(tmp_path, "environment: all\n").whole_environment
    assert declared(tmp_path, "environment: [all]\n").from_environment == ("all",)
    assert declared(tmp_path, "preset: off\n") == DeclaredVariables()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("variables: {A: ~}\n", ["1:16 variables.A must be a text, found nothing (~)"]),
        ("variables:\n  A:\n", ["2:3 variables.A must be a text, found nothing"]),
        ("variables: {A: [1]}\n", ["1:16 variables.A must be a text, found a list"]),
        ("variables: {A: {b: 1}}\n", ["1:16 variables.A must be a text, found a mapping"]),
        (
            "variables: {1A: x, B-C: y}\n",
            [
                "1:13 '1A' is no name of a variable",
                "1:20 'B-C' is no name of a variable",
            ],
        ),
        ("variables: [A]\n", ["1:12 variables must be a mapping, found a list"]),
        ("variables:\n", ["1:1 variables must be a mapping, found nothing"]),
        ("variables: hunter22\n", ["1:12 variables must be a mapping, found a single value"]),
        (
            'variables: {A: "a\\0b"}\n',
            [
                "1:16 variables.A holds a character that no variable can",
            ],
        ),
        ("environment: some\n", ["1:14 environment must be a list, found a single value"]),
        ("environment: [A, B=hunter22]\n", ["1:18 environment[1]: 'B' is no name of a variable"]),
        ("environment: [[A]]\n", ["1:15 environment[0]: a list is no name of a variable"]),
        ("secrets: {A: 1}\n", ["1:10 secrets must be a list, found a mapping"]),
        ("secrets: [1]\n", ["1:11 secrets[0]: '1' is no name of a variable"]),
    ],
)
def test_problems_with_variables_quote_no_values(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    """With line and column, and what was written only as far as it is a name."""
    assert read(tmp_path, text) == said


def test_a_variable_is_not_longer_than_the_system_takes(tmp_path: Path) -> None:
    """A process with it could not be started."""
    assert declared(tmp_path, f"variables: {{A: {'x' * 131_069}}}\n").variables
    assert read(tmp_path, f"variables: {{A: {'x' * 131_070}}}\n") == [
        "1:16 variables.A is 131,070 bytes, too long for a variable"
    ]

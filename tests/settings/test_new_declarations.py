"""A declaration is all it takes: what is declared here appears everywhere, and is enforced."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.model import HOUR, MINUTE, SECOND
from forge_emu.settings import Rate, RateSetting, Setting
from forge_emu.settings.declare import choice, count, flag, latency, limit, number, rate_limit
from forge_emu.settings.faults import FAULTS, fault
from forge_emu.settings.rate import READS, WRITES
from forge_emu.settings.refusals import REFUSALS, refusal
from forge_emu.settings.registry import DeclarationError
from forge_emu.settings.setting import SETTINGS
from tests.settings import everywhere

SOURCE = ("limits-kvs-ce/", "2026-09-28")


@pytest.fixture(autouse=True)
def open_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is forgotten after it."""
    for registry in (SETTINGS, FAULTS, REFUSALS):
        monkeypatch.setattr(registry, "_by_name", dict(registry._by_name))


RATES = {
    "limits.kvs.lists_per_minute": (
        "lists/min",
        Rate(window=MINUTE, counts="store_calls", operations=("query", "query_entity"),
             label="KVS lists", chart_label="Store lists", calls="lists"),
    ),
    "limits.kvs.read_mb_per_hour": (
        "MB/h",
        Rate(window=HOUR, counts="store_calls", operations=READS, amount="bytes",
             label="KVS MB read", chart_label="Store MB read"),
    ),
    "limits.kvs.write_units_per_10_seconds": (
        "units/10 s",
        Rate(window=10 * SECOND, counts="store_calls", operations=WRITES, amount="units",
             label="KVS units", chart_label="Store units"),
    ),
    "limits.kvs.key_deletes_per_second": (
        "deletes/s",
        Rate(window=SECOND, counts="store_calls", operations=("delete", "batch_delete"),
             per="key", label="KVS key deletes", chart_label="Deletes of one key"),
    ),
    "limits.kvs.key_units_per_minute": (
        "units/min",
        Rate(window=MINUTE, counts="store_calls", operations=("get", "batch_get"),
             amount="units", per="key", label="KVS key units",
             chart_label="Units of one key"),
    ),
    "limits.push.events_per_hour": (
        "events/h",
        Rate(window=HOUR, counts="pushed_events", label="pushed an hour",
             chart_label="Events pushed an hour"),
    ),
    "limits.invocations.per_second": (
        "invocations/s",
        Rate(window=SECOND, counts="invocations", label="invocations a second",
             chart_label="Invocations a second"),
    ),
}  # fmt: skip
"""Limits per time that the platform does not have."""


def declare_rate(name: str) -> RateSetting:
    unit, rate = RATES[name]
    return rate_limit(name, 5, unit, *SOURCE, doc="A limit.", met_by="some calls", rate=rate)


@pytest.mark.parametrize("name", RATES)
def test_a_rate_that_is_declared_is_enforced_and_shown(name: str, tmp_path: Path) -> None:
    """By the engine, after a restart, in usage, advice, charts, capacity, `limits`, figures."""
    setting = declare_rate(name)

    assert everywhere.lacks_rate(setting, tmp_path) == []
    assert everywhere.lacks_setting(setting, everywhere.generated_documentation()) == []


def test_a_limit_that_is_declared_is_everywhere() -> None:
    """In `limits`, `--set`, completion, `--fail-on`, documentation."""
    setting = limit(
        "limits.kvs.key_slashes", 3, "slashes", *SOURCE,
        doc="Slashes in a key.", met_by="every call of kvs: refused (400)", refuses=True,
    )  # fmt: skip

    assert everywhere.lacks_setting(setting, everywhere.generated_documentation()) == []


@pytest.mark.parametrize("may_pass", [False, True])
def test_a_rule_that_is_declared_is_everywhere(may_pass: bool) -> None:
    """In `--fail-on`, completion, advice, documentation."""
    rule = refusal(
        "kvs.mood", refuses="calls on a Monday", seen="NOT_TODAY (400)", may_pass=may_pass
    )

    assert everywhere.lacks_rule(rule, everywhere.generated_documentation()) == []


def test_a_fault_that_is_declared_is_everywhere() -> None:
    """One that hits a share, and one that multiplies a latency."""
    slow = latency(
        "latency.queue_job",
        typical="5ms",
        slow="9ms",
        doc="Time of a job:",
        met_by="every job",
    )
    kinds = (
        fault("job.error", effect="jobs that are answered with status 500", example="3%"),
        fault("job.latency", effect="jobs, which take longer", example="x2", multiplies=slow),
    )

    for kind in kinds:
        assert everywhere.lacks_fault(kind, everywhere.generated_documentation()) == []


def _setting(**more: object) -> Setting[int | None]:
    fields = {"doc": "A limit.", "met_by": "some calls", **more}
    return limit("limits.kvs.new", 5, fields.pop("unit", "keys"), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"doc": ""}, "it needs `doc`"),
        ({"met_by": ""}, "it needs `met_by`"),
        ({"source": ""}, "it needs `source`"),
        ({"source": "limits-kvs-ce/"}, "a page has a `date`"),
        ({"date": "2026-09-28"}, "an emulator choice has none"),
        ({"unit": "keys/min"}, "a limit in keys/min needs a `rate`"),
    ],
)
def test_a_setting_that_lacks_something_fails_by_name(
    fields: dict[str, object], problem: str
) -> None:
    """When it is declared."""
    with pytest.raises(DeclarationError, match=rf"^limits\.kvs\.new: .*{problem}"):
        _setting(**fields)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"label": ""}, "needs a `label`, a `chart_label` and `calls`"),
        ({"calls": ""}, "needs a `label`, a `chart_label` and `calls`"),
        ({"chart_label": ""}, "needs a `label`, a `chart_label` and `calls`"),
        ({"window": SECOND}, "has a `window` of 1000 ms, and its unit is 'reads/min'"),
        ({"amount": "bytes"}, "counts bytes, so that its unit is KB or MB per time"),
        ({"operations": ()}, "needs `operations`"),
        ({"operations": ("red",)}, "cannot count red per installation"),
        ({"operations": ("query",), "per": "key"}, "cannot count query per key"),
        ({"counts": "invocations"}, "needs `operations` if it counts calls of the store"),
        ({"counts": "invocations", "operations": (), "amount": "units"}, "cannot have an `amount`"),
    ],
)
def test_a_rate_that_makes_no_sense_fails_by_name(fields: dict[str, object], problem: str) -> None:
    """When it is declared."""
    sound = {
        "window": MINUTE, "counts": "store_calls", "operations": READS,
        "label": "new", "chart_label": "New",
    }  # fmt: skip
    rate = Rate(**{**sound, **fields})  # type: ignore[arg-type]

    with pytest.raises(DeclarationError, match=rf"^limits\.kvs\.new: its rate {problem}"):
        rate_limit("limits.kvs.new", 5, "reads/min", doc="d", met_by="m", rate=rate)


def test_a_rate_without_a_rate_fails_by_name() -> None:
    """It would be counted by nothing."""
    with pytest.raises(DeclarationError, match=r"^limits\.kvs\.new: it needs a `rate`"):
        rate_limit("limits.kvs.new", 5, "reads/min", doc="d", met_by="m")


def test_every_kind_of_setting_needs_its_words() -> None:
    """Numbers, choices, flags and latencies as well."""
    for declare in (
        lambda: number("x.new", 1, "s", doc="d"),
        lambda: count("x.new", 1, "s", doc="d"),
        lambda: choice("x.new", ("a", "b"), doc="d"),
        lambda: flag("x.new", True, doc="d"),
        lambda: latency("x.new", doc="d", typical="5ms", slow="9ms"),
    ):
        with pytest.raises(DeclarationError, match=r"^x\.new: it needs `met_by`"):
            declare()
    with pytest.raises(DeclarationError, match=r"^x\.new: it needs `doc`"):
        latency("x.new", met_by="m", typical="5ms", slow="9ms")
    with pytest.raises(DeclarationError, match=r"^x\.new: it needs `typical` and `slow`"):
        latency("x.new", doc="d", met_by="m", typical="5ms")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"effect": ""}, "it needs `effect`"),
        ({"example": ""}, "it needs `example`"),
        ({"example": "often"}, "a share .* or a factor"),
        ({"example": "x10"}, "`multiplies` a latency"),
    ],
)
def test_a_fault_that_lacks_something_fails_by_name(fields: dict[str, str], problem: str) -> None:
    """When it is declared."""
    with pytest.raises(DeclarationError, match=rf"^job\.error: .*{problem}"):
        fault("job.error", **{"effect": "jobs", "example": "3%", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"refuses": ""}, "it needs `refuses`"),
        ({"seen": ""}, "it needs `seen`"),
        ({"source": "limits-kvs-ce/"}, "a page has a `date`"),
    ],
)
def test_a_rule_that_lacks_something_fails_by_name(fields: dict[str, str], problem: str) -> None:
    """When it is declared."""
    with pytest.raises(DeclarationError, match=rf"^kvs\.mood: .*{problem}"):
        refusal("kvs.mood", **{"refuses": "calls", "seen": "NOT_TODAY (400)", **fields})  # type: ignore[arg-type]


def test_a_name_is_declared_once() -> None:
    """A second declaration would hide the first."""
    with pytest.raises(DeclarationError, match=r"^kvs\.key: it is declared twice"):
        refusal("kvs.key", refuses="keys", seen="INVALID_KEY (400)")
    with pytest.raises(DeclarationError, match=r"^a declaration without a name: it needs `name`"):
        refusal("", refuses="keys", seen="INVALID_KEY (400)")

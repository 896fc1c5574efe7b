"""The events that an app declares to publish, and triggers on them."""

from __future__ import annotations

import pytest

from forge_emu.model import EventModule
from tests.manifest.sample import MANIFEST, app_of, lines, problems_of

OWN = "avi:cloud:ecosystem::event/7c1dd9d6-93c3-4a8e-b3f1-bd3b3f4e0f0a"
OTHER = "avi:cloud:ecosystem::event/d9022ad7-c220-4836-b1d1-7f9f2c633d3a"
RECIPIENT = "ari:cloud:ecosystem::app/23c6fcd5-2836-4a8e-b2b8-83b2e71238e1"


def manifest(*modules: str, event: str = "avi:jira:created:issue") -> str:
    """The sample with event modules, and a trigger on `event`."""
    entries = "".join(f"    - {each}\n" for each in modules)
    text = MANIFEST.replace("avi:jira:created:issue", event)
    return text.replace("  consumer:\n", f"  event:\n{entries}  consumer:\n")


def test_event_modules_are_part_of_the_app() -> None:
    """They are no modules that nothing here starts."""
    app = app_of(
        manifest(
            f"{{key: placed, name: Order placed, allowedRecipients: ['{RECIPIENT}', '*']}}",
            "{key: paid, name: Paid, allowedRecipients: []}",
        )
    )

    assert app.event_modules == (
        EventModule("placed", "Order placed", (RECIPIENT, "*"), 8),
        EventModule("paid", "Paid", (), 9),
    )
    assert (app.other_modules, app.warnings) == ({}, ())


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("{name: N, allowedRecipients: []}", "key"),
        ("{key: k, allowedRecipients: []}", "name"),
        ("{key: k, name: N}", "allowedRecipients"),
        ("{key: k, name: N, allowedRecipients: '*'}", "allowedRecipients"),
        ("{key: k, name: N, allowedRecipients: ['*', '*']}", "'*' is there twice"),
        ("{key: k, name: N, allowedRecipients: [all]}", "'all' is no app"),
        ("{key: worker, name: N, allowedRecipients: []}", "found duplicate module key 'worker'"),
        ("{key: k, name: N, allowedRecipients: [], payload: {}}", "payload"),
        ("{key: a b, name: N, allowedRecipients: []}", "a b"),
    ],
)
def test_what_is_wrong_is_said(module: str, message: str) -> None:
    """Once, at its place."""
    [problem] = problems_of(manifest(module))
    assert message in str(problem)
    assert problem.line in range(8, 13)


@pytest.mark.parametrize(("count", "sound"), [(100, True), (101, False)])
def test_a_hundred_recipients(count: int, sound: bool) -> None:
    """As the schema has it."""
    recipients = ", ".join(f"'ari:cloud:ecosystem::app/{n}'" for n in range(count))
    module = f"{{key: k, name: N, allowedRecipients: [{recipients}]}}"
    assert (problems_of(manifest(module)) == ()) is sound


@pytest.mark.parametrize(
    ("event", "hint"),
    [
        (f"{OWN}/placed", None),
        (f"{OTHER}/whatever", None),
        (f"{OWN}/plcaed", f"Did you mean {OWN}/placed?"),
        (f"{OWN}/refunded", "Declare it"),
        ("avi:cloud:ecosystem::event/placed", "`forge-emu events` lists them"),
    ],
)
def test_a_trigger_on_an_event_of_the_app_that_is_not_declared(
    event: str, hint: str | None
) -> None:
    """A finding with the near name; events of other apps are taken on trust."""
    module = "{key: placed, name: Order placed, allowedRecipients: []}"
    found = lines(problems_of(manifest(module, event=event)))

    assert len(found) == (hint is not None)
    assert all("warning" in line for line in found)
    if hint:
        [problem] = problems_of(manifest(module, event=event))
        assert problem.rule == "unknown-event"
        assert problem.hint is not None
        assert hint in problem.hint

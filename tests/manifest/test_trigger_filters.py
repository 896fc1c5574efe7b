"""What is said of filters and payloads of triggers when they are read."""

from __future__ import annotations

import pytest

from forge_emu.model import Subscription
from tests.manifest.sample import app_of, lines, manifest_with

_FUNCTION = "      function: pusher\n"


def read(below: str) -> tuple[Subscription, list[str]]:
    """The first subscription of the sample app with these lines in its trigger, and warnings."""
    app = app_of(manifest_with(_FUNCTION, _FUNCTION + below))
    return app.triggers[0].subscriptions[0], lines(tuple(app.warnings))


def test_everything_about_a_filter_is_read() -> None:
    """Flags, expression with its place, and the properties to include."""
    found, said = read(
        "      filter:\n"
        "        ignoreSelf: true\n"
        "        appIsLicensed: true\n"
        "        expression: \"event.issue.key == 'EMU-1'\"\n"
        "        onError: RECEIVE\n"
        "      payload:\n"
        "        include:\n"
        "          propertyPaths: [\"issue.properties['k'].f\"]\n"
    )
    assert said == []
    assert found == Subscription(
        "avi:jira:created:issue",
        True,
        "event.issue.key == 'EMU-1'",
        "RECEIVE",
        True,
        "manifest.yml:8:22",
        ("issue.properties['k'].f",),
    )


@pytest.mark.parametrize(
    ("expression", "place", "message"),
    [
        ("event.a === 1", "6:29", "'===' and '!==' are not part of Jira expressions"),
        ('"event.a ?? 1"', "6:30", "'??' is not part of Jira expressions"),
        ("|\n          true &&\n            event.a ** 2", "8:21", "'**' is not part of"),
        ("|\n\n          true &&", "8:18", "the expression ends too early"),
        (">-\n          true &&\n          a b", "6:21", "unexpected 'b'"),
    ],
)
def test_a_malformed_expression_is_named_at_its_place(
    expression: str, place: str, message: str
) -> None:
    """Line and column inside the text, however YAML writes it; of folded text its begin."""
    _, (said, *_) = read(f"      filter:\n        expression: {expression}\n")
    assert said.startswith(f"warning: manifest.yml:{place} ")
    assert message in said
    assert "it does not get them (onError)" in said


@pytest.mark.parametrize(
    ("below", "said"),
    [
        ("expression: event.issue.fields?.issueType.name == 'Bug'",
         "avi:jira:created:issue has no field 'issueType' there"),
        ("expression: issue.key == 'a'", "'issue' is not defined"),
        ("expression: event.runtime.board.properties['a'] == 1", "'board' has no properties"),
        ("expression: event.a.some(a => a.b.some(b => b.c.some(c => c.d.some(d => d))))",
         "`forge deploy` may find it too complex: 4 variables, 3 are allowed"),
    ],
)  # fmt: skip
def test_doubtful_expressions_are_warned_of(below: str, said: str) -> None:
    """They are used all the same."""
    found, warnings = read(f"      filter:\n        {below}\n")
    assert found.expression is not None
    assert any(said in warning for warning in warnings), warnings


def test_a_sound_expression_is_not_remarked_on() -> None:
    """Methods, lengths and optional fields among them."""
    _, said = read(
        "      filter:\n"
        "        expression: event.issue.fields.summary.toLowerCase().length > 3"
        " && event.associatedUsers?.length != 1\n"
    )
    assert said == []


def test_more_than_five_property_paths_are_too_many() -> None:
    """Those of expressions and payloads together; the same path counts once."""
    four = " && ".join(f"event.runtime.issue.properties['k'].p{n} == 1" for n in range(5))
    payload = "      payload: {include: {propertyPaths: [\"issue.properties['k'].p%d\"]}}\n"
    filtered = f'      filter:\n        expression: "{four}"\n'
    assert read(filtered + payload % 4)[1] == []
    (said,) = read(filtered + payload % 5)[1]
    assert "more than 5 paths of entity properties" in said


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("{include: {propertyPaths: [issue.a]}}", "'issue.a' is no path of an entity property"),
        ("{include: {propertyPaths: [\"board.properties['a']\"]}}", "is no path of an entity"),
        ("{include: {fields: [issue.a]}}", "no page says what it does"),
    ],
)
def test_what_a_payload_cannot_include_is_named(payload: str, said: str) -> None:
    """Events carry their usual fields then."""
    found, warnings = read(f"      payload: {payload}\n")
    assert found.include == ()
    assert any(said in warning for warning in warnings), warnings


def test_events_without_entity_properties_are_named() -> None:
    """The events reference lists those that have them."""
    text = manifest_with(
        _FUNCTION,
        _FUNCTION + "      payload: {include: {propertyPaths: [\"user.properties['k']\"]}}\n",
    ).replace("avi:jira:created:issue", "avi:jira:viewed:issue")
    (said,) = lines(tuple(app_of(text).warnings))
    assert "'avi:jira:viewed:issue' has no entity properties" in said

"""What `--set` accepts, and where a value goes."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.errors import UserError
from forge_emu.events import parse_set
from forge_emu.events.payload_paths import set_at_path


def payload() -> dict[str, Any]:
    """A small payload with every kind of value."""
    return {
        "selfGenerated": False,
        "timestamp": "1764000000000",
        "issue": {"id": "10001", "fields": {"summary": "Old", "assignee": None, "n": 7}},
        "changelog": {"items": [{"field": "status", "to": "1"}]},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=c", ("a.b", "c")),
        ("a.b=", ("a.b", "")),
        ("a=b=c", ("a", "b=c")),
        (" a.b = c", ("a.b", " c")),
        ("a[0].b=1", ("a[0].b", "1")),
        ('a["x.y"]=1', ('a["x.y"]', "1")),
        ("+a=1", ("+a", "1")),
    ],
)
def test_a_set_is_split_at_its_first_equals_sign(text: str, expected: tuple[str, str]) -> None:
    """The value is everything after the first `=`, spaces included."""
    assert parse_set(text) == expected


@pytest.mark.parametrize(
    "text", ["", "issue", "=x", " =x", "a..b=1", ".a=1", "a.=1", "a[=1", "a[x]=1", "a[-1]=1", "+=1"]
)
def test_a_set_without_a_path_or_value_is_refused(text: str) -> None:
    """The error quotes the text and shows how to write one."""
    with pytest.raises(UserError) as caught:
        parse_set(text)

    assert caught.value.hint is not None
    assert "issue.fields.summary=" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "text", "place", "value"),
    [
        ("issue.fields.summary", "New", ("issue", "fields", "summary"), "New"),
        ("selfGenerated", "true", ("selfGenerated",), True),
        ("issue.fields.n", "8.5", ("issue", "fields", "n"), 8.5),
        (
            "issue.fields.assignee",
            '{"accountId": "x"}',
            ("issue", "fields", "assignee"),
            {"accountId": "x"},
        ),
        (
            "issue.fields.assignee.accountId",
            "x",
            ("issue", "fields", "assignee"),
            {"accountId": "x"},
        ),
        ("issue.fields.summary", "null", ("issue", "fields", "summary"), None),
        ("issue.fields.summary", '"quoted"', ("issue", "fields", "summary"), "quoted"),
        ("issue.fields.customfield_10001", "5", ("issue", "fields", "customfield_10001"), 5),
        (
            "issue.fields.customfield_10001.value",
            "x",
            ("issue", "fields", "customfield_10001"),
            {"value": "x"},
        ),
        ("issue.fields.labels[0]", "a", ("issue", "fields", "labels"), ["a"]),
        ("changelog.items[0].field", "summary", ("changelog", "items", 0, "field"), "summary"),
        ("changelog.items.0.to", "2", ("changelog", "items", 0, "to"), "2"),
        ("changelog.items[1].field", "x", ("changelog", "items", 1), {"field": "x"}),
        ("changelog.items[1]", "[1]", ("changelog", "items", 1), [1]),
        ('issue.fields["a.b"]', "x", ("issue", "fields", "a.b"), "x"),
    ],
)
def test_a_value_goes_where_its_path_says(
    path: str, text: str, place: tuple[str | int, ...], value: object
) -> None:
    """JSON becomes its value, anything else is text; what is missing on the way is made."""
    target = payload()
    set_at_path(target, path, text)

    here: Any = target
    for step in place:
        here = here[step]
    assert here == value
    assert type(here) is type(value)


@pytest.mark.parametrize("text", ["42", "007", "true", "1e3"])
def test_text_stays_text(text: str) -> None:
    """Forge's ids and timestamps are text made of digits, and stay text."""
    target = payload()
    set_at_path(target, "timestamp", text)

    assert target["timestamp"] == text


@pytest.mark.parametrize("text", ["{", "[1,", "NaN", "1e999", "'a'", "{n}", "\udcff", "[" * 5000])
def test_what_is_not_json_is_text(text: str) -> None:
    """Broken JSON, or what only resembles JSON, is taken as it stands."""
    target = payload()
    set_at_path(target, "selfGenerated", text)

    assert target["selfGenerated"] == text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("issue.fields.summary.text", "issue.fields.summary is the text 'Old'"),
        ("selfGenerated.x", "selfGenerated is false"),
        ("issue.fields.n.x", "issue.fields.n is the number 7"),
        ("changelog.items.field", "changelog.items is a list"),
        ("changelog.items[2].field", "changelog.items has 1 items"),
        ("changelog.items[2]", "changelog.items has 1 items"),
        ("changelog.items.²", "not a position"),
        ("issue[0]", "issue is an object"),
        ("[0]", "the payload is an object"),
    ],
)
def test_a_path_through_something_else_is_refused(path: str, said: str) -> None:
    """The error quotes the path and says what stands in its way."""
    target = payload()
    with pytest.raises(UserError) as caught:
        set_at_path(target, path, "x")

    assert repr(path) in caught.value.message
    assert said in caught.value.message
    assert target == payload()


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("isue.fields.summary", "issue"),
        ("issue.feilds.summary", "issue.fields"),
        ("issue.fields.sumary", "issue.fields.summary"),
        ("selfgenerated", "selfGenerated"),
        ("changelog.items[0].feild", "changelog.items.0.field"),
    ],
)
def test_a_misspelt_name_is_refused(path: str, meant: str) -> None:
    """A name that looks like one that is there would silently change nothing an app reads."""
    with pytest.raises(UserError) as caught:
        set_at_path(payload(), path, "x")

    assert repr(path) in caught.value.message
    assert f"Did you mean {meant}?" in (caught.value.hint or "")


def test_a_plus_makes_a_name_that_looks_like_another() -> None:
    """With `+` the user says that the name is really new."""
    target = payload()
    set_at_path(target, "+issue.fields.sumary", "x")

    assert target["issue"]["fields"] == {
        "summary": "Old",
        "assignee": None,
        "n": 7,
        "sumary": "x",
    }


def test_names_that_differ_in_digits_are_different_names() -> None:
    """Custom fields are numbered; one is no misspelling of another."""
    target = payload()
    set_at_path(target, "issue.fields.customfield_10001", "a")
    set_at_path(target, "issue.fields.customfield_10002", "b")

    assert target["issue"]["fields"]["customfield_10002"] == "b"

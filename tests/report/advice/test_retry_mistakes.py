"""Mistakes in requests for a retry as advice: counted, with the place in the code."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.model import RetryMistake
from forge_emu.records import InvocationFinished
from forge_emu.report.advice.retry_mistakes import find_mistake
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.summary import Advice
from forge_emu.report.summary_builder import SummaryBuilder
from tests.timeline.stream import Stream

CODE = {
    "src/index.js": """\
const wait = { retryAfter: parseInt(x) };
// retryReason: 'in a comment'
const why = { retryReason: 'MINE' };
const what = { retryData: new Map() };
return error;
return [new InvocationError()];
return { retry: true };
const least = { retryAfter: -5 };
""",
    "src/index.py": """\
InvocationError(retry_after=x)
""",
}


def findings(*mistakes: RetryMistake, code: dict[str, str] | None = None) -> list[Advice]:
    """The findings of invocations that made these mistakes, of an app with some code."""
    builder = SummaryBuilder()
    builder.places = SourcePlaces(read=lambda: CODE if code is None else code)
    stream = Stream(builder.add_record)
    stream.pushed(0, "e")
    for n, mistake in enumerate(mistakes):
        invocation = stream.started(n, "e")
        body = InvocationFinished(
            invocation_id=invocation,
            function="store",
            outcome="success",
            duration_ms=1,
            mistakes=[mistake],
            event_id="e",
        )
        stream.record(n, body)
    return [a for a in builder.summary(now=9).advice if a.rule == "retry_mistake"]


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("retry_after", "src/index.js:1"),
        ("retry_reason", "src/index.js:3"),
        ("retry_data", "src/index.js:4"),
        ("returned_error", "src/index.js:5"),
        ("nested_request", "src/index.js:6"),
        ("plain_request", "src/index.js:1"),
    ],
)
def test_each_kind_is_found_in_the_code(kind: str, place: str) -> None:
    """Comments aside."""
    (found,) = findings(RetryMistake(kind, "this"))
    assert found.places[0] == place
    assert (found.detail["kind"], found.detail["count"]) == (kind, 1)


def test_each_kind_is_said_once_with_how_often() -> None:
    """With what was given first."""
    (found,) = findings(*(RetryMistake("retry_after", f"`{n}`") for n in ("NaN", "x", "y")))
    assert found.message.startswith("In 3 invocations, `store` asked for a retry with `NaN`")


def test_a_place_that_is_known_is_the_only_one() -> None:
    """That of an error's own stack."""
    (found,) = findings(RetryMistake("returned_error", "E: x", "src/other.js:9"))
    assert found.places == ["src/other.js:9"]


def test_without_mistakes_there_is_no_word() -> None:
    """An invocation that ended well."""
    builder = SummaryBuilder()
    stream = Stream(builder.add_record)
    stream.pushed(0, "e")
    stream.succeeded(1, "e")
    assert not [a for a in builder.summary(now=9).advice if a.rule == "retry_mistake"]


@pytest.mark.parametrize(
    ("line", "speaks"),
    [
        ("retryAfter: null", True),
        ("retryAfter: -5", True),
        ("retry_after=-0.5", True),
        ("retryAfter: 0", False),
        ("retryAfter: nullable", False),
        ("retryAfter: 60", False),
    ],
)
def test_what_the_package_raises_is_found_in_the_code(line: str, speaks: bool) -> None:
    """`@forge/events` makes 1 s of it before anybody can see it."""
    builder = SummaryBuilder()
    builder.places = SourcePlaces(read=lambda: {"src/index.js": f"\n{line}\n"})
    stream = Stream(builder.add_record)
    stream.pushed(0, "e")
    stream.failed(500, "e")
    stream.retry(520, "e", 1_520)
    found = [a for a in builder.summary(now=9).advice if a.rule == "retry_mistake"]
    assert [a.places for a in found] == ([["src/index.js:2"]] if speaks else [])


@pytest.mark.parametrize(
    ("kind", "given", "right", "others"),
    [
        (
            "retry_after",
            "`NaN`",
            "retryAfter: Number(x),",
            ["retryAfter: 60,", "retryAfter: '5' }"],
        ),
        (
            "retry_after",
            "`soon`",
            "retryAfter: 'soon' })",
            ["retryAfter: wait,", "retryAfter: 1 }"],
        ),
        ("retry_after", "`soon`", "retryAfter: when,", ["retryAfter: parseInt(when, 10),"]),
        ("retry_after", "`soon`", "retry_after='soon')", ["retry_after=wait,", "retry_after=5)"]),
        (
            "retry_reason",
            "`BUSY`",
            'retryReason: "BUSY",',
            ["retryReason: InvocationErrorCode.FUNCTION_RETRY_REQUEST,", "retryReason: R }"],
        ),
        ("retry_data", "a Map", "retryData: { m: new Map() }", ["retryData: { n: 1 } }"]),
        ("retry_data", "a function", "retryData: { f: () => 1 }", ["retryData: { m: new Map() }"]),
        (
            "retry_data",
            "data without a JSON form (Converting circular structure to JSON)",
            "retryData: state })",
            [
                "retryData: { f: () => 1 }",
                "retryData: { n: 10n } }",
                "retryData: { done: true } })",
            ],
        ),
        ("retry_data", "`7` is no object", "retryData: count,", ["retryData: { count: 7 },"]),
        (
            "returned_error",
            "ValueError: x",
            "return ValueError(x)",
            ["return InvocationError(5)", "return error"],
        ),
        (
            "nested_request",
            "[0]",
            "return [new InvocationError(options)];",
            ["return new InvocationError(options);", "throw new InvocationError(options);"],
        ),
        (
            "plain_request",
            "retryAfter",
            "return { retryAfter: 10 };",
            ["return new InvocationError({ retryAfter: 10 });"],
        ),
    ],
)
def test_the_place_is_that_of_what_was_given(
    kind: str, given: str, right: str, others: list[str]
) -> None:
    """Other requests of the same function that cannot be it, or less so, are not named first."""
    code = {"src/index.js": "\n".join([*others, right, *others])}
    (found,) = findings(RetryMistake(kind, given), code=code)
    assert found.places[0] == f"src/index.js:{len(others) + 1}"


def test_where_nothing_fits_a_place_is_named_all_the_same() -> None:
    """The options may be changed after they were written."""
    (found,) = findings(
        RetryMistake("retry_after", "`NaN`"), code={"src/index.js": "\nretryAfter: 60,"}
    )
    assert found.places == ["src/index.js:2"]


def test_python_code_is_found_as_well() -> None:
    """In its own spelling."""
    places = SourcePlaces(read=lambda: {"src/index.py": CODE["src/index.py"]})
    assert find_mistake(places, RetryMistake("retry_after", "this"), None) == ["src/index.py:1"]
    assert find_mistake(places, RetryMistake("nested_request", "this"), None) == ["src/index.py:1"]
    assert find_mistake(places, RetryMistake("unknown", "this"), None) == []


def test_a_mistake_is_plain_data() -> None:
    """A place that is not known is left out."""
    assert msgspec.json.encode(RetryMistake("k", "g")) == b'{"kind":"k","given":"g"}'

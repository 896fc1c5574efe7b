"""Malformed expressions: each is refused with its place, and with what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.expressions import (
    EvaluationError,
    ExpressionSyntaxError,
    complexity_text,
    estimate_complexity,
    evaluate,
    event_fields,
    excess_of,
    names_used,
    parse_expression,
    read_property_path,
)


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("", 0, "the expression is empty", None),
        ("  ", 0, "the expression is empty", None),
        ("event.", 6, "the expression ends too early", None),
        ("(1 + 2", 6, "the expression ends too early", None),
        ("event.issue.key ==", 18, "the expression ends too early", None),
        ("a b", 2, "unexpected 'b'", None),
        ("1 +* 2", 3, "unexpected '*'", None),
        ("a ? b : c : d", 10, "unexpected ':'", None),
        ("[1, ]", 4, "unexpected ']'", None),
        ("'abc", 0, "this text has no end", None),
        ("`abc", 0, "this text has no end", None),
        ("event.key == 'a\nb'", 13, "this text has no end", None),
        ("event#key", 5, "unexpected '#'", None),
        ("event === 1", 6, "'===' and '!==' are not part of Jira expressions",
         "Write == or !=."),
        ("event !== 1", 6, "'===' and '!==' are not part of Jira expressions",
         "Write == or !=."),
        ("event ?? 1", 6, "'??' is not part of Jira expressions",
         "Write `x != null ? x : y`."),
        ("2 ** 3", 2, "'**' is not part of Jira expressions", None),
        ("[...event]", 1, "spreading ('...') is not part of event filters here", None),
        ("new Date()", 0, "'new' is not evaluated in event filters here", None),
        ("'a' in event", 4, "'in' is not an operator of event filters",
         "Write `x.y != null`."),
        ("event.key =~ /a/", 10, "'=~' is not an operator of event filters",
         "Write `text.match(/…/) != null`."),
        ("a and b", 2, "'and' and 'or' are not operators", "Write && or ||."),
        ("a & b", 2, "bits are not operated on in Jira expressions", "Write && or ||."),
        ("event.key = 'a'", 10, "a value is assigned with `let` alone", "To compare, write ==."),
        ("true // yes", 5, "comments are not part of event filters here",
         "Remove the comment."),
        ("const x = 1; x", 0, "this keyword is not part of Jira expressions", None),
        ("/[/.test('a')", 0,
         "this is no regular expression: '[' is not expected here", None),
        ("/(/.test('a')", 0,
         "this is no regular expression: its end is not expected here", None),
        ("/a/q.test('a')", 0, "unknown flag 'q' of a regular expression", None),
        ("`a ${1", 0, "this text has no end", None),
        ("`a ${1`", 3, "'${' has no '}'", None),
        ("`abc ${1 +}`", 10, "the expression ends too early", None),
        ("`abc ${1 ** 2}`", 9, "'**' is not part of Jira expressions", None),
        ("if (a) 1", 7, "unexpected '1'", None),
        ("try { 1 }", 9, "the expression ends too early", None),
        ("let x = 1", 9, "the expression ends too early", None),
        ("{a 1}", 3, "unexpected '1'", None),
        ("x => ", 4, "the expression ends too early", None),
    ],
)  # fmt: skip
def test_a_malformed_expression_is_refused(
    text: str, offset: int, message: str, hint: str | None
) -> None:
    """Place, words and hint."""
    with pytest.raises(ExpressionSyntaxError) as caught:
        parse_expression(text)
    error = caught.value
    assert (error.offset, error.message, error.hint) == (offset, message, hint)


@given(st.text(alphabet="event.isue'\"`$ {}()[]?:&|!=<>+-*/\\,;1ax\n", max_size=60))
def test_any_text_is_an_expression_or_an_error_with_a_place(text: str) -> None:
    """Nothing else is ever raised, while it is read or while it runs."""
    offset = 0
    try:
        evaluate(parse_expression(text), {"issue": {"key": "EMU-1"}}, 1_000)
    except ExpressionSyntaxError as error:
        offset = error.offset
    except EvaluationError:
        pass
    assert 0 <= offset <= len(text)


@pytest.mark.parametrize(
    ("text", "estimate", "excess"),
    [
        ("event.a == 1", "5", None),
        ("event.a.map(x => x)", "N + 4", None),
        ("event.a.some(x => event.b.some(y => x == y))", "3*M*N + 4*N + 4", None),
        ("[" + "1," * 9_999 + "1].length == 1", "10005", "10,005 other operations, 10,000 are"
         " allowed"),
        ("event.a.some(x => true) || event.b.some(x => true) || event.c.some(x => true) || "
         "event.d.some(x => true)", "K + L + M + N + 17", "4 variables, 3 are allowed"),
    ],
)  # fmt: skip
def test_the_complexity_is_estimated(text: str, estimate: str, excess: str | None) -> None:
    """A sum of products of the lists that it goes over."""
    found = estimate_complexity(parse_expression(text))
    assert complexity_text(found) == estimate
    assert excess_of(found) == excess


def test_names_are_those_that_the_expression_does_not_declare() -> None:
    """Parameters, variables and caught errors are its own."""
    text = "let a = event; try { return [1].map(x => x + a + b) } catch (e) { return e }"
    assert names_used(parse_expression(text)) == {"event", "b"}


def test_fields_end_where_something_is_computed_or_called() -> None:
    """With the place of each."""
    parsed = parse_expression("event.issue.key.trim() == event['a'][event.b].c")
    assert sorted(event_fields(parsed)) == [[("a", 31)], [("b", 42)], [("issue", 5), ("key", 11)]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("issue.properties['a'].b.c", ("issue", "a", ("b", "c"))),
        ('project.properties["my-app"]["x.y"]', ("project", "my-app", ("x", "y"))),
        ("user.properties['k']", ("user", "k", ())),
        ("issue.properties[k]", None),
        ("issue.fields.summary", None),
        ("issue.properties['a'].b()", None),
        ("event.runtime.issue.properties['a']", None),
    ],
)
def test_property_paths_of_payloads(
    text: str, expected: tuple[str, str, tuple[str, ...]] | None
) -> None:
    """As `payload.include.propertyPaths` has them."""
    path = read_property_path(text)
    assert (path and (path.entity, path.key, path.path)) == expected

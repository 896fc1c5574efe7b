"""What expressions give: each operator, access, method and statement, and each error."""

from __future__ import annotations

import math

import pytest

from forge_emu.expressions import EvaluationError, evaluate, evaluate_filter, parse_expression

EVENT = {
    "issue": {
        "id": "10001",
        "key": "EMU-1",
        "fields": {
            "summary": "A bug, twice",
            "issuetype": {"name": "Bug"},
            "assignee": None,
            "labels": ["red", "blue"],
            "votes": 3,
            "return": True,
        },
    },
    "changelog": {
        "items": [
            {"field": "status", "from": "1", "to": "3"},
            {"field": "labels", "from": None, "to": "red"},
        ]
    },
    "selfGenerated": False,
}


def value_of(text: str) -> object:
    """What the expression gives over EVENT."""
    return evaluate(parse_expression(text), EVENT, 50_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Literals.
        ("1", 1),
        ("1.5e2", 150),
        (".5", 0.5),
        ("'it\\'s'", "it's"),
        ('"a\\u0041\\n"', "aA\n"),
        ("true", True),
        ("null", None),
        ("[1, 'a', [2]]", [1, "a", [2]]),
        ("[]", []),
        ("{a: 1, 'b c': 2}", {"a": 1, "b c": 2}),
        ("{}", {}),
        ("`key ${event.issue.key}!`", "key EMU-1!"),
        ("`${1 + 1}${'x'}`", "2x"),
        ("`\\${no}`", "${no}"),
        ("`${ {a: 'b'}.a }`", "b"),
        # Access.
        ("event.issue.key", "EMU-1"),
        ("event['issue']['key']", "EMU-1"),
        ("event.issue.fields.labels[1]", "blue"),
        ("event.issue.fields.return", True),
        ("event.issue.fields[`sum` + 'mary']", "A bug, twice"),
        ("event.issue.fields?.priority", None),
        ("event.issue.fields.assignee?.accountId", None),
        ("event.issue.fields.assignee?.a.b.c", None),
        ("event?.nothing?.deeper", None),
        ("event.issue.fields.labels?.[7]", None),
        ("event.issue?.['key']", "EMU-1"),
        # Arithmetic.
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 / 4", 2.5),
        ("8 / 4", 2),
        ("7 % 4", 3),
        ("-7 % 4", -3),
        ("1 - 2 - 3", -4),
        ("- -1", 1),
        ("1 / 0", math.inf),
        ("-1 / 0", -math.inf),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("'a' + 1", "a1"),
        ("1 + 'a'", "1a"),
        ("'a' + null", "anull"),
        ("'' + 1.0", "1"),
        ("'' + true + 2.5", "true2.5"),
        ("Number('12') + 1", 13),
        ("Number('') == 0", True),
        ("Number(true)", 1),
        # Comparison.
        ("1 == 1.0", True),
        ("1 == '1'", False),
        ("true == 1", False),
        ("null == null", True),
        ("null == 0", False),
        ("[1, {a: 2}] == [1, {a: 2}]", True),
        ("{a: 1} != {a: 2}", True),
        ("1 < 2", True),
        ("'a' < 'b'", True),
        ("2 <= 2", True),
        ("3 > 4", False),
        ("4 >= 4", True),
        # Logic: the operands count as in JavaScript, and are given back.
        ("!event.issue.fields.assignee", True),
        ("!!event.issue.key", True),
        ("true && 'a'", "a"),
        ("'' || 'b'", "b"),
        ("null && event.nothing", None),
        ("true || event.nothing", True),
        ("false || false || true", True),
        ("1 == 1 && 2 == 2 && 3 == 4", False),
        ("0 ? 'y' : 'n'", "n"),
        ("true ? 1 : false ? 2 : 3", 1),
        ("event.issue.fields.votes > 2 ? 'many' : 'few'", "many"),
        # typeof
        ("typeof event", "Map"),
        ("typeof event.issue.fields.labels", "List"),
        ("typeof 'a' + typeof 1 + typeof true + typeof null", "StringNumberBooleannull"),
        # Texts.
        ("event.issue.key.length", 5),
        ("' a '.trim()", "a"),
        ("'aB'.toLowerCase() + 'aB'.toUpperCase()", "abAB"),
        ("'a,b'.split(',')", ["a", "b"]),
        ("'ab'.split('')", ["a", "b"]),
        ("'ab'.split()", ["ab"]),
        ("'abcabc'.indexOf('c')", 2),
        ("'abc'.indexOf('x')", -1),
        ("'abc'.includes('bc')", True),
        ("'abc'.startsWith('ab') && 'abc'.endsWith('bc')", True),
        ("'abcd'.slice(1, -1)", "bc"),
        ("'abcd'.slice(2)", "cd"),
        ("'abcd'.substring(3, 1)", "bc"),
        ("'a-a'.replace('a', 'b')", "b-a"),
        ("'a-a'.replace(/a/g, 'b')", "b-b"),
        ("'a-b'.replace(/[a-z]/g, c => c.toUpperCase())", "A-B"),
        ("event.issue.key.match(/^([A-Z]+)-(\\d+)$/)[2]", "1"),
        ("'x'.match(/y/)", None),
        ("'a1b2'.match(/\\d/g)", ["1", "2"]),
        ("'ABC'.match(/b/i) != null", True),
        ("/^emu-/i.test(event.issue.key)", True),
        ("'2020'.match(/(?<year>\\d{4})/)[1]", "2020"),
        # Lists.
        ("event.issue.fields.labels.length", 2),
        ("event.issue.fields.labels.includes('red')", True),
        ("event.issue.fields.labels.indexOf('blue')", 1),
        ("[1, 2].map(x => x * 2)", [2, 4]),
        ("['a'].map((x, i) => x + i)", ["a0"]),
        ("[1, 2, 3].filter(x => x > 1)", [2, 3]),
        ("[1, 2, 3].find(x => x > 1)", 2),
        ("[1].find(x => x > 1)", None),
        ("event.changelog.items.some(i => i.field == 'status' && i.to == '3')", True),
        ("[].some(x => x)", False),
        ("[1, 2].every(x => x > 1)", False),
        ("[].every(x => false)", True),
        ("[1, 2, 3].reduce((a, b) => a + b, 10)", 16),
        ("[1, 2, 3].reduce((a, b) => a + b)", 6),
        ("[3, 1, 2].sort((a, b) => a - b)", [1, 2, 3]),
        ("[[1], [2, [3]], 4].flatten()", [1, 2, [3], 4]),
        ("[1, 2].flatMap(x => [x, x])", [1, 1, 2, 2]),
        ("[1].concat([2], 3)", [1, 2, 3]),
        ("[1, 2].join('-')", "1-2"),
        ("[1, 2, 3].slice(1)", [2, 3]),
        ("event.changelog.items.map(i => {to: i.to})", [{"to": "3"}, {"to": "red"}]),
        ("[1, 2].map(x => { let y = x + 1; return y * 2; })", [4, 6]),
        ("[1].map(() => 5)", [5]),
        # Maps.
        ("{a: 1}.get('a')", 1),
        ("{a: 1}.get('b')", None),
        ("{a: 1}.entries()", [["a", 1]]),
        # Statements.
        ("let x = 2; x * x", 4),
        ("let x = 2; let y = x + 1; return x * y;", 6),
        ("x = 1; x + 1", 2),
        ("return true", True),
        ("if (event.selfGenerated) { return 1 } else if (true) { return 2 } else { return 3 }", 2),
        ("if (false) { return 1 }", None),
        ("try { return event.nothing } catch (e) { return e.message }",
         "'nothing' is not defined on a Map"),
        ("try { return event.a.b } catch (e) { return e.location }", "event.a"),
        ("try { throw 'no' } catch { return 1 }", 1),
        ("try { throw 'no' } catch (e) { return e.message }", "no"),
        # The docs' ways to reach entity properties; no site is asked here.
        ("event.runtime.issue.properties['k'].a == null", True),
    ],
)  # fmt: skip
def test_an_expression_gives(text: str, expected: object) -> None:
    """Its value, and with the right type."""
    value = value_of(text)
    assert value == expected
    assert isinstance(value, bool) is isinstance(expected, bool)


@pytest.mark.parametrize(
    ("text", "message", "location"),
    [
        ("event.nothing", "'nothing' is not defined on a Map", "event.nothing"),
        ("event.issue.fields.assignee.id", "Type null does not have any properties",
         "event.issue.fields.assignee.id"),
        ("event.issue.fields?.issueType.name == 'Bug'", "Type null does not have any properties",
         "event.issue.fields?.issueType.name"),
        ("event.issue.fields.labels[2]", "a List of 2 has no item 2",
         "event.issue.fields.labels[2]"),
        ("event.issue.fields.labels[0.5]", "a List of 2 has no item 0.5",
         "event.issue.fields.labels[0.5]"),
        ("event[1]", "a Map has no member a Number (1)", "event[1]"),
        ("event.issue.votes > 1", "'votes' is not defined on a Map", "event.issue.votes"),
        ("event.issue.id > 1", "Can't compare String to Number.", "event.issue.id > 1"),
        ("1 < null", "Can't compare Number to null.", "1 < null"),
        ("1 - 'a'", "Can't use - on Number and String", "1 - 'a'"),
        ("null + 1", "Can't use + on null and Number", "null + 1"),
        ("'a' + event", "Can't use + on String and Map", "'a' + event"),
        ("-'a'", "Can't negate a String", "-'a'"),
        ("issue.key", "issue is not defined", "issue"),
        ("'a'.push(1)", "'push' is not defined on a String", "'a'.push"),
        ("'a'.length()", "a Number is no function", "'a'.length()"),
        ("'a'.includes(1)", "includes needs a String, got Number", "'a'.includes(1)"),
        ("'a'.includes()", "includes cannot be called with no arguments", "'a'.includes()"),
        ("[1].map(1)", "map needs a function, got Number", "[1].map(1)"),
        ("[].reduce((a, b) => a)", "reduce of an empty list needs a first value",
         "[].reduce((a, b) => a)"),
        ("'a'.match('a')", "match needs a regular expression, got String", "'a'.match('a')"),
        ("throw 'mine'", "mine", "throw 'mine'"),
        ("`${event}`", "a Map has no text form", "event"),
        ("event.issue.fields.labels", "the expression gave a List, not true or false",
         "event.issue.fields.labels"),
        ("null", "the expression gave null, not true or false", "null"),
        ("'true'", "the expression gave a String (true), not true or false", "'true'"),
    ],
)  # fmt: skip
def test_an_error_says_what_and_where(text: str, message: str, location: str) -> None:
    """The message, and the part of the expression."""
    with pytest.raises(EvaluationError) as caught:
        evaluate_filter(parse_expression(text), EVENT, 50_000)
    assert (caught.value.message, caught.value.location) == (message, location)


def test_a_missing_name_comes_with_those_that_are_there() -> None:
    """Also where `?.` passed over it, and null was met behind it."""
    for text in ("event.issue.fields.issueType", "event.issue.fields?.issueType.name"):
        with pytest.raises(EvaluationError) as caught:
            value_of(text)
        assert caught.value.missing == "issueType"
        assert "issuetype" in caught.value.names


@pytest.mark.parametrize(("most", "passes"), [(8, False), (9, True), (10, True), (None, True)])
def test_each_part_is_a_step(most: int | None, passes: bool) -> None:
    """Four literals, three chains of operators, the sum and the comparison."""
    parsed = parse_expression("1 + 2 == 3 && true")
    if passes:
        assert evaluate_filter(parsed, EVENT, most) is True
        return
    with pytest.raises(EvaluationError, match="more than 8 steps"):
        evaluate_filter(parsed, EVENT, most)


@pytest.mark.parametrize(
    "text",
    [
        "[1,2,3,4,5,6,7,8,9,10].map(x => [1,2,3,4,5,6,7,8,9,10].map(y => [1,2,3,4,5,6,7,8,9,10]"
        ".map(z => [1,2,3,4,5,6,7,8,9,10].map(u => x + y + z + u)))).length > 0",
        "try { return " + "[1,2,3,4,5,6,7,8].map(x => " * 6 + "1" + ")" * 6
        + " == 1 } catch { return true }",
    ],
)  # fmt: skip
def test_too_many_steps_are_an_error_that_nothing_catches(text: str) -> None:
    """Whatever the expression does about errors."""
    with pytest.raises(EvaluationError, match="50,000 steps"):
        value_of(text)


def test_a_text_that_doubles_does_not_take_the_memory() -> None:
    """It ends by its length."""
    items = ",".join("1" * 60)
    with pytest.raises(EvaluationError, match="1,000,000 characters"):
        value_of(f"[{items}].reduce((a, b) => a + a, 'x').length > 0")


@pytest.mark.parametrize("text", ["!" * 3_000 + "true", "(" * 3_000 + "1" + ")" * 3_000])
def test_deep_nesting_is_an_error_or_a_value(text: str) -> None:
    """No crash."""
    try:
        value = value_of(text)
    except EvaluationError as error:
        value = error.message
    assert value in (True, 1, "the expression is nested too deeply")


def test_entity_properties_are_asked_for_by_entity_and_key() -> None:
    """A path to a primitive or a list of primitives; everything else is null."""
    stored = {("issue", "k"): {"x": {"y": [1, 2], "z": [{}]}, "t": "active"}, ("project", "p"): 7}

    def find(entity: str, key: str) -> object:
        return stored.get((entity, key))

    def given(text: str) -> object:
        return evaluate(parse_expression(text), EVENT, None, find)

    assert given("event.runtime.issue.properties['k'].t") == "active"
    assert given("event.runtime.issue.properties['k']['x.y']") == [1, 2]
    assert given("(event.runtime.issue.properties['k'].x.y).length") == 2
    assert given("event.runtime.issue.properties['k'].x") is None
    assert given("event.runtime.issue.properties['k'].x.z") is None
    assert given("event.runtime.issue.properties['k'].no.no") is None
    assert given("event.runtime.project.properties['p']") == 7
    assert given("event.runtime.user.properties['p']") is None


def test_a_regular_expression_that_goes_back_for_ever_is_ended() -> None:
    """As an error that `catch` does not see."""
    expression = parse_expression("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.match(/(a+)+$/) == null")

    with pytest.raises(EvaluationError, match="took more than 10,000 steps"):
        evaluate(expression, {}, 50_000, most_regexp_steps=10_000)

"""GraphQL requests are known by their operation, and mocks answer by it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.services.mocks.graphql import operation_name
from forge_emu.services.mocks.mock import Mock, MockAnswer
from forge_emu.services.mocks.request_pattern import parse_pattern
from forge_emu.services.services import Services
from tests.services.platforms import STARGATE, ScriptedPlatform, request


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("query getIssue { a }", "getIssue"),
        ("mutation addIt($a: Int) { a }", "addIt"),
        ("# query comment\nfragment F on User { id }\nquery Q($a: Int) { b }", "Q"),
        ("{ me { name } }", "me"),
        ("{ who: me { name } }", "me"),
        ("fragment F on U { id } { me }", "me"),
        ("mutation { createX(input: {a: 1}) { url } }", "createX"),
        ('query($a: In = {b: "query z"}) { first }', "first"),
        ('{ a(text: """query b {""") }', "a"),
        ("{ ...F } fragment F on U { id }", None),
        ("query", None),
        ("}{", None),
        ("", None),
    ],
)
def test_the_name_of_an_operation(query: str, name: str | None) -> None:
    """Its own name, or that of the first field; comments and texts say nothing."""
    assert operation_name(json.dumps({"query": query})) == name


def test_the_body_may_name_it() -> None:
    """`operationName` chooses among several operations."""
    body = {"query": "query A { a } query B { b }", "operationName": "B"}
    assert operation_name(json.dumps(body)) == "B"


@pytest.mark.parametrize("body", [None, "", "[]", "{}", '{"query": 5}', "[" * 2000, '"\ud800'])
def test_what_is_no_graphql_has_no_name(body: str | None) -> None:
    """Any other body."""
    assert operation_name(body) is None


@given(st.text(alphabet='{}()[]":#,@$ \nqueryfragmenton.', max_size=60))
def test_any_text_can_be_read(query: str) -> None:
    """Also one that is no query."""
    name = operation_name(json.dumps({"query": query}))
    assert name is None or name.isidentifier()


def test_a_mock_answers_its_operation_alone() -> None:
    """Two operations of one address get two answers; a third gets 501."""
    pattern = parse_pattern("POST /graphql*")
    platform = ScriptedPlatform()
    services = Services(platform)
    services.mocks = [
        Mock("forge-emu.yml:2", pattern, None, (MockAnswer(body={"data": name}),), None, name)
        for name in ("one", "two")
    ]
    bodies = []
    for name in ("two", "one", "three"):
        asked = request("/graphql", {"query": f"query {name} {{ a }}"}, STARGATE)
        bodies.append(json.loads(services.answer_request(asked, 0).body))
    assert bodies[:2] == [{"data": "two"}, {"data": "one"}]
    assert "mocks: [{operation: 'three', body: {data: {}}}]" in bodies[2]["message"]

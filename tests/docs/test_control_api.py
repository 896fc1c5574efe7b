"""docs/control-api.md has every route of the control API, and every field that goes in and out."""

from __future__ import annotations

import inspect
import json
import re

import msgspec
import pytest
from starlette.routing import Route

from forge_emu.control import contract
from forge_emu.control.api import create_api
from forge_emu.services.remote_api.requests import is_api_path
from forge_emu.services.web_triggers.addresses import split_path
from forge_emu.testing.serving import contract as test_contract
from forge_emu.testing.serving.followed import FollowedEmulator
from forge_emu.testing.serving.routes import ServedEmulator
from tests.control.fakes import FakeEmulator
from tests.control.page.fake_page import FakePage
from tests.docs.pages import page

PAGE = page("docs/control-api.md")


def served() -> set[str]:
    """Method and path of every route."""
    found = set()
    of_tests = ServedEmulator(FollowedEmulator(".")).routes
    for route in create_api(FakeEmulator(), page=FakePage(), more_routes=of_tests).routes:
        assert isinstance(route, Route)
        if split_path(route.path) or is_api_path(route.path):
            # Not for the session, and documented with web triggers and remotes.
            continue
        path = route.path.replace(":int}", "}")
        found |= {f"{method} {path}" for method in route.methods or () if method != "HEAD"}
    return found


def documented() -> list[str]:
    """The headings that name a route."""
    return [
        text.strip("`")
        for level, text in PAGE.headings
        if level == 3 and text.startswith("`") and "/" in text
    ]


def test_every_route_is_documented_once() -> None:
    """And none that is not there."""
    assert sorted(documented()) == sorted(served())


def structs() -> list[type[msgspec.Struct]]:
    """What the API takes and answers."""
    modules = (contract, test_contract)
    every = [found for each in modules for _, found in inspect.getmembers(each, inspect.isclass)]
    names = [each.__name__ for each in modules]
    return [c for c in every if issubclass(c, msgspec.Struct) and c.__module__ in names]


@pytest.mark.parametrize("struct", structs(), ids=lambda struct: struct.__name__)
def test_every_field_is_documented(struct: type[msgspec.Struct]) -> None:
    """In a table or an example."""
    named = set(re.findall(r"[`\"](\w+)[\"`=]", PAGE.text + page("docs/testing.md").text))

    assert set(struct.__struct_encode_fields__) - named == set()


def test_examples_are_json() -> None:
    """Blocks of JSON, and the lines that a command prints."""
    blocks = [text for language, text in PAGE.blocks if language == "json"]
    printed = [
        line
        for language, text in PAGE.blocks
        if language == "console"
        for line in text.splitlines()
        if line.startswith("{")
    ]

    assert len(blocks) > 5
    assert len(printed) > 5
    for text in (*blocks, *printed):
        json.loads(text)

"""Calls through the control API: what runs before an uninstallation."""

from __future__ import annotations

import pytest

from forge_emu.control.calls.contract import PreUninstallOrder
from forge_emu.model import Json
from tests.control.fakes import FakeEmulator
from tests.control.test_api import Http


@pytest.mark.parametrize(("body", "key"), [({}, None), ({"key": "clean-up"}, "clean-up")])
def test_what_runs_before_an_uninstallation_is_called(body: Json, key: str | None) -> None:
    """All modules, or one; the answer says how each ended."""
    pretender = FakeEmulator()
    answer = Http(pretender).post("/v1/pre-uninstall", json=body)

    assert answer.status_code == 200
    assert pretender.calls.uninstall_orders == [PreUninstallOrder(key)]
    assert [(a["module_key"], a["age_ms"], a["reason"]) for a in answer.json()] == [
        ("clean-up", 5, None)
    ]


@pytest.mark.parametrize("body", [{"kye": "clean-up"}, {"key": 7}, [], "x"])
def test_a_wrong_order_is_refused_in_words(body: Json) -> None:
    """And nothing is called."""
    pretender = FakeEmulator()
    answer = Http(pretender).post("/v1/pre-uninstall", json=body)

    assert answer.status_code == 400
    assert pretender.calls.uninstall_orders == []
    assert "the body is not what this call takes" in answer.json()["error"]["message"]

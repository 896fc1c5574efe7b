"""The variables of processes that run handlers."""

from __future__ import annotations

import pytest

from forge_emu.runtime.host.environment import (
    NODE_CERTIFICATES,
    local_environment,
    needed_variables,
)

GIVEN = {"PATH": "/bin", NODE_CERTIFICATES: "own.pem", "SECRET": "x", "TZ": "Asia/Tokyo"}


def test_handlers_get_what_a_process_needs_in_utc() -> None:
    """Nothing else of the machine."""
    assert needed_variables(GIVEN) == {"PATH": "/bin", NODE_CERTIFICATES: "own.pem", "TZ": "UTC"}


def test_certificates_are_read_only_where_requests_may_go_out() -> None:
    """Node.js reads them whenever it starts."""
    assert needed_variables(GIVEN, network=False) == {"PATH": "/bin", "TZ": "UTC"}


def test_programs_of_this_machine_alone_read_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """They get the rest."""
    monkeypatch.setenv(NODE_CERTIFICATES, "own.pem")
    monkeypatch.setenv("COLOUR", "red")
    assert local_environment()["COLOUR"] == "red"
    assert NODE_CERTIFICATES not in local_environment()

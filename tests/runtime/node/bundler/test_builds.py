"""Builds against Forge's: each case is an app that was built with `@forge/bundler` as well."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.model import Failed, Success
from tests.runtime.node.bundler import (
    file_cases,
    loader_cases,
    module_cases,
    request_cases,
    resolution_cases,
    syntax_cases,
)
from tests.runtime.node.bundler.build_cases import BuildCase
from tests.runtime.node.harness import RuntimeHarness, write_app

pytestmark = pytest.mark.node

CASES = [
    *resolution_cases.CASES,
    *module_cases.CASES,
    *syntax_cases.CASES,
    *file_cases.CASES,
    *loader_cases.CASES,
    *request_cases.CASES,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_app_is_built_as_on_the_platform(tmp_path: Path, case: BuildCase) -> None:
    """It loads and says the same, or does not load for the same reason at the same place."""
    write_app(tmp_path, case.files)

    async def whole() -> None:
        harness = RuntimeHarness(tmp_path)
        try:
            build = await harness.runtime.load_app(case.app, 1)
            if not case.says:
                error = next(p for p in build.problems if p.severity == "error")
                assert case.fails in error.message
                assert str(error).startswith(case.at)
                return
            assert build.ok, build.problems
            assert [p.message for p in build.problems if case.warns not in p.message] == []
            name = harness.invoke("run", {"issue": {"key": "EMU-1"}})
            outcome = await harness.wait_for_outcome(name)
            said = [line.message for line in harness.logs(name)]
            if isinstance(outcome, Failed):
                said = [f"threw {outcome.error.message}"]
            assert len(said) == 1
            assert said[0].startswith(case.says)
            assert isinstance(outcome, Success | Failed)
        finally:
            await harness.runtime.close()

    asyncio.run(whole())


def test_every_case_has_a_name_of_its_own() -> None:
    """A failing test is then found by it."""
    assert len({case.name for case in CASES}) == len(CASES)

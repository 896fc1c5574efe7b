"""What runs before the app is uninstalled, as the manifest has it."""

from __future__ import annotations

import pytest

from forge_emu.model import PreUninstall
from tests.manifest.sample import MANIFEST, app_of, problems_of


def manifest(module: str) -> str:
    """The sample with a preUninstall module."""
    return MANIFEST.replace("  consumer:\n", f"  preUninstall:\n    - {module}\n  consumer:\n")


def test_a_module_is_part_of_the_app() -> None:
    """And one of those that need its function."""
    app = app_of(manifest("{key: clean-up, function: pusher}"))

    assert app.pre_uninstalls == (PreUninstall("clean-up", "pusher", 8),)
    assert (app.other_modules, app.other_uses, app.warnings) == ({}, {}, ())
    assert "preUninstall 'clean-up'" in app.modules_using("pusher")


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("{function: pusher}", "key"),
        ("{key: k}", "function"),
        ("{key: k, function: puscher}", "preUninstall references undefined function"),
        ("{key: k, function: pusher, events: []}", "preUninstall has no property 'events'"),
        ("{key: worker, function: pusher}", "found duplicate module key 'worker'"),
    ],
)
def test_what_is_wrong_is_said(module: str, message: str) -> None:
    """Once, at its place."""
    [problem] = problems_of(manifest(module))
    assert message in str(problem)
    assert problem.line in range(8, 13)


def test_one_may_have_an_endpoint() -> None:
    """In place of a function."""
    remotes = "remotes: [{key: r, baseUrl: https://a.example}]\n"
    endpoint = "  endpoint: [{key: e, remote: r, route: {path: /gone}}]\n  consumer:\n"
    app = app_of(manifest("{key: k, endpoint: e}").replace("  consumer:\n", endpoint) + remotes)

    assert (app.pre_uninstalls, app.warnings) == ((PreUninstall("k", "", 8, "e"),), ())

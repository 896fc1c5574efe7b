"""Consumers in the old form: functions defined with the app's own `@forge/resolver` 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from forge_emu import records
from tests.runtime.node.packages.probe_app import ProbeApp, probe_app

pytestmark = pytest.mark.node

SOURCE = """
import Resolver from '@forge/resolver';
const resolver = new Resolver();
resolver.define('collect', async ({ payload, context }) => {
  console.log('@' + JSON.stringify({ payload, context }));
  if (payload.fails) throw new TypeError('as asked');
});
export const collects = resolver.getDefinitions();
export const lacks = resolver.getDefinitions();
"""


@pytest.fixture(scope="module", params=["api5", "api8"], ids=["resolver1", "resolver2"])
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProbeApp]:
    """The app on a version of the package, loaded once."""
    root = tmp_path_factory.mktemp(request.param)
    with probe_app(
        root, request.param, SOURCE, collects="sound collect", lacks="broken gone"
    ) as app:
        yield app


@pytest.fixture
def app(loaded: ProbeApp) -> ProbeApp:
    """The app above a fresh platform."""
    loaded.reset_platform()
    return loaded


def push(app: ProbeApp, queue: str, payload: str) -> None:
    """Push a payload in the form of the app's own `@forge/events`."""
    code = (
        f"const to = new Queue({{ key: '{queue}' }}); const payload = {payload};"
        "await to.push(to.getStats ? { body: payload } : payload)"
    )
    app.call(code)


def test_the_definition_is_called(app: ProbeApp) -> None:
    """With the payload, the job, and what the installation is."""
    push(app, "sound", "{ list: [1, 2] }")

    (printed,) = app.printed_values()
    context = printed["context"]
    assert printed["payload"] == {"list": [1, 2]}
    assert context["jobId"] == app.bodies_of(records.EventPushed)[0].job_id
    assert context["moduleKey"] == "collects"
    assert context["cloudId"] == app.engine.installation.cloud_id
    assert app.bodies_of(records.InvocationStarted)[-1].function == "collects"
    assert len(app.bodies_of(records.EventSucceeded)) == 1


def test_an_error_of_the_definition_is_the_invocations(app: ProbeApp) -> None:
    """It is told with its place in the app's file, and the event is retried."""
    push(app, "sound", "{ fails: true }")

    error = app.last_delivery().error
    assert error is not None
    assert (error.name, error.message) == ("TypeError", "as asked")
    assert "src/index.js:" in (error.stack or "")
    assert [r.asked_by for r in app.bodies_of(records.RetryScheduled)] == ["platform"]


def test_a_method_without_a_definition(app: ProbeApp) -> None:
    """The package says which one is missing."""
    push(app, "broken", "{}")

    error = app.last_delivery().error
    assert error is not None
    assert error.message == "Resolver has no definition for 'gone'."


def test_retries_come_inside_the_payload(app: ProbeApp) -> None:
    """The context of the retry is where the first version of the queue had it."""
    push(app, "sound", "{ fails: true, n: 1 }")
    app.advance(900)

    payload = app.printed_values()[1]["payload"]
    assert payload["n"] == 1
    assert payload["retryContext"]["retryCount"] == 1

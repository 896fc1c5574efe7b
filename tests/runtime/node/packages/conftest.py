"""The app on each version of `@forge/events`, loaded once per module that uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.runtime.node.packages.probe_app import ProbeApp, probe_app

VERSIONS = {0: "api3", 1: "api5", 2: "api6", 3: "api8"}
"""Of `@forge/events`, and the packages it is installed with."""

OLD_CONSUMER = """
import Resolver from '@forge/resolver';
const resolver = new Resolver();
resolver.define('collect', async ({ payload, context }) => {
  console.log('@' + JSON.stringify({ payload, jobId: context.jobId, context }));
  if (payload.retry) return new InvocationError(payload.retry);
  if (payload.nan) return new InvocationError({ retryAfter: NaN });
  if (payload.plain) return { retryAfter: 5 };
  if (payload.again) { const answer = new QueueResponse(); answer.retry(); return answer; }
});
export const old = resolver.getDefinitions();

export function rough({ body }) {
  const circle = {};
  circle.again = circle;
  return new InvocationError({ retryAfter: 5, retryData: { circle, big: { n: 10n } }[body.data] });
}
"""


@pytest.fixture(scope="module")
def apps_by_events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], ProbeApp]]:
    """The app on a version of the package, loaded once for the whole module."""
    open_apps: dict[int, tuple[Any, ProbeApp]] = {}

    def app(version: int) -> ProbeApp:
        if version not in open_apps:
            root = tmp_path_factory.mktemp(f"events-{version}")
            manager = probe_app(
                root, VERSIONS[version], OLD_CONSUMER, old="old-form collect", rough="rough"
            )
            open_apps[version] = (manager, manager.__enter__())
        return open_apps[version][1]

    yield app
    for manager, _ in open_apps.values():
        manager.__exit__(None, None, None)


@pytest.fixture(params=VERSIONS, ids=lambda v: f"events{v}")
def any_version(
    request: pytest.FixtureRequest, apps_by_events: Callable[[int], ProbeApp]
) -> ProbeApp:
    """The app on each version of the package, above a fresh platform."""
    app = apps_by_events(request.param)
    app.reset_platform()
    return app


@pytest.fixture(params=[2, 3], ids=lambda v: f"events{v}")
def queue_app(
    request: pytest.FixtureRequest, apps_by_events: Callable[[int], ProbeApp]
) -> ProbeApp:
    """The app on `@forge/events` 2 and 3, whose events have a body, above a fresh platform."""
    app = apps_by_events(request.param)
    app.reset_platform()
    return app


@pytest.fixture(params=[0, 1], ids=lambda v: f"events{v}")
def first(request: pytest.FixtureRequest, apps_by_events: Callable[[int], ProbeApp]) -> ProbeApp:
    """The app on `@forge/events` 0 and 1, above a fresh platform."""
    app = apps_by_events(request.param)
    app.reset_platform()
    return app

"""What apps see through their own `@forge/api` 2 to 8: old storage, product APIs, their context."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from forge_emu import records
from tests.npm import packages_folder
from tests.runtime.node.harness import link_packages, load_app
from tests.runtime.node.packages.probe_app import PACKAGE_SETS, ProbeApp, probe_app

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ProbeApp]]:
    """The app on a set of packages, loaded once for the whole module."""
    open_apps: dict[str, tuple[Any, ProbeApp]] = {}

    def app(name: str) -> ProbeApp:
        if name not in open_apps:
            manager = probe_app(tmp_path_factory.mktemp(name), name)
            open_apps[name] = (manager, manager.__enter__())
        open_apps[name][1].reset_platform()
        return open_apps[name][1]

    yield app
    for manager, _ in open_apps.values():
        manager.__exit__(None, None, None)


@pytest.fixture(params=["api2", "api3", "api4", "api5", "api6", "api7", "api8"])
def app(request: pytest.FixtureRequest, apps: Callable[[str], ProbeApp]) -> ProbeApp:
    """The app on every version of the package."""
    return apps(request.param)


@pytest.fixture(params=["api2", "api3", "api4", "api5", "api6", "api7"])
def storing(request: pytest.FixtureRequest, apps: Callable[[str], ProbeApp]) -> ProbeApp:
    """The app on the versions that still have `storage`."""
    return apps(request.param)


# --- the old storage


def test_values_of_the_old_storage(storing: ProbeApp) -> None:
    """What was set is got, what was deleted is undefined; one warning for the whole run."""
    code = (
        "await storage.set('k', { a: [1, null] }); const found = await storage.get('k');"
        "await storage.delete('k');"
        "return [found, await storage.get('k') === undefined, await storage.get('never') ?? 'no']"
    )

    assert storing.call(code) == [{"a": [1, None]}, True, "no"]
    warnings = [r for r in storing.bodies_of(records.Log) if r.level == "warn"]
    assert len(warnings) == 1
    assert "410 since 2026-06-01" in warnings[0].message


def test_secrets_of_the_old_storage(storing: ProbeApp) -> None:
    """They are apart from values."""
    code = (
        "await storage.setSecret('k', 's'); await storage.set('k', 'v');"
        "const both = [await storage.getSecret('k'), await storage.get('k')];"
        "await storage.deleteSecret('k'); return [...both, await storage.getSecret('k') ?? 'gone']"
    )

    assert storing.call(code) == ["s", "v", "gone"]


def test_refusals_of_the_old_storage(storing: ProbeApp) -> None:
    """Its error carries a message alone, which therefore begins with the code."""
    storing.reset_platform({"limits.kvs.write_units_per_minute": 0})

    assert storing.error("await storage.set('k', 1)")["message"].startswith("RATE_LIMIT_EXCEEDED:")
    assert storing.error("await storage.get('k'.repeat(501))")["message"].startswith(
        "KEY_TOO_LONG:"
    )
    limits = [r.limit for r in storing.bodies_of(records.KvsRefused)]
    assert limits == ["limits.kvs.write_units_per_minute", "limits.kvs.key_characters"]


def test_queries_of_the_old_storage(storing: ProbeApp) -> None:
    """Pages by the beginning of keys; the last one has a cursor too, which leads nowhere."""
    code = (
        "for (const k of ['b', 'a2', 'a1']) await storage.set(k, k + '!');"
        "const query = storage.query().where('key', startsWith('a'));"
        "const first = await query.limit(1).getMany();"
        "const second = await query.limit(1).cursor(first.nextCursor).getMany();"
        "const third = await query.limit(1).cursor(second.nextCursor).getMany();"
        "return [first.results, second.results, third, await query.getOne(),"
        " (await storage.query().where('key', startsWith('c')).getOne()) ?? 'none']"
    )

    assert storing.call(code) == [
        [{"key": "a1", "value": "a1!"}],
        [{"key": "a2", "value": "a2!"}],
        {"results": []},
        {"key": "a1", "value": "a1!"},
        "none",
    ]
    error = storing.error("await storage.query().limit(101).getMany()")
    assert error["message"].startswith("LIST_QUERY_LIMIT_EXCEEDED:")


def test_entities_of_the_old_storage(storing: ProbeApp) -> None:
    """Set, got, queried by an index with conditions, filters and pages, and deleted."""
    code = (
        "const people = storage.entity('employee'); const { WhereConditions: W } = api;"
        "for (const [key, age, gender] of [['a', 30, 'f'], ['b', 40, 'f'], ['c', 50, 'm']])"
        " await people.set(key, { surname: key + '!', age, gender });"
        "const one = await people.get('b');"
        "const older = people.query().index('by-age').where(W.isGreaterThan(30));"
        "const first = await older.limit(1).getMany();"
        "const rest = await older.cursor(first.nextCursor).getMany();"
        "const women = await people.query().index('by-age-per-gender', { partition: ['f'] })"
        ".sort(api.SortOrder.DESC).andFilter('surname', api.FilterConditions.beginsWith('a'))"
        ".getMany();"
        "await people.delete('b');"
        "return [one.age, first.results.map((r) => r.key), rest.results.map((r) => r.key),"
        " rest.nextCursor ?? null, women.results.map((r) => r.value.surname),"
        " await people.get('b') ?? 'gone']"
    )

    assert storing.call(code) == [40, ["b"], ["c"], None, ["a!"], "gone"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("entity('nobody').get('k')", "INVALID_ENTITY_TYPE:"),
        ("entity('employee').set('k', { age: 'x' })", "INVALID_ENTITY_VALUE:"),
        ("entity('employee').query().index('nowhere').getMany()", "INVALID_ENTITY_INDEX:"),
    ],
)
def test_refused_entities_of_the_old_storage(storing: ProbeApp, call: str, code: str) -> None:
    """As of `@forge/kvs`, with the code at the beginning of the message."""
    assert storing.error(f"await storage.{call}")["message"].startswith(code)
    assert len(storing.bodies_of(records.KvsRefused)) == 1


def test_the_old_storage_as_it_is_now(storing: ProbeApp) -> None:
    """`storage.legacy=gone`: every call fails with 410, and the records say why."""
    storing.reset_platform({"storage.legacy": "gone"})

    error = storing.error("await storage.set('k', 1)")

    assert "410" in error["message"]
    (refused,) = storing.bodies_of(records.KvsRefused)
    assert (refused.status, refused.limit) == (410, "storage.legacy")


def test_version_8_has_no_storage(apps: Callable[[str], ProbeApp]) -> None:
    """It is undefined, as on the platform."""
    assert apps("api8").call("return typeof api.storage") == "undefined"


def test_storage_on_version_8_is_diagnosed_at_build_time(tmp_path: Any) -> None:
    """File, line and column, what will happen, and what to do; the app still loads."""
    link_packages(tmp_path, packages_folder(PACKAGE_SETS["api8"]))
    source = "// a comment\nimport { asApp, storage as kvs } from '@forge/api';\n"
    source += "export const run = () => kvs.set('k', 1);\n"

    build = load_app(tmp_path, {"src/index.ts": source}, {"run": "src/index.ts#run"})

    assert build.ok
    (problem,) = [p for p in build.problems if p.rule == "storage-removed"]
    assert (problem.file, problem.line, problem.column) == ("src/index.ts", 2, 17)
    assert "no longer exports storage" in problem.message
    assert "npm install @forge/kvs" in (problem.hint or "")


# --- beyond queue and storage


MISSING = [
    ("api.asApp().requestJira(route`/rest/api/3/dashboard`)", "requestJira()"),
    ("api.asUser().requestJira(route`/rest/api/3/dashboard`)", "requestJira()"),
    ("api.asApp().requestConfluence(route`/wiki/api/v2/tasks`)", "requestConfluence()"),
    ("api.requestBitbucket(route`/2.0/user`)", "requestBitbucket()"),
    ("api.asApp().requestGraph('query { a }')", "requestGraph()"),
]


@pytest.mark.parametrize(("call", "name"), MISSING, ids=[m[1] for m in MISSING])
def test_services_that_are_missing_say_so(app: ProbeApp, call: str, name: str) -> None:
    """The app gets status 501 and a text that names the call; so does a record."""
    code = f"const r = await {call}; return [r.status, r.ok, (await r.json()).message]"

    status, ok, message = app.call(code)

    assert (status, ok) == (501, False)
    assert f"does not emulate {name}" in message
    (record,) = app.bodies_of(records.RequestUnsupported)
    assert record.message == message


@pytest.mark.parametrize(
    "call",
    [
        "api.asApp().requestJira(route`/rest/api/3/myself`)",
        "api.asUser().requestJira(route`/rest/api/3/myself`)",
        "api.asApp().requestConfluence(route`/wiki/api/v2/pages`)",
    ],
)
def test_the_site_refuses_a_call_without_its_scope(app: ProbeApp, call: str) -> None:
    """The app has that of its storage alone: status 401, and the answer is on record."""
    status, ok = app.call(f"const r = await {call}; return [r.status, r.ok]")

    assert (status, ok) == (401, False)
    (record,) = app.bodies_of(records.RequestAnswered)
    assert record.status == 401


@pytest.mark.parametrize("name", ["api3", "api4", "api5", "api6", "api7", "api8"])
def test_a_remote_that_the_manifest_lacks(apps: Callable[[str], ProbeApp], name: str) -> None:
    """The package throws its own error; version 2 has no `invokeRemote`."""
    error = apps(name).error("await api.invokeRemote('backend', { path: '/x' })")

    assert (error["class"], error["status"]) == ("InvalidRemoteError", 400)
    assert "'backend'" in error["message"] or '"backend"' in error["message"]


def test_web_triggers_have_addresses(app: ProbeApp) -> None:
    """The same for the same key; an unknown key is the package's own error, and logged."""
    get = "await webTrigger.getUrl('hook')"
    url, again = app.call(f"return [{get}, {get}]")
    error = app.error("await webTrigger.getUrl('hok')")

    assert url == again
    assert url.startswith("https://emu.hello.atlassian-dev.net/x1/")
    assert "Failed to get web trigger URL" in error["message"]
    logs = [log.message for log in app.bodies_of(records.Log)]
    assert any("Did you mean hook?" in message for message in logs)


def test_addresses_of_web_triggers_are_listed_and_deleted(apps: Callable[[str], ProbeApp]) -> None:
    """With the newest package."""
    code = (
        "const first = await webTrigger.getUrl('hook');"
        "const listed = await webTrigger.queryUrls('hook');"
        "await webTrigger.deleteUrl(first);"
        "return [first, listed, await webTrigger.getUrl('hook')]"
    )
    first, listed, second = apps("api8").call(code)

    assert first in str(listed)
    assert second != first


def test_other_accounts_are_refused_by_the_package(app: ProbeApp) -> None:
    """No external authentication is set up: the package says so itself."""
    error = app.error("await asUser().withProvider('google').fetch('/x')")

    assert ("not implemented" if app.packages == "api2" else "google") in error["message"]


def test_fetch_meets_the_manifest(app: ProbeApp) -> None:
    """`fetch` of the package and of Node get what the platform answers, and nothing goes out."""
    code = (
        "const seen = []; for (const f of [api.fetch, globalThis.fetch]) {"
        " const r = await f('https://api.example.com/v1/x', { method: 'POST', body: 'x' });"
        " seen.push([r.status, r.headers.get('forge-proxy-error'), await r.text()]); } return seen"
    )
    text = (
        "URL not included in the external fetch backend permissions: https://api.example.com/v1/x. "
        "Visit go.atlassian.com/forge-egress for more information."
    )

    assert app.call(code) == [[403, "BLOCKED_EGRESS", text]] * 2

    found = app.bodies_of(records.RequestRefused)
    assert [(each.method, each.host, each.path, each.limit) for each in found] == [
        ("POST", "https://api.example.com", "/v1/x", "egress.permission")
    ] * 2


@pytest.mark.parametrize("name", ["api4", "api5", "api6", "api7", "api8"])
def test_what_an_app_knows_of_itself(apps: Callable[[str], ProbeApp], name: str) -> None:
    """`getAppContext()` has every field, and is the invocation's own."""
    app = apps(name)
    code = (
        "const c = getAppContext(); const left = c.invocationRemainingTimeInMillis();"
        "return { ...c, left, text: `${c.appAri}|${c.environmentAri}|${c.installationAri}` }"
    )

    found = app.call(code)

    started = app.bodies_of(records.InvocationStarted)[0]
    assert found["invocationId"] == started.invocation_id
    assert found["moduleKey"] == "on-created"
    assert found["appVersion"] == "1.0.0"
    assert found["environmentType"] == "DEVELOPMENT"
    assert 0 < found["left"] <= 25_000
    parts = found["text"].split("|")
    assert parts[0] == app.app.id
    assert parts[1].startswith("ari:cloud:ecosystem::environment/3a6f1f3a-")
    assert parts[2] == app.engine.installation.ari
    if app.packages in ("api7", "api8"):
        context = found["installation"]["contexts"][0]
        assert context["cloudId"] == app.engine.installation.cloud_id


def test_the_second_argument_is_the_context(app: ProbeApp) -> None:
    """Installation and, where a user caused the event, principal."""
    context = app.call("return context", atlassianId="557058:me")

    assert context["principal"] == {"accountId": "557058:me"}
    assert context["installContext"].startswith("ari:cloud:jira::site/")


def test_aris_of_the_context_are_texts_in_a_template(app: ProbeApp) -> None:
    """Of the installation and its site; copies of the context hold the fields alone."""
    code = (
        "const { ari, contexts } = context.installation;"
        "return [`${ari} ${contexts[0]}`, structuredClone(contexts[0]), event.context]"
    )

    texts, copied, where = app.call(code)

    installation = app.engine.installation
    assert texts == f"{installation.ari} {installation.site('jira')}"
    assert copied == {"cloudId": installation.cloud_id}
    assert where == {"cloudId": installation.cloud_id, "moduleKey": "on-created"}


@pytest.mark.parametrize("name", ["api7", "api8"])
def test_permissions_are_those_of_the_manifest(apps: Callable[[str], ProbeApp], name: str) -> None:
    """Newer versions can be asked for scopes and for addresses outside."""
    code = (
        "return [...['storage:app', 'read:jira-work'].map((s) => api.permissions.hasScope(s)),"
        " getAppContext().permissions.external]"
    )

    app = apps(name)

    assert app.call(code) == [True, False, app.app.external]


def test_the_addresses_that_the_oldest_versions_check(app: ProbeApp) -> None:
    """`@forge/api` up to 2.14 looks them up itself: texts alone."""
    found = app.call("return __forge_runtime__.allowedEgress")

    assert found == ["a.example", "*.b.example"]


def test_an_aborted_request_is_given_up(app: ProbeApp) -> None:
    """A signal that has fired rejects with its reason."""
    code = (
        "return await __forge_fetch__({ type: 'kvs' }, '/api/v1/get',"
        " { method: 'POST', signal: AbortSignal.abort(new Error('enough')) })"
    )

    assert app.error(code)["message"] == "enough"

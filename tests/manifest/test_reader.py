"""Manifests that real apps have, and what becomes of them."""

from __future__ import annotations

import pytest

from forge_emu.model import Consumer, Function, Subscription, Trigger
from tests.manifest.sample import MANIFEST, app_of, lines, manifest_with, problems_of


def test_everything_the_manifest_says_is_in_the_app() -> None:
    """Functions, consumers, triggers, scopes, id and runtime are read with their lines."""
    app = app_of(MANIFEST)

    assert app.id == "ari:cloud:ecosystem::app/7c1dd9d6-93c3-4a8e-b3f1-bd3b3f4e0f0a"
    assert app.runtime == "nodejs22.x"
    assert app.manifest == "manifest.yml"
    assert app.scopes == ("read:jira-work", "storage:app")
    assert app.warnings == ()
    assert app.functions == {
        "pusher": Function(
            "pusher", "index.push", "src/index.js", "push", None, 512, 13, column=16
        ),
        "consumer": Function(
            "consumer",
            "queue/worker.consume",
            "src/queue/worker.ts",
            "consume",
            100_000,
            512,
            15,
            column=16,
        ),
    }
    assert app.consumers == (Consumer("worker", "work", "consumer", None, 8),)
    assert app.triggers == (
        Trigger("on-created", "pusher", (Subscription("avi:jira:created:issue"),), 3),
    )


def test_the_old_resolver_form_names_a_method() -> None:
    """A consumer with `resolver` keeps function and method."""
    text = manifest_with(
        "      queue: work\n      function: consumer\n",
        "      queue: work\n      resolver:\n        function: consumer\n        method: on-work\n",
    )

    assert app_of(text).consumers == (Consumer("worker", "work", "consumer", "on-work", 8),)


def test_source_files_are_tried_in_the_order_of_the_platform() -> None:
    """`.ts` goes before `.tsx`, `.js`, `.jsx` and `.cjs`, as in the bundler of `forge deploy`."""
    order = ["ts", "tsx", "js", "jsx", "cjs"]
    for place in range(len(order)):
        files = frozenset(f"src/index.{e}" for e in order[place:]) | {"src/queue/worker.js"}
        app = app_of(MANIFEST, files=files)

        assert app.functions["pusher"].file == f"src/index.{order[place]}"


def test_events_may_be_objects_with_a_filter_of_their_own() -> None:
    """An event's own filter goes before the trigger's."""
    text = manifest_with(
        "      events:\n        - avi:jira:created:issue\n",
        "      filter: {ignoreSelf: true}\n"
        "      events:\n"
        "        - avi:jira:created:issue\n"
        "        - eventType: avi:jira:updated:issue\n"
        "          filter: {expression: 'true', onError: RECEIVE}\n",
    )
    app = app_of(text)

    assert app.triggers[0].subscriptions == (
        Subscription("avi:jira:created:issue", ignore_self=True),
        Subscription("avi:jira:updated:issue", False, "true", "RECEIVE", place="manifest.yml:9:33"),
    )
    assert app.warnings == ()


def test_an_alias_stands_for_its_anchor() -> None:
    """Anchors and aliases share a value."""
    text = manifest_with("      function: pusher\n", "      function: &f pusher\n").replace(
        "key: pusher", "key: *f"
    )

    assert app_of(text).triggers[0].function == "pusher"


def test_words_that_yaml_1_1_takes_for_booleans_are_text() -> None:
    """The platform reads YAML 1.2, where `on` and `no` are names like any other."""
    text = manifest_with("queue: work", "queue: on").replace("key: worker", "key: no")

    assert app_of(text).consumers == (Consumer("no", "on", "consumer", None, 8),)


def test_memory_of_a_function_goes_before_that_of_the_app() -> None:
    """`app.runtime.memoryMB` is the default of all functions."""
    text = manifest_with(
        "    name: nodejs22.x\n", "    name: nodejs22.x\n    memoryMB: 256\n"
    ).replace(
        "      handler: index.push\n",
        "      handler: index.push\n      runtime: {memoryMB: 1024}\n",
    )
    functions = app_of(text).functions

    assert (functions["pusher"].memory_mb, functions["consumer"].memory_mb) == (1024, 256)


def test_a_manually_packaged_app_has_its_handlers_elsewhere() -> None:
    """`app.package.path` takes the place of `src`."""
    text = MANIFEST + "  package: {bundler: manual@2026, path: ./dist/backend/}\n"
    files = frozenset({"dist/backend/index.js", "dist/backend/queue/worker.js"})
    app = app_of(text, files=files)

    assert app.functions["pusher"].file == "dist/backend/index.js"
    assert app.package == "dist/backend"


def test_a_manual_package_may_be_the_whole_app() -> None:
    """`path: .` has the handlers beside the manifest."""
    text = MANIFEST + "  package: {bundler: manual@2026, path: .}\n"
    app = app_of(text, files=frozenset({"index.js", "queue/worker.cjs"}))

    assert [f.file for f in app.functions.values()] == ["index.js", "queue/worker.cjs"]


def test_external_permissions_are_read_as_they_stand() -> None:
    """An app can ask for them; what is no mapping is none."""
    scopes = "    - storage:app\n"
    text = manifest_with(scopes, f"{scopes}  external: {{images: [a], fetch: {{backend: [b]}}}}\n")
    assert app_of(text).external == {"images": ["a"], "fetch": {"backend": ["b"]}}
    assert app_of(manifest_with(scopes, f"{scopes}  external: 7\n")).external == {}


def test_scopes_may_be_one_key_mappings() -> None:
    """A scope with options counts by its name."""
    text = manifest_with("    - storage:app\n", "    - storage:app: {allowImpersonation: true}\n")

    assert app_of(text).scopes == ("read:jira-work", "storage:app")


def test_storage_is_kept() -> None:
    """`app.storage` is there for what reads it."""
    text = MANIFEST + "  storage:\n    entities:\n      - name: thing\n"

    assert app_of(text).storage == {"entities": [{"name": "thing"}]}


def test_an_app_that_is_not_registered_runs_with_a_warning() -> None:
    """Without `app` there is a stand-in for the id."""
    text = MANIFEST[: MANIFEST.index("app:\n")]

    assert lines(problems_of(text)) == [
        "warning: manifest.yml:1:1 there is no 'app' section; forge-emu runs the app as"
        " unregistered"
    ]
    assert app_of(text).id == "ari:cloud:ecosystem::app/unregistered"


@pytest.mark.parametrize(
    "id",
    [
        "''",
        "<your app>",
        "ari:cloud:ecosystem::app/",
        "ari:cloud:ecosystem::app/<uuid>",
        "'ari:cloud:ecosystem::app/{{APP_ID}}'",
    ],
)
def test_an_id_that_was_taken_out_is_no_error(id: str) -> None:
    """Published apps often come without theirs."""
    text = MANIFEST.replace("ari:cloud:ecosystem::app/7c1dd9d6-93c3-4a8e-b3f1-bd3b3f4e0f0a", id)

    (line,) = lines(problems_of(text))
    assert line.startswith("warning: ")
    assert "forge-emu runs it as unregistered" in line
    assert app_of(text).id == "ari:cloud:ecosystem::app/unregistered"


def test_modules_that_nothing_here_starts_are_counted() -> None:
    """By kind, without a warning."""
    text = MANIFEST.replace(
        "  function:\n",
        "  rovo:agent:\n    - {key: a}\n    - {key: b}\n"
        "  jira:jqlFunction:\n    - {key: jql}\n  function:\n",
        1,
    )
    app = app_of(text)

    assert app.other_modules == {"rovo:agent": 2, "jira:jqlFunction": 1}
    assert app.warnings == ()


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    """Places and values are the same."""
    text = "\ufeff" + MANIFEST.replace("\n", "\r\n")

    assert app_of(text) == app_of(MANIFEST)

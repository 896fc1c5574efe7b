"""For every rule an app that breaks it, and one sound app that breaks none."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
  runtime: {name: nodejs22.x}
permissions:
  scopes: [read:jira-work, storage:app]
"""
MODULES = """\
modules:
  trigger:
    - {key: on-created, function: created, events: ['avi:jira:created:issue']}
  consumer:
    - {key: storing, queue: later, function: store}
  function:
    - {key: created, handler: index.created}
    - {key: store, handler: index.store}
"""
MANIFEST = HEAD + MODULES

SOURCE = """\
import { InvocationError, InvocationErrorCode, Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
import path from 'node:path';

const queue = new Queue({ key: 'later' });

export async function created(event) {
  const { jobId } = await queue.push({ body: { key: event.issue.key }, delayInSeconds: 5 });
  const { success } = await queue.getJob(jobId).getStats();
  return path.join(String(success));
}

export async function store(event) {
  try {
    await kvs.set(`issue:${event.body.key}`, event.body);
  } catch (error) {
    const retryCount = event.retryContext?.retryCount ?? 0;
    return new InvocationError({
      retryAfter: Math.min(20 * 2 ** retryCount, 900),
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
      retryData: { key: event.body.key },
    });
  }
}
"""
IMPORTS = """\
import { InvocationError, Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
const queue = new Queue({ key: 'later' });
export const created = (event) => queue.push({ body: event.issue });
"""
PACKAGES = {"@forge/events": "3.0.8", "@forge/kvs": "1.6.5", "@forge/api": "7.2.0"}

STUBS = {
    "@forge/events": "exports.Queue = class {}; exports.InvocationError = class {};\n"
    "exports.InvocationErrorCode = {};\n",
    "@forge/kvs": "exports.kvs = {};\n",
    "@forge/api": "exports.storage = {};\n",
    "@forge/ui": "",
}


@dataclass(frozen=True)
class Example:
    """An app. `load` says that the rule is seen only when its modules are run."""

    source: str = SOURCE
    manifest: str = MANIFEST
    packages: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    declared: tuple[str, ...] = tuple(PACKAGES)
    load: bool = False
    without: tuple[str, ...] = ()


def with_consumer_body(body: str) -> str:
    """A sound trigger, and a consumer with `body`."""
    return f"{IMPORTS}export async function store(event) {{\n  {body}\n}}\n"


def with_trigger_body(body: str) -> str:
    """A trigger with `body`, and a consumer that does nothing."""
    return (
        "import { InvocationError, Queue } from '@forge/events';\n"
        "const queue = new Queue({ key: 'later' });\n"
        f"export async function created(event) {{\n  {body}\n}}\n"
        "export const store = () => {};\n"
    )


def manifest_with_modules(text: str) -> str:
    """A manifest with other modules."""
    return HEAD + text


CLEAN = Example(load=True)

EXAMPLES: dict[str, Example] = {
    # --- the manifest
    "manifest": Example(manifest=MANIFEST.replace("queue: later", "queue: 'no good'")),
    "missing": Example(manifest=MANIFEST.replace("handler: index.store", "timeoutSeconds: 5")),
    "yaml": Example(manifest=MANIFEST + "\t- x"),
    "app-id": Example(manifest=MANIFEST.replace("ari:cloud", "ari:clod")),
    "runtime": Example(manifest=MANIFEST.replace("nodejs22.x", "nodejs23.x")),
    "runtime-refused": Example(manifest=MANIFEST.replace("nodejs22.x", "nodejs18.x")),
    "unknown-property": Example(manifest=MANIFEST.replace("queue: later", "queue: later, x: 1")),
    "module-kind": Example(manifest=MANIFEST.replace("  trigger:", "  triger:")),
    "not-emulated": Example(
        manifest=MANIFEST.replace("function: store}", "resolver: {workflow: w}}")
    ),
    "duplicate-key": Example(manifest=MANIFEST.replace("key: storing", "key: on-created")),
    "key-length": Example(manifest=MANIFEST.replace("store,", "a-name-of-thirty-characters-ok,")),
    "handler-format": Example(manifest=MANIFEST.replace("index.store", "index")),
    "handler-file": Example(manifest=MANIFEST.replace("index.store", "other.store")),
    "handler-ambiguous": Example(files={"src/index.py": ""}),
    "undefined-function": Example(manifest=MANIFEST.replace("function: store", "function: stoer")),
    "consumer-target": Example(
        manifest=MANIFEST.replace("function: store}", "function: store, endpoint: e}")
    ),
    "trigger-target": Example(
        manifest=MANIFEST.replace("function: created,", "function: created, endpoint: e,")
    ),
    "schedule-target": Example(
        manifest=MANIFEST
        + "  scheduledTrigger: [{key: s, function: created, endpoint: e, interval: day}]\n"
    ),
    "schedule-interval": Example(
        manifest=MANIFEST + "  scheduledTrigger: [{key: s, function: created, interval: year}]\n"
    ),
    "schedule-number": Example(
        manifest=MANIFEST
        + "  scheduledTrigger:\n"
        + "".join(f"    - {{key: s{n}, function: created, interval: day}}\n" for n in range(6))
    ),
    "pre-uninstall-target": Example(
        manifest=MANIFEST + "  preUninstall: [{key: p, function: created, endpoint: e}]\n"
    ),
    "event-recipient": Example(
        manifest=MANIFEST + "  event: [{key: e, name: E, allowedRecipients: [everybody]}]\n"
    ),
    "webtrigger-target": Example(
        manifest=MANIFEST + "  webtrigger: [{key: w, function: created, endpoint: e}]\n"
    ),
    "webtrigger-outputs": Example(
        manifest=MANIFEST
        + "  webtrigger:\n"
        + "    - key: w\n      function: created\n"
        + "      response: {type: dynamic, outputs: [{key: a, statusCode: 200}]}\n"
    ),
    "queue-name": Example(manifest=MANIFEST.replace("queue: later", f"queue: {'x' * 37}")),
    "duplicate-queue": Example(
        manifest=MANIFEST.replace(
            "  function:\n", "    - {key: again, queue: later, function: store}\n  function:\n"
        )
    ),
    "missing-scope": Example(manifest=MANIFEST.replace("read:jira-work, ", "")),
    "variable": Example(
        manifest="environment: {variables: [ID]}\n" + MANIFEST.replace("app/", "app/${ID}")
    ),
    "shared-function": Example(
        manifest=MANIFEST.replace("function: created,", "function: store,").replace(
            "handler: index.store", "handler: index.store, timeoutSeconds: 60"
        )
    ),
    "timeout-no-effect": Example(
        manifest=MANIFEST.replace(
            "handler: index.created", "handler: index.created, timeoutSeconds: 60"
        )
    ),
    "unknown-event": Example(manifest=MANIFEST.replace("created:issue", "creatd:issue")),
    "entity": Example(
        manifest=MANIFEST.replace(
            "permissions:", "  storage: {entities: [{name: thing, indexes: [size]}]}\npermissions:"
        )
    ),
    "ignore-self": Example(
        manifest=MANIFEST.replace(
            "events: ['avi:jira:created:issue']",
            "events: ['avi:compass:created:component_link'], filter: {ignoreSelf: true}",
        )
    ),
    "filter-expression": Example(
        manifest=MANIFEST.replace(
            "events: ['avi:jira:created:issue']",
            "events: ['avi:jira:created:issue'], filter: {expression: event.issue.key === 'a'}",
        )
    ),
    "egress": Example(
        manifest=f"{HEAD}  external: {{fetch: {{backend: [{{remote: x}}]}}}}\n{MODULES}"
    ),
    "egress-refused": Example(
        manifest=f"{HEAD}  external: {{fetch: {{backend: ['http://a.example']}}}}\n{MODULES}"
    ),
    "resource-missing": Example(manifest=MANIFEST + "resources: [{key: main, path: gone}]\n"),
    "endpoint": Example(manifest=MANIFEST + "  endpoint: [{key: e, remote: nowhere}]\n"),
    "settings": Example(files={"forge-emu.yml": "limits.kvs.write_units: 5\n"}),
    # --- packages
    "package-json": Example(files={"package.json": "{"}),
    "package-missing": Example(declared=(*PACKAGES, "@forge/resolver")),
    "package-undeclared": Example(declared=("@forge/events",)),
    "package-untested": Example(packages={"@forge/events": "9.0.0"}),
    "package-removed": Example("import '@forge/ui';\n" + SOURCE, packages={"@forge/ui": "1.11.4"}),
    # --- building and loading
    "bundle": Example(SOURCE.replace("return path", "return return path")),
    "extra-files": Example(
        manifest=MANIFEST.replace("  runtime:", "  package: {extraFiles: [gone/*.txt]}\n  runtime:")
    ),
    "load": Example(SOURCE + "throw new Error('too early');\n", load=True),
    "export": Example(SOURCE.replace("function store", "function stored"), load=True),
    "variable-unset": Example(
        SOURCE + "export const key = () => process.env.SERVICE_KEY;\n", load=True
    ),
    "unread": Example(
        "import './deep';\n" + SOURCE, files={"src/deep.js": "[" * 9_000 + "]" * 9_000}
    ),
    # --- what the code does
    "storage-removed": Example(
        "import { storage } from '@forge/api';\n" + SOURCE, packages={"@forge/api": "8.3.0"}
    ),
    "storage-deprecated": Example("import { storage as s } from '@forge/api';\n" + SOURCE),
    "events-1-form": Example(with_trigger_body("await queue.push({ key: 1 });")),
    "events-2-form": Example(packages={"@forge/events": "1.0.3"}),
    "storage-scope": Example(manifest=MANIFEST.replace(", storage:app", "")),
    "queue-key": Example(with_trigger_body("return new Queue({ key: 'no good' });")),
    "queue-without-consumer": Example(SOURCE.replace("'later'", "'latre'")),
    "consumer-without-push": Example(
        "export const created = () => {};\nexport const store = () => {};\n"
    ),
    "retry-after": Example(with_consumer_body("return new InvocationError({ retryAfter: 901 });")),
    "retry-thrown": Example(with_consumer_body("throw new InvocationError({ retryAfter: 5 });")),
    "retry-discarded": Example(with_consumer_body("new InvocationError({ retryAfter: 5 });")),
    "retry-data-size": Example(
        with_consumer_body("return new InvocationError({ retryData: { x: 'x'.repeat(5000) } });")
    ),
    "push-size": Example(
        with_trigger_body("await queue.push({ body: { x: 'x'.repeat(205000) } });")
    ),
    "event-near-limit": Example(
        with_trigger_body("await queue.push({ body: { x: 'x'.repeat(184000) } });").replace(
            "() => {};", "() => new InvocationError({ retryData: { x: 'x'.repeat(3000) } });"
        )
    ),
    "push-delay": Example(
        with_trigger_body("await queue.push({ body: {}, delayInSeconds: 901 });")
    ),
    "failed-keys": Example(
        with_consumer_body("await kvs.batchSet([{ key: event.body.key, value: event.body }]);")
    ),
    "overwritten-key": Example(with_consumer_body("await kvs.set('latest', event.body);")),
    "not-awaited": Example(
        with_trigger_body("event.items.forEach(async (body) => { await queue.push({ body }); });")
    ),
}

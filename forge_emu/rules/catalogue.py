"""Every rule: its name, its severity, and what it is about in a line.

`docs/rules.md` says more of each. A rule about the manifest is found by `manifest`, one about how
the code is built or loaded by `runtime`, the others by this part.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Severity = Literal["error", "warning"]


class Rule(msgspec.Struct, frozen=True):
    """`severity` None: the finding decides."""

    name: str
    about: str
    severity: Severity | None = None


_RULES = (
    # --- the manifest
    Rule("manifest", "The manifest holds a value that is not possible there."),
    Rule("missing", "The manifest lacks something."),
    Rule("yaml", "The manifest is not YAML that Forge reads."),
    Rule("schema", "The manifest breaks the schema of the app's own @forge/manifest."),
    Rule("variable", "A variable of the manifest has no value, or is not declared."),
    Rule("app-id", "The app's id has a wrong form, or is a placeholder."),
    Rule("runtime", "app.runtime.name is none that Forge has."),
    Rule("runtime-refused", "`forge deploy` refuses the app's runtime.", "error"),
    Rule("unknown-property", "A property is not known where it stands."),
    Rule("module-kind", "A kind of module does not exist.", "error"),
    Rule("not-emulated", "A part of the manifest that forge-emu leaves out."),
    Rule("duplicate-key", "Two modules have the same key."),
    Rule("key-length", "A function's key is too long."),
    Rule("handler-format", "A handler is not written as module.function."),
    Rule("handler-file", "A handler's file is not there."),
    Rule("handler-ambiguous", "A handler is there in two languages."),
    Rule("undefined-function", "A module names a function or endpoint that does not exist."),
    Rule("consumer-target", "A consumer names more than one thing to call."),
    Rule("trigger-target", "A trigger names more than one thing to call."),
    Rule("schedule-target", "A scheduled trigger names more than one thing to call."),
    Rule("schedule-interval", "A scheduled trigger has an interval that does not exist."),
    Rule("schedule-number", "The app has more scheduled triggers than it may have."),
    Rule("pre-uninstall-target", "A preUninstall module names more than one thing to call."),
    Rule("event-recipient", "A recipient of an app event is no app."),
    Rule("webtrigger-target", "A web trigger names more than one thing to call."),
    Rule("webtrigger-outputs", "A dynamic web trigger has static outputs."),
    Rule("queue-name", "A queue's name is too long."),
    Rule("duplicate-queue", "Two consumers listen to the same queue."),
    Rule("missing-scope", "An event or entities need a scope that is missing.", "error"),
    Rule("shared-function", "A function's timeout is more than a module grants it.", "error"),
    Rule("timeout-no-effect", "timeoutSeconds stands where it has no effect.", "error"),
    Rule("unknown-event", "A trigger listens to an event that nobody documents."),
    Rule("entity", "A custom entity, an attribute or an index of it is none that Forge takes."),
    Rule("ignore-self", "ignoreSelf stands at an event that is not Jira's."),
    Rule("filter-expression", "A trigger's filter or payload asks for what it cannot get."),
    Rule("egress", "An address that functions may call is none, or names no remote."),
    Rule("egress-refused", "`forge deploy` refuses an address that functions may call.", "error"),
    Rule("resource-missing", "A user interface's files are not there."),
    Rule("endpoint", "An endpoint or a remote cannot be called as it stands.", "error"),
    # --- the settings
    Rule("settings", "forge-emu.yml holds what is no setting."),
    # --- packages
    Rule("package-json", "There is no package.json, or it cannot be read."),
    Rule("package-missing", "A package is declared but not installed."),
    Rule("package-undeclared", "A package is imported but not declared.", "warning"),
    Rule("package-untested", "A major version that forge-emu does not know.", "warning"),
    Rule("package-removed", "A package needs a part of Forge that is gone."),
    # --- building and loading
    Rule("bundle", "The code cannot be built."),
    Rule("extra-files", "A pattern of extra files matches none."),
    Rule("load", "A module fails while it is loaded."),
    Rule("export", "A handler's export is not there, or is no function."),
    Rule("variable-unset", "The code reads a variable that is not set.", "warning"),
    Rule("unread", "A source file could not be read.", "warning"),
    # --- what the code does
    Rule("storage-removed", "storage is taken from an @forge/api that has none.", "error"),
    Rule("storage-deprecated", "storage of @forge/api is used.", "warning"),
    Rule("events-1-form", "A call form of @forge/events 0 or 1 is used with 2 or 3."),
    Rule("events-2-form", "A call form of @forge/events 2 is used with 0 or 1.", "error"),
    Rule("storage-scope", "The store is used without the scope storage:app.", "error"),
    Rule("queue-key", "A queue's key is not one.", "error"),
    Rule("queue-without-consumer", "Events are pushed to a queue that nobody consumes.", "error"),
    Rule("consumer-without-push", "A consumer's queue is never pushed to.", "warning"),
    Rule("retry-after", "retryAfter is outside of what the platform grants.", "warning"),
    Rule("retry-thrown", "An InvocationError is thrown instead of returned.", "error"),
    Rule("retry-discarded", "An InvocationError is made and not returned.", "error"),
    Rule("retry-data-size", "retryData is over its limit.", "error"),
    Rule("push-size", "A push is over a limit of size or number.", "error"),
    Rule("event-near-limit", "An event and its retryData are near 200 KB together.", "warning"),
    Rule("push-delay", "delayInSeconds is out of range.", "error"),
    Rule("failed-keys", "Nothing looks at the keys that a batch could not store.", "warning"),
    Rule("overwritten-key", "Every event writes the same key.", "warning"),
    Rule("not-awaited", "Nothing waits for a call of the platform.", "warning"),
)
RULES: Final = {rule.name: rule for rule in _RULES}


def severity_of(rule: str, otherwise: Severity) -> Severity:
    """The severity of a finding of `rule` for `check`."""
    known = RULES.get(rule)
    return (known.severity if known else None) or otherwise

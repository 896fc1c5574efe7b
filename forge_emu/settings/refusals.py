"""The rules that refuse a push, a call of the store or a request, and are no settings.

One declaration each. The `limit` of `push.refused`, `kvs.refused` and `request.refused`, the
figures `refused.<name>`, the completion of `--fail-on` and the documentation derive from it. The
code that refuses names the constant.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import msgspec

from forge_emu.settings.faults import KVS_ERROR
from forge_emu.settings.registry import DeclarationError, Registry, require_fields
from forge_emu.settings.setting import EMULATOR_CHOICE, SETTINGS, Setting


class RefusalRule(msgspec.Struct, frozen=True):
    """A rule without a number of its own.

    `refuses` says what it refuses, `seen` what the app gets to see, `source` and `date` where that
    stands as in a setting. `may_pass` says whether the same call can go through later, `asked_for`
    whether the app itself asked to be refused, so that there is nothing to mend.

    Raises DeclarationError for a declaration that lacks something.
    """

    name: str
    refuses: str
    seen: str
    source: str = EMULATOR_CHOICE
    date: str = ""
    may_pass: bool = False
    asked_for: bool = False

    def __post_init__(self) -> None:
        require_fields(self, "name", "refuses", "seen", "source")
        if (self.source == EMULATOR_CHOICE) is bool(self.date):
            raise DeclarationError(self.name, "a page has a `date`, an emulator choice has none")


Refusing: TypeAlias = RefusalRule | Setting[Any]
"""What a push, a call or a request can be refused by."""

REFUSALS: Final[Registry[RefusalRule]] = Registry()
"""Every rule that is no setting."""


def refusal(
    name: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    refuses: str = "",
    seen: str = "",
    may_pass: bool = False,
    asked_for: bool = False,
) -> RefusalRule:
    """Declare a rule that refuses."""
    rule = RefusalRule(name, refuses, seen, source, date, may_pass, asked_for)
    REFUSALS.declare(rule)
    return rule


_L_KVS = ("limits-kvs-ce/", "2026-09-28")
_KVS = ("storage-reference/kvs-api/", "2026-08-21")
_QUERY = ("storage-reference/kvs-api-query/", "2026-08-21")
_BATCH = ("storage-reference/kvs-batch/", "2026-08-21")
_TRANSACTION = ("storage-reference/kvs-transactions/", "2026-09-28")
_ENTITIES = ("storage-reference/entities-api/", "2026-08-21")
_ENTITY_QUERY = ("storage-reference/entities-api-query/", "2026-08-21")
_EGRESS = ("runtime-egress-permissions/", "2025-11-12")
_REMOTES = ("manifest-reference/remotes/", "2026-08-22")
_APP_EVENTS = ("events-reference/app-events/", "2026-03-05")
_NODE = ("function-reference/nodejs-runtime/", "2026-09-21")

# fmt: off
PUSH_QUEUE_NAME = refusal(
    "push.queue_name",
    refuses="a push to a name with other characters than letters, digits, - and _",
    seen="INVALID_QUEUE_NAME (400)",
)
PUSH_EVENTS = refusal(
    "push.events", refuses="a push without events", seen="NO_EVENTS (400)",
)
REQUEST_BODY = refusal(
    "request.body",
    refuses="a push, a call of the store or of `appEvents.publish` that cannot be read, or is "
            "nested too deeply",
    seen="BAD_REQUEST or MAX_DEPTH (400); VALIDATION_ERROR of `appEvents.publish`",
)
KVS_SCOPE = refusal(
    "kvs.scope", *_KVS,
    refuses="a call of the store by an app whose manifest lacks the scope storage:app",
    seen="FORBIDDEN (403); the page names the scope alone, so status and code are an emulator "
         "choice",
)
KVS_KEY = refusal(
    "kvs.key", *_L_KVS,
    refuses="a key that is empty, no string, or has characters that are not allowed",
    seen="INVALID_KEY, KEY_TOO_SHORT or EMPTY_KEY (400)",
)
KVS_VALUE = refusal(
    "kvs.value", *_L_KVS, refuses="a value that is null or undefined", seen="INVALID_VALUE (400)",
)
KVS_OPTIONS = refusal(
    "kvs.options", *_KVS,
    refuses="options that the call does not know, or with values it does not take",
    seen="INVALID_OPTIONS or INVALID_KEY_POLICY_RETURN_VALUE_COMBINATION (400)",
)
KVS_KEY_POLICY = refusal(
    "kvs.key_policy", *_KVS, asked_for=True,
    refuses="a `set` with FAIL_IF_EXISTS of a key that has a value",
    seen="KEY_CONFLICT (409)",
)
KVS_QUERY = refusal(
    "kvs.query", *_QUERY,
    refuses="a query whose `where`, index, partition or order makes no sense",
    seen="QUERY_WHERE_INVALID, INVALID_FILTER_VALUES and the like (400)",
)
KVS_CURSOR = refusal(
    "kvs.cursor", *_QUERY,
    refuses="a cursor that no query gave, or a query with other parameters",
    seen="INVALID_CURSOR (400)",
)
KVS_BATCH = refusal(
    "kvs.batch", *_BATCH,
    refuses="a batch without keys, or with a key that is there twice",
    seen="INVALID_BATCH_REQUEST (400)",
)
KVS_TRANSACTION = refusal(
    "kvs.transaction", *_TRANSACTION,
    refuses="a transaction without operations, with a key twice, or with a check that makes no "
            "sense",
    seen="INVALID_TRANSACTION_REQUEST (400)",
)
KVS_ENTITY = refusal(
    "kvs.entity", *_ENTITIES,
    refuses="an entity or an attribute that the manifest does not declare, or a value of another "
            "type",
    seen="INVALID_ENTITY_TYPE, INVALID_ENTITY_VALUE and the like (400)",
)
KVS_CONDITION = refusal(
    "kvs.condition", *_ENTITY_QUERY,
    refuses="a condition that makes no sense, or one of a transaction that is not met",
    seen="INVALID_FILTER_CONDITION and the like (400, 422), CONDITIONAL_CHECK_FAILED (400)",
)
KVS_ERROR_INJECTED = refusal(
    f"fault:{KVS_ERROR.name}", may_pass=True,
    refuses=f"a call of the store that the fault {KVS_ERROR.name} hits",
    seen=f"INTERNAL_SERVER_ERROR ({KVS_ERROR.status})",
)
EGRESS_PERMISSION = refusal(
    "egress.permission", *_EGRESS,
    refuses="a request to an address that `permissions.external.fetch.backend` does not name",
    seen="status 403 and the header `forge-proxy-error: BLOCKED_EGRESS`",
)
EGRESS_HTTPS = refusal(
    "egress.https", *_NODE,
    refuses="a connection to the outside that is no HTTPS",
    seen="status 400; a connection that is no HTTP at all is refused (ECONNREFUSED)",
)
REMOTE_KEY = refusal(
    "remotes.key", *_REMOTES,
    refuses="a call of a remote that the manifest does not have, or whose `operations` lack "
            "`compute`",
    seen="InvalidRemoteError of `@forge/api`",
)
REMOTE_ADDRESS = refusal(
    "remotes.address",
    refuses="a call of a remote or a container that has no address",
    seen="an error that says how to give one: `--remote KEY=URL`",
)
APP_EVENTS_KEY = refusal(
    "app_events.key", *_APP_EVENTS,
    refuses="an event of `appEvents.publish` that no `event` module of the manifest declares",
    seen="an entry of `failedEvents`; its message is an emulator choice",
)
APP_EVENTS_NONE = refusal(
    "app_events.none", refuses="a call of `appEvents.publish` without events",
    seen="VALIDATION_ERROR (400)",
)
EGRESS_HELD_BACK = refusal(
    "egress.held_back", may_pass=True,
    refuses="a request to the outside that no mock answers, without `--network` or with "
            "`--offline`",
    seen="an error that names the host and the mock to write",
)
# fmt: on


def refusal_names() -> tuple[str, ...]:
    """Everything that the `limit` of a refusal can be: settings, then rules."""
    return (*(setting.name for setting in SETTINGS if setting.refuses), *REFUSALS.names)

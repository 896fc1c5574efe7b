"""Rules about the key-value store."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu.errors import Problem
from forge_emu.rules.context import RuleContext

_SCOPE = "storage:app"
_WRITES = frozenset({"set", "setSecret", "entity.set", "batchSet", "transact.set"})
_PYTHON_NAMES = {"batchSet": "batch_set", "batchDelete": "batch_delete"}


def check_kvs(context: RuleContext) -> Iterator[Problem]:
    """The problems of calls of the store."""
    yield from _missing_scope(context)
    for module in context.modules:
        for call in module.stores:
            user = context.users_by_unit.get((module.file, call.unit))
            if call.operation in _WRITES and call.key is not None and user is not None:
                yield context.problem_at(
                    "overwritten-key",
                    module,
                    call,
                    f"every event of {user} writes the key {call.key!r}: the last one wins, and "
                    "what the others wrote is lost",
                    "Put what the event is about into the key, such as the issue's.",
                )
            if call.operation in _PYTHON_NAMES and call.discarded:
                python = context.is_python(module)
                name = _PYTHON_NAMES[call.operation] if python else call.operation
                yield context.problem_at(
                    "failed-keys",
                    module,
                    call,
                    f"nothing looks at what {name} answers: a batch throws nothing for a key that "
                    "fails, so it is lost without a word",
                    f"Look at {'failed_keys' if python else 'failedKeys'} of the answer.",
                )


def _missing_scope(context: RuleContext) -> Iterator[Problem]:
    if _SCOPE in context.app.scopes:
        return
    for module in context.modules:
        for call in module.stores:
            yield context.problem_at(
                "storage-scope",
                module,
                call,
                f"{call.api} is used, but the manifest lacks the scope {_SCOPE}: the platform "
                "refuses every call",
                f"Add {_SCOPE} under permissions.scopes in {context.app.manifest}.",
            )
            # One place is enough: the manifest is what has to change.
            return

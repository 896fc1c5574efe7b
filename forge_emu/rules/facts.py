"""What the sources of an app do with the platform, whatever language they are written in.

Places are lines and columns from 1. A unit is a part of a module that can be reached for itself: a
function, a class, or whatever else stands at the module's top under a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

Unit = tuple[str, str]
"""File and name."""

LOAD = "<load>"
"""The name of what a module does when it is loaded, outside of its functions."""


class Import(msgspec.Struct, frozen=True):
    """A name taken from a package; `*` is all of it."""

    source: str
    imported: str
    line: int
    column: int


class QueueObject(msgspec.Struct, frozen=True):
    """A queue object; `key` None where only running tells."""

    key: str | None
    unit: str
    line: int
    column: int


class PushedEventFacts(msgspec.Struct, frozen=True):
    """An event of a push. `shape`: `object`, `open` (has more than is seen), `value`, `unknown`.

    `bytes` is the least length of its JSON text, `delay` its seconds where they are known.
    """

    shape: str
    keys: list[str]
    delay: float | None
    bytes: int
    line: int
    column: int


class PushCall(msgspec.Struct, frozen=True):
    """A call of `push`. `count` None where the number of events is not seen."""

    unit: str
    queue: str | None
    arguments: int
    takes_job_id: bool
    events: list[PushedEventFacts]
    count: int | None
    line: int
    column: int


class CodePosition(msgspec.Struct, frozen=True):
    """A place in the module."""

    line: int
    column: int


class InvocationErrorUse(msgspec.Struct, frozen=True):
    """A use of `InvocationError`. `use`: `returned`, `thrown`, `discarded`, `other`.

    `after` is where its wait stands, if it has one.
    """

    use: str
    unit: str
    retry_after: float | None
    data_bytes: int
    line: int
    column: int
    after: CodePosition | None = None


class StoreCall(msgspec.Struct, frozen=True):
    """A call of `kvs` or the old `storage`; `key` where it is always the same.

    `transact.set` is a link of a transaction. A `batchSet` is there once for itself and once for
    each of its items that has such a key. `discarded` says that nothing looks at the answer.
    """

    api: str
    operation: str
    key: str | None
    unit: str
    line: int
    column: int
    discarded: bool = False


class FloatingCall(msgspec.Struct, frozen=True):
    """Work that nothing waits for: `call` is a call of the platform in it, such as `kvs.set`.

    `how`: `dropped` (the promise is a statement of its own), `unused` (in a variable that nothing
    reads), `forEach` or `map` (the loop drops the promises of its callback), `task` (a task that
    nothing keeps), `coroutine` (one that is never awaited).
    """

    call: str
    how: str
    unit: str
    line: int
    column: int


class Member(msgspec.Struct, frozen=True):
    """A unit that is a method: the unit of its class or object, and its name there."""

    owner: str
    name: str


class ModuleFacts(msgspec.Struct, frozen=True):
    """One file. `units` says which units each unit refers to.

    `members` are the units that are methods. For each unit, `mentions` has the names of members
    that it uses of whatever object, and `passed` the classes and objects whose use in it is not
    known.
    """

    file: str
    exports: dict[str, Unit]
    units: dict[str, list[Unit]]
    members: dict[str, Member] = {}
    mentions: dict[str, list[str]] = {}
    passed: dict[str, list[Unit]] = {}
    imports: list[Import] = []
    queues: list[QueueObject] = []
    pushes: list[PushCall] = []
    retries: list[InvocationErrorUse] = []
    stores: list[StoreCall] = []
    stats_as_response: list[CodePosition] = []
    pushes_as_ids: list[CodePosition] = []
    floating: list[FloatingCall] = []


class UnreadFile(msgspec.Struct, frozen=True):
    """A file that could not be read or parsed."""

    file: str
    line: int
    column: int
    message: str


class SourceFacts(msgspec.Struct, frozen=True):
    """All modules of an app that were read."""

    modules: list[ModuleFacts] = []
    unread: list[UnreadFile] = []

    def units_reached_from(self, starts: Iterable[Unit]) -> frozenset[Unit]:
        """Every unit that the units `starts` refer to, directly or through others."""
        known = {module.file: module for module in self.modules}
        # What modules do when they are loaded is always done.
        seen: set[Unit] = {(file, LOAD) for file in known}
        waiting = list(starts)
        while waiting:
            while waiting:
                file, unit = waiting.pop()
                if (file, unit) in seen or file not in known:
                    continue
                seen.add((file, unit))
                waiting += known[file].units.get(unit, [])
            waiting += self._methods_called_in(seen)
        return frozenset(seen)

    def _methods_called_in(self, units: set[Unit]) -> list[Unit]:
        """The methods that `units` may call and that are not among them."""
        named: set[str] = set()
        passed: set[Unit] = set()
        for module in self.modules:
            for unit, names in module.mentions.items():
                if (module.file, unit) in units:
                    named.update(names)
            for unit, owners in module.passed.items():
                if (module.file, unit) in units:
                    passed.update(owners)
        return [
            (module.file, unit)
            for module in self.modules
            for unit, member in module.members.items()
            if (module.file, member.owner) in units
            and (module.file, unit) not in units
            and (member.name in named or (module.file, member.owner) in passed)
        ]

    def exported_unit(self, file: str, name: str) -> Unit | None:
        """The unit that `file` exports under `name`."""
        module = next((m for m in self.modules if m.file == file), None)
        return module.exports.get(name) if module else None


def join_facts(parts: Sequence[SourceFacts]) -> SourceFacts:
    """Facts of several languages as one."""
    return SourceFacts(
        [m for part in parts for m in part.modules], [u for p in parts for u in p.unread]
    )

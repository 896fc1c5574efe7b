"""The rules, applied: facts of the sources against the manifest, the packages and the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.rules.await_rules import check_awaits
from forge_emu.rules.context import RuleContext
from forge_emu.rules.facts import SourceFacts
from forge_emu.rules.kvs_rules import check_kvs
from forge_emu.rules.package_rules import check_packages
from forge_emu.rules.queue_rules import check_queues
from forge_emu.rules.retry_rules import check_retries
from forge_emu.settings import Settings

_CHECKS: tuple[Callable[[RuleContext], Iterator[Problem]], ...] = (
    check_packages,
    check_queues,
    check_retries,
    check_kvs,
    check_awaits,
)


def apply_rules(
    app: App,
    facts: SourceFacts,
    packages: Mapping[str, str],
    is_undeclared: Callable[[str], bool],
    settings: Settings,
) -> list[Problem]:
    """Everything that the rules find, by file and line.

    `packages` are the installed `@forge/*` packages with versions; `is_undeclared` says of a
    package whether it is installed though package.json does not name it.
    """
    context = RuleContext(app, facts, packages, is_undeclared, settings)
    found = set(chain.from_iterable(chapter(context) for chapter in _CHECKS))
    return sorted(found, key=lambda p: (p.file, p.line, p.column, p.rule, p.message))

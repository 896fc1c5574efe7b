"""`filter` and `payload` of a trigger or of one of its events.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/trigger/ (2026-08-03),
https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-21)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from forge_emu.events import all_templates
from forge_emu.model import Json
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode

if TYPE_CHECKING:
    # Imported where there is a filter: it takes long, and few apps have one.
    from forge_emu import expressions as x

ON_ERROR: Final = ("IGNORE_AND_LOG", "IGNORE", "RECEIVE_AND_LOG", "RECEIVE")
LONGEST_EXPRESSION: Final = 10_000
MOST_PROPERTY_PATHS: Final = 5
RULE: Final = "filter-expression"

_PROPERTIES = frozenset({"ignoreSelf", "expression", "onError", "appIsLicensed"})
_PAYLOAD_PROPERTIES = frozenset({"include"})
_INCLUDE_PROPERTIES = frozenset({"propertyPaths", "fields"})
# The events reference lists them under "Supported events".
_WITH_PROPERTIES = frozenset(
    f"avi:jira:{name}"
    for name in (
        "created:issue", "updated:issue", "deleted:issue", "commented:issue", "deleted:comment",
        "created:worklog", "updated:worklog", "deleted:worklog", "created:issuelink",
        "deleted:issuelink", "created:attachment", "deleted:attachment", "assigned:issue",
    )
)  # fmt: skip


class TriggerFilter(NamedTuple):
    """A filter as it was read. `at` is the expression, `parsed` what it is, if it is one."""

    ignore_self: bool = False
    expression: str | None = None
    on_error: str = ON_ERROR[0]
    licensed_only: bool = False
    at: Part | None = None
    parsed: x.Expression | None = None


class FilterReader:
    """Reads filters and payloads, and counts the entity properties that all of them use."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._property_paths: set[str] = set()

    def place_of(self, used: TriggerFilter) -> str:
        """Where the expression of a filter stands, as `file:line:column`; empty without one."""
        if used.at is None:
            return ""
        place = used.at.position_in_text(0)
        return f"{self._findings.file}:{place.line}:{place.column}"

    def read_filter(self, parent: Part) -> TriggerFilter | None:
        """The `filter` of `parent`, None where it has none."""
        part = parent.get("filter")
        if part is None or not typed_reading.require_mapping(self._findings, part):
            return None
        typed_reading.warn_unknown_properties(self._findings, part, _PROPERTIES, "a filter")
        names = set(part.node.entries) if isinstance(part.node, MappingNode) else set()
        if not names & {"ignoreSelf", "expression", "appIsLicensed"}:
            self._findings.error(
                part, f"{part.name} needs one of ignoreSelf, expression, appIsLicensed"
            )
        expression, parsed = self._expression(part)
        return TriggerFilter(
            self._flag(part, "ignoreSelf"),
            expression,
            self._on_error(part),
            self._flag(part, "appIsLicensed"),
            part.get("expression"),
            parsed,
        )

    def read_include(self, parent: Part) -> tuple[str, ...]:
        """The paths of `payload.include.propertyPaths`."""
        part = parent.get("payload")
        if part is None or not typed_reading.require_mapping(self._findings, part):
            return ()
        typed_reading.warn_unknown_properties(
            self._findings, part, _PAYLOAD_PROPERTIES, "a payload"
        )
        include = part.get("include")
        if include is None:
            self._findings.error_missing(part, "include", "List `propertyPaths` below it.")
            return ()
        if not typed_reading.require_mapping(self._findings, include):
            return ()
        typed_reading.warn_unknown_properties(
            self._findings, include, _INCLUDE_PROPERTIES, "include"
        )
        if fields := include.get("fields"):
            self._findings.warn_at_key(
                fields,
                f"{fields.name}: no page says what it does; events carry their usual fields",
                None,
                "not-emulated",
            )
        return self._read_paths(include)

    def check_event(self, at: Part, event: str, used: TriggerFilter, include: bool) -> None:
        """Whether entity properties may be asked for with this event."""
        asks = include or (used.parsed is not None and used.parsed.property_paths)
        if asks and event not in _WITH_PROPERTIES:
            self._findings.warn(
                at, f"{event[:80]!r} has no entity properties to filter or include", None, RULE
            )

        if used.parsed is not None and used.at is not None:
            template = next((t for t in all_templates() if t.event == event), None)
            if template is not None:
                self._check_fields(used.at, used.parsed, template.payload, event)

    def _check_fields(
        self, at: Part, parsed: x.Expression, payload: dict[str, Json], event: str
    ) -> None:
        """Name fields that the event does not have where it has one of nearly that name."""
        from forge_emu import expressions as x

        for names in x.event_fields(parsed):
            holder: Json = payload
            for name, offset in names:
                if not isinstance(holder, dict) or any(key.startswith("$") for key in holder):
                    break
                if name not in holder:
                    near = self._findings.nearest(name, holder.keys(), 0.75)
                    if near:
                        self._findings.warn_in_text(
                            at,
                            offset,
                            f"{at.name}: {event} has no field {name[:60]!r} there",
                            f"Did you mean {' or '.join(near)}?",
                            RULE,
                        )
                    break
                holder = holder[name]

    def _read_paths(self, include: Part) -> tuple[str, ...]:
        from forge_emu import expressions as x

        part = include.get("propertyPaths")
        items = typed_reading.read_list(self._findings, part, "paths") if part else None
        found: list[str] = []
        for item in items or ():
            text = typed_reading.read_text(self._findings, item)
            if text is None:
                continue
            path = x.read_property_path(text)
            if path is None or path.entity not in x.ENTITIES:
                self._findings.warn(
                    item,
                    f"{text[:80]!r} is no path of an entity property: it is left out",
                    "Write `issue.properties['key'].field`; it begins with"
                    f" {', '.join(x.ENTITIES)}.",
                    RULE,
                )
                continue
            self._count_path(item, path)
            found.append(text)
        return tuple(found)

    def _expression(self, part: Part) -> tuple[str | None, x.Expression | None]:
        at = part.get("expression")
        value = typed_reading.read_text(self._findings, at) if at else None
        if value is None or at is None:
            return None, None
        if len(value) > LONGEST_EXPRESSION:
            self._findings.error(
                at,
                f"{at.name} is {len(value)} characters long, {LONGEST_EXPRESSION} are allowed",
            )
            return value, None
        from forge_emu import expressions as x

        try:
            parsed = x.parse_expression(value)
        except x.ExpressionSyntaxError as error:
            treated = "it gets" if self._receives(part) else "it does not get"
            self._findings.warn_in_text(
                at,
                error.offset,
                f"{at.name}: {error.message}; the trigger's filter fails on every event, and"
                f" {treated} them (onError)",
                error.hint,
                RULE,
            )
            return value, None
        self._check_expression(at, parsed)
        return value, parsed

    def _check_expression(self, at: Part, parsed: x.Expression) -> None:
        from forge_emu import expressions as x

        if unknown := sorted(x.names_used(parsed) - {"event", "Number"}):
            self._findings.warn(
                at,
                f"{at.name}: {unknown[0]!r} is not defined",
                "A filter has the variable `event` alone.",
                RULE,
            )
        estimate = x.estimate_complexity(parsed)
        if excess := x.excess_of(estimate):
            self._findings.warn(
                at,
                f"{at.name}: `forge deploy` may find it too complex: {excess}",
                f"Its estimate here: {x.complexity_text(estimate)[:100]}.",
                RULE,
            )
        for path in parsed.property_paths:
            if path.entity not in x.ENTITIES:
                self._findings.warn_in_text(
                    at,
                    path.span[0],
                    f"{at.name}: {path.entity!r} has no properties that a filter can ask for",
                    f"It is one of: {', '.join(x.ENTITIES)}.",
                    RULE,
                )
            self._count_path(at, path)

    def _count_path(self, at: Part, path: x.PropertyPath) -> None:
        self._property_paths.add(path.text)
        if len(self._property_paths) == MOST_PROPERTY_PATHS + 1:
            self._findings.warn(
                at,
                f"the triggers use more than {MOST_PROPERTY_PATHS} paths of entity properties;"
                f" Forge allows {MOST_PROPERTY_PATHS} in an app",
                None,
                RULE,
            )

    def _flag(self, part: Part, name: str) -> bool:
        at = part.get(name)
        return bool(at and typed_reading.read_bool(self._findings, at))

    def _receives(self, part: Part) -> bool:
        at = part.get("onError")
        value = at.node.value if at and isinstance(at.node, ScalarNode) else None
        return isinstance(value, str) and value.startswith("RECEIVE")

    def _on_error(self, part: Part) -> str:
        at = part.get("onError")
        value = typed_reading.read_text(self._findings, at) if at else None
        if value is None or at is None:
            return ON_ERROR[0]
        if value not in ON_ERROR:
            self._findings.error(
                at, f"{at.name} cannot be {value[:60]!r}", f"It is one of: {join_names(ON_ERROR)}."
            )
        elif part.get("expression") is None:
            self._findings.error_at_key(
                at, f"{at.name} is only allowed beside an expression", "Remove it."
            )
        return value

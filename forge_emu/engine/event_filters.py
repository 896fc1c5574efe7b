"""Whether a trigger's filter lets an event through, and what the trigger gets beside it.

https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-21),
https://developer.atlassian.com/platform/forge/manifest-reference/modules/trigger/ (2026-08-03)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from forge_emu import settings as s
from forge_emu.model import Json, ProductEvent, Subscription
from forge_emu.nearest import nearest

if TYPE_CHECKING:
    # Imported where there is a filter: it takes long, and few apps have one.
    from forge_emu import expressions as x

FindProperty: TypeAlias = Callable[[str, str], Json]
"""The value of an entity property by its owner (`issue/10001`) and key; None where it is none."""

ERROR_FIELD: Final = "filterExpressionError"
"""What a payload has beside its fields if the filter failed: `message` and `location`. That there
is something is documented, its name and shape are not."""
INCLUDED_FIELD: Final = "payloadIncludeProperties"


@lru_cache(maxsize=256)
def _parse_expression(text: str) -> x.Expression:
    from forge_emu import expressions as x

    return x.parse_expression(text)


class Verdict(msgspec.Struct, frozen=True):
    """What a filter says: `reason` why the trigger does not get the event, None where it does.

    `error` says what failed in the expression and `log` whether that is logged; `extra` are fields
    that the payload gets.
    """

    reason: str | None = None
    error: str | None = None
    log: bool = False
    extra: dict[str, Json] = msgspec.field(default_factory=dict)


def judge_event(
    event: ProductEvent,
    subscription: Subscription,
    settings: s.Settings,
    find_property: FindProperty,
) -> Verdict:
    """What the filter of `subscription` says about `event`."""
    if subscription.ignore_self and event.payload.get("selfGenerated") is True:
        return Verdict("ignore_self")
    if subscription.licensed_only and settings[s.APP_LICENSE] == "inactive":
        return Verdict("app_is_licensed")

    def find(entity: str, key: str) -> Json:
        owner = _owner(entity, event.payload)
        return find_property(owner, key) if owner else None

    extra = _included(subscription.include, find)
    if subscription.expression is None:
        return Verdict(extra=extra)
    from forge_emu import expressions as x

    try:
        parsed = _parse_expression(subscription.expression)
        most = settings[s.FILTER_STEPS]
        delivered = x.evaluate_filter(
            parsed, event.payload, most, find, settings[s.FILTER_REGEXP_STEPS]
        )
    except (x.ExpressionSyntaxError, x.EvaluationError) as error:
        return _failed(subscription, error, extra)
    return Verdict(None if delivered else "expression", extra=extra)


def _failed(
    subscription: Subscription,
    error: x.ExpressionSyntaxError | x.EvaluationError,
    extra: dict[str, Json],
) -> Verdict:
    """The verdict where the evaluation failed: `onError` decides."""
    from forge_emu import expressions as x

    location = error.location if isinstance(error, x.EvaluationError) else ""
    where = f" at {location!r}" if location else ""
    text = f"{error.message}{where}{_near_names(error)}"
    receives = subscription.on_error.startswith("RECEIVE")
    if receives:
        extra = {**extra, ERROR_FIELD: {"message": error.message, "location": location}}
    log = subscription.on_error.endswith("_AND_LOG")
    return Verdict(None if receives else "expression_error", text, log, extra)


def _near_names(error: x.ExpressionSyntaxError | x.EvaluationError) -> str:
    """The names nearest to one that is missing, as a hint; empty where none is near."""
    from forge_emu import expressions as x

    if not isinstance(error, x.EvaluationError) or error.missing is None:
        return ""
    near = nearest(error.missing, error.names, most=2)
    return f" (is {' or '.join(map(repr, near))} meant?)" if near else ""


def _included(paths: tuple[str, ...], find: FindProperty) -> dict[str, Json]:
    """The field with the values of entity properties, each where it has one."""
    if not paths:
        return {}
    from forge_emu import expressions as x

    found: dict[str, Json] = {}
    for text in paths:
        path = x.read_property_path(text)
        value = x.property_value(find(path.entity, path.key), path.path) if path else None
        if value is not None:
            found[text] = value
    return {INCLUDED_FIELD: found}


def _owner(entity: str, payload: dict[str, Json]) -> str | None:
    """Whose properties an event means: of a link those of its source issue."""
    issue = payload.get("issue")
    if entity == "issue":
        id = issue.get("id") if isinstance(issue, dict) else payload.get("sourceIssueId")
        for holder in ("worklog", "attachment"):
            part = payload.get(holder)
            id = id or (part.get("issueId") if isinstance(part, dict) else None)
    elif entity == "project":
        fields = issue.get("fields") if isinstance(issue, dict) else None
        project = fields.get("project") if isinstance(fields, dict) else payload.get("project")
        id = project.get("id") if isinstance(project, dict) else payload.get("sourceProjectId")
    else:
        id = payload.get("atlassianId") if entity == "user" else None
    return f"{entity}/{id}" if isinstance(id, str | int) else None

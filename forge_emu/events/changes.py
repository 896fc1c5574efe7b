"""What an event says has changed: the move from status to status, and the changelog.

The statuses are those of the emulated site: `parts/jira/status/`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from forge_emu.errors import UserError
from forge_emu.events.parts import part_names, part_object
from forge_emu.model import Json

_STATUS_FOLDER = "jira/status"


@cache
def statuses() -> dict[str, dict[str, Any]]:
    """The statuses of an issue by name, in the order of their ids."""
    found: list[dict[str, Any]] = [part_object(name) for name in part_names(_STATUS_FOLDER)]
    return {status["name"]: status for status in sorted(found, key=lambda status: status["id"])}


def find_status(name: str) -> dict[str, Any]:
    """The status called `name`, in any case, or of that id. Raises UserError with all names."""
    wanted = name.strip().lower()
    for status in statuses().values():
        if wanted in (status["name"].lower(), status["id"]):
            return status
    names = ", ".join(f"{known!r}" for known in statuses())
    raise UserError(f"no status is called {name!r}", f"An issue has one of {names}.")


def set_transition(
    payload: dict[str, Any], event: str, from_name: str | None, to_name: str | None
) -> None:
    """Let `payload` be about a move from one status to another, each None for the event's own.

    Raises UserError where the event is about no status, or both are the same.
    """
    items = _items_of(payload)
    present = next((item for item in items if item.get("field") == "status"), None)
    if present is None:
        raise UserError(
            f"{event} is about no change of a status",
            "--from and --to are for issue-updated.",
        )
    before = find_status(from_name or present["fromString"])
    after = find_status(to_name or present["toString"])
    if before["id"] == after["id"]:
        if from_name and to_name:
            raise UserError(f"--from and --to are both {before['name']!r}", "Name two statuses.")
        before, after = _with_neighbour(before, given_is_before=from_name is not None)
    payload["issue"]["fields"]["status"] = after
    payload["associatedStatuses"] = [before, after]
    items[items.index(present)] = _item("status", before, after)


def _with_neighbour(
    given: dict[str, Any], *, given_is_before: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """From the status to the next one, or from the one before it."""
    known = list(statuses().values())
    at = known.index(given)
    if given_is_before:
        return given, known[at + 1] if at + 1 < len(known) else known[at - 1]
    return known[at - 1] if at else known[at + 1], given


def fit_changelog(
    payload: dict[str, Any], before: dict[str, Any], *, keep_status: bool = False
) -> None:
    """Let the changelog say which of the issue's fields are not as in `before`.

    The event's own move to another status goes, unless `keep_status` says that it was asked for.
    Nothing changes where the event has no changelog, or where one was given by hand.
    """
    if not payload.get("changelog") or payload["changelog"] != before.get("changelog"):
        return
    old, new = _fields_of(before), _fields_of(payload)
    changed = [name for name in {**new, **old} if new.get(name) != old.get(name)]
    if not changed:
        return
    items = {str(item["field"]): item for item in _items_of(payload)}
    if "status" in items and "status" not in changed and not keep_status:
        del items["status"]
        if payload.get("associatedStatuses") == before.get("associatedStatuses"):
            payload.pop("associatedStatuses", None)
    for name in changed:
        own = items.get(name, {})
        item = _item(name, old.get(name), new.get(name))
        items[name] = {**item, **{k: own[k] for k in ("from", "fromString") if k in own}}
    payload["changelog"] = {"items": list(items.values())}


def _item(field: str, before: Json, after: Json) -> dict[str, Json]:
    """One item of a changelog: ids, and texts. An account stands for itself."""
    from_id, from_text = _as_id(before), _as_text(before)
    to_id, to_text = _as_id(after), _as_text(after)
    return {
        "field": field,
        "fieldId": field,
        "from": from_id,
        "fromString": from_text,
        "to": to_id,
        "toString": to_text,
    }


def _as_id(value: Json) -> Json:
    if isinstance(value, dict):
        return value.get("accountId") or value.get("id")
    return None


def _as_text(value: Json) -> Json:
    match value:
        case None | str():
            return value
        case dict():
            found = [value.get(name) for name in ("name", "value", "displayName", "accountId")]
            return next((text for text in found if text), None)
        case list():
            return " ".join(str(_as_text(item)) for item in value)
    return msgspec.json.encode(value).decode()


def _items_of(payload: dict[str, Any]) -> list[dict[str, Any]]:
    changelog = payload.get("changelog")
    return changelog.get("items", []) if isinstance(changelog, dict) else []


def _fields_of(payload: dict[str, Any]) -> dict[str, Any]:
    issue = payload.get("issue")
    fields = issue.get("fields") if isinstance(issue, dict) else None
    return fields if isinstance(fields, dict) else {}

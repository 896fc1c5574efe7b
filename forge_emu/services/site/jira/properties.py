"""Entity properties: of issues, projects, users, comments, and of the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from forge_emu.services.site.call import NO_BODY, Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.errors import bad_request, not_found
from forge_emu.services.site.jira.finding import find_issue, find_project
from forge_emu.services.site.routes import Handler
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.payloads import head
from forge_emu.site.jira.views import self_url

LONGEST_KEY: Final = 255
"""Characters."""
MOST_BYTES: Final = 32_768
"""https://developer.atlassian.com/cloud/jira/platform/jira-entity-properties/"""

Owner = Callable[[SiteCall], str]


def issue_owner(call: SiteCall) -> str:
    """The issue of the path."""
    return f"issue/{find_issue(call).id}"


def project_owner(call: SiteCall) -> str:
    """The project of the path."""
    return f"project/{find_project(call).id}"


def user_owner(call: SiteCall) -> str:
    """The user that the query names."""
    account = call.param("accountId") or call.account or ""
    if account not in call.site.jira.users:
        raise not_found("Specified user does not exist or you do not have required permissions")
    return f"user/{account}"


def comment_owner(call: SiteCall) -> str:
    """The comment of the path."""
    id = call.names["comment"]
    if id not in call.site.jira.comments:
        raise not_found(f"Can not find a comment for the id: {id}.")
    return f"comment/{id}"


def app_owner(call: SiteCall) -> str:
    """The app itself."""
    del call
    return "app"


def lister(owner: Owner) -> Handler:
    """Lists the keys of an owner's properties."""

    def list_keys(call: SiteCall) -> Answer:
        found = call.site.jira.properties.children(owner(call))
        keys = [{"self": _url(each), "key": each.key} for each in _in_order(found)]
        return Answer(body={"keys": keys})

    return list_keys


def getter(owner: Owner) -> Handler:
    """Reads a property."""

    def get_property(call: SiteCall) -> Answer:
        found = _find(call, owner(call))
        return Answer(body={"key": found.key, "value": found.value})

    return get_property


def setter(owner: Owner) -> Handler:
    """Sets a property: 201 for a new one, 200 for one that was there."""

    def set_property(call: SiteCall) -> Answer:
        holder, key = owner(call), call.names["property"]
        if len(key) > LONGEST_KEY:
            raise bad_request(f"The property key cannot be longer than {LONGEST_KEY} characters.")
        if call.body is NO_BODY:
            raise bad_request("The property value has to be a valid, non-empty JSON.")
        if len(msgspec.json.encode(call.body)) > MOST_BYTES:
            raise bad_request("The property value cannot be longer than 32768 bytes.")
        properties = call.site.jira.properties
        is_new = f"{holder}/{key}" not in properties
        found = properties.put(e.Property(holder, key, call.body))
        return Answer(201 if is_new else 200, None, _events(call, "set", found))

    return set_property


def deleter(owner: Owner) -> Handler:
    """Deletes a property."""

    def delete_property(call: SiteCall) -> Answer:
        found = _find(call, owner(call))
        call.site.jira.properties.remove(f"{found.owner}/{found.key}")
        return Answer(204, None, _events(call, "deleted", found))

    return delete_property


def _find(call: SiteCall, owner: str) -> e.Property:
    key = call.names["property"]
    found = call.site.jira.properties.get(f"{owner}/{key}")
    if found is None:
        raise not_found(f"The property with key {key} does not exist.")
    return found


def _events(call: SiteCall, verb: str, changed: e.Property) -> list[SiteEvent]:
    """Those of issues alone have events; no page describes their fields."""
    kind, _, id = changed.owner.partition("/")
    issue = call.site.jira.issues.get(id) if kind == "issue" else None
    if issue is None:
        return []
    name = f"avi:jira:{verb}:issue-property"
    payload = {
        **head(name, call.account, call.now_ms),
        "issue": {"id": issue.id, "key": issue.key},
        "property": {"key": changed.key, "value": changed.value},
        "atlassianId": call.account,
    }
    return [SiteEvent(name, payload)]


def _in_order(found: list[e.Property]) -> list[e.Property]:
    return sorted(found, key=lambda each: each.key)


def _url(found: e.Property) -> str:
    return self_url(f"{found.owner}/properties/{found.key}")

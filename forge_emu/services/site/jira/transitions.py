"""Transitions: every issue can go from every status to every status."""

from __future__ import annotations

from msgspec import structs

from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.finding import api_version, find_issue
from forge_emu.services.site.jira.issue_writes import apply_edit
from forge_emu.site.dates import jira_time
from forge_emu.site.jira.edits import EditError, read_edit
from forge_emu.site.jira.issue_view import transition_id, transition_views


def list_transitions(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/transitions`."""
    find_issue(call)
    found = transition_views(call.site.jira)
    if wanted := call.param("transitionId"):
        found = [each for each in found if each["id"] == wanted]
    return Answer(body={"expand": "transitions", "transitions": found})


def transition_issue(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/{issueIdOrKey}/transitions`.

    An issue that is done gets a resolution, and loses it when it is not any more.
    """
    issue, body, site = find_issue(call), call.object(), call.site.jira
    transition = body.get("transition")
    id = transition.get("id") if isinstance(transition, dict) else None
    if id is None:
        raise bad_request("Missing 'transition' identifier")
    targets = {transition_id(n): status for n, status in enumerate(site.statuses, 1)}
    if (target := targets.get(str(id))) is None:
        raise bad_request(f"Transition id '{id}' is not valid for this issue.")
    try:
        values = read_edit(site, issue, body, api_version(call))
    except EditError as error:
        raise bad_request(**error.errors) from None
    done = target.category == "done"
    values |= {
        "status": target.id,
        "resolution": (issue.resolution or next(iter(site.resolutions)).id) if done else None,
    }
    edited, events = apply_edit(call, issue, values)
    if done != bool(issue.fields.get("resolutiondate")):
        date = jira_time(call.now_ms) if done else None
        fields = {**edited.fields, "resolutiondate": date}
        site.issues.put(structs.replace(edited, fields=fields))
    return Answer(204, None, events)

"""Every event that the platform documents or its tools accept, with the fields of its payload.

From the events reference (https://developer.atlassian.com/platform/forge/events-reference/, pages
of 2025-10-23 to 2026-09-01) and the scope map of `@forge/manifest` 13.7.0. It is written down once
more here, so that a template that loses a field, or an event that loses its template, is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable

JIRA = "eventType selfGenerated timestamp webhookTraceValue"
CONFLUENCE = "eventType atlassianId eventCreatedDate suppressNotifications selfGenerated"
CONFLUENCE_QUIET = "eventType atlassianId eventCreatedDate selfGenerated"
BITBUCKET = "eventType timestamp selfGenerated actor repository project workspace"
DEPLOYMENT = (
    "eventType timestamp selfGenerated repository workspace pipeline deployment environment"
)
JSM = "eventType entityId entityType activationId entityUpdateTimeStamp sequenceNumber"
POLICY = "specversion id source type time data"

_ROWS: list[tuple[str, str, str, str]] = [
    # product, actions, subject, fields
    ("jira", "created", "issue", f"{JIRA} issue atlassianId associatedUsers clonedFrom"),
    ("jira", "updated", "issue", f"{JIRA} jiraEventTypeName issue atlassianId changelog"
     " associatedUsers associatedStatuses"),
    ("jira", "deleted", "issue", f"{JIRA} issue atlassianId associatedUsers"),
    ("jira", "assigned", "issue", f"{JIRA} issue atlassianId changelog associatedUsers"),
    ("jira", "viewed", "issue", f"{JIRA} issue atlassianId user"),
    ("jira", "mentioned", "issue", f"{JIRA} issue atlassianId mentionedAccountIds"),
    ("jira", "commented", "issue", f"{JIRA} issue atlassianId associatedUsers comment"),
    ("jira", "mentioned", "comment", f"{JIRA} issue atlassianId mentionedAccountIds comment"),
    ("jira", "deleted", "comment", f"{JIRA} issue atlassianId comment"),
    ("jira", "created deleted", "issuelink", f"{JIRA} id sourceIssueId destinationIssueId"
     " sourceProjectId destinationProjectId issueLinkType"),
    ("jira", "created updated deleted", "worklog", f"{JIRA} worklog"),
    ("jira", "created updated deleted", "issuetype", f"{JIRA} issueType atlassianId"),
    ("jira", "created updated trashed restored deleted", "field",
     f"{JIRA} id key type typeName name description"),
    ("jira", "created updated deleted", "field:context",
     f"{JIRA} id fieldId fieldKey name description projectIds issueTypeIds"),
    ("jira", "updated", "field:context:configuration", f"{JIRA} customFieldId customFieldKey"
     " configurationId fieldContextId configuration"),
    ("jira", "failed", "expression", f"{JIRA} extensionId workflowId workflowName validatorId"
     " expression errorMessages context"),
    ("jira", "created updated released unreleased archived unarchived moved", "version",
     f"{JIRA} version atlassianId"),
    ("jira", "merged", "version", f"{JIRA} version mergedVersion atlassianId"),
    ("jira", "deleted", "version", f"{JIRA} version mergedVersion newAffectsVersion newFixVersion"
     " customFieldReplacements atlassianId"),
    ("jira", "created updated softdeleted deleted archived unarchived restored", "project",
     f"{JIRA} project"),
    ("jira", "created deleted", "attachment", f"{JIRA} attachment"),
    ("jira", "created updated deleted", "component", f"{JIRA} component atlassianId"),
    ("jira", "created updated deleted", "user", f"{JIRA} user"),
    ("jira", "created updated deleted", "filter", f"{JIRA} filter atlassianId"),
    ("jira", "timetracking", "provider:changed", f"{JIRA} property"),
    ("jira", "changed", "configuration", f"{JIRA} property atlassianId"),
    ("jira", "set deleted", "issue-property", f"{JIRA} issue property atlassianId"),
    ("confluence", "created liked viewed archived unarchived permissions_updated trashed restored"
     " deleted initialized", "page", f"{CONFLUENCE} content"),
    ("confluence", "updated started snapshotted published", "page",
     f"{CONFLUENCE} content updateTrigger"),
    ("confluence", "moved", "page", f"{CONFLUENCE} content prevContent"),
    ("confluence", "copied", "page", f"{CONFLUENCE} content originContentId"),
    ("confluence", "children_reordered", "page",
     f"{CONFLUENCE} content oldSortedChildPageIds newSortedChildPageIds"),
    ("confluence", "created liked viewed permissions_updated trashed restored deleted", "blogpost",
     f"{CONFLUENCE} content"),
    ("confluence", "updated", "blogpost", f"{CONFLUENCE} content updateTrigger"),
    *(("confluence", "created moved copied permissions_updated", kind, f"{CONFLUENCE} content")
      for kind in ("whiteboard", "database", "embed", "folder")),
    ("confluence", "created removed", "task", f"{CONFLUENCE} task content"),
    ("confluence", "updated", "task", f"{CONFLUENCE} task oldTask content"),
    ("confluence", "created liked deleted permissions_updated", "comment",
     f"{CONFLUENCE} content"),
    ("confluence", "updated", "comment", f"{CONFLUENCE} content updateTrigger"),
    ("confluence", "created updated permissions_updated deleted", "space:V2",
     f"{CONFLUENCE_QUIET} space"),
    ("confluence", "created viewed archived unarchived trashed restored deleted"
     " permissions_updated", "attachment", f"{CONFLUENCE} attachment"),
    ("confluence", "updated", "attachment", f"{CONFLUENCE} attachment updateTrigger"),
    ("confluence", "created permissions_updated trashed restored deleted", "custom_content",
     f"{CONFLUENCE} content"),
    ("confluence", "updated", "custom_content", f"{CONFLUENCE} content updateTrigger"),
    ("confluence", "created added removed deleted", "label", f"{CONFLUENCE_QUIET} label content"),
    ("confluence", "created deleted", "user", "eventType eventCreatedDate selfGenerated user"),
    ("confluence", "created deleted", "group", "eventType eventCreatedDate selfGenerated group"),
    ("confluence", "created deleted", "relation",
     f"{CONFLUENCE_QUIET} relationName relationData source target"),
    ("confluence", "performed", "search", f"{CONFLUENCE_QUIET} query accountType results"),
    ("bitbucket", "created deleted", "repository", BITBUCKET),
    ("bitbucket", "updated", "repository", f"{BITBUCKET} changes"),
    ("bitbucket", "push", "repository", f"{BITBUCKET} push"),
    ("bitbucket", "created updated", "build-status", f"{BITBUCKET} buildStatus"),
    ("bitbucket", "created", "commit-comment", f"{BITBUCKET} commit comment"),
    ("bitbucket", "created updated fulfilled rejected", "pullrequest",
     f"{BITBUCKET} pullrequest"),
    ("bitbucket", "created updated deleted resolved reopened", "pullrequest-comment",
     f"{BITBUCKET} pullrequest comment"),
    ("bitbucket", "updated", "pullrequest-reviewer-status", f"{BITBUCKET} pullrequest reviewers"),
    ("bitbucket", "pending started completed", "deployment", DEPLOYMENT),
    ("compass", "created updated deleted", "component_link", "eventType selfGenerated component"),
    ("jira-software", "created updated deleted", "board", "eventType board atlassianId"),
    ("jira-software", "configuration-changed", "board", "eventType configuration atlassianId"),
    ("jira-software", "created started closed deleted", "sprint", "eventType sprint atlassianId"),
    ("jira-software", "updated", "sprint", "eventType sprint oldValue atlassianId"),
    ("jsm-entity", "created updated deleted", "request-type", JSM),
    ("jsm-entity", "created updated deleted", "request-type-group",
     f"{JSM} requestTypeGroupEventPropertyValue"),
    ("jsm-entity", "created updated deleted", "service-desk",
     f"{JSM} serviceDeskEventPropertyValue"),
    ("jsm-entity", "created updated", "portal", JSM),
    ("forge", "installed", "app", "id installerAccountId app environment"),
    ("forge", "upgraded", "app", "id upgraderAccountId app environment permissions"),
    ("ecosystem.app_policy", "blocked", "app_access_to_objects.v2", POLICY),
    ("ecosystem.app_policy", "blocked", "app_access_to_objects_in_container.v2", POLICY),
]  # fmt: skip


def _fields(rows: Iterable[tuple[str, str, str, str]]) -> dict[str, set[str]]:
    return {
        f"avi:{product}:{action}:{subject}": set(fields.split())
        for product, actions, subject, fields in rows
        for action in actions.split()
    }


DOCUMENTED_FIELDS = _fields(_ROWS)
"""The names of the fields of each event's payload, by the event's full name."""

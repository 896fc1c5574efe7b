"""The kinds of modules that Forge has: `@forge/manifest` 13.7.0, and how a product uses them."""

from __future__ import annotations

from typing import Final

EMULATED: Final = (
    "function", "endpoint", "event", "consumer", "trigger", "scheduledTrigger", "webtrigger",
    "preUninstall",
)  # fmt: skip

_SHOWN = {
    "dashboards": """
        backgroundScript filter widget
    """,
    "confluence": """
        attachmentAction backgroundScript contentAction contentBylineItem
        contextMenu customContent fullPage globalPage globalSettings homepageFeed
        pageBanner spacePage spaceSettings
    """,
    "jira": """
        adminPage backlogAction boardAction command customField customFieldType
        dashboardBackgroundScript dashboardGadget fullPage globalBackgroundScript
        globalPage issueAction issueActivity issueContext issueGlance
        issueNavigatorAction issuePanel issueViewBackgroundScript
        personalSettingsPage projectPage projectSettingsPage sprintAction
        uiModifications
    """,
    "compass": """
        adminPage componentPage globalPage teamPage
    """,
    "jiraServiceManagement": """
        assetsImportType organizationPanel portalFooter portalHeader
        portalProfilePanel portalRequestCreatePropertyPanel portalRequestDetail
        portalRequestDetailPanel portalRequestViewAction portalSubheader
        portalUserMenuAction queuePage
    """,
    "customerServiceManagement": """
        crmImport queuePage requestDetail
    """,
    "bitbucket": """
        projectSettingsMenuPage repoCodeFileViewer repoCodeOverviewAction
        repoCodeOverviewCard repoCodeOverviewPanel repoMainMenuPage
        repoPullRequestAction repoPullRequestCard repoPullRequestOverviewPanel
        repoSettingsMenuPage workspaceGlobalPage workspacePersonalSettingsPage
        workspaceSettingsMenuPage
    """,
    "global": """
        fullPage ui
    """,
}
_NOT_SHOWN = {
    "migration": """
        dataResidency
    """,
    "confluence": """
        contentProperty
    """,
    "jira": """
        actionValidator entityProperty entityPropertySet globalPermission
        jqlFunction projectPermission timeTrackingProvider workflowCondition
        workflowPostFunction workflowValidator
    """,
    "compass": """
        dataProvider
    """,
    "bitbucket": """
        dynamicPipelinesProvider mergeCheck
    """,
    "automation": """
        action actionProvider attributeResolver branch condition i18n template
        trigger
    """,
    "rovo": """
        agent agentConnector mcp skill
    """,
    "graph": """
        connector smartLink
    """,
    "devops": """
        buildInfoProvider deploymentInfoProvider designInfoProvider
        developmentInfoProvider featureFlagInfoProvider remoteLinkInfoProvider
        securityInfoProvider
    """,
}
_WITHOUT_PRODUCT = """
    action apiRoute connectToForgeMigration consumer endpoint event fifoConsumer function
    llm migration objectStore preUninstall remote scheduledTrigger sql trigger webtrigger
    workflow
"""

_PRODUCTS = {
    "bitbucket": "Bitbucket",
    "compass": "Compass",
    "confluence": "Confluence",
    "customerServiceManagement": "Customer Service Management",
    "dashboards": "Atlassian dashboards",
    "global": "Atlassian apps",
    "jira": "Jira",
    "jiraServiceManagement": "Jira Service Management",
    "macro": "Confluence",
}


def _full_names(table: dict[str, str]) -> frozenset[str]:
    return frozenset(
        f"{prefix}:{name}" for prefix, names in table.items() for name in names.split()
    )


SHOWN: Final = _full_names(_SHOWN) | {"macro"}
"""Kinds that a product shows: there is nothing to emulate in them."""

KINDS: Final = SHOWN | _full_names(_NOT_SHOWN) | frozenset(_WITHOUT_PRODUCT.split())
"""All kinds but those of Connect."""


LONG_RUNNING: Final = frozenset({"consumer", "scheduledTrigger"})
"""Kinds whose functions may declare `timeoutSeconds`."""


def lint_limit_seconds(kind: str) -> int | None:
    """The timeout that `@forge/lint` 6.3.1 grants modules of `kind`; None for the long-running."""
    if kind in LONG_RUNNING:
        return None
    return 55 if kind == "webtrigger" else 25


def is_known_kind(kind: str) -> bool:
    """Whether Forge has modules of this kind; those of Connect are known by their prefix."""
    return kind in KINDS or kind.startswith(("connect-jira:", "connect-confluence:"))


def showing_product(kind: str) -> str:
    """The product that shows modules of `kind`, which is one of SHOWN."""
    return _PRODUCTS[kind.partition(":")[0]]

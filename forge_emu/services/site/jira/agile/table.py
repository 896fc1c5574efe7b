"""The operations of Jira Software that the site answers.

They have granular scopes alone: an app with `read:jira-work` gets 401. [apps' reports:
community.atlassian.com/forums/Jira-questions, qaq-p/3062781 (2025-07-09), qaa-p/3136741
(2025-10-24)]
"""

from __future__ import annotations

from typing import Final

from forge_emu.services.site.jira.agile import boards, issue_pages, moves, sprints
from forge_emu.services.site.routes import Route

_API: Final = "/rest/agile/1.0"
_BOARD: Final = f"{_API}/board/{{board}}"
_SPRINT: Final = f"{_API}/sprint/{{sprint}}"
_READ_BOARD: Final = ("read:board-scope:jira-software",)
_READ_SETUP: Final = ("read:board-scope.admin:jira-software",)
_WRITE_BOARD: Final = ("write:board-scope:jira-software",)
_READ_SPRINT: Final = ("read:sprint:jira-software",)
_WRITE_SPRINT: Final = ("write:sprint:jira-software",)
_READ_ISSUE: Final = ("read:issue-details:jira", "read:issue:jira-software")

AGILE_ROUTES: Final = (
    Route("GET", f"{_API}/board", boards.list_boards, _READ_BOARD),
    Route("GET", _BOARD, boards.get_board, _READ_BOARD),
    Route("GET", f"{_BOARD}/configuration", boards.get_configuration, _READ_SETUP),
    Route("GET", f"{_BOARD}/project", boards.board_projects, _READ_BOARD),
    Route("GET", f"{_BOARD}/issue", boards.board_issues, _READ_BOARD),
    Route("GET", f"{_BOARD}/backlog", boards.board_backlog, _READ_BOARD),
    Route("GET", f"{_BOARD}/sprint", boards.board_sprints, _READ_SPRINT),
    Route("GET", f"{_BOARD}/sprint/{{sprint}}/issue", boards.board_sprint_issues, _READ_SPRINT),
    Route("POST", f"{_API}/sprint", sprints.create_sprint, _WRITE_SPRINT, "write"),
    Route("GET", _SPRINT, sprints.get_sprint, _READ_SPRINT),
    Route("POST", _SPRINT, sprints.update_sprint, _WRITE_SPRINT, "write"),
    Route("PUT", _SPRINT, sprints.replace_sprint, _WRITE_SPRINT, "write"),
    Route("DELETE", _SPRINT, sprints.delete_sprint, ("delete:sprint:jira-software",), "write"),
    Route("GET", f"{_SPRINT}/issue", sprints.sprint_issues, _READ_SPRINT),
    Route("POST", f"{_SPRINT}/issue", moves.move_to_sprint, _WRITE_SPRINT, "write"),
    Route("POST", f"{_API}/backlog/issue", moves.move_to_backlog, _WRITE_BOARD, "write"),
    Route(
        "POST",
        f"{_API}/backlog/{{board}}/issue",
        moves.move_to_backlog_of_board,
        _WRITE_BOARD,
        "write",
    ),
    Route("GET", f"{_API}/issue/{{issue}}", issue_pages.get_issue, _READ_ISSUE),
)

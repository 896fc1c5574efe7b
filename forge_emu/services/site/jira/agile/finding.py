"""What the names in a path stand for; 404 where there is nothing."""

from __future__ import annotations

from forge_emu.services.site.call import SiteCall
from forge_emu.services.site.jira.errors import bad_request, not_found
from forge_emu.site.jira import entities as e

_NO_SPRINTS = "The board does not support sprints"


def find_board(call: SiteCall) -> e.Board:
    """The board that the path names by its id."""
    found = call.site.jira.boards.get(call.names["board"])
    if found is None:
        raise not_found(
            "The requested board cannot be viewed because it either does not exist or you do not "
            "have permission to view it."
        )
    return found


def find_scrum_board(call: SiteCall) -> e.Board:
    """As `find_board`. Raises SiteError (400) for a board without sprints."""
    return check_sprints(find_board(call))


def check_sprints(board: e.Board) -> e.Board:
    """Raises SiteError (400) for a board without sprints."""
    if board.type == "kanban":
        raise bad_request(_NO_SPRINTS)
    return board


def find_sprint(call: SiteCall) -> e.Sprint:
    """The sprint that the path names by its id."""
    found = call.site.jira.sprints.get(call.names["sprint"])
    if found is None:
        raise not_found(
            f"Sprint with id '{call.names['sprint']}' does not exist or you do not have permission "
            "to view it."
        )
    return found

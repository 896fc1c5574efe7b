"""Jira's bodies of errors."""

from __future__ import annotations

from forge_emu.model import Json
from forge_emu.services.site.call import SiteError


def error_body(*messages: str, **errors: str) -> Json:
    """What Jira answers with a status of 400 and over."""
    return {"errorMessages": list(messages), "errors": errors}


def bad_request(*messages: str, **errors: str) -> SiteError:
    """400: texts about the request as a whole, and by field."""
    return SiteError(400, error_body(*messages, **errors))


def not_found(message: str) -> SiteError:
    """404."""
    return SiteError(404, error_body(message))


def no_issue() -> SiteError:
    """404 for an issue that is not there."""
    return not_found("Issue does not exist or you do not have permission to see it.")

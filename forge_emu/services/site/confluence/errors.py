"""Confluence's bodies of errors, of both versions of its API."""

from __future__ import annotations

from typing import Final

from forge_emu.services.site.call import SiteError
from forge_emu.site.confluence.cql import CqlError

_CODES: Final = {400: "INVALID_REQUEST_PARAMETER", 404: "NOT_FOUND", 409: "CONFLICT"}
_EXCEPTIONS: Final = {
    400: "BadRequestException",
    404: "NotFoundException",
    409: "ConflictException",
}
_PACKAGE: Final = "com.atlassian.confluence.api.service.exceptions"


def error_v2(status: int, title: str, detail: str | None = None) -> SiteError:
    """How version 2 refuses."""
    error = {"status": status, "code": _CODES[status], "title": title, "detail": detail}
    return SiteError(status, {"errors": [error]})


def error_v1(status: int, message: str) -> SiteError:
    """How version 1 refuses."""
    data = {"authorized": status != 404, "valid": status != 400, "errors": [], "successful": False}
    text = f"{_PACKAGE}.{_EXCEPTIONS[status]}: {message}"
    return SiteError(status, {"statusCode": status, "data": data, "message": text})


def no_content_v1(id: str) -> SiteError:
    """404 of version 1 for content that is not there."""
    return error_v1(404, f"No content found with id: ContentId{{id={id}}}")


def cql_refusal(error: CqlError) -> SiteError:
    """400 for a query that cannot be read."""
    return error_v1(400, str(error))

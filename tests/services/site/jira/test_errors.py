"""Jira's bodies of errors."""

from __future__ import annotations

from forge_emu.services.site.jira.errors import bad_request, no_issue


def test_errors_have_jiras_shape() -> None:
    """Texts about the whole, and by field."""
    refused = bad_request(summary="You must specify a summary of the issue.")

    assert (refused.status, refused.body) == (
        400,
        {
            "errorMessages": [],
            "errors": {"summary": "You must specify a summary of the issue."},
        },
    )
    assert no_issue().status == 404

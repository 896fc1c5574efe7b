"""Bodies of errors, as each version of the API has them."""

from __future__ import annotations

import pytest

from forge_emu.services.site.confluence.errors import error_v1, error_v2, no_content_v1


@pytest.mark.parametrize(
    ("status", "code"), [(400, "INVALID_REQUEST_PARAMETER"), (404, "NOT_FOUND"), (409, "CONFLICT")]
)
def test_version_2_lists_errors(status: int, code: str) -> None:
    """With a code for programs and a title for people."""
    refusal = error_v2(status, "No", "why")
    [error] = refusal.body["errors"]
    assert refusal.status == error["status"] == status
    assert (error["code"], error["title"], error["detail"]) == (code, "No", "why")


def test_version_1_names_its_exception() -> None:
    """And the id that was asked for."""
    refusal = no_content_v1("77")
    assert refusal.status == refusal.body["statusCode"] == 404
    assert refusal.body["message"].endswith(
        "NotFoundException: No content found with id: ContentId{id=77}"
    )
    assert error_v1(400, "x").body["data"]["valid"] is False

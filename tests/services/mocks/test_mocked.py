"""The record of a mock's answer, inside the platform and outside of it."""

from __future__ import annotations

from msgspec import UNSET

from forge_emu.records import RequestMocked
from tests.services.mocks.mock_driver import answered, mock

EGRESS = {"type": "egress"}


def test_a_mock_of_the_outside_is_on_record_with_its_host() -> None:
    """And without what looks secret."""
    url = "http://localhost:8080/x?token=abc"
    response, record = answered(
        [mock("GET http://localhost:8080/x", status=418)], url, options=EGRESS, egress=("*",)
    )

    assert response.status == 418
    assert isinstance(record, RequestMocked)
    assert (record.host, record.path) == ("http://localhost:8080", "/x?token=***")


def test_a_mock_of_the_platform_has_no_host() -> None:
    """The service says where the request went."""
    _, record = answered([mock("GET /x")], "/x?token=abc")

    assert (record.host, record.path) == (UNSET, "/x?token=abc")

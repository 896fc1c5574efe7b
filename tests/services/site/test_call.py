"""Requests, read."""

from __future__ import annotations

import pytest

from forge_emu.services.site.call import NO_BODY, SiteError, decode_body
from tests.services.site.jira_driver import JiraDriver


def test_parameters_are_read() -> None:
    """Lists may be repeated or stand behind commas; a number that is none is the default."""
    call = JiraDriver().call("GET", "/x?a=1&fields=b,c&fields=d&ok=True&n=x")

    assert (call.param("a"), call.params("fields")) == ("1", ["b", "c", "d"])
    assert (call.flag("ok"), call.int_param("n", 5), call.int_param("a", 5)) == (True, 5, 1)


def test_a_body_that_is_no_json_is_refused() -> None:
    """With status 400, as Jira does; an empty one is none."""
    with pytest.raises(SiteError) as refused:
        decode_body("{")
    assert refused.value.status == 400
    assert decode_body("") is NO_BODY


def test_a_body_that_has_to_be_an_object() -> None:
    """Is refused if it is none."""
    with pytest.raises(SiteError):
        JiraDriver().call("POST", "/x", [1]).object()

"""Answers of the site: whose account, scopes, records."""

from __future__ import annotations

import pytest

from forge_emu.errors import Fault
from forge_emu.services.site.answering import account_of, reply
from forge_emu.site.jira.defaults import APP_ACCOUNT, REPORTER
from tests.services.platforms import ScriptedPlatform, request
from tests.services.site.jira_driver import APP, JiraDriver


def test_an_answer_is_on_record() -> None:
    """With its status and the account."""
    jira = JiraDriver()
    status, body = jira.send("GET", "myself")

    assert (status, body["accountId"]) == (200, APP_ACCOUNT)
    (record,) = jira.answered
    assert (record.method, record.path, record.status) == ("GET", "/rest/api/3/myself", 200)


def test_a_call_without_its_scope_is_refused_and_on_record() -> None:
    """With the body of the gateway."""
    jira = JiraDriver(scopes=("write:jira-work",))

    assert jira.send("GET", "myself") == (
        401,
        {"code": 401, "message": "Unauthorized; scope does not match"},
    )
    assert jira.answered[0].status == 401


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (APP, "/rest/api/3/no/such"),
        ({**APP, "remote": "bitbucket"}, "/2.0/user"),
        ({**APP, "type": "tpp"}, "/rest/api/3/myself"),
    ],
)
def test_what_the_site_does_not_know_it_does_not_answer(options: dict[str, str], path: str) -> None:
    """And leaves no record."""
    platform = ScriptedPlatform()

    assert reply(platform, request(path, None, options, method="GET"), 0) is None
    assert platform.records == []


@pytest.mark.parametrize(
    ("options", "account"),
    [
        ({"provider": "app"}, APP_ACCOUNT),
        ({"provider": "none"}, APP_ACCOUNT),
        ({"provider": "user"}, REPORTER),
        ({"provider": "user", "accountId": "a"}, "a"),
    ],
)
def test_a_call_is_in_somebodys_name(options: dict[str, str], account: str) -> None:
    """A user whom neither the call nor the invocation names is one of the site's."""
    asked = request("/x", None, {"type": "fpp", "remote": "jira", **options})

    assert account_of(ScriptedPlatform(), asked) == account


def test_a_fault_fails_an_answer() -> None:
    """As it does that of a mock."""
    platform = ScriptedPlatform(fault=Fault(503, {"message": "down"}))
    answer = reply(platform, request("/rest/api/3/myself", None, APP, method="GET"), 0)

    assert answer is not None
    assert answer.status == 503

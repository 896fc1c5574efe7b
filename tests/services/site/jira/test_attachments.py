"""Files at issues."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

from forge_emu.events import EventFactory, find_template
from forge_emu.services.site.answering import reply
from tests.services.platforms import EPOCH, request
from tests.services.site.jira_driver import APP, JiraDriver, with_issues

BODY = (
    "------form-1\r\n"
    'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    "Content-Type: text/plain\r\n\r\n"
    "häl\r\nlo\r\n"
    "------form-1--\r\n"
)
NO_CHECK = {"X-Atlassian-Token": "no-check"}


def upload(jira: JiraDriver, body: str, headers: dict[str, str]) -> tuple[int, Any]:
    """Attach what `body` says to the first issue."""
    asked = request("/rest/api/3/issue/EMU-1/attachments", body, APP)
    answer = reply(jira.platform, structs.replace(asked, headers=headers), 0)
    assert answer is not None
    return answer.status, msgspec.json.decode(answer.body)


def test_a_file_is_attached_and_read() -> None:
    """Its text comes back as it was."""
    jira = with_issues(1)
    status, (made,) = upload(jira, BODY, NO_CHECK)
    content = reply(
        jira.platform,
        request(f"/rest/api/3/attachment/content/{made['id']}", None, APP, method="GET"),
        0,
    )

    assert (status, made["filename"], made["mimeType"], made["size"]) == (
        200, "a.txt", "text/plain", 8,
    )  # fmt: skip
    assert content is not None
    assert (content.body, content.headers["content-type"]) == ("häl\r\nlo", "text/plain")
    assert jira.send("GET", f"attachment/{made['id']}")[1]["author"]["accountType"] == "app"
    (shown,) = jira.send("GET", "issue/EMU-1?fields=attachment")[1]["fields"]["attachment"]
    assert shown["id"] == made["id"]
    assert jira.send("DELETE", f"attachment/{made['id']}")[0] == 204
    assert jira.send("GET", f"attachment/{made['id']}")[0] == 404
    assert [name for name, _ in jira.events] == [
        "avi:jira:created:attachment",
        "avi:jira:deleted:attachment",
    ]
    assert jira.events[0][1]["attachment"]["fileName"] == "a.txt"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (BODY, {}, 403),
        ("", NO_CHECK, 400),
        ('{"file": 1}', NO_CHECK, 400),
        (BODY.replace('"file"', '"other"'), NO_CHECK, 400),
    ],
)
def test_what_jira_refuses(body: str, headers: dict[str, str], status: int) -> None:
    """A request without the token, and one without a file."""
    jira = with_issues(1)

    assert upload(jira, body, headers)[0] == status
    assert jira.events == []


def test_the_content_of_a_file_that_an_event_told_of_is_not_known() -> None:
    """501, which says so."""
    jira = with_issues(1)
    event = EventFactory(find_template("jira-attachment-created")).build_event(
        1, EPOCH, lambda: "e"
    )
    jira.site.absorb_event(event.name, event.payload, EPOCH)
    (known,) = jira.site.jira.attachments

    assert jira.send("GET", f"attachment/content/{known.id}")[0] == 501


def test_the_settings() -> None:
    """Files may be attached."""
    assert JiraDriver().send("GET", "attachment/meta")[1]["enabled"] is True

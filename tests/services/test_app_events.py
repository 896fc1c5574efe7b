"""App events are not emulated, and nobody is left to believe that one was published."""

from __future__ import annotations

from forge_emu.records import RequestUnsupported
from forge_emu.services.app_events import PATH
from tests.services.platforms import ScriptedPlatform, json_of, send_request


def test_publishing_is_refused_by_name() -> None:
    """With the author's own word, what happened to the event, and a record."""
    platform = ScriptedPlatform()
    response = send_request(platform, PATH, {"events": []})
    [record] = platform.records

    assert response.status == 501
    assert "appEvents.publish()" in json_of(response)["message"]
    assert "No event was published" in json_of(response)["message"]
    assert isinstance(record, RequestUnsupported)
    assert record.message == json_of(response)["message"]

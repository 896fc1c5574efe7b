"""Properties of users (version 1) and of the app (version 2).

https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-user-properties/,
https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-app-properties/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import NO_BODY, Answer, SiteCall
from forge_emu.services.site.confluence.errors import error_v1, error_v2
from forge_emu.services.site.confluence.paging import paged_v1, paged_v2
from forge_emu.services.site.confluence.reading import body_object, wiki, writer
from forge_emu.services.site.routes import Route
from forge_emu.site.confluence import entities as e

_APP: Final = "app"


def list_user_properties(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/user/{userId}/property`."""
    found = wiki(call).properties.children(_user(call))
    return paged_v1(call, found, _view)


def get_user_property(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/user/{userId}/property/{key}`."""
    return Answer(body=_view(_user_property(call)))


def create_user_property(call: SiteCall) -> Answer:
    """`POST /wiki/rest/api/user/{userId}/property/{key}`: 201, 409 for one that is there."""
    owner, key = _user(call), call.names["key"]
    value = _given_value(call)
    if wiki(call).properties.find(f"{owner}/{key}") is not None:
        raise error_v1(409, f"A property with the key {key} exists already")
    writer(call).set_property(owner, key, value)
    return Answer(201)


def update_user_property(call: SiteCall) -> Answer:
    """`PUT /wiki/rest/api/user/{userId}/property/{key}`: 204."""
    old = _user_property(call)
    writer(call).set_property(old.owner, old.key, _given_value(call), old)
    return Answer(204)


def delete_user_property(call: SiteCall) -> Answer:
    """`DELETE /wiki/rest/api/user/{userId}/property/{key}`: 204."""
    wiki(call).properties.remove(_user_property(call).id)
    return Answer(204)


def list_app_properties(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/app/properties`."""
    return paged_v2(call, wiki(call).properties.children(_APP), _view)


def get_app_property(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/app/properties/{key}`."""
    return Answer(body=_view(_app_property(call)))


def set_app_property(call: SiteCall) -> Answer:
    """`PUT /wiki/api/v2/app/properties/{key}`: the body is the value."""
    if call.body is NO_BODY:
        raise error_v2(400, "value is missing")
    old = wiki(call).properties.find(f"{_APP}/{call.names['key']}")
    new = writer(call).set_property(_APP, call.names["key"], call.body, old)
    return Answer(200 if old else 201, _view(new))


def delete_app_property(call: SiteCall) -> Answer:
    """`DELETE /wiki/api/v2/app/properties/{key}`: 204."""
    wiki(call).properties.remove(_app_property(call).id)
    return Answer(204)


def _user(call: SiteCall) -> str:
    account = call.names["user"]
    if account not in wiki(call).users:
        raise error_v1(404, f"No user found with key : {account}")
    return f"user/{account}"


def _user_property(call: SiteCall) -> e.Property:
    found = wiki(call).properties.find(f"{_user(call)}/{call.names['key']}")
    if found is None:
        raise error_v1(404, f"No property found with key : {call.names['key']}")
    return found


def _app_property(call: SiteCall) -> e.Property:
    found = wiki(call).properties.find(f"{_APP}/{call.names['key']}")
    if found is None:
        raise error_v2(404, "Not Found")
    return found


def _given_value(call: SiteCall) -> Json:
    given = body_object(call, 1)
    if "value" not in given:
        raise error_v1(400, "value is missing")
    return given["value"]


def _view(found: e.Property) -> Json:
    return {"key": found.key, "value": found.value}


def _routes() -> Iterator[Route]:
    read = ("read:confluence-user", "read:confluence-props", "read:user.property:confluence")
    write = ("write:confluence-props", "write:user.property:confluence")
    base = "/rest/api/user/{user}/property"
    yield Route("GET", base, list_user_properties, read)
    yield Route("GET", f"{base}/{{key}}", get_user_property, read)
    yield Route("POST", f"{base}/{{key}}", create_user_property, write, "write")
    yield Route("PUT", f"{base}/{{key}}", update_user_property, write, "write")
    yield Route("DELETE", f"{base}/{{key}}", delete_user_property, write, "write")
    base = "/api/v2/app/properties"
    yield Route("GET", base, list_app_properties)
    yield Route("GET", f"{base}/{{key}}", get_app_property)
    yield Route("PUT", f"{base}/{{key}}", set_app_property, (), "write")
    yield Route("DELETE", f"{base}/{{key}}", delete_app_property, (), "write")


ROUTES: Final = tuple(_routes())
"""Operations on properties of users and of the app."""

"""Version 1: search by CQL, spaces, and people."""

from __future__ import annotations

from forge_emu.model import Json, iso8601
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.confluence.contents_v1 import viewer
from forge_emu.services.site.confluence.errors import cql_refusal, error_v1
from forge_emu.services.site.confluence.paging import paged_v1
from forge_emu.services.site.confluence.reading import body_object, wiki, writer, written
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.bodies import plain_text
from forge_emu.site.confluence.cql import CqlError, parse_cql
from forge_emu.site.confluence.cql_search import Searcher
from forge_emu.site.confluence.views_v1 import content_view, space_view, user_view
from forge_emu.site.confluence.views_v2 import web_path
from forge_emu.site.jira.defaults import GROUPS
from forge_emu.site.values import object_of, text_of

_EXCERPT = 200
"""Characters."""


def search_contents(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/search?cql=`."""
    return paged_v1(call, _found(call), viewer(call))


def search(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/search?cql=`: with title, excerpt and address of each."""
    found = _found(call)
    answer = paged_v1(call, found, lambda content: _result(call, content))
    body: dict[str, Json] = {
        **object_of(answer.body),
        "totalSize": len(found),
        "cqlQuery": call.param("cql"),
        "searchDuration": 1,
    }
    return Answer(body=body, objects=answer.objects)


def list_spaces(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/space`."""
    keys = call.params("spaceKey")
    found = [each for each in wiki(call).spaces if not keys or each.key in keys]
    expand = call.params("expand")
    return paged_v1(call, found, lambda each: space_view(each, expand))


def get_space(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/space/{key}`."""
    return Answer(body=space_view(_space(call), call.params("expand")))


def create_space(call: SiteCall) -> Answer:
    """`POST /wiki/rest/api/space`."""
    given = body_object(call, 1)
    key, name = text_of(given.get("key")), text_of(given.get("name"))
    if not key or not key.isalnum() or not name:
        raise error_v1(400, "key or name is missing, or the key has other than letters and digits")
    if wiki(call).spaces.find(key) is not None:
        raise error_v1(400, f"A space already exists with key {key}")
    plain = object_of(object_of(given.get("description")).get("plain"))
    write = writer(call)
    space = write.create_space(key, name, text_of(plain.get("value")) or "")
    return written(write, space_view(space))


def list_space_contents(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/space/{key}/content/{type}`."""
    space, kind = _space(call), call.names["type"]
    here = (each for each in wiki(call).of_type(kind) if each.space == space.id)
    return paged_v1(call, [each for each in here if each.status == "current"], viewer(call))


def current_user(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/user/current`."""
    return Answer(body=user_view(wiki(call), call.account))


def user(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/user?accountId=`."""
    account = call.param("accountId") or ""
    if account not in wiki(call).users:
        raise error_v1(404, f"No user found with account id : {account}")
    return Answer(body=user_view(wiki(call), account))


def users_bulk(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/user/bulk?accountId=`."""
    site = wiki(call)
    known = [each for each in call.params("accountId") if each in site.users]
    return paged_v1(call, known, lambda each: user_view(site, each))


def list_groups(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/group`: Jira and Confluence have the same."""
    return paged_v1(
        call,
        list(GROUPS),
        lambda each: {"type": "group", "name": each.name, "id": each.id, "_links": {}},
    )


def _found(call: SiteCall) -> list[e.Content]:
    text = call.param("cql")
    if not text:
        raise error_v1(400, "cql is missing")
    try:
        query = parse_cql(text)
        return Searcher(wiki(call), call.account, call.now_ms).search(query)
    except CqlError as error:
        raise cql_refusal(error) from None


def _result(call: SiteCall, content: e.Content) -> dict[str, Json]:
    site = wiki(call)
    prefix = "content."
    expand = [x.removeprefix(prefix) for x in call.params("expand") if x.startswith(prefix)]
    space = site.spaces.get(content.space)
    words = plain_text(content.body, content.representation)
    container: Json = None
    if space is not None:
        container = {"title": space.name, "displayUrl": f"/spaces/{space.key}"}
    return {
        "content": content_view(site, content, expand),
        "title": content.title,
        "excerpt": words[:_EXCERPT],
        "url": web_path(site, content),
        "resultGlobalContainer": container,
        "breadcrumbs": [],
        "entityType": "content",
        "iconCssClass": f"aui-icon content-type-{content.type}",
        "lastModified": iso8601(content.version.created),
        "friendlyLastModified": iso8601(content.version.created)[:10],
        "score": 0.0,
    }


def _space(call: SiteCall) -> e.Space:
    key = call.names["key"]
    found = next((each for each in wiki(call).spaces if each.key == key), None)
    if found is None:
        raise error_v1(404, f"No space found with key : {key}")
    return found

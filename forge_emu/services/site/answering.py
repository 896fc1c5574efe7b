"""The answer of the site to a request of the app, its record, and the events that it causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs

import msgspec
from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.errors import Fault
from forge_emu.model import SECOND, Instant
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import RequestAnswered
from forge_emu.services.mocks.proposals import proposed_mock
from forge_emu.services.platform import (
    JSON_HEADERS,
    Platform,
    fault_response,
    not_emulated_response,
    service_name,
)
from forge_emu.services.site.call import (
    NO_BODY,
    Answer,
    NotEmulated,
    SiteCall,
    SiteError,
    SiteEvent,
    decode_body,
)
from forge_emu.services.site.products import PRODUCT_ROUTES
from forge_emu.services.site.rates import check_rates, points_of, product_call
from forge_emu.services.site.routes import Route
from forge_emu.services.site.scopes import check_scope
from forge_emu.site.jira.defaults import APP_ACCOUNT, REPORTER

_PRODUCT_TYPE: Final = "fpp"


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse | None:
    """The answer, recorded; None where the site knows no such operation."""
    routes = PRODUCT_ROUTES.get(str(request.options.get("remote")))
    if routes is None or request.options.get("type") != _PRODUCT_TYPE:
        return None
    path, _, query = request.path.partition("?")
    found = routes.find(request.method, path)
    if found is None:
        return None
    route, names = found
    account = account_of(platform, request)
    call = SiteCall(
        site=platform.site,
        app=platform.app,
        now_ms=platform.epoch_ms + now,
        method=request.method,
        names=names,
        query=parse_qs(query, keep_blank_values=True),
        body=NO_BODY,
        account=account,
        as_app=account == APP_ACCOUNT,
        path=routes.without_prefix(path),
        unchanged_edits_tell=platform.settings[s.JIRA_UNCHANGED_EDITS] == "event",
        old_search_works=platform.settings[s.JIRA_OLD_SEARCH] == "on",
        headers={name.lower(): value for name, value in request.headers.items()},
        text=request.body or "",
    )
    try:
        outcome = _call_route(platform, request, route, call, now)
    except NotEmulated as missing:
        return _not_emulated(platform, request, str(missing), now)
    _record(platform, request, outcome, account, now)
    for event in outcome.events:
        platform.send_product_event(event.name, event.payload, request.invocation_id, now)
    return outcome.response


@dataclass(frozen=True)
class _Outcome:
    """The answer of a route; `limit` is the setting that refused, `points` what it cost."""

    response: AppResponse
    events: Sequence[SiteEvent] = ()
    limit: str | None = None
    points: int = 0


def _call_route(
    platform: Platform, request: AppRequest, route: Route, call: SiteCall, now: Instant
) -> _Outcome:
    """Answer the call, or refuse it. Raises NotEmulated."""
    product = str(request.options.get("remote"))
    rated = product_call(platform.site, product, route, call.names)
    try:
        platform.inject_product_fault(product, request.invocation_id, now)
        check_scope(route, platform.app.scopes)
        check_rates(platform, rated, now)
    except Fault as fault:
        return _Outcome(fault_response(fault), limit=fault.limit)
    except SiteError as error:
        return _Outcome(_response(Answer(error.status, error.body, headers=error.headers)))
    try:
        body = decode_body(request.body) if route.reads_json else NO_BODY
        answer = route.handle(replace(call, body=body))
    except SiteError as error:
        answer = Answer(error.status, error.body, objects=0)
    points = points_of(platform.settings, route, answer.objects)
    platform.product_rates.add_points(product, points, now)
    headers = {**answer.headers, **platform.product_rates.headers(rated, now)}
    return _Outcome(_response(replace(answer, headers=headers)), answer.events, points=points)


def _not_emulated(platform: Platform, request: AppRequest, what: str, now: Instant) -> AppResponse:
    """501 for a part of an operation that the site does not know."""
    mock = proposed_mock(request)
    advice = "The request went nowhere; the app got status 501."
    if mock is not None:
        advice += f" To have it answered, put this into forge-emu.yml: mocks: [{mock}]"
    return not_emulated_response(platform, request, what, advice, now, mock)


def account_of(platform: Platform, request: AppRequest) -> str | None:
    """In whose name a request comes: the app's, or that of a user.

    A user whom the request does not name is the one of the invocation; where it has none, one of
    the site's. That is an emulator choice, and so is that a request of nobody is the app's.
    """
    if request.options.get("provider") != "user":
        return APP_ACCOUNT
    account = request.options.get("accountId")
    if isinstance(account, str) and account:
        return account
    return platform.principal_of(request.invocation_id) or REPORTER


def _response(answer: Answer) -> AppResponse:
    body = "" if answer.body is None else msgspec.json.encode(answer.body).decode()
    if answer.text is not None:
        body = answer.text
    return AppResponse(
        status=answer.status,
        body=body,
        headers={**(JSON_HEADERS if body else {}), **answer.headers},
    )


def _record(
    platform: Platform, request: AppRequest, outcome: _Outcome, account: str | None, now: Instant
) -> None:
    response, events = outcome.response, outcome.events
    retry_after = response.headers.get("Retry-After")
    body = RequestAnswered(
        service=service_name(request),
        method=request.method,
        path=request.path,
        status=response.status,
        account=account,
        invocation_id=request.invocation_id,
        events=[event.name for event in events] or UNSET,
        place=(request.place if events or outcome.limit else None) or UNSET,
        limit=outcome.limit or UNSET,
        points=outcome.points or UNSET,
        retry_after_ms=UNSET if retry_after is None else int(retry_after) * SECOND,
    )
    platform.record(body, now)

"""Answers `webTrigger.getUrl`, `queryUrls` and `deleteUrl` of `@forge/api`, which ask in GraphQL.

https://developer.atlassian.com/platform/forge/runtime-reference/web-trigger-api/ (2026-08-13)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.engine.web_trigger_urls import SecretKey
from forge_emu.errors import UserError
from forge_emu.model import Instant, Json, WebTrigger
from forge_emu.nearest import nearest_hint
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import Log, RequestAnswered
from forge_emu.services.platform import Platform, json_response, service_name
from forge_emu.services.web_triggers.addresses import WebTriggerAddresses, split_path
from forge_emu.services.web_triggers.signatures import SIGNED, decode_key, signature_problem

_CREATE: Final = "createWebTriggerUrl"
_DELETE: Final = "deleteWebTriggerUrl"
_QUERY: Final = "webTriggerUrlsByAppContext"
_PATH: Final = "/graphql"

NO_SERVER: Final = "https://emu.hello.atlassian-dev.net"
"""What addresses begin with where nothing is served, as in `simulate`."""


class WebTriggers:
    """The web triggers of an installation. `origin` is where they are served; None: nowhere."""

    def __init__(self, platform: Platform) -> None:
        self.origin: str | None = None
        self._platform = platform
        self._addresses = WebTriggerAddresses(
            lambda: platform.installation.id, lambda: platform.web_trigger_urls
        )
        self._said_unserved = False

    def reply(self, request: AppRequest, now: Instant) -> AppResponse | None:
        """The answer to a request about the addresses; None where it is about something else."""
        asked = _asked_field(request)
        if asked is None:
            return None
        field, variables = asked
        if field == _CREATE:
            result, errors = self._create(request, variables, now)
        elif field == _DELETE:
            result, errors = self._delete(variables), []
        else:
            result, errors = self._query(), []
        answered = RequestAnswered(
            service=service_name(request),
            method=request.method,
            path=request.path,
            status=200,
            account=None,
            invocation_id=request.invocation_id,
            events=UNSET,
            place=UNSET,
        )
        self._platform.record(answered, now)
        return json_response(
            200, {"data": {field: result}, **({"errors": errors} if errors else {})}
        )

    def url_of(self, trigger: WebTrigger, *, create: bool = False) -> str:
        """The address of a web trigger; with `create` a new one."""
        path = self._addresses.address_path(trigger, create=create)
        return (self.origin or NO_SERVER) + path

    def urls_of(self, trigger: WebTrigger) -> list[str]:
        """All its addresses, oldest first. Makes none."""
        origin = self.origin or NO_SERVER
        return [origin + path for path in self._addresses.address_paths(trigger)]

    def path_of(self, trigger: WebTrigger) -> str:
        """The path of the address of a web trigger."""
        return self._addresses.address_path(trigger)

    def find_trigger(self, path: str) -> tuple[WebTrigger, str] | None:
        """The web trigger that a request's path leads to, and the user's part of the path."""
        parts = split_path(path)
        if parts is None:
            return None
        trigger = self._addresses.find_trigger(parts[0], self._platform.app.web_triggers)
        return None if trigger is None else (trigger, parts[1])

    def signature_problem(
        self, path: str, headers: Sequence[tuple[str, str]], body: bytes, now: Instant
    ) -> str | None:
        """Why a request to the address at `path` is refused; None where it may come in."""
        found, parts, settings = self.find_trigger(path), split_path(path), self._platform.settings
        if found is None or parts is None or not found[0].signed:
            return None
        secret = self._platform.web_trigger_urls.secret_key_of(parts[0])
        header, days = settings[s.WEB_TRIGGER_SIGNATURE_HEADER], settings[s.WEB_TRIGGER_KEY_DAYS]
        return signature_problem(secret, headers, body, now, header, days)

    def _create(
        self, request: AppRequest, variables: dict[str, Json], now: Instant
    ) -> tuple[Json, list[Json]]:
        given = variables.get("input")
        given = given if isinstance(given, dict) else {}
        key, triggers = given.get("triggerKey"), self._platform.app.web_triggers
        trigger = next((t for t in triggers if t.key == key), None)
        if trigger is None:
            message = _unknown_key(key, [t.key for t in triggers])
            self._log(message, request, now)
            return None, [{"message": message}]
        secret, config = None, given.get("secretKeyConfig")
        if config is not None:
            try:
                secret = self._secret_key(trigger, config, request, now)
            except UserError as error:
                self._log(f"webTrigger.getUrl({key!r}): {error.message}", request, now)
                return None, [{"message": error.message}]
        self._say_unserved(request, now)
        id = self._addresses.current_id(trigger, create=variables.get("forceCreate") is True)
        if secret is not None:
            self._platform.web_trigger_urls.set_secret_key(id, secret)
        return {"url": self.url_of(trigger)}, []

    def _secret_key(
        self, trigger: WebTrigger, config: Json, request: AppRequest, now: Instant
    ) -> SecretKey | None:
        """The key that an app gives to an address. Raises UserError for what is none."""
        key = config.get("key") if isinstance(config, dict) else None
        if not isinstance(key, str):
            raise UserError("secretKeyConfig needs a key")
        decode_key(key)
        if not trigger.signed:
            self._log(
                f"webTrigger.getUrl({trigger.key!r}): the secret key is not used, because the "
                f"manifest does not ask for signatures (line {trigger.line}): "
                f"request: {{authentication: {SIGNED}}}",
                request,
                now,
            )
            return None
        return SecretKey(key, now, expires=config.get("noExpiry") is not True)

    def _delete(self, variables: dict[str, Json]) -> Json:
        id = variables.get("id")
        found = isinstance(id, str) and self._addresses.find_trigger(
            id, self._platform.app.web_triggers
        )
        if not isinstance(id, str) or not found:
            return {"success": False, "message": f"there is no web trigger URL with the id {id!r}"}
        self._platform.web_trigger_urls.delete(id)
        return {"success": True, "message": None}

    def _query(self) -> Json:
        return [
            {"triggerKey": trigger.key, "url": url}
            for trigger in self._platform.app.web_triggers
            for url in self.urls_of(trigger)
        ]

    def _say_unserved(self, request: AppRequest, now: Instant) -> None:
        """Once, where nothing answers at the addresses."""
        if self.origin is None and not self._said_unserved:
            self._said_unserved = True
            self._log(
                "webTrigger.getUrl: nothing is served here, so its address leads nowhere. "
                "`forge-emu run` serves web triggers.",
                request,
                now,
            )

    def _log(self, message: str, request: AppRequest, now: Instant) -> None:
        log = Log(level="warn", message=message, invocation_id=request.invocation_id)
        self._platform.record(log, now)


def _asked_field(request: AppRequest) -> tuple[str, dict[str, Json]] | None:
    """The field of GraphQL that a request asks for, with its variables."""
    if request.path.partition("?")[0] != _PATH or not request.body:
        return None
    if not any(field in request.body for field in (_CREATE, _DELETE, _QUERY)):
        return None
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, RecursionError):
        return None
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, str):
        return None
    field = next((name for name in (_CREATE, _DELETE, _QUERY) if f"{name}(" in query), None)
    variables = body.get("variables")
    return None if field is None else (field, variables if isinstance(variables, dict) else {})


def _unknown_key(key: Json, known: list[str]) -> str:
    hint = nearest_hint(key, known) if isinstance(key, str) else None
    there = ", ".join(known) or "none"
    parts = f"webTrigger.getUrl: the manifest has no webtrigger {key!r}.", hint, f"It has: {there}."
    return " ".join(part for part in parts if part)

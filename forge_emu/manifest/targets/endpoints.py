"""`remotes`, `services` and `modules.endpoint`: backends that run elsewhere, and paths at them.

https://developer.atlassian.com/platform/forge/manifest-reference/remotes/ and
manifest-reference/endpoint/ (2026-08-22).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from forge_emu.manifest.module_keys import ModuleKeys
from forge_emu.model import Endpoint, Remote
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode, SequenceNode

DEFAULT_REGION: Final = "default"
"""The `baseUrl` of a remote with addresses by region that holds where no region is chosen."""

_TARGETS: Final = ("remote", "service")
_SYSTEM_SCOPE: Final = "read:app-system-token"


class _Tokens(NamedTuple):
    system: bool = False
    user: bool = False


def base_url_problem(url: str) -> str | None:
    """What is wrong with a base URL, in words that follow it; None where nothing is."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in ("http", "https") or not host:
        return "is no address that begins with https:// or http://"
    if parts.username is not None or parts.query or parts.fragment:
        return "has more than scheme, host, port and path"
    return None


def read_remotes(findings: Findings, root: Part) -> dict[str, Remote]:
    """The entries of `remotes`, by key."""
    found: dict[str, Remote] = {}
    for part in _entries(root, "remotes"):
        key = _read_key(findings, part, found, "remote")
        urls = _read_base_urls(findings, part)
        operations = part.get("operations")
        tokens = _read_tokens(findings, part)
        if key is None:
            continue
        found[key] = Remote(
            key,
            urls.get(DEFAULT_REGION),
            part.place.line,
            {name: url for name, url in urls.items() if name != DEFAULT_REGION},
            tuple(_texts(operations)),
            tokens.system,
            tokens.user,
        )
    return found


def read_services(findings: Findings, root: Part) -> dict[str, Remote]:
    """The entries of `services`, by key: containers, whose address the manifest does not have."""
    found: dict[str, Remote] = {}
    for part in _entries(root, "services"):
        key = _read_key(findings, part, found, "service")
        if key is not None:
            found[key] = Remote(key, None, part.place.line, is_service=True)
    return found


class EndpointReader:
    """Reads endpoints of `remotes` and `services`; `scopes` None means unknown."""

    def __init__(
        self,
        findings: Findings,
        keys: ModuleKeys,
        remotes: Collection[str],
        services: Collection[str],
        scopes: Collection[str] | None,
    ) -> None:
        self._findings = findings
        self._keys = keys
        self._known = {"remote": remotes, "service": services}
        self._scopes = scopes
        self.endpoints: dict[str, Endpoint] = {}
        self.declared: set[str] = set()
        """The keys of all endpoints, also of those that something is wrong with."""

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.endpoint`."""
        if not typed_reading.require_mapping(self._findings, part):
            return
        key = self._keys.read_key(part)
        self.declared |= {key} if key is not None else set()
        target = self._target(part)
        path = self._path(part)
        tokens = _read_tokens(self._findings, part)
        if tokens.system and self._scopes is not None and _SYSTEM_SCOPE not in self._scopes:
            self._findings.warn(
                part,
                f"{part.name} asks for the app's system token, which needs the scope"
                f" {_SYSTEM_SCOPE!r}",
                f"Add {_SYSTEM_SCOPE} under permissions.scopes.",
                "missing-scope",
            )
        if key is not None and target is not None:
            kind, remote = target
            self.endpoints[key] = Endpoint(
                key, remote, path, part.place.line, kind == "service", tokens.system, tokens.user
            )

    def _target(self, part: Part) -> tuple[str, str] | None:
        given = [name for name in _TARGETS if part.get(name) is not None]
        if not given:
            self._findings.error_missing(part, "remote", "Write `remote: <key of a remote>`.")
            return None
        at = part.get(given[0])
        assert at is not None
        if len(given) > 1:
            self._findings.error_at_key(
                at, f"{part.name} must have exactly one of {join_names(_TARGETS)}, found both",
                "Keep one of them.", "endpoint",
            )  # fmt: skip
        value = typed_reading.read_text(self._findings, at)
        if value is None:
            return None
        kind, known = given[0], self._known[given[0]]
        if value not in known:
            self._findings.error(
                at,
                f"endpoint references undefined {kind} with key {value[:60]!r}",
                self._findings.did_you_mean(value, known)
                or f"Define it under {kind}s, which is a section of its own.",
                "endpoint",
            )
            return None
        return kind, value

    def _path(self, part: Part) -> str:
        route = part.get("route")
        at = route.get("path") if route and isinstance(route.node, MappingNode) else None
        if route is not None and at is None:
            self._findings.error(
                route, f"{route.name} has no path", "Write `route: {path: /events}`.", "endpoint"
            )
        path = typed_reading.read_text(self._findings, at) if at else None
        return path or ""


def read_endpoint_reference(
    findings: Findings, part: Part, kind: str, endpoints: Collection[str]
) -> str | None:
    """The endpoint that `part` names, which must be among `endpoints`."""
    value = typed_reading.read_text(findings, part)
    if value is None or value in endpoints:
        return value
    defined = f"Defined endpoints: {join_names(sorted(endpoints))}." if endpoints else None
    findings.error(
        part,
        f"{kind} references undefined endpoint module with key {value[:60]!r}",
        findings.did_you_mean(value, endpoints) or defined or "Define it under modules.endpoint.",
        "undefined-function",
    )
    return None


def warn_without_path(findings: Findings, part: Part, kind: str, endpoint: Endpoint | None) -> None:
    """Say that a backend module calls an endpoint that has no path of its own."""
    if endpoint is not None and not endpoint.path:
        findings.warn(
            part,
            f"the endpoint {endpoint.key[:60]!r} has no route.path, which a {kind} needs",
            f"Add `route: {{path: /events}}` to it (line {endpoint.line}); until then the "
            "remote's baseUrl itself is called.",
            "endpoint",
        )


def _entries(root: Part, section: str) -> Iterator[Part]:
    part = root.get(section)
    if part is not None and isinstance(part.node, SequenceNode):
        for item in part.items():
            if isinstance(item.node, MappingNode):
                yield item


def _read_key(findings: Findings, part: Part, found: Collection[str], kind: str) -> str | None:
    key = typed_reading.read_required_text(
        findings, part, "key", f"Give it a key of its own, such as `key: my-{kind}`."
    )
    at = part.get("key")
    if key is not None and at is not None and key in found:
        findings.error(
            at, f"found duplicate {kind} key {key[:60]!r}", "Keys of a list are unique.",
            "duplicate-key",
        )  # fmt: skip
        return None
    return key


def _read_base_urls(findings: Findings, part: Part) -> dict[str, str]:
    """The addresses of a remote by region; a plain one is that of `default`."""
    at = part.get("baseUrl")
    if at is None:
        if part.get("configurable") is None:
            findings.warn_missing(
                part, "baseUrl", "nothing can be sent to it", "Write `baseUrl: https://...`."
            )
        return {}
    if isinstance(at.node, MappingNode):
        urls = {name: _read_url(findings, inner) for name, inner in at.properties()}
        if DEFAULT_REGION not in urls:
            findings.error_missing(at, DEFAULT_REGION, "It holds where no region has its own.")
    else:
        urls = {DEFAULT_REGION: _read_url(findings, at)}
    return {name: url for name, url in urls.items() if url is not None}


def _read_url(findings: Findings, at: Part) -> str | None:
    url = typed_reading.read_text(findings, at)
    if url is None:
        return None
    if problem := base_url_problem(url):
        findings.error(at, f"{at.name}: {url[:80]!r} {problem}", None, "endpoint")
        return None
    if url.startswith("http:"):
        findings.warn(
            at,
            f"{at.name}: {url[:80]!r} is not HTTPS, which Forge asks for",
            "For this machine, keep the real address here and give --remote KEY=URL to a run.",
            "endpoint",
        )
    return url


def _read_tokens(findings: Findings, part: Part) -> _Tokens:
    auth = part.get("auth")
    if auth is None or not isinstance(auth.node, MappingNode):
        return _Tokens()
    enabled = {}
    for name in ("appSystemToken", "appUserToken"):
        token = auth.get(name)
        at = token.get("enabled") if token and isinstance(token.node, MappingNode) else None
        enabled[name] = bool(at and typed_reading.read_bool(findings, at))
    return _Tokens(enabled["appSystemToken"], enabled["appUserToken"])


def _texts(part: Part | None) -> Iterator[str]:
    for item in part.items() if part else ():
        if isinstance(item.node, ScalarNode) and isinstance(item.node.value, str):
            yield item.node.value

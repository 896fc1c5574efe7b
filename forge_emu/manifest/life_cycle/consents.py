"""What the admin of a site consents to: a version that changes any of it is a major one.

https://developer.atlassian.com/platform/forge/versions/ (2026-08-22), and of remotes
https://developer.atlassian.com/platform/forge/manifest-reference/remotes/ (2026-08-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forge_emu.manifest.targets.endpoints import DEFAULT_REGION
from forge_emu.model import Json, Remote, WebTrigger
from forge_emu.yamlsource.nodes import Part, to_json


def read_consents(
    root: Part,
    scopes: Sequence[str],
    web_triggers: Sequence[WebTrigger],
    remotes: Sequence[Remote],
) -> dict[str, tuple[str, ...]]:
    """The entries of each part, which is left out where it has none."""
    permissions = _section(root, "permissions")
    external = _object(permissions, "external")
    licensing = _object(_section(root, "app"), "licensing")
    given = _section(root, "remotes")
    found = {
        "scopes": scopes,
        "content": _content(_object(permissions, "content")),
        "external": _external(external),
        "webtrigger": (t.key for t in web_triggers if t.outputs is None),
        "licensing": ("enabled",) if licensing.get("enabled") is True else (),
        "providers": _providers(_section(root, "providers")),
        "remotes": (
            *filter(None, map(_addresses, remotes)),
            *_remote_options(given if isinstance(given, list) else []),
        ),
    }
    texts = {name: tuple(dict.fromkeys(entries)) for name, entries in found.items()}
    return {name: entries for name, entries in texts.items() if entries}


def _content(content: dict[str, Json]) -> Iterator[str]:
    """The options of `permissions.content`: `styles unsafe-inline`."""
    for name, options in content.items():
        for option in options if isinstance(options, list) else ():
            yield f"{name} {option}"


def _external(external: dict[str, Json], path: str = "") -> Iterator[str]:
    """The addresses of `permissions.external`, and what is said of each."""
    for name, inner in external.items():
        at = f"{path}{name}"
        if name == "configurable":
            if isinstance(inner, dict) and inner.get("enabled") is True:
                yield at
        elif isinstance(inner, dict):
            yield from _external(inner, f"{at}.")
        elif isinstance(inner, list):
            for entry in inner:
                yield from _address(at, entry)


def _address(at: str, entry: Json) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{at} {entry}"
        return
    what = f"{at} {entry.get('address') or entry.get('remote')}"
    yield what
    if isinstance(entry.get("category"), str):
        yield f"{what} category {entry['category']}"
    if entry.get("inScopeEUD") is True:
        yield f"{what} inScopeEUD"


def _providers(providers: Json) -> Iterator[str]:
    """`auth google client-id`: each kind of provider, its key and its client id."""
    for kind, entries in providers.items() if isinstance(providers, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield f"{kind} {entry.get('key')} {entry.get('clientId', '')}".rstrip()


def _addresses(remote: Remote) -> str | None:
    """A remote with all of its addresses: a region less is a change as well."""
    urls = dict(remote.regions)
    if remote.base_url is not None:
        urls[DEFAULT_REGION] = remote.base_url
    if not urls:
        return None
    return f"{remote.key} " + ", ".join(f"{name} {urls[name]}" for name in sorted(urls))


def _remote_options(remotes: list[Json]) -> Iterator[str]:
    """Remotes that store data of end users, or that customers configure."""
    for remote in remotes:
        if not isinstance(remote, dict):
            continue
        storage = remote.get("storage")
        if isinstance(storage, dict) and storage.get("inScopeEUD") is True:
            yield f"{remote.get('key')} inScopeEUD"
        if remote.get("configurable") and remote.get("baseUrl"):
            yield f"{remote.get('key')} configurable"


def _section(root: Part, name: str) -> Json:
    part = root.get(name)
    return {} if part is None else to_json(part.node)


def _object(holder: Json, name: str) -> dict[str, Json]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}

"""`providers.auth`: whom an app's users sign in to, for `asUser().withProvider()`."""

from __future__ import annotations

from forge_emu.model import AuthProvider
from forge_emu.yamlsource.nodes import Part, text_of


def read_auth_providers(root: Part) -> tuple[AuthProvider, ...]:
    """The providers with their remotes and scopes, as far as they can be read.

    What is wrong with them is the matter of the schema of the app's own `@forge/manifest`.
    manifest-reference/providers/ (`@forge/manifest` 13.7.0)
    """
    auth = (providers := root.get("providers")) and providers.get("auth")
    urls = _base_urls(root)
    found = []
    for item in auth.items() if auth else ():
        key = text_of(item.get("key"))
        if key is None:
            continue
        remotes, scopes = (
            [text for part in (listed.items() if listed else ()) if (text := text_of(part))]
            for listed in (item.get("remotes"), item.get("scopes"))
        )
        named = {remote: urls.get(remote, "") for remote in remotes}
        found.append(AuthProvider(key, named, tuple(scopes)))
    return tuple(found)


def _base_urls(root: Part) -> dict[str, str]:
    """The `baseUrl` of each remote; of one with regions the first."""
    urls = {}
    remotes = root.get("remotes")
    for remote in remotes.items() if remotes else ():
        key, base = text_of(remote.get("key")), remote.get("baseUrl")
        if key is None or base is None:
            continue
        candidates = [base, *(inner for _, inner in base.properties())]
        urls[key] = next((text for part in candidates if (text := text_of(part))), "")
    return urls

"""Addresses of remotes for a run, instead of those in the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from forge_emu.errors import UserError
from forge_emu.manifest.targets.endpoints import base_url_problem
from forge_emu.model import App, Remote
from forge_emu.yamlsource.findings import join_names


def parse_remotes(texts: Iterable[str]) -> dict[str, str]:
    """`KEY=URL` texts of the command line by key. Raises UserError for another form."""
    found: dict[str, str] = {}
    for text in texts:
        key, equals, address = text.partition("=")
        if not (key and equals and address):
            raise UserError(
                f"--remote: {text[:80]!r} is not KEY=URL",
                "Such as --remote backend=http://localhost:8080.",
            )
        found[key] = address
    return found


def with_addresses(app: App, addresses: Mapping[str, str], source: str) -> App:
    """`app` whose remotes and services are at `addresses`: a URL, or one of a remote's regions.

    Raises UserError for an unknown key or an address that is none; `source` says who gave it.
    """
    remotes, services = dict(app.remotes), dict(app.services)
    for key, address in addresses.items():
        known = remotes if key in remotes else services
        remote = known.get(key)
        if remote is None:
            raise _unknown_error(app, key, source)
        known[key] = msgspec.structs.replace(remote, base_url=_address(remote, address, source))
    given = app.overridden_remotes | set(addresses)
    return msgspec.structs.replace(
        app, remotes=remotes, services=services, overridden_remotes=given
    )


def _address(remote: Remote, address: str, source: str) -> str:
    if address in remote.regions:
        return remote.regions[address]
    if problem := base_url_problem(address):
        regions = (
            f" Its regions are: {join_names(sorted(remote.regions))}." if remote.regions else ""
        )
        raise UserError(
            f"{source}: the address of {remote.key!r}, {address[:80]!r}, {problem}",
            f"Such as http://localhost:8080.{regions}",
        )
    return address


def _unknown_error(app: App, key: str, source: str) -> UserError:
    names = sorted({*app.remotes, *app.services})
    hint = f"There is: {join_names(names)}." if names else "The manifest has no remotes."
    return UserError(f"{source}: there is no remote {key[:60]!r}", hint)

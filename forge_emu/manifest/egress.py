"""`permissions.external.fetch.backend`: the addresses outside that an app's functions may call."""

from __future__ import annotations

import re
from typing import Final

from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode, SequenceNode, describe

_FORM = (
    "Write an address such as `address: https://api.example.com`, or the key of one of the "
    "manifest's `remotes`, as `remote: key`."
)

_HOST: Final = re.compile(r"(\*\.)?[\w.:-]+")
_OTHER_SCHEME: Final = re.compile(
    r"(?!http|https:|wss:|(?:javascript|data|vbscript|view-source|resource|about|chrome|livescript"
    r"|mocha|file|mhtml|smb):)[A-Za-z]+:"
)
_THIS_MACHINE: Final = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")


def read_egress(findings: Findings, root: Part) -> tuple[str, ...]:
    """The addresses, those of remotes included; what is no address is a warning.

    manifest-reference/permissions/ (2026-08-21): a string, an object with `address`, or a remote.
    """
    backend: Part | None = root
    for name in ("permissions", "external", "fetch", "backend"):
        backend = backend.get(name) if backend else None
    if backend is None:
        return ()
    if not isinstance(backend.node, SequenceNode):
        findings.warn(
            backend, f"{backend.name} must be a list, found {describe(backend.node)}", _FORM,
            "egress",
        )  # fmt: skip
        return ()
    return tuple(
        address for item in backend.items() for address in _addresses_of(findings, root, item)
    )


def _addresses_of(findings: Findings, root: Part, item: Part) -> tuple[str, ...]:
    if isinstance(item.node, MappingNode):
        if (remote := item.get("remote")) is not None:
            return _remote_addresses(findings, root, remote)
        address = item.get("address")
        if address is not None:
            item = address
    if isinstance(item.node, ScalarNode) and isinstance(item.node.value, str) and item.node.value:
        _check_address(findings, item, item.node.value)
        return (item.node.value,)
    findings.warn(item, f"{item.name} is no address: {describe(item.node)}", _FORM, "egress")
    return ()


def _check_address(findings: Findings, item: Part, address: str) -> None:
    """Report what `forge deploy` refuses, but for a stand-in on this machine.

    As `@forge/manifest` 13.7.0 does, which lets schemes of other programs pass, with and without
    slashes.
    """
    scheme, mark, rest = address.partition("://")
    host = re.split(r"[/?#]", rest if mark else address, maxsplit=1)[0]
    if address == "*" or _THIS_MACHINE.fullmatch(host):
        return
    if scheme.lower() == "http" and mark:
        why = "only HTTPS goes out"
    elif (
        not mark
        and not _OTHER_SCHEME.match(address)
        and (not _HOST.fullmatch(host) or "." not in address)
    ):
        why = "it is no host"
    elif scheme.lower() in ("https", "wss") and not _HOST.fullmatch(host):
        why = "a wildcard is `*.` in front of a host" if "*" in host else "it has no host"
    else:
        return
    findings.warn(
        item, f"`forge deploy` refuses the address {address[:60]!r}: {why}", _FORM, "egress-refused"
    )


def _remote_addresses(findings: Findings, root: Part, named: Part) -> tuple[str, ...]:
    """The `baseUrl` of a remote, or one for each of its regions."""
    key = typed_reading.read_text(findings, named)
    remotes = root.get("remotes")
    keys: list[str] = []
    for remote in remotes.items() if remotes else ():
        given, base = remote.get("key"), remote.get("baseUrl")
        name = given.node.value if given and isinstance(given.node, ScalarNode) else None
        if isinstance(name, str):
            keys.append(name)
        if name != key or base is None:
            continue
        urls = [base, *(inner for _, inner in base.properties())]
        values = (url.node.value for url in urls if isinstance(url.node, ScalarNode))
        return tuple(value for value in values if isinstance(value, str))
    if key is not None:
        hint = findings.did_you_mean(key, keys) or "Declare it below `remotes`, with its `baseUrl`."
        findings.warn(named, f"{named.name}: there is no remote {key[:60]!r}", hint, "egress")
    return ()

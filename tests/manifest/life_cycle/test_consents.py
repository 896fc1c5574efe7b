"""What an admin consents to, as the manifest has it."""

from __future__ import annotations

import pytest

from tests.manifest.sample import MANIFEST, app_of

SECTIONS = """\
permissions:
  scopes: [read:jira-work, storage:app]
  content:
    styles: [unsafe-inline]
  external:
    configurable: {enabled: true}
    fetch:
      backend:
        - https://a.example
        - {address: "*.b.example", category: analytics, inScopeEUD: true}
        - {remote: backend}
    images: [https://c.example]
"""
REMOTES = """\
remotes:
  - {key: backend, baseUrl: {default: https://d.example, EU: https://e.example}}
  - {key: plain, baseUrl: https://f.example, storage: {inScopeEUD: true}}
  - {key: unset, configurable: {title: t}}
"""


def consents_of(extra: str) -> dict[str, tuple[str, ...]]:
    """Those of the sample with further sections."""
    head, _, _ = MANIFEST.partition("permissions:")
    return app_of(f"{head}{extra}").consents


def test_each_part_has_its_entries() -> None:
    """Scopes, options of content, addresses outside with what is said of them."""
    assert consents_of(SECTIONS + REMOTES) == {
        "scopes": ("read:jira-work", "storage:app"),
        "content": ("styles unsafe-inline",),
        "external": (
            "configurable",
            "fetch.backend https://a.example",
            "fetch.backend *.b.example",
            "fetch.backend *.b.example category analytics",
            "fetch.backend *.b.example inScopeEUD",
            "fetch.backend backend",
            "images https://c.example",
        ),
        "remotes": (
            "backend EU https://e.example, default https://d.example",
            "plain default https://f.example",
            "plain inScopeEUD",
        ),
    }


def test_an_address_written_as_one_region_is_the_same() -> None:
    """Writing it by region alone is a minor version."""
    plain = "remotes:\n  - {key: a, baseUrl: https://a.example}\n"
    by_region = "remotes:\n  - {key: a, baseUrl: {default: https://a.example}}\n"
    scopes = "permissions: {scopes: [storage:app]}\n"
    assert consents_of(scopes + plain) == consents_of(scopes + by_region)


@pytest.mark.parametrize(
    ("extra", "name", "entries"),
    [
        ("providers: {auth: [{key: google, clientId: c, name: G, type: oauth2}]}",
         "providers", ("auth google c",)),
        ("permissions: {external: []}", "external", None),
        ("permissions: {content: {styles: unsafe}}", "content", None),
    ],
)  # fmt: skip
def test_further_parts(extra: str, name: str, entries: tuple[str, ...] | None) -> None:
    """A part of another shape has no entries."""
    assert consents_of(extra + "\n").get(name) == entries

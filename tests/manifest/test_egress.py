"""`permissions.external.fetch.backend` of a manifest."""

from __future__ import annotations

import pytest

from forge_emu.manifest.egress import read_egress
from forge_emu.yamlsource import read_document
from forge_emu.yamlsource.findings import Findings

REMOTES = """\
remotes:
  - {key: one, baseUrl: https://one.example/base}
  - key: many
    baseUrl: {default: https://default.example, EU: https://eu.example}
"""


def read(backend: str) -> tuple[tuple[str, ...], list[str]]:
    """The addresses, and the warnings."""
    text = f"permissions:\n  external:\n    fetch:\n      backend: {backend}\n{REMOTES}"
    findings = Findings("manifest.yml")
    found = read_egress(findings, read_document(text.encode(), "manifest.yml"))
    return found, [str(problem) for problem in findings.problems]


@pytest.mark.parametrize(
    ("backend", "addresses"),
    [
        ("['*.a.example', https://b.example]", ("*.a.example", "https://b.example")),
        ("[{address: a.example, category: analytics, inScopeEUD: false}]", ("a.example",)),
        ("[{remote: one}]", ("https://one.example/base",)),
        ("[{remote: many}]", ("https://default.example", "https://eu.example")),
        ("[]", ()),
    ],
)
def test_what_functions_may_call(backend: str, addresses: tuple[str, ...]) -> None:
    """Text, objects with an address, and remotes by their keys."""
    assert read(backend) == (addresses, [])


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("a.example", "must be a list"),
        ("[5]", "no address"),
        ("[{category: analytics}]", "no address"),
        ("[{remote: ones}]", "'ones'"),
    ],
)
def test_what_is_no_address_is_a_warning(backend: str, words: str) -> None:
    """With the place, and nothing is allowed by it."""
    addresses, (warning,) = read(backend)
    assert addresses == ()
    assert words in warning
    assert "manifest.yml:4" in warning


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://x.example.com", "only HTTPS"),
        ("https://a.*.com", "wildcard"),
        ("a.*.com", "no host"),
        ("https://*example.com", "wildcard"),
        ("example", "no host"),
        ("x y.com", "no host"),
        ("https://täglich.example.com", None),
        ("https://x.example.com:8443/v1?q=1", None),
        ("*.example.com", None),
        ("wss://x.example.com", None),
        ("10.0.0.1", None),
        ("mailto://me", None),
        ("atlassian:external", None),
        ("data:text", "no host"),
        ("https:", "no host"),
        ("*", None),
        ("http://localhost:8080", None),
        ("https://127.0.0.1", None),
    ],
)
def test_what_a_deploy_refuses_is_said(address: str, words: str | None) -> None:
    """As the published validator does; the address counts here all the same."""
    addresses, warnings = read(f"['{address}']")
    assert addresses == (address,)
    assert len(warnings) == (words is not None)
    assert words is None or words in warnings[0]


def test_a_manifest_without_permissions_allows_nothing() -> None:
    """As the platform has it."""
    document = read_document(b"app: {}", "manifest.yml")
    assert read_egress(Findings("manifest.yml"), document) == ()

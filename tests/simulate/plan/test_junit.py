"""Conditions as test cases, for CI systems."""

from __future__ import annotations

from xml.etree import ElementTree

from forge_emu.simulate.plan.junit import JUnitCase, junit_xml


def test_junit_is_well_formed_whatever_it_holds() -> None:
    """One case per condition; characters that XML cannot hold are replaced."""
    cases = [
        JUnitCase("dropped>0", None),
        JUnitCase('p95>5m & "<x>"', "p95 is 7m\n\x00]]> \ud800 é"),
    ]
    root = ElementTree.fromstring(junit_xml("my <app>", cases, "seed 7"))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    first, second = root.iter("testcase")
    assert first.find("failure") is None
    failure = second.find("failure")
    assert failure is not None
    assert failure.get("message") == "p95 is 7m"
    assert "\ufffd]]> \ufffd é" in (failure.text or "")
    assert second.get("name") == 'p95>5m & "<x>"'

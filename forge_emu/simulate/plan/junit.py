"""Conditions as JUnit test cases, for the systems that show those."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

# What XML 1.0 cannot hold, not even escaped.
_INVALID_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class JUnitCase:
    """One condition. `failure` None: it did not hold; else its first line is the message."""

    name: str
    failure: str | None


def junit_xml(suite: str, cases: Sequence[JUnitCase], system_out: str) -> bytes:
    """The XML document. `system_out` is the text of the suite's system-out."""
    failures = str(sum(case.failure is not None for case in cases))
    counts = {"tests": str(len(cases)), "failures": failures, "errors": "0", "skipped": "0"}
    root = ElementTree.Element("testsuites", {"name": "forge-emu", **counts})
    inner = ElementTree.SubElement(
        root, "testsuite", {"name": _xml_text(suite), **counts, "time": "0"}
    )
    for case in cases:
        attributes = {"classname": _xml_text(suite), "name": _xml_text(case.name), "time": "0"}
        test = ElementTree.SubElement(inner, "testcase", attributes)
        if case.failure is not None:
            message = case.failure.splitlines()[0] if case.failure else "failed"
            about = {"message": _xml_text(message), "type": "condition"}
            ElementTree.SubElement(test, "failure", about).text = _xml_text(case.failure)
    ElementTree.SubElement(inner, "system-out").text = _xml_text(system_out)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _xml_text(text: str) -> str:
    return _INVALID_IN_XML.sub("\ufffd", text)

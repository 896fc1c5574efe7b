"""Conditions as JUnit test cases, for the systems that show those."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

# What XML 1.0 cannot hold, not even escaped.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """One condition. `failure` None: it did not hold; else its first line is the message."""

    name: str
    failure: str | None


def junit(suite: str, cases: Sequence[Case], said: str) -> bytes:
    """The XML document. `said` goes into the suite's system-out."""
    failures = str(sum(case.failure is not None for case in cases))
    counts = {"tests": str(len(cases)), "failures": failures, "errors": "0", "skipped": "0"}
    root = ElementTree.Element("testsuites", {"name": "forge-emu", **counts})
    inner = ElementTree.SubElement(root, "testsuite", {"name": _fit(suite), **counts, "time": "0"})
    for case in cases:
        attributes = {"classname": _fit(suite), "name": _fit(case.name), "time": "0"}
        test = ElementTree.SubElement(inner, "testcase", attributes)
        if case.failure is not None:
            message = case.failure.splitlines()[0] if case.failure else "failed"
            about = {"message": _fit(message), "type": "condition"}
            ElementTree.SubElement(test, "failure", about).text = _fit(case.failure)
    ElementTree.SubElement(inner, "system-out").text = _fit(said)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)

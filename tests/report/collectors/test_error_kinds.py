"""Kinds of errors, in bounded memory."""

from __future__ import annotations

from forge_emu.model import ErrorReport
from forge_emu.report.collectors.error_kinds import ErrorKinds


def test_errors_that_differ_in_numbers_are_one_kind() -> None:
    """`issue 1` and `issue 2` failed the same way."""
    errors = ErrorKinds()
    for n in range(3):
        errors.add_error(ErrorReport("Error", f"issue {n}"))
    errors.add_error(ErrorReport("TypeError", "x"))
    top = errors.top(5)

    assert [(e.name, e.message, e.count) for e in top] == [
        ("Error", "issue 0", 3),
        ("TypeError", "x", 1),
    ]


def test_kinds_of_errors_are_bounded() -> None:
    """An app that makes up a new message each time does not fill the memory."""
    errors = ErrorKinds(most=2)
    for word in ("a", "b", "c"):
        errors.add_error(ErrorReport("Error", word))

    assert (len(errors.top(9)), errors.total) == (2, 3)

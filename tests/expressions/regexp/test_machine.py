"""Regular expressions: what they match, and how long they may take."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forge_emu.expressions.regexp import RegExp, RegExpError, Steps, TooManyStepsError


def search(pattern: str, text: str, flags: str = "") -> tuple[str | None, ...] | None:
    """The texts of the first match; None for none."""
    found = RegExp(pattern, flags, Steps(None)).search(text)
    return found.texts if found else None


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a.c", "xabc", ("abc",)),
        ("a.c", "a\nc", None),
        ("^([A-Z]+)-(\\d+)$", "EMU-17", ("EMU-17", "EMU", "17")),
        ("a|ab|abc", "abc", ("a",)),
        ("(a|ab)(c|bcd)(d*)", "abcd", ("abcd", "a", "bcd", "")),
        ("<.+>", "<a><b>", ("<a><b>",)),
        ("<.+?>", "<a><b>", ("<a>",)),
        ("a{2,3}", "aaaa", ("aaa",)),
        ("a{2,}?", "aaaa", ("aa",)),
        ("^a{3}$", "aaa", ("aaa",)),
        ("x{,2}", "x{,2}", ("x{,2}",)),
        ("(?:a(b)?)+", "aba", ("aba", None)),
        ("(?<year>\\d{4})-\\k<year>", "2026-2026", ("2026-2026", "2026")),
        ("(a)\\1", "aa", ("aa", "a")),
        ("\\bcat\\b", "a cat.", ("cat",)),
        ("\\Bat", "cat", ("at",)),
        ("a(?=b)", "acab", ("a",)),
        ("a(?!b)", "abac", ("a",)),
        ("(?<=\\$)\\d+", "5 $42", ("42",)),
        ("(?<!\\$)\\b\\d+", "$42 7", ("7",)),
        ("[^a-c\\s]+", "ab xyz", ("xyz",)),
        ("[\\w.-]+@[\\w-]+", "to a.b-c@d-e!", ("a.b-c@d-e",)),
        ("[a\\-z]+", "-az", ("-az",)),
        ("[-a]+", "a-", ("a-",)),
        ("[]a]", "a", None),
        ("[\\]x]+", "]x", ("]x",)),
        ("\\u0041\\x42\\t\\/", "AB\t/", ("AB\t/",)),
        ("\\d", "\u0663", None),
        ("\\w+", "h\u00e9", ("h",)),
        ("\\s", "\u00a0", ("\u00a0",)),
        ("(a*)*", "b", ("", None)),
        ("(a*)+", "aab", ("aa", "aa")),
        ("(?:)", "x", ("",)),
        ("a||b", "b", ("",)),
        ("a}", "a}", ("a}",)),
    ],
)  # fmt: skip
def test_matches(pattern: str, text: str, found: tuple[str | None, ...] | None) -> None:
    """As JavaScript finds them."""
    assert search(pattern, text) == found


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "found"),
    [
        ("abc", "i", "xABC", ("ABC",)),
        ("[a-c]+", "i", "AbC", ("AbC",)),
        ("[^a]", "i", "A", None),
        ("(a)\\1", "i", "aA", ("aA", "a")),
        ("^b$", "m", "a\nb\nc", ("b",)),
        ("^b$", "", "a\nb\nc", None),
        ("a$", "", "a\n", None),
        ("a.b", "s", "a\nb", ("a\nb",)),
    ],
)  # fmt: skip
def test_flags(pattern: str, flags: str, text: str, found: tuple[str, ...] | None) -> None:
    """`i`, `m` and `s`."""
    assert search(pattern, text, flags) == found


def test_all_matches() -> None:
    """An empty one moves on."""
    found = RegExp("a*", "g", Steps(None)).find_all("baac")

    assert [(each.start, each.texts[0]) for each in found] == [(0, ""), (1, "aa"), (3, ""), (4, "")]


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*x", "(?=(a+)+$)b", "(?<=(a+)+)b", "a*a*a*a*$"],
)
def test_an_expression_that_goes_back_for_ever_is_ended(pattern: str) -> None:
    """After its steps, wherever it is."""
    text = "a" * 500 + "!"

    with pytest.raises(TooManyStepsError):
        RegExp(pattern, "", Steps(50_000)).search(text)


def test_long_texts_are_searched_in_a_step_for_each_character() -> None:
    """Nothing is nested by the length of a text."""
    text = "word " * 2_000
    steps = Steps(1_000_000)
    found = RegExp("^(?:\\w+\\s)*$", "", steps).search(text)

    assert found is not None
    assert found.end == len(text)
    assert steps.left is not None
    assert steps.left > 900_000


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "a)",
        "[a",
        "*a",
        "a**",
        "(?<n>a)\\k<m>",
        "[z-a]",
        "a{2,1}",
        "\\2",
        "(?:a{999}){999}",
        "a\\",
    ],
)
def test_what_is_no_expression(pattern: str) -> None:
    """It is refused before it runs."""
    with pytest.raises(RegExpError):
        RegExp(pattern, "", Steps(None))


_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(?:a|b)", "(?:ab|a)", "\\w", "(?!b)a"])
_TERMS = st.builds(str.__add__, _ATOMS, st.sampled_from(["", "*", "+", "?", "*?", "{1,2}", "{2}"]))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(_TERMS, max_size=5).map("".join), st.text("abc", max_size=8))
def test_python_agrees_where_the_languages_do(pattern: str, text: str) -> None:
    """The same first match."""
    found, expected = RegExp(pattern, "", Steps(None)).search(text), re.search(pattern, text)

    assert (found and (found.start, found.end)) == (expected and expected.span())

"""A secret is looked for in every form in which a program may print it, and in no others."""

from __future__ import annotations

import json

import pytest

from forge_emu.engine.journal.encodings import SHORTEST_SECRET, encoded_forms


def forms(secret: str) -> set[str]:
    """Every form of `secret`."""
    return set(encoded_forms(secret))


@pytest.mark.parametrize("length", [SHORTEST_SECRET - 1, SHORTEST_SECRET, SHORTEST_SECRET + 1])
def test_a_text_is_a_secret_from_four_characters_on(length: int) -> None:
    """Shorter ones are in every other word."""
    text = "x" * length
    assert forms(text) == ({text} if length >= 4 else set())


@pytest.mark.parametrize("word", ["true", "False", "NULL", "None", "undefined", " true\n"])
def test_words_for_true_and_nothing_are_no_secrets(word: str) -> None:
    """They are everywhere; with blanks around them they are as common."""
    assert word.strip() not in forms(word)


@pytest.mark.parametrize("text", ["abcd-1234", "a.b~c_d", "TrUe", "none1"])
def test_a_plain_text_has_one_form(text: str) -> None:
    """Nothing escapes it."""
    assert forms(text) == {text}


@pytest.mark.parametrize(
    ("secret", "form"),
    [
        ('pa"ss', 'pa\\"ss'),
        ("päss", "p\\u00e4ss"),
        ("päss", "p%C3%A4ss"),
        ("it's it", "it\\'s it"),
        ("a b/c", "a+b%2Fc"),
        ("a b/c", "a%20b%2Fc"),
        ("(a b)", "(a%20b)"),
        ("a\tb\x1bc", "a\\tb\\x1bc"),
    ],
)
def test_a_secret_is_known_as_programs_escape_it(secret: str, form: str) -> None:
    """In JSON, in Python's and Node.js's view of a value, in an address."""
    assert {secret, form} <= forms(secret)


@pytest.mark.parametrize("length", [15, 16, 17])
def test_a_line_of_several_is_a_secret_from_16_characters_on(length: int) -> None:
    """Without the blanks around it."""
    line = "x" * length
    assert (line in forms(f"first\n  {line}\t\nlast")) is (length >= 16)


def test_a_single_line_is_not_cut_into_lines() -> None:
    """It is known with and without the blanks around it."""
    assert forms(" abcd \n") >= {" abcd \n", "abcd"}
    assert "\\n" not in forms("abcd\n")


def test_a_lone_surrogate_is_a_text_like_any_other() -> None:
    """JavaScript's strings may have one."""
    assert json.dumps("ab\ud800cd")[1:-1] in forms("ab\ud800cd")

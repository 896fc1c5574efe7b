"""Names of variables and of parameters that tell of a secret."""

from __future__ import annotations

import pytest

from forge_emu.engine.journal.secret_names import is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        "API_KEY",
        "apiKey",
        "APIKEY",
        "GITHUB_TOKEN",
        "githubToken",
        "DB_PASSWORD",
        "DB_PWD",
        "BASIC_AUTH",
        "PRIVATE",
        "CLIENT_SECRET",
        "GITHUB_PAT",
        "CREDENTIALS",
        "KEY2",
        "SMTP_PASS",
    ],
)
def test_names_that_speak_of_a_secret(name: str) -> None:
    """By the words in them."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["PATH", "AUTHOR", "BASE_DELAY", "KEYBOARD", "HOME", "COMPASS"])
def test_names_that_do_not(name: str) -> None:
    """Words that only begin or end like it."""
    assert not is_secret_name(name)

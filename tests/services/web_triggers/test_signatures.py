"""Requests to web triggers that are signed."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from forge_emu.engine.web_trigger_urls import SecretKey
from forge_emu.errors import UserError
from forge_emu.model import HOUR
from forge_emu.services.web_triggers.signatures import decode_key, sign, signature_problem

KEY = "c2VjcmV0LWtleQ=="
YEAR = 365 * 24 * HOUR
HEADER = "X-Hub-Signature"


def problem(
    headers: list[tuple[str, str]], *, secret: SecretKey | None = None, now: int = 0
) -> str | None:
    """Why a request with the body `{}` is refused."""
    given = SecretKey(KEY, 0) if secret is None else secret
    return signature_problem(given, headers, b"{}", now, HEADER, 365)


def test_a_signature_is_that_of_the_body() -> None:
    """With the bytes of the key; the name of the header in any case."""
    digest = hmac.new(b"secret-key", b"{}", hashlib.sha256).hexdigest()

    assert sign(b"{}", KEY) == f"sha256={digest}"
    assert problem([("x-hub-signature", f"sha256={digest}")]) is None
    assert problem([(HEADER, f" SHA256={digest.upper()} ")]) is None


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([], "it has no header X-Hub-Signature"),
        ([("X-Other", "x")], "it has no header"),
        ([(HEADER, "")], "is not that of its body"),
        ([(HEADER, "sha256=00")], "is not that of its body"),
        ([(HEADER, "é")], "is not that of its body"),
        ([(HEADER, sign(b"{} ", KEY))], "is not that of its body"),
        ([(HEADER, sign(b"{}", KEY)), (HEADER, "x")], "is not that of its body"),
    ],
)
def test_what_is_not_signed_is_refused(headers: list[tuple[str, str]], words: str) -> None:
    """With the reason, for the developer."""
    assert words in (problem(headers) or "")


@pytest.mark.parametrize(
    ("secret", "now", "refused"),
    [
        (SecretKey(KEY, 5), YEAR + 4, False),
        (SecretKey(KEY, 5), YEAR + 5, True),
        (SecretKey(KEY, 5, expires=False), 9 * YEAR, False),
    ],
)
def test_a_key_ends_after_a_year(secret: SecretKey, now: int, refused: bool) -> None:
    """Unless it was asked for without an end."""
    said = problem([(HEADER, sign(b"{}", KEY))], secret=secret, now=now)

    assert (said is not None) == refused
    assert not refused or "expired after 365 days" in (said or "")


def test_an_address_without_a_key_takes_no_request() -> None:
    """It says how to give it one."""
    said = signature_problem(None, [], b"", 0, HEADER, 365)
    assert "secretKeyConfig" in (said or "")


@pytest.mark.parametrize("key", ["", "a", "no base64!", "c2VjcmV0\n"])
def test_a_key_is_base64(key: str) -> None:
    """As the Forge CLI asks for."""
    with pytest.raises(UserError, match="valid base64-encoded"):
        decode_key(key)

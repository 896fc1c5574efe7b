"""Signed requests to web triggers: `request.authentication: hmacSharedSecret` of the manifest.

The schema has the word (`@forge/manifest` 13.7.0), `@forge/api` 8.1.0 gives the key, and the Forge
CLI says that it is base64 and lasts twelve months. No page says how a request is signed: here as
webhooks of Jira and Bitbucket are, with HMAC-SHA256 of the body in hexadecimal.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from forge_emu.engine.web_trigger_urls import SecretKey
from forge_emu.errors import UserError
from forge_emu.model import HOUR, Instant

SIGNED: Final = "hmacSharedSecret"
"""The word of the manifest."""


def sign(body: bytes, key: str) -> str:
    """The signature of a body with a key in base64. Raises UserError where it is no base64."""
    digest = hmac.new(decode_key(key), body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def decode_key(key: str) -> bytes:
    """The bytes of a key in base64. Raises UserError."""
    try:
        found = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found:
        raise UserError(
            "the secret key must be a valid base64-encoded string",
            "Such as: openssl rand -base64 32",
        )
    return found


def signature_problem(
    secret: SecretKey | None,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    now: Instant,
    header: str,
    days: int,
) -> str | None:
    """Why a request is refused, in words; None where its signature holds.

    `header` has the signature; a key that expires does so after `days`.
    """
    if secret is None:
        return "its address has no secret key: webTrigger.getUrl(key, {secretKeyConfig}) gives one"
    if secret.expires and now >= secret.written_at + days * 24 * HOUR:
        return f"its secret key expired after {days} days"
    given = [value.strip() for name, value in headers if name.lower() == header.lower()]
    if not given:
        return f"it has no header {header}"
    wanted = sign(body, secret.key)
    if len(given) > 1 or not hmac.compare_digest(given[0].lower().encode(), wanted.encode()):
        return f"the signature in {header} is not that of its body with the secret key"
    return None

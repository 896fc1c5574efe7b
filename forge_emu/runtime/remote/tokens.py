"""Tokens that remotes get, signed with the key pair of the emulator's state, and its public half.

https://developer.atlassian.com/platform/forge/remote/essentials/ (2026-08-22). Their times are the
machine's own: whoever verifies a token compares them with his clock, whatever the emulated time is.
What signs is slow to import, and only apps with remotes need it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from forge_emu.engine.installation import environment_id
from forge_emu.errors import UserError
from forge_emu.model import App, Json, RemoteCall
from forge_emu.services.remote_api.messages import ApiCaller
from forge_emu.services.site.names import PRODUCTS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

KEY_FILE: Final = "invocation-key.pem"
"""The file of the private key, in the emulator's folder of the app."""

ISSUER: Final = "forge/invocation-token"
SITE_URL: Final = "https://emu.atlassian.net"
"""The site whose addresses the payloads of product events have."""

_PLATFORM_ORIGIN: Final = "https://api.atlassian.com"

_SYSTEM_LIFETIME: Final = 2 * 3600
_USER_LIFETIME: Final = 4 * 3600
_APP_CLIENT: Final = "app"
_BITS: Final = 2048


class TokenSigner:
    """Signs with one key pair. `read_ms` is the machine's clock, in milliseconds since 1970."""

    def __init__(self, private_key: rsa.RSAPrivateKey, read_ms: Callable[[], int]) -> None:
        from jwt.algorithms import RSAAlgorithm

        self._private_key = private_key
        self._read_ms = read_ms
        jwk: dict[str, Any] = RSAAlgorithm.to_jwk(private_key.public_key(), as_dict=True)
        # https://www.rfc-editor.org/rfc/rfc7638
        text = f'{{"e":"{jwk["e"]}","kty":"RSA","n":"{jwk["n"]}"}}'
        self._key_id = hashlib.sha256(text.encode()).hexdigest()[:32]
        self.jwks: Json = {
            "keys": [
                {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self._key_id,
                 "n": jwk["n"], "e": jwk["e"]}
            ]
        }  # fmt: skip
        """What verifies the tokens: a JSON Web Key Set."""
        self.origin: str | None = None
        """Where this machine serves the APIs of the products; None: nowhere."""

    def invocation_token(self, app: App, generation: int, call: RemoteCall) -> str:
        """The Forge Invocation Token of a call."""
        claims = invocation_claims(app, generation, call, self.origin)
        return self._sign(claims, call.token_seconds, call.trace)

    def system_token(self, app: App, call: RemoteCall) -> str:
        """The token for what the app itself may do; remotes take it as opaque."""
        return self._sign({"sub": app.id, "client": _APP_CLIENT}, _SYSTEM_LIFETIME, call.trace)

    def user_token(self, app: App, call: RemoteCall, account: str) -> str:
        """The token for what the user may do; remotes take it as opaque."""
        return self._sign({"sub": account, "client": app.id}, _USER_LIFETIME, call.trace)

    def caller_of(self, token: str, app_id: str) -> ApiCaller | str:
        """Whose OAuth token it is, one of this app; or what is wrong with it, in words."""
        import jwt

        try:
            # Its times are checked with the clock that it was made with.
            claims = jwt.decode(
                token,
                self._private_key.public_key(),
                algorithms=["RS256"],
                options={
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": False,
                },
            )
        except jwt.PyJWTError:
            return "the token is none that this emulator has signed"
        subject, client = claims.get("sub"), claims.get("client")
        if not isinstance(subject, str) or client is None:
            return "an invocation token is no OAuth token: use that of x-forge-oauth-system"
        if (subject if client == _APP_CLIENT else client) != app_id:
            return "the token is that of another app"
        if claims.get("exp", 0) <= self._read_ms() / 1000:
            return "the token has expired"
        return ApiCaller() if client == _APP_CLIENT else ApiCaller(subject)

    def _sign(self, claims: dict[str, Json], lifetime: int, trace: str) -> str:
        import jwt

        at = self._read_ms() // 1000
        times = {"iat": at, "nbf": at, "exp": at + lifetime}
        token_id = hashlib.sha1(trace.encode(), usedforsecurity=False).hexdigest()
        headers = {"kid": self._key_id}
        payload = {**claims, **times, "jti": token_id}
        return jwt.encode(payload, self._private_key, algorithm="RS256", headers=headers)


def invocation_claims(
    app: App, generation: int, call: RemoteCall, origin: str | None = None
) -> dict[str, Json]:
    """The claims of a Forge Invocation Token but those of time.

    `call.context` is the second argument that a handler would get. `origin` is where the APIs of
    products are served; None: where the platform serves them.
    """
    context = call.context
    product = str(context.get("installContext", "")).removeprefix("ari:cloud:").partition(":")[0]
    places = context.get("installation", {}).get("contexts") or [{}]
    installation_id = context.get("installation", {}).get("ari", {}).get("installationId", "")
    installation = f"ari:cloud:ecosystem::installation/{installation_id}"
    site = places[0].get("cloudId") or places[0].get("workspaceId")
    base = (
        "https://api.bitbucket.org"
        if product == "bitbucket"
        else f"{_api_origin(product, origin)}/ex/{product}/{site}"
    )
    environment = environment_id(app.id)
    about: dict[str, Json] = {
        "id": app.id,
        "version": str(generation),
        "appVersion": f"{generation}.0.0",
        "installationId": installation,
        "apiBaseUrl": base,
        "installation": {
            "id": installation,
            "contexts": [{"name": product, "apiBaseUrl": base, **place} for place in places],
        },
        "environment": {
            "type": "DEVELOPMENT",
            "id": f"ari:cloud:ecosystem::environment/{app.id.rpartition('/')[2]}/{environment}",
        },
        "module": {"type": call.module_type, "key": call.module_key},
    }
    claims: dict[str, Json] = {"app": about, "aud": app.id, "iss": ISSUER}
    if call.with_context:
        claims["context"] = {**places[0], "moduleKey": call.context_key, "siteUrl": SITE_URL}
        # Of a call by a UI.
        claims["context"] |= {n: context[n] for n in ("localId", "extension") if n in context}
    if call.with_context and call.principal is not None:
        claims["principal"] = call.principal
    return claims


def _api_origin(product: str, origin: str | None) -> str:
    """Where the API of a product is: here, for those that the site has."""
    return origin if origin is not None and product in PRODUCTS else _PLATFORM_ORIGIN


def new_signer(read_ms: Callable[[], int]) -> TokenSigner:
    """A signer with a key pair of its own, which nothing keeps."""
    return TokenSigner(_new_key(), read_ms)


def kept_signer(
    folder: Path, read_ms: Callable[[], int], write_file: Callable[[Path, bytes], None]
) -> TokenSigner:
    """A signer with the key pair in `folder`, which is made once. Raises UserError.

    `write_file` writes a file that only its owner can read.
    """
    path = folder / KEY_FILE
    try:
        if path.exists():
            return TokenSigner(_read_key(path), read_ms)
        from cryptography.hazmat.primitives import serialization

        key = _new_key()
        text = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_file(path, text)
    except OSError as error:
        raise UserError(f"{path} cannot be used: {error.strerror}", "Mend its rights.") from None
    return TokenSigner(key, read_ms)


def _read_key(path: Path) -> rsa.RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UserError(
            f"{path} is no private RSA key", "Remove it: the next start makes a new one."
        )
    return key


def _new_key() -> rsa.RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)

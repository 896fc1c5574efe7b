"""Names of variables that tell that the value is secret."""

from __future__ import annotations

import re

# fmt: off
_ANYWHERE = (
    "secret", "token", "password", "passwd", "passphrase", "credential", "private", "apikey",
    "accesskey", "pwd",
)
_AS_A_WORD = frozenset({
    "key", "keys", "auth", "oauth", "pass", "pat", "creds", "cred", "jwt", "bearer", "cookie",
    "authorization", "authentication",
})
# fmt: on
_BETWEEN_WORDS = re.compile(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def is_secret_name(name: str) -> bool:
    """Whether `name` suggests a secret: `API_KEY`, `githubToken`, `DB_PASSWORD`, not `PATH`."""
    if any(word in name.lower().replace("_", "") for word in _ANYWHERE):
        return True
    return not _AS_A_WORD.isdisjoint(w.lower() for w in _BETWEEN_WORDS.split(name) if w)

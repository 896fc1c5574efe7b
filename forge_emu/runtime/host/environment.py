"""The variables that a process needs to run handlers, whatever the app declares."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

NODE_CERTIFICATES: Final = "NODE_EXTRA_CA_CERTS"
"""Node.js reads this file whenever it starts, which can take longer than the rest of its start."""

# fmt: off
NEEDED_VARIABLES: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    NODE_CERTIFICATES, "SSL_CERT_FILE", "SSL_CERT_DIR",
)

_INTERPRETER_VARIABLES = frozenset({
    "TZ", "NODE_OPTIONS", "NODE_PATH", "NODE_DEBUG", "NODE_DEBUG_NATIVE", "NODE_V8_COVERAGE",
    "NODE_PENDING_DEPRECATION", "NODE_TEST_CONTEXT", "NODE_UNIQUE_ID", "NODE_CHANNEL_FD",
    "NODE_CHANNEL_SERIALIZATION_MODE",
})
# fmt: on
_INTERPRETER_PREFIXES = ("PYTHON", "FORGE_EMU_")
_START_PREFIXES = ("NODE_", "UV_", "OPENSSL_", "SSL_", "LC_", "LD_", "DYLD_", "GLIBC_", "MALLOC_")


def needed_variables(environment: Mapping[str, str], *, network: bool = True) -> dict[str, str]:
    """The variables that a process needs, in `environment`. Handlers run in UTC, as on Forge.

    Without `network` no request of theirs leaves this machine.
    """
    found = {name: environment[name] for name in NEEDED_VARIABLES if name in environment}
    if not network:
        found.pop(NODE_CERTIFICATES, None)
    return {**found, "TZ": "UTC"}


def local_environment() -> dict[str, str]:
    """The variables of this process, for one that has no business in the network."""
    return {name: value for name, value in os.environ.items() if name != NODE_CERTIFICATES}


def is_interpreter_variable(name: str) -> bool:
    """Whether a variable changes how the interpreters or forge-emu themselves run.

    Meant for other programs, it would break handlers, so only somebody who names it gets it.
    """
    return name in _INTERPRETER_VARIABLES or name.startswith(_INTERPRETER_PREFIXES)


def has_effect_later(name: str) -> bool:
    """Whether a process that runs already can be given a variable: none that Node.js, or a library
    that it is made of, reads when it starts.
    """
    started_with = is_interpreter_variable(name) or name in NEEDED_VARIABLES or name == "LANGUAGE"
    return not started_with and not name.startswith(_START_PREFIXES)

"""One operation of the control API as its document describes it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

API_VERSION: Final = "1.0"
"""The contract. The second number grows with what is added, the first, and the path, with any
other change."""

VERSION_HEADER: Final = "forge-emu-api-version"


class Parameter(NamedTuple):
    """A parameter of a query. `type` is that of its values."""

    name: str
    about: str
    type: Any = str
    required: bool = False
    repeated: bool = False


class Operation(NamedTuple):
    """A method of a route: `name` is unique, `body` and `answer` are types, None for no body.

    `media` is the type of the answer; `public` needs no token. `statuses` are those of refusals
    that are particular to it.
    """

    method: str
    path: str
    name: str
    about: str
    answer: Any = dict[str, Any]
    body: Any = None
    parameters: tuple[Parameter, ...] = ()
    statuses: tuple[int, ...] = ()
    media: str = "application/json"
    public: bool = False

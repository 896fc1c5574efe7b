"""Which scopes a call needs, and whether the manifest has one of them."""

from __future__ import annotations

from collections.abc import Sequence


def missing_scope(alternatives: Sequence[str], given: Sequence[str]) -> bool:
    """Whether a manifest with the scopes `given` has none of what a route needs.

    A classic scope is enough by itself. Of granular scopes a call may need several; any of those
    that the route names lets it through here.
    """
    if not alternatives:
        return False
    return not any(scope in given for scope in alternatives)

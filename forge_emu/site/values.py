"""Reads values of payloads and bodies, which may lack or misname anything."""

from __future__ import annotations

from forge_emu.model import Json
from forge_emu.site.dates import read_time


def text_of(value: Json) -> str | None:
    """A text, or a number as text; None for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def object_of(value: Json) -> dict[str, Json]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def id_of(value: Json) -> str | None:
    """The `id` of an object."""
    return text_of(object_of(value).get("id"))


def account_id(value: Json) -> str | None:
    """The account of a person, who is an object or an id."""
    if isinstance(value, dict):
        value = value.get("accountId")
    return value if isinstance(value, str) and value else None


def time_of(value: Json, otherwise: int) -> int:
    """An instant as products write it, in milliseconds since 1970."""
    if isinstance(value, str) and (found := read_time(value)) is not None:
        return found
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise

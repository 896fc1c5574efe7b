"""The body with which an event is sent again: given, or edited by hand."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp

import click

from forge_emu.errors import UserError
from forge_emu.model import Json


def given_body(text: str, app_dir: Path) -> Json:
    """The body of `--body`. Raises UserError."""
    from forge_emu.appdir.folder import find_app_root
    from forge_emu.emulator.user_json.payloads import read_json_argument

    return read_json_argument(text, "--body", [Path.cwd(), find_app_root(app_dir)])


def edited_body(id: str, app_dir: Path) -> tuple[str, Json]:
    """The body of the event that `id` names, as the user has edited it, with the event's own id.

    Raises UserError where it was not changed, or is no JSON: that text is kept in a file then.
    """
    import msgspec

    from forge_emu.cli.connection.remote import admin_client

    with admin_client(app_dir) as remote:
        payload = remote.payload(id)
    if payload["body"] is None and payload["note"]:
        raise UserError(f"there is no body of {id!r} to edit: {payload['note']}")
    before = msgspec.json.format(msgspec.json.encode(payload["body"]), indent=2).decode() + "\n"
    after = edited_text(before)
    if after.strip() == before.strip():
        raise UserError(
            "the body was not changed, so nothing was sent",
            f"It is sent as it is without --edit: forge-emu queue replay {payload['id']}",
        )
    return payload["id"], _decoded(after, payload["id"])


def edited_text(before: str) -> str:
    """What the user makes of a text in an editor; it itself where nothing was saved."""
    try:
        after = click.edit(before, extension=".json")
    except click.ClickException as error:
        raise UserError(
            f"the editor did not work: {error.message.strip()}",
            "Set $VISUAL or $EDITOR to one that waits, such as `code --wait`, or use --body @FILE.",
        ) from None
    return before if after is None else after


def _decoded(text: str, id: str) -> Json:
    from forge_emu.emulator.user_json.jsontext import decode_json

    try:
        return decode_json(text.encode("utf-8", "surrogatepass"), "the edited body", "")
    except UserError as error:
        handle, path = mkstemp(prefix="forge-emu-body-", suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        raise UserError(
            f"{error.message}; nothing was sent",
            f"Your text is kept. Mend it, then: forge-emu queue replay {id} --body - < {path}",
        ) from None

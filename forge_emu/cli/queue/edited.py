"""The body of an event as the user has edited it, in a file that stays where nothing was sent."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

import click

from forge_emu.errors import ForgeEmuError, UserError
from forge_emu.model import Json


@contextmanager
def edited_body(id: str, app_dir: Path) -> Iterator[tuple[str, Json]]:
    """The body of the event that `id` names as the user has edited it, with the event's own id.

    Raises UserError where it was not changed or is no JSON. After an error, also one of what is
    done in the context, a text that was changed stays in its file, and the error says where.
    """
    import msgspec

    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.emulator.user_json.jsontext import decode_json

    with admin_client(app_dir) as remote:
        payload = remote.payload(id)
    if payload["body"] is None and payload["note"]:
        raise UserError(f"there is no body of {id!r} to edit: {payload['note']}")
    before = msgspec.json.format(msgspec.json.encode(payload["body"]), indent=2)
    with _file_of(before, payload["id"]) as file:
        _edit(file)
        after = _saved_text(file)
        if after.strip() == before:
            raise UserError(
                "the body was not changed, so nothing was sent",
                f"It is sent as it is without --edit: forge-emu queue replay {payload['id']}",
            )
        yield payload["id"], decode_json(after, "the edited body", "")


@contextmanager
def _file_of(text: bytes, id: str) -> Iterator[Path]:
    """A file with `text`. It is removed, but after an error only where it was not changed."""
    handle, name = mkstemp(prefix="forge-emu-body-", suffix=".json")
    file = Path(name)
    with os.fdopen(handle, "wb") as opened:
        opened.write(text + b"\n")
    try:
        yield file
    except ForgeEmuError as error:
        if file.is_file() and file.read_bytes().strip() not in (text, b""):
            error.message += "; nothing was sent"
            again = f"forge-emu queue replay {id} --body - < {file}"
            error.hint = f"{error.hint or ''} Your text is kept. Then: {again}".lstrip()
            raise
        file.unlink(missing_ok=True)
        raise
    file.unlink(missing_ok=True)


def _edit(file: Path) -> None:
    # Ctrl-C is a key of some editors. Unlike SIG_IGN, a function is not passed on to them.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        click.edit(filename=str(file))
    except click.ClickException as error:
        raise UserError(
            f"the editor did not work: {error.message.strip()}",
            "Set $VISUAL or $EDITOR to one that waits, such as `code --wait`, or use --body @FILE.",
        ) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _saved_text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(
            f"what the editor saved cannot be read: {error.strerror}; nothing was sent"
        ) from None

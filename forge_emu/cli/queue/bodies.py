"""The body with which an event is sent again."""

from __future__ import annotations

from pathlib import Path

from forge_emu.model import Json


def given_body(text: str, app_dir: Path) -> Json:
    """The body of `--body`. Raises UserError."""
    from forge_emu.appdir.folder import find_app_root
    from forge_emu.emulator.user_json.payloads import read_json_argument

    return read_json_argument(text, "--body", [Path.cwd(), find_app_root(app_dir)])

"""What to type in another terminal so that something happens in the app."""

from __future__ import annotations

import shlex
from pathlib import Path

from forge_emu.events import known_events, unique_name
from forge_emu.model import App


def start_hint(app: App, root: Path, standing: Path) -> str | None:
    """`forge-emu trigger issue-created`, with `--app` unless the user stands in the app.

    None where nothing of the app can be started by hand.
    """
    command = _command(app)
    if command is None:
        return None
    below = standing == root or root in standing.parents
    where = "" if below else f" --app {shlex.quote(_shorter(root, standing))}"
    return f"forge-emu {command}{where}"


def _command(app: App) -> str | None:
    if heard := next(iter(app.triggers_by_event), None):
        return f"trigger {unique_name(heard) if heard in known_events() else shlex.quote(heard)}"
    if app.scheduled_triggers:
        return f"trigger schedule {app.scheduled_triggers[0].key}"
    if app.web_triggers:
        return f"trigger web {app.web_triggers[0].key}"
    if app.consumers:
        return f"queue push {app.consumers[0].queue} --body '{{}}'"
    if app.functions:
        return f"invoke {next(iter(app.functions))}"
    return None


def _shorter(root: Path, standing: Path) -> str:
    return str(root.relative_to(standing)) if standing in root.parents else str(root)

"""What a run in memory begins with: an exported state, and values for its store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from forge_emu.emulator.state import OpenState, open_state
from forge_emu.errors import UserError
from forge_emu.settings import Settings
from forge_emu.store.transfer import import_state


def check_in_memory(
    kvs: Sequence[Path], state: Path | None, site: Sequence[Path] = (), *, in_memory: bool
) -> None:
    """Raise UserError where a run whose state is kept is to begin with something else."""
    if in_memory:
        return
    for option, given, command in (
        ("--kvs", kvs, "kvs import FILE"),
        ("--state", state, "state import FILE"),
        ("--site", site, "site import FILE"),
    ):
        if given:
            raise UserError(
                f"{option} needs --ephemeral or --virtual: this run goes on from the app's state",
                f"To change that state: `forge-emu {command}`.",
            )


@contextmanager
def exported_state(file: Path | None, settings: Settings) -> Iterator[OpenState | None]:
    """The state that `state export` wrote into `file`, read from a copy of it; None for none.

    Raises UserError where it cannot be read.
    """
    if file is None:
        yield None
        return
    with TemporaryDirectory(prefix="forge-emu-state-") as folder:
        try:
            import_state(file, Path(folder), force=True)
            state = open_state(Path(folder), settings)
        except UserError as error:
            hint = "Give a file that `forge-emu state export` wrote."
            raise UserError(f"--state: {error.message}", error.hint or hint) from None
        try:
            yield state
        finally:
            state.database.close()

"""What a run in memory begins with, and that a run whose state is kept does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.emulator.initial_state.exported import check_in_memory, exported_state
from forge_emu.errors import UserError
from forge_emu.settings import Settings


def test_a_run_that_goes_on_from_its_state_takes_no_other_beginning() -> None:
    """The error names the command that changes the state instead."""
    check_in_memory([Path("s.json")], Path("s.state"), in_memory=True)
    check_in_memory([], None, in_memory=False)
    with pytest.raises(UserError, match="--kvs needs --ephemeral or --virtual") as raised:
        check_in_memory([Path("s.json")], None, in_memory=False)
    assert "forge-emu kvs import FILE" in (raised.value.hint or "")
    with pytest.raises(UserError, match="--state needs --ephemeral or --virtual"):
        check_in_memory([], Path("s.state"), in_memory=False)


def test_no_file_is_no_state() -> None:
    """The run begins with nothing."""
    with exported_state(None, Settings()) as state:
        assert state is None


@pytest.mark.parametrize(
    ("content", "message"), [(None, "there is no file"), (b"no database" * 99, "is damaged")]
)
def test_a_file_that_holds_no_state(tmp_path: Path, content: bytes | None, message: str) -> None:
    """The option and the file are named, and what writes one."""
    file = tmp_path / "s.state"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(UserError) as raised, exported_state(file, Settings()):
        pass

    assert raised.value.message.startswith("--state: ")
    assert message in raised.value.message
    assert "s.state" in raised.value.message
    assert raised.value.hint

"""Another process of the same user does not read the emulator's memory and environment."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from forge_emu.runtime.host.private_memory import DEBUG_VARIABLE, close_memory_to_others

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")

_NOBODY = 65_534


@pytest.mark.parametrize("is_closed", [False, True])
def test_only_root_reads_it(is_closed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, it is open to every handler."""
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)
    ready_read, ready_write = os.pipe()
    end_read, end_write = os.pipe()
    emulator = os.fork()
    if not emulator:
        _be_emulator(ready_write, end_read, is_closed)
    assert os.read(ready_read, 1) == (b"1" if is_closed else b"0")
    handler = os.fork()
    if not handler:
        _be_handler(emulator)
    code = os.waitstatus_to_exitcode(os.waitpid(handler, 0)[1])
    os.write(end_write, b".")
    os.waitpid(emulator, 0)
    for number in (ready_read, ready_write, end_read, end_write):
        os.close(number)
    assert code == (13 if is_closed else 0)


def test_with_a_debugger_it_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for it."""
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    assert not close_memory_to_others()


def _be_emulator(ready: int, end: int, is_closed: bool) -> None:
    _become_a_user()
    # Who changes the user is closed: as it is for a program that is started.
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
    done = is_closed and close_memory_to_others()
    os.write(ready, b"1" if done else b"0")
    os.read(end, 1)
    os._exit(0)


def _be_handler(emulator: int) -> None:
    """Ends with 0, or with the number of the error."""
    _become_a_user()
    try:
        Path(f"/proc/{emulator}/environ").read_bytes()
    except OSError as error:
        os._exit(error.errno or 1)
    os._exit(0)


def _become_a_user() -> None:
    if os.geteuid() == 0:
        # Root reads everything.
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)

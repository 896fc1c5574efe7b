"""Why an instance's process has ended."""

from __future__ import annotations

import os
import signal

from .instance_process import InstanceProcess


def exit_cause(process: InstanceProcess, status: int) -> tuple[str, str]:
    """Why a process exited, killed by the host or by itself: cause and message."""
    if process.kill_cause == "stuck":
        return "stuck", "it did not answer"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGKILL:
            return "out_of_memory", "the function's process was killed"
        name = signal.Signals(number).name
        return "exit", f"the function's process was ended by {name}"
    code = os.WEXITSTATUS(status)
    return "exit", f"the function's process exited with status {code}"

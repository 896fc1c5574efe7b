"""The file that a run leaves of the mocks that it lacked, as `forge-emu.yml` takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.control.session import FOLDER, emulator_folder
from forge_emu.errors import UserError
from forge_emu.report.summary import Summary

_FILE: Final = "missing-mocks.yml"
_HEAD: Final = """\
# The requests of the last run that nothing answered. Copy the mocks you need into forge-emu.yml,
# below `mocks:`, and write the answers.
mocks:
"""


def write_missing_mocks(root: Path, summaries: Sequence[Summary]) -> str | None:
    """Write what the runs with these summaries lacked; the path relative to the app at `root`.

    None where nothing was missing, and where the folder cannot be written to. A file of an earlier
    run is removed.
    """
    mocks = {mock: None for summary in summaries for mock in summary.missing_answers.mocks}
    path = root / FOLDER / _FILE
    try:
        if not mocks:
            path.unlink(missing_ok=True)
            return None
        emulator_folder(root)
        lines = "".join(f"  - {mock}\n" for mock in mocks)
        path.write_text(_HEAD + lines, encoding="utf-8")
    except (OSError, UserError):
        return None
    return f"{FOLDER}/{_FILE}"


def with_mocks_file(summary: Summary, file: str | None) -> Summary:
    """The summary, which says where its missing mocks were written."""
    if not summary.missing_answers.mocks:
        return summary
    missing_answers = msgspec.structs.replace(summary.missing_answers, mocks_file=file)
    return msgspec.structs.replace(summary, missing_answers=missing_answers)

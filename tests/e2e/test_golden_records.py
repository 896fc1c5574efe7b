"""The records of whole runs, as they were: a change to one of them is a change to the product.

After a change that is meant, write them anew: `python -m tests.e2e.test_golden_records`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.e2e.emulator_process import run_command
from tests.e2e.golden_apps import GOLDEN, Golden

FOLDER = Path(__file__).parent / "golden"


def records_of(golden: Golden, folder: Path) -> str:
    """What `simulate` records for it, and the summary."""
    file = folder / "records.jsonl"
    app = golden.make(folder / "app")
    done = run_command("simulate", app, *golden.arguments, "--seed", "7", "--records", str(file))
    assert done.returncode == 0, done.stderr
    return file.read_text("utf-8")


@pytest.mark.node
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_seed_gives_the_records_it_always_gave(golden: Golden, tmp_path: Path) -> None:
    """Byte for byte, in both languages, with refusals, retries, faults and errors."""
    expected = (FOLDER / f"{golden.name}.jsonl").read_text("utf-8")

    assert records_of(golden, tmp_path).splitlines() == expected.splitlines()


if __name__ == "__main__":
    for each in GOLDEN:
        with tempfile.TemporaryDirectory() as scratch:
            (FOLDER / f"{each.name}.jsonl").write_text(records_of(each, Path(scratch)), "utf-8")

"""Records for programs: as they are, one JSON object per line."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.emulator.shutdown import Stop
from forge_emu.report.summary import Summary
from forge_emu.run.json_output import JsonOutput
from tests.emulator.harness import in_event_loop
from tests.run.test_outputs import batch


@in_event_loop
async def test_json_is_one_object_per_line_and_ends_with_the_summary(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Each can be read when it is there: a pipe is not held back."""
    output = JsonOutput(Stop())
    output.start()
    output.show_batch(batch("one", "two"))
    lines = [msgspec.json.decode(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [(line["type"], line["message"]) for line in lines] == [("log", "one"), ("log", "two")]
    await output.stop()
    output.show_summary(Summary())
    (line,) = capsysbinary.readouterr().out.splitlines()
    assert msgspec.json.decode(line)["type"] == "summary"

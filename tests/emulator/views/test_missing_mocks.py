"""The file of the mocks that a run lacked."""

from __future__ import annotations

from pathlib import Path

from forge_emu.appdir.settings_file import load_settings
from forge_emu.emulator.views.missing_mocks import with_mocks_file, write_missing_mocks
from forge_emu.report.summary import MissingAnswers, Summary

LINES = ["{request: 'GET /rest/api/3/issue/{key}', body: {}}", "{request: 'POST /a''b', body: {}}"]


def lacking(*mocks: str) -> Summary:
    """The summary of a run that lacked these."""
    return Summary(missing_answers=MissingAnswers(requests=len(mocks), mocks=list(mocks)))


def test_the_reader_of_mocks_takes_the_file(tmp_path: Path) -> None:
    """Each mock of all runs is there once."""
    file = write_missing_mocks(tmp_path, [lacking(LINES[0]), lacking(*LINES)])

    assert file == ".forge-emu/missing-mocks.yml"
    (tmp_path / "forge-emu.yml").write_bytes((tmp_path / file).read_bytes())
    patterns = [mock.pattern.text for mock in load_settings(tmp_path).mocks]
    assert patterns == ["GET /rest/api/3/issue/{key}", "POST /a'b"]


def test_a_run_that_lacked_nothing_removes_the_file(tmp_path: Path) -> None:
    """And makes no folder for it."""
    assert write_missing_mocks(tmp_path, [lacking()]) is None
    assert list(tmp_path.iterdir()) == []
    write_missing_mocks(tmp_path, [lacking(*LINES)])
    assert write_missing_mocks(tmp_path, [lacking()]) is None
    assert not (tmp_path / ".forge-emu" / "missing-mocks.yml").exists()


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    """The summary names no file then."""
    (tmp_path / ".forge-emu").write_text("a file")
    assert write_missing_mocks(tmp_path, [lacking(*LINES)]) is None


def test_a_summary_names_the_file_of_what_it_lacked() -> None:
    """One that lacked nothing names none."""
    assert with_mocks_file(lacking(*LINES), "f").missing_answers.mocks_file == "f"
    assert with_mocks_file(lacking(), "f").missing_answers.mocks_file is None

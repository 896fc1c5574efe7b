"""Writes what a run leaves behind: the page of `--report`, the trace of `--trace`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from forge_emu import __version__, report
from forge_emu.errors import UserError
from forge_emu.model import App, iso8601
from forge_emu.payloads import PayloadCollector
from forge_emu.payloads.view import payloads_of
from forge_emu.records import Record
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.page import EDITOR_LINKS, PageBuilder, RunInfo, render_page
from forge_emu.report.summary import Summary
from forge_emu.report.trace import TraceEvent, Tracer
from forge_emu.settings import PAGE_EDITOR, STATE_PAYLOADS_MB, Settings, all_settings

BUILT_PAGE = Path(report.__file__).parent / "page" / "built.html"

SOURCE_ENDINGS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".py")
_NOT_SOURCES = ("node_modules", "dist", "build", "static", "__pycache__")
_MOST_FILES = 1_000
_MOST_BYTES = 1_000_000


class Reports:
    """The files a run was asked for; with neither it does nothing.

    Give it every record in order, then `write_files` once; without that, no file is left. With
    `with_payloads` the page holds what is in the events, from `payloads`.
    Raises UserError when it is made for a file that cannot be written.
    """

    def __init__(
        self,
        page_file: Path | None,
        trace_file: Path | None,
        settings: Settings,
        app: App,
        *,
        command: str = "",
        seed: int | None = None,
        epoch_ms: int = 0,
        payloads: PayloadCollector | None = None,
        with_payloads: bool = False,
        root: Path | None = None,
    ) -> None:
        if with_payloads:
            _check_payloads(page_file, payloads)
        self._payloads = payloads if with_payloads else None
        if page_file and trace_file and page_file.resolve() == trace_file.resolve():
            raise UserError(f"--report and --trace both name {str(page_file)!r}")
        self._page_file = page_file
        self._template = built_page() if page_file else ""
        if page_file:
            check_writable(page_file, "--report")
        self._builder = PageBuilder(settings) if page_file else None
        self._trace_file = TraceFile(trace_file, Tracer(settings)) if trace_file else None
        self.run_info = _run_info(app, settings, command, seed, epoch_ms, root)
        """What the page says of the run."""

    def __enter__(self) -> Reports:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._trace_file:
            self._trace_file.discard()

    def add_records(self, records: Sequence[Record]) -> None:
        """Add the next records, in order, to the page and the trace."""
        for record in records:
            if self._builder:
                self._builder.add_record(record)
            if self._trace_file:
                self._trace_file.add_record(record)

    def write_files(self, summary: Summary) -> list[Path]:
        """Write the files and return their paths. Raises UserError where one cannot be written."""
        written = []
        if self._page_file and self._builder:
            columns = self._builder.columns(summary.ended_at)
            if self._payloads is not None:
                columns["payloads"] = payloads_of(columns["ids"], self._payloads)
            _write(
                self._page_file,
                render_page(self._template, summary, columns, self.run_info),
                "--report",
            )
            written.append(self._page_file)
        if self._trace_file:
            written.append(self._trace_file.finish_file(summary))
        return written


class TraceFile:
    """A trace that is written while the run goes on; it gets its name once it is complete."""

    def __init__(self, path: Path, tracer: Tracer) -> None:
        self._path = path
        self._tracer = tracer
        check_writable(path, "--trace")
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            self._file: IO[bytes] | None = self._part.open("wb")
        except OSError as error:
            raise _unwritable_error(path, "--trace", error) from None
        self._file.write(b'{"displayTimeUnit":"ms","traceEvents":[')
        self._separator = b"\n"

    def add_record(self, record: Record) -> None:
        """Write the events of the trace that `record` completes."""
        self._write_events(self._tracer.add_record(record))

    def finish_file(self, summary: Summary) -> Path:
        """Write the rest and give the file its name."""
        assert self._file is not None
        self._write_events(self._tracer.finish_trace(summary.ended_at))
        about = {"app": summary.app_id, "seed": summary.seed, "forge-emu": __version__}
        try:
            self._file.write(b'\n],"otherData":' + msgspec.json.encode(about) + b"}\n")
            self._file.close()
            self._part.replace(self._path)
        except OSError as error:
            raise _unwritable_error(self._path, "--trace", error) from None
        self._file = None
        return self._path

    def discard(self) -> None:
        """Leave nothing behind of a trace that was not finished."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._part.unlink(missing_ok=True)

    def _write_events(self, events: Iterable[TraceEvent]) -> None:
        if self._file is None:
            return
        try:
            for event in events:
                self._file.write(self._separator + msgspec.json.encode(event))
                self._separator = b",\n"
        except OSError as error:
            raise _unwritable_error(self._path, "--trace", error) from None


def source_places(app: App, root: Path, names: Sequence[str] | None) -> SourcePlaces:
    """Where things are in the app's sources, which are read when somebody asks.

    `names` are those that its code was made of; None where that is not known.
    """
    return SourcePlaces(app, lambda: read_sources(root, names))


def read_sources(root: Path, names: Sequence[str] | None = None) -> dict[str, str]:
    """The app's own source files by path relative to it; what cannot be read is left out."""
    paths = own_sources(root) if names is None else (root / name for name in names)
    found: dict[str, str] = {}
    for path in paths:
        if path.name.endswith(SOURCE_ENDINGS) and len(found) < _MOST_FILES:
            with suppress(OSError):
                if path.stat().st_size <= _MOST_BYTES:
                    name = os.path.relpath(path, root).replace(os.sep, "/")
                    found[name] = path.read_text("utf-8", errors="replace")
    return found


def own_sources(root: Path) -> Iterator[Path]:
    """Every file of the app that is not made by a tool."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _NOT_SOURCES and not f.startswith("."))
        yield from (Path(folder, name) for name in sorted(files))


def _check_payloads(page_file: Path | None, payloads: PayloadCollector | None) -> None:
    if page_file is None:
        raise UserError("--with-payloads needs --report", "Add --report FILE.html.")
    if payloads is None:
        raise UserError(
            f"--with-payloads finds no payloads: {STATE_PAYLOADS_MB.name} is 0",
            f"Add --set {STATE_PAYLOADS_MB.name}=64.",
        )


def _run_info(
    app: App,
    settings: Settings,
    command: str,
    seed: int | None,
    epoch_ms: int,
    root: Path | None,
) -> RunInfo:
    if command and seed is not None and "--seed" not in command:
        command += f" --seed {seed}"
    units = {setting.name: setting.unit for setting in all_settings()}
    changed = {
        name: "none" if value is None else f"{value} {units.get(name, '')}".strip()
        for name, value in sorted(settings.overrides.items())
    }
    link = EDITOR_LINKS.get(settings[PAGE_EDITOR], "") if root else ""
    return RunInfo(
        __version__,
        app.name or "",
        app.id,
        command,
        iso8601(epoch_ms),
        changed,
        root.as_posix() if root and link else "",
        link,
    )


def built_page() -> str:
    """The page without a run. Raises UserError where it was not built."""
    try:
        return BUILT_PAGE.read_text("utf-8")
    except FileNotFoundError:
        raise UserError(
            "the page of --report has not been built in this checkout",
            "Run `make setup` there (it needs Node.js with npm), then try again.",
        ) from None


def check_writable(path: Path, option: str) -> None:
    """Find out now, not after an hour, that a file cannot be written. Raises UserError."""
    folder = path.absolute().parent
    if path.is_dir():
        raise UserError(f"{option}: {str(path)!r} is a directory", "Name a file in it.")
    if not folder.is_dir():
        raise UserError(f"{option}: there is no directory {str(folder)!r}", "Make it first.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UserError(f"{option}: cannot write to {str(path)!r}", "Check its permissions.")


def _write(path: Path, content: bytes, option: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritable_error(path, option, error) from None


def _unwritable_error(path: Path, option: str, error: OSError) -> UserError:
    return UserError(f"{option}: cannot write {str(path)!r}: {error.strerror or error}")

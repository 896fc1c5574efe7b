"""Captures what handlers print, log and warn of, as log lines of the invocation."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any, Final

from .error_report import AppFiles, report_of
from .invocation import clip_message

Log = Callable[[str, str], None]
"""Takes a level (`debug`, `info`, `warn`, `error`) and a text."""

_LEVELS: Final = ((logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"))


class LineStream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr`: a write that ends a line makes one log line of all so far."""

    encoding = "utf-8"

    def __init__(self, fd: int, level: str, log: Log, is_instance: Callable[[], bool]) -> None:
        self.level = level
        self.record_level: str | None = None
        """The level of a record of `logging` that is being written."""
        self._fd = fd
        self._log = log
        self._is_instance = is_instance
        self._text: dict[int, list[str]] = {}

    def writable(self) -> bool:
        """Whether it can be written to: yes."""
        return True

    def fileno(self) -> int:
        """The descriptor: a pipe to the host, which makes log lines of what comes there."""
        return self._fd

    def isatty(self) -> bool:
        """Whether it is a terminal: no."""
        return False

    @property
    def buffer(self) -> io.RawIOBase:
        """The stream for bytes, which go to the pipe."""
        return io.FileIO(self._fd, "w", closefd=False)

    def write(self, text: str) -> int:
        """Write text; returns its length. Raises TypeError for anything else."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self._is_instance():
            os.write(self._fd, text.encode(errors="replace"))
            return len(text)
        # Threads that print at the same time have lines of their own.
        pieces = self._text.setdefault(threading.get_ident(), [])
        pieces.append(text)
        if text.endswith("\n"):
            self._log_line(pieces)
        return len(text)

    def log_partial_lines(self) -> None:
        """At the end of an invocation, log text without a final newline too."""
        for pieces in list(self._text.values()):
            self._log_line(pieces)
        self._text.clear()

    def _log_line(self, pieces: list[str]) -> None:
        text = "".join(pieces).removesuffix("\n")
        pieces.clear()
        if text:
            self._log(self.record_level or self.level, clip_message(text))


class OutputCapture:
    """Captures streams, logging, warnings and exceptions; `files` tells app from packages."""

    def __init__(self, log: Log, files: AppFiles, is_instance: Callable[[], bool]) -> None:
        self._log = log
        self._files = files
        self.streams = (
            LineStream(1, "info", log, is_instance),
            LineStream(2, "error", log, is_instance),
        )

    def install(self) -> None:
        """Replace the streams and hooks of this process."""
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__ = self.streams  # type: ignore
        self._patch_logging()
        warnings.showwarning = self._log_warning
        threading.excepthook = self._log_thread_exception
        sys.unraisablehook = self._log_unraisable

    def log_partial_lines(self) -> None:
        """At the end of an invocation, log unfinished lines of both streams."""
        for stream in self.streams:
            stream.log_partial_lines()

    def _patch_logging(self) -> None:
        """Without handlers, the app's records of any level count, and packages' from WARNING on.

        With a StreamHandler on one of our streams, each record keeps its level.
        """
        streams = self.streams
        emit = logging.StreamHandler.emit

        def emit_at_level(handler: logging.StreamHandler[Any], record: logging.LogRecord) -> None:
            stream = handler.stream
            if stream not in streams:
                emit(handler, record)
                return
            stream.record_level = _level_of(record.levelno)
            try:
                emit(handler, record)
            finally:
                stream.record_level = None

        logging.StreamHandler.emit = emit_at_level  # type: ignore[assignment,method-assign]
        last_resort = logging.lastResort
        assert last_resort is not None
        last_resort.setLevel(logging.NOTSET)
        last_resort.addFilter(
            lambda r: r.levelno >= logging.WARNING or self._files.is_own(r.pathname)
        )
        root = logging.getLogger()
        root.setLevel(logging.NOTSET + 1)
        configure = logging.basicConfig

        def basic_config(**options: Any) -> None:
            if not options and sys._getframe(1).f_globals is vars(logging):
                # `logging.info` and the like would configure what nobody has configured.
                return
            # What the app configures is on top of Python's own default.
            if not root.handlers and options.get("level") is None:
                root.setLevel(logging.WARNING)
            configure(**options)

        logging.basicConfig = basic_config

    def _log_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Any = None,
        line: str | None = None,
    ) -> None:
        file = self._files.relative_name(filename) or filename
        self._log("warn", clip_message(f"{file}:{lineno}: {category.__name__}: {message}"))

    def _log_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is None:
            return
        name = args.thread.name if args.thread else "a thread"
        report = report_of(args.exc_value, self._files)
        text = report["stack"] or f"{report['name']}: {report['message']}"
        self._log("error", clip_message(f"uncaught exception in {name}: {text}"))

    def _log_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        about = args.err_msg or "exception ignored in"
        self._log("error", clip_message(f"{about} {args.object!r}: {args.exc_value!r}"))


def _level_of(number: int) -> str:
    return next((name for lowest, name in _LEVELS if number >= lowest), "debug")

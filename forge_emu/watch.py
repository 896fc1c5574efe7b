"""Watches an app's own files and says when the content of one has changed."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "dist", "build", "coverage"})
"""Folders whose content is made by tools; so is that of every folder that starts with a dot."""

SUFFIXES = frozenset(
    {".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".json", ".yml", ".yaml", ".py"}
)

_MOST_READ = 8_000_000
"""Bytes of a file that are read to see whether it changed."""

_WRITES = frozenset({"created", "modified", "moved", "deleted", "closed"})


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """False for the error that watchdog logs when a watch ends while its thread still looks."""
    return "called when the thread is inactive" not in record.getMessage()


logging.getLogger("watchdog.observers.inotify").addFilter(_is_worth_saying)


class Watcher(FileSystemEventHandler):
    """Calls `on_change`, on its own thread, when files may have changed.

    Folders are watched one by one and not as a tree, so that `node_modules` costs nothing.
    """

    def __init__(self, root: Path, on_change: Callable[[], None]) -> None:
        self._root = root.resolve()
        self._on_change = on_change
        self._candidates: deque[Path] = deque()
        self._fingerprints: dict[Path, bytes | None] = {}
        self._watched: dict[Path, ObservedWatch] = {}
        self._observer: BaseObserver = Observer()

    def start(self) -> None:
        """Begin to watch; without inotify watches to spare, by looking once a second."""
        try:
            for file in self._watch_folders(self._root):
                self._has_changed(file)
            self._observer.start()
        except OSError:
            self._observer = PollingObserver(timeout=1)
            self._watched.clear()
            self._watch_folders(self._root)
            self._observer.start()

    def stop(self) -> None:
        """End watching and its thread."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog for everything that happens in a watched folder."""
        if event.event_type not in _WRITES:
            return
        for name in (event.src_path, event.dest_path):
            if not name:
                continue
            path = Path(os.fsdecode(name))
            if path.suffix in SUFFIXES:
                self._add_candidates([path])
            elif event.is_directory and event.event_type != "modified":
                self._rewatch_folder(path)

    def take_changed_files(self) -> list[Path]:
        """The files whose content differs from what it was at the last call, or at the start.

        Call it when things have calmed down: an editor may empty a file before it writes it.
        """
        paths: set[Path] = set()
        while self._candidates:
            paths.add(self._candidates.popleft())
        return sorted(path for path in paths if self._has_changed(path))

    def _rewatch_folder(self, folder: Path) -> None:
        """A folder came, went, or went and came back: its old watch is of no use."""
        if folder == self._root or _is_skipped(folder):
            return
        for gone in [w for w in self._watched if w.is_relative_to(folder)]:
            self._observer.unschedule(self._watched.pop(gone))
        # It may vanish again while it is being looked at.
        with suppress(OSError):
            if folder.is_dir():
                self._add_candidates(self._watch_folders(folder))

    def _add_candidates(self, paths: list[Path]) -> None:
        if paths:
            self._candidates.extend(paths)
            self._on_change()

    def _watch_folders(self, top: Path) -> list[Path]:
        """Watch `top` and what lies below; answers the files there."""
        found: list[Path] = []
        for folder, names, files in os.walk(top):
            names[:] = [n for n in names if not _is_skipped(Path(n))]
            here = Path(folder)
            if here not in self._watched:
                self._watched[here] = self._observer.schedule(self, folder, recursive=False)
            found.extend(here / f for f in files if Path(f).suffix in SUFFIXES)
        return found

    def _has_changed(self, file: Path) -> bool:
        content = _fingerprint(file)
        if self._fingerprints.get(file, b"") == content:
            return False
        self._fingerprints[file] = content
        return True


def _is_skipped(folder: Path) -> bool:
    return folder.name in SKIPPED_FOLDERS or folder.name.startswith(".")


def _fingerprint(file: Path) -> bytes | None:
    """A hash of the content, of a huge file of its size and time; None where there is no file.

    What is no regular file, such as a pipe or a device, may never come to an end.
    """
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            return None
        if found.st_size > _MOST_READ:
            return f"{found.st_size} {found.st_mtime_ns}".encode()
        with file.open("rb") as content:
            return hashlib.blake2b(content.read(_MOST_READ), digest_size=16).digest()
    except (OSError, ValueError):
        return None

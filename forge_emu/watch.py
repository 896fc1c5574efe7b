"""Watches the files that an app was made of, and says when the content of one has changed.

Which they are, the build says: they may lie anywhere, such as in packages that are linked. One
thread looks at all of them.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from watchdog.events import FileModifiedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers.api import BaseObserver, EventEmitter

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "dist", "build", "coverage"})
"""Folders whose content is made by tools; so is that of every folder that starts with a dot."""

SUFFIXES = frozenset(
    {".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".json", ".yml", ".yaml", ".py"}
)

_INTERVAL_SECONDS = 0.1
_MOST_AT_THIS_INTERVAL = 2_000
"""Files; with more of them the thread looks less often, so that it costs no more."""

_MOST_READ = 8_000_000
"""Bytes of a file that are read to see whether it changed."""

_Signature: TypeAlias = tuple[int, int, int] | None


class Watcher(FileSystemEventHandler):
    """Calls `on_change`, on its own thread, when files may have changed.

    Until `watch` says which files they are, it is all of the app's own below `root`.
    """

    def __init__(self, root: Path, on_change: Callable[[], None]) -> None:
        self._root = root.resolve()
        self._on_change = on_change
        self._files: tuple[Path, ...] = ()
        self._own = True
        self._candidates: deque[Path] = deque()
        self._fingerprints: dict[Path, bytes | None] = {}
        # watchdog calls it with what an emitter needs.
        self._observer = BaseObserver(self._emitter, timeout=_INTERVAL_SECONDS)  # type: ignore[arg-type]

    def watch(self, files: Iterable[Path], *, own: bool) -> None:
        """Watch `files` from now on; with `own` also all of the app's own below its folder."""
        self._files, self._own = tuple(files), own
        self._remember(self.watched_files())

    def watched_files(self) -> Iterable[Path]:
        """The files that are looked at."""
        return {*self._files, *(own_files(self._root) if self._own else ())}

    def start(self) -> None:
        """Begin to watch."""
        self._remember(self.watched_files())
        self._observer.schedule(self, str(self._root))
        self._observer.start()

    def stop(self) -> None:
        """End watching and its threads."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()

    def on_modified(self, event: FileSystemEvent) -> None:
        """Called by watchdog for each file that has changed, come or gone."""
        self._candidates.append(Path(os.fsdecode(event.src_path)))
        self._on_change()

    def take_changed_files(self) -> list[Path]:
        """The files whose content differs from what it was at the last call, or at the start.

        Call it when things have calmed down: an editor may empty a file before it writes it.
        """
        paths: set[Path] = set()
        while self._candidates:
            paths.add(self._candidates.popleft())
        return sorted(path for path in paths if self._has_changed(path))

    def _emitter(self, *arguments: Any, **options: Any) -> EventEmitter:
        return _FilesEmitter(self.watched_files, *arguments, **options)

    def _remember(self, files: Iterable[Path]) -> None:
        for file in files:
            if file not in self._fingerprints:
                self._fingerprints[file] = _fingerprint(file)

    def _has_changed(self, file: Path) -> bool:
        content = _fingerprint(file)
        if self._fingerprints.get(file, b"") == content:
            return False
        self._fingerprints[file] = content
        return True


class _FilesEmitter(EventEmitter):
    """Looks at all files again and again, and reports those that are not as they were."""

    def __init__(
        self, files: Callable[[], Iterable[Path]], *arguments: Any, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._files = files
        self._seen: Mapping[Path, _Signature] = {}

    def on_thread_start(self) -> None:
        """Called by watchdog."""
        self._seen = {file: _signature(file) for file in self._files()}

    def queue_events(self, timeout: float) -> None:
        """Called by watchdog until the thread is stopped."""
        if self.stopped_event.wait(timeout * (1 + len(self._seen) // _MOST_AT_THIS_INTERVAL)):
            return
        seen, self._seen = self._seen, {file: _signature(file) for file in self._files()}
        for file in self._seen.keys() | seen.keys():
            if self._seen.get(file) != seen.get(file):
                self.queue_event(FileModifiedEvent(str(file)))


def own_files(root: Path) -> Iterator[Path]:
    """The app's own files of the kinds that make an app, without what tools have made."""
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not _is_skipped(name)]
        yield from (Path(folder, name) for name in files if Path(name).suffix in SUFFIXES)


def _is_skipped(name: str) -> bool:
    return name in SKIPPED_FOLDERS or name.startswith(".")


def _signature(file: Path) -> _Signature:
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


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

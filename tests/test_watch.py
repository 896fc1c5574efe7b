"""The watcher reports new content of an app's own files, and nothing else."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu.watch import Watcher


class Seen:
    """Waits for the files that a watcher reports."""

    def __init__(self, app: Path) -> None:
        self.touches: queue.Queue[None] = queue.Queue()
        self.watcher = Watcher(app, lambda: self.touches.put(None))

    def until(self, file: Path) -> set[Path]:
        """Every changed file up to and with `file`."""
        found: set[Path] = set()
        while file not in found:
            self.touches.get(timeout=10)
            found.update(self.watcher.take_changed_files())
        return found


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.js").write_text("one")
    (tmp_path / "node_modules" / "x").mkdir(parents=True)
    return tmp_path.resolve()


@pytest.fixture
def seen(app: Path) -> Iterator[Seen]:
    reported = Seen(app)
    reported.watcher.start()
    yield reported
    reported.watcher.stop()


def test_a_changed_file_is_reported(app: Path, seen: Seen) -> None:
    """Saving new content names the file."""
    (app / "src" / "index.js").write_text("two")
    seen.until(app / "src" / "index.js")


def test_a_file_replaced_by_renaming_is_reported(app: Path, seen: Seen) -> None:
    """Editors write a new file and rename it over the old one."""
    (app / "src" / "index.js~").write_text("two")
    (app / "src" / "index.js~").rename(app / "src" / "index.js")
    seen.until(app / "src" / "index.js")


def test_files_of_a_new_folder_are_reported(app: Path, seen: Seen) -> None:
    """A folder made later is watched too, whichever comes first, its file or the watch."""
    (app / "src" / "deep" / "er").mkdir(parents=True)
    (app / "src" / "deep" / "er" / "new.ts").write_text("x")
    seen.until(app / "src" / "deep" / "er" / "new.ts")


def test_a_deleted_and_remade_folder_is_still_watched(app: Path, seen: Seen) -> None:
    """Checking out another branch removes folders and brings them back."""
    (app / "src" / "index.js").unlink()
    seen.until(app / "src" / "index.js")
    (app / "src").rmdir()
    (app / "src").mkdir()
    (app / "src" / "index.js").write_text("three")
    seen.until(app / "src" / "index.js")
    (app / "src" / "index.js").write_text("four")
    seen.until(app / "src" / "index.js")


def test_what_does_not_matter_is_not_reported(app: Path, seen: Seen) -> None:
    """Packages, other kinds of files and a save without a change stay unreported."""
    (app / "node_modules" / "x" / "index.js").write_text("x")
    (app / "notes.txt").write_text("x")
    (app / "src" / "index.js").write_text("one")
    (app / "src" / "last.js").write_text("x")
    last = app / "src" / "last.js"
    # A save seen half-way is a change and so is its end; the file must come out as it was.
    assert seen.until(last) - {app / "src" / "index.js"} == {last}


def test_a_save_without_a_change_is_none(app: Path) -> None:
    """Once things are calm, the same content counts as unchanged."""
    reported = Seen(app)
    reported.watcher.start()
    (app / "src" / "index.js").write_text("one")
    (app / "src" / "last.js").write_text("x")
    reported.touches.get(timeout=10)
    reported.watcher.stop()
    assert app / "src" / "index.js" not in reported.watcher.take_changed_files()


def test_what_has_no_end_is_not_read(app: Path) -> None:
    """A link to a device, or a pipe that nobody writes to, would hold everything up."""
    (app / "src" / "zero.json").symlink_to("/dev/zero")
    os.mkfifo(app / "src" / "pipe.py")
    seen = Seen(app)
    seen.watcher.start()
    try:
        (app / "src" / "index.js").write_text("two")
        assert seen.until(app / "src" / "index.js") == {app / "src" / "index.js"}
    finally:
        seen.watcher.stop()


def test_a_huge_file_is_not_read_whole(app: Path, seen: Seen) -> None:
    """Its size and time tell enough."""
    huge = app / "src" / "fixture.json"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    seen.until(huge)


def test_files_that_are_named_are_watched_wherever_they_are(tmp_path: Path) -> None:
    """In packages, through links and outside the app; and nothing else is."""
    root, elsewhere = tmp_path / "app", tmp_path / "shared" / "lib.js"
    elsewhere.parent.mkdir()
    elsewhere.write_text("one")
    (root / "dist").mkdir(parents=True)
    (root / "dist" / "index.js").write_text("one")
    linked = root / "node_modules" / "shared"
    linked.parent.mkdir()
    linked.symlink_to(elsewhere.parent, target_is_directory=True)
    seen = Seen(root)
    seen.watcher.watch([root / "dist" / "index.js", linked / "lib.js"], own=False)
    seen.watcher.start()
    try:
        (root / "stray.js").write_text("new")
        elsewhere.write_text("two")
        assert seen.until(linked / "lib.js") == {linked / "lib.js"}
        (root / "dist" / "index.js").write_text("two")
        assert seen.until(root / "dist" / "index.js") == {root / "dist" / "index.js"}
    finally:
        seen.watcher.stop()


def test_files_that_are_named_later_have_not_changed(app: Path, seen: Seen) -> None:
    """A new list is no news of the files in it."""
    other = app / "node_modules" / "x" / "other.js"
    other.write_text("one")
    seen.watcher.watch([app / "src" / "index.js", other], own=False)
    (app / "src" / "index.js").write_text("two")
    assert seen.until(app / "src" / "index.js") == {app / "src" / "index.js"}


def test_the_number_of_threads_does_not_grow_with_the_folders(app: Path) -> None:
    """One looks, and one tells."""
    for n in range(50):
        (app / f"folder{n}").mkdir()
        (app / f"folder{n}" / "a.js").write_text("x")
    before = threading.active_count()
    seen = Seen(app)
    seen.watcher.start()
    try:
        assert threading.active_count() - before <= 2
    finally:
        seen.watcher.stop()

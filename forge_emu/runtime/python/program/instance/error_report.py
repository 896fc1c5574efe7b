"""Whatever a handler raised, as name, message and a stack in the app's own files."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final

from forge_emu.sdk.errors import ForgeSdkError

_LONGEST_MESSAGE: Final = 10_000
_MOST_FRAMES: Final = 20
_MOST_CAUSES: Final = 3
_PACKAGES: Final = frozenset({"site-packages", "dist-packages", ".venv", "venv"})
Json = Any


class AppFiles:
    """Which files are the app's own, and how they are named to its author."""

    def __init__(self, root: str) -> None:
        self.root = Path(root)
        self._names: dict[str, str | None] = {}

    def is_own(self, file: str) -> bool:
        """Whether a file belongs to the app and to no package."""
        return self.relative_name(file) is not None

    def relative_name(self, file: str) -> str | None:
        """A file of the app relative to it (`src/index.py`); None for other files."""
        if file not in self._names:
            self._names[file] = self._relative_name(file)
        return self._names[file]

    def _relative_name(self, file: str) -> str | None:
        try:
            path = Path(file).relative_to(self.root)
        except ValueError:
            return None
        return None if _PACKAGES & set(path.parts) else path.as_posix()


def report_of(error: BaseException, files: AppFiles) -> dict[str, Json]:
    """Name, message and stack of an error."""
    name, message = name_of(error), message_of(error)
    lines = _stack(error, files)
    stack = "\n".join([_clip(f"{name}: {message}"), *lines]) if lines else None
    return {"name": name, "message": message, "stack": stack}


def source_place(error: BaseException, files: AppFiles) -> dict[str, Json]:
    """Where the app's own code raised: file, line and column, or nothing."""
    if isinstance(error, SyntaxError) and error.filename:
        name = files.relative_name(error.filename)
        if name is not None:
            return {"source": name, "line": error.lineno or 0, "column": error.offset or 0}
    frames = _own_frames(error.__traceback__, files)
    if not frames:
        return {}
    name, frame = frames[-1]
    return {
        "source": name,
        "line": frame.lineno or 0,
        "column": 0 if frame.colno is None else frame.colno + 1,
    }


def calling_place(files: AppFiles) -> str | None:
    """The line of the app's own code that is running, as `file:line`; None where none is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if (name := files.relative_name(frame.f_code.co_filename)) is not None:
            return f"{name}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def name_of(error: BaseException) -> str:
    """The class, or what the platform's packages call it."""
    if isinstance(error, ForgeSdkError) and error.name:
        return error.name
    return type(error).__name__


def message_of(error: BaseException) -> str:
    """The text of an error."""
    try:
        return _clip(error.msg if isinstance(error, SyntaxError) else str(error))
    except Exception:
        return f"a {type(error).__name__} that cannot be printed was raised"


def _stack(error: BaseException, files: AppFiles) -> list[str]:
    """Innermost first, as the stacks of JavaScript; then what caused the error, in short."""
    frames = _own_frames(error.__traceback__, files)
    if isinstance(error, SyntaxError) and (place := source_place(error, files)):
        lines = [f"    at {place['source']}:{place['line']}:{place['column']}"]
    elif frames:
        lines = [f"    at {f.name} ({_place(name, f)})" for name, f in reversed(frames)]
    else:
        shown = [f for f in _frames(error.__traceback__) if not _is_emulator_file(f.filename)]
        lines = [f"    at {f.name} ({_place(f.filename, f)})" for f in reversed(shown)]
    return [*lines[:_MOST_FRAMES], *_causes(error, files)]


def _place(file: str, frame: traceback.FrameSummary) -> str:
    column = "" if frame.colno is None else f":{frame.colno + 1}"
    return f"{file}:{frame.lineno}{column}"


def _causes(error: BaseException, files: AppFiles) -> list[str]:
    lines: list[str] = []
    seen = {id(error)}
    inner: list[BaseException | None] = [_cause(error)]
    if isinstance(error, BaseExceptionGroup):
        inner += error.exceptions
    while inner and len(lines) < _MOST_CAUSES:
        cause = inner.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        frames = _own_frames(cause.__traceback__, files)
        where = f" ({_place(*frames[-1])})" if frames else ""
        text = (message_of(cause).splitlines() or [""])[0]
        lines.append(f"  caused by {name_of(cause)}: {text}{where}")
        inner.append(_cause(cause))
    return lines


def _cause(error: BaseException) -> BaseException | None:
    if error.__cause__ is not None:
        return error.__cause__
    return None if error.__suppress_context__ else error.__context__


def _own_frames(
    trace: TracebackType | None, files: AppFiles
) -> list[tuple[str, traceback.FrameSummary]]:
    named = ((files.relative_name(frame.filename), frame) for frame in _frames(trace))
    return [(name, frame) for name, frame in named if name is not None]


def _frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    if trace is None:
        return []
    # The innermost count; a recursion may have thousands above them.
    return list(traceback.extract_tb(trace, -200))


def _is_emulator_file(file: str) -> bool:
    return file.startswith((_HOST, _SDK, "<frozen")) or "/asyncio/" in file


_HOST: Final = str(Path(__file__).parents[1])
_SDK: Final = str(Path(__file__).parents[4] / "sdk")


def _clip(text: str) -> str:
    return f"{text[:_LONGEST_MESSAGE]}…" if len(text) > _LONGEST_MESSAGE else text

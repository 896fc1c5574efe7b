"""The emulator's own npm packages: installed once, as a whole or not at all, into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from forge_emu.errors import UserError

ESBUILD_VERSION = "0.28.2"
FAKE_TIMERS_VERSION = "14.0.0"
_INSTALL_SECONDS = 600.0


def install_tool_folder(
    cache: Path,
    npm: tuple[str, ...] | None,
    node: Path,
    esbuild_package: str,
    progress: Callable[[str], None],
) -> Path:
    """The folder whose `node_modules` holds esbuild and fake-timers; installs it when missing.

    Raises UserError where that cannot be done.
    """
    folder = cache / f"esbuild-{ESBUILD_VERSION}-timers-{FAKE_TIMERS_VERSION}"
    if _complete(folder, esbuild_package):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(str(folder) + ".lock"):
            # Another run may have done it while this one waited for the lock.
            if not _complete(folder, esbuild_package):
                _install(folder, npm, node, esbuild_package, progress)
    except OSError as e:
        raise UserError(
            f"cannot write to {cache}: {e.strerror or e}",
            "Set FORGE_EMU_CACHE to a folder that forge-emu may write to.",
        ) from e
    return folder


def run_npm(npm: tuple[str, ...], node: Path, arguments: list[str], folder: Path) -> str | None:
    """Run npm in `folder`; None when it went well, else what it said, in a line."""
    # npm's own scripts look for `node` on the PATH.
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
    quiet = {"npm_config_update_notifier": "false", "npm_config_loglevel": "error"}
    try:
        done = subprocess.run(
            [*npm, *arguments],
            cwd=folder,
            env={**os.environ, **quiet, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"it took longer than {_INSTALL_SECONDS:.0f} s"
    except OSError as e:
        return f"{npm[0]}: {e.strerror or e}"
    return None if done.returncode == 0 else _gist(done.stderr or done.stdout)


def _install(
    folder: Path,
    npm: tuple[str, ...] | None,
    node: Path,
    esbuild_package: str,
    progress: Callable[[str], None],
) -> None:
    if npm is None:
        raise UserError(
            "npm was not found; forge-emu needs it once, to install esbuild",
            "Install npm, or run in the app's folder: npm install --save-dev esbuild",
        )
    progress(f"Installing esbuild {ESBUILD_VERSION} into {folder} (once)")
    staging = Path(tempfile.mkdtemp(prefix="installing-", dir=folder.parent))
    try:
        (staging / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        failure = run_npm(
            npm,
            node,
            [
                "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact",
                f"esbuild@{ESBUILD_VERSION}", f"@sinonjs/fake-timers@{FAKE_TIMERS_VERSION}",
            ],
            staging,
        )  # fmt: skip
        if failure is None and not _complete(staging, esbuild_package):
            failure = f"there is no {esbuild_package}"
        if failure is not None:
            raise UserError(
                f"esbuild could not be installed: {failure}",
                "Check the network and npm's registry setting, then start again; or run in the "
                "app's folder: npm install --save-dev esbuild",
            )
        shutil.rmtree(folder, ignore_errors=True)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _complete(folder: Path, esbuild_package: str) -> bool:
    modules = folder / "node_modules"
    return all(
        (modules / name / "package.json").is_file()
        for name in (esbuild_package, "@sinonjs/fake-timers")
    )


def _gist(output: str) -> str:
    """npm's complaint without its decoration."""
    lines = [line.removeprefix("npm").strip() for line in output.splitlines()]
    lines = [line.removeprefix("ERR!").removeprefix("error").strip() for line in lines]
    said = [line for line in lines if line and not line.startswith(("A complete log", "code "))]
    return " ".join(said[:3])[:400] or "npm failed and did not say why"

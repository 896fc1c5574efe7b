"""The emulator's own npm packages: installed once, as a whole or not at all, into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from forge_emu.errors import UserError

ESBUILD_VERSION = "0.28.2"
FAKE_TIMERS_VERSION = "14.0.0"
PARSER_VERSION = "7.29.15"
_INSTALL_SECONDS = 600.0


class PackageSet(msgspec.Struct, frozen=True):
    """npm packages that are installed together; complete when all of `required` are there."""

    name: str
    """Of its folder in the cache."""
    packages: tuple[str, ...]
    """With their versions, as npm takes them."""
    required: tuple[str, ...]
    label: str
    hint: str

    def folder(self, cache: Path) -> Path:
        """The folder of the set in `cache`."""
        return cache / self.name

    def missing_from(self, folder: Path) -> list[str]:
        """The required packages that are not in `folder`."""
        modules = folder / "node_modules"
        return [part for part in self.required if not (modules / part / "package.json").is_file()]


def runtime_packages(esbuild_package: str) -> PackageSet:
    """What building, running and checking an app's JavaScript needs."""
    return PackageSet(
        f"esbuild-{ESBUILD_VERSION}-timers-{FAKE_TIMERS_VERSION}-parser-{PARSER_VERSION}",
        (
            f"esbuild@{ESBUILD_VERSION}",
            f"@sinonjs/fake-timers@{FAKE_TIMERS_VERSION}",
            f"@babel/parser@{PARSER_VERSION}",
        ),
        (esbuild_package, "@sinonjs/fake-timers", "@babel/parser"),
        f"esbuild {ESBUILD_VERSION}",
        "or run in the app's folder: npm install --save-dev esbuild",
    )


def install_package_set(
    package_set: PackageSet,
    cache: Path,
    npm: tuple[str, ...] | None,
    node: Path,
    progress: Callable[[str], None],
) -> Path:
    """The folder whose `node_modules` holds the packages; installs them when one is missing.

    Raises UserError where that cannot be done.
    """
    folder = package_set.folder(cache)
    if not package_set.missing_from(folder):
        return folder
    from filelock import FileLock

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(str(folder) + ".lock"):
            # Another run may have done it while this one waited for the lock.
            if package_set.missing_from(folder):
                _install(package_set, folder, npm, node, progress)
    except OSError as e:
        raise UserError(
            f"cannot write to {cache}: {e.strerror or e}",
            "Set FORGE_EMU_CACHE to a folder that forge-emu may write to.",
        ) from e
    return folder


def run_npm(npm: tuple[str, ...], node: Path, arguments: list[str], folder: Path) -> str | None:
    """Run npm in `folder`; None on success, else its error in one line."""
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
    return None if done.returncode == 0 else _error_summary(done.stderr or done.stdout)


def _install(
    package_set: PackageSet,
    folder: Path,
    npm: tuple[str, ...] | None,
    node: Path,
    progress: Callable[[str], None],
) -> None:
    if npm is None:
        raise UserError(
            f"npm was not found; forge-emu needs it once, to install {package_set.label}",
            f"Install npm, {package_set.hint}",
        )
    progress(f"Installing {package_set.label} into {folder} (once)")
    staging = Path(tempfile.mkdtemp(prefix="installing-", dir=folder.parent))
    try:
        (staging / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--save-exact")
        failure = run_npm(npm, node, ["install", *options, *package_set.packages], staging)
        if failure is None and (missing := package_set.missing_from(staging)):
            failure = f"there is no {missing[0]}"
        if failure is not None:
            raise UserError(
                f"{package_set.label} could not be installed: {failure}",
                "Check the network and npm's registry setting, then start again; "
                f"{package_set.hint}",
            )
        shutil.rmtree(folder, ignore_errors=True)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _error_summary(output: str) -> str:
    """npm's complaint without its decoration."""
    lines = [line.removeprefix("npm").strip() for line in output.splitlines()]
    lines = [line.removeprefix("ERR!").removeprefix("error").strip() for line in lines]
    useful = [line for line in lines if line and not line.startswith(("A complete log", "code "))]
    return " ".join(useful[:3])[:400] or "npm failed and did not say why"

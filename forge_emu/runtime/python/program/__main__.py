"""Started as a script by an interpreter that may not have forge-emu installed."""

import ctypes
import importlib.util
import json
import os
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the interpreter is the app's
    sys.exit(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}")

_ADDR_NO_RANDOMIZE = 0x0040000
_ASK_PERSONALITY = 0xFFFFFFFF
"""https://man7.org/linux/man-pages/man2/personality.2.html"""


def _register_package(name: str, folder: Path) -> None:
    """Register `folder` as the package `name`, without adding its parent to `sys.path`."""
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def _fix_addresses() -> None:
    """Start again with the same addresses of memory in each run, where the system allows it.

    They are in the `repr` of objects, and the order of sets of objects follows them.
    """
    if sys.platform != "linux":
        return
    personality = ctypes.CDLL(None).personality
    present = personality(_ASK_PERSONALITY)
    if present < 0 or present & _ADDR_NO_RANDOMIZE:
        return
    if personality(present | _ADDR_NO_RANDOMIZE) >= 0:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def main() -> None:
    """Run the host until forge-emu closes its pipes."""
    settings = json.loads(sys.argv[1])
    if settings["virtual"]:
        _fix_addresses()
    # The interpreter has read it; handlers see what is declared for them.
    if os.environ.get("PYTHONHASHSEED") == str(settings["seed"] % 2**32):
        del os.environ["PYTHONHASHSEED"]
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    _register_package("forge_emu", here.parents[2])
    _register_package("forge_emu_host", here)
    from forge_emu_host.host.host import serve  # type: ignore[import-not-found]

    serve(sys.argv[1])


if __name__ == "__main__":
    main()

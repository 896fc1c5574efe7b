"""Started as a script by an interpreter that may not have forge-emu installed."""

import importlib.util
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the interpreter is the app's
    sys.exit(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}")


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


def main() -> None:
    """Run the host until forge-emu closes its pipes."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    _register_package("forge_emu", here.parents[2])
    _register_package("forge_emu_host", here)
    from forge_emu_host.host.host import serve  # type: ignore[import-not-found]

    serve(sys.argv[1])


if __name__ == "__main__":
    main()

"""Problems of Python modules that do not load, with hints."""

from __future__ import annotations

import sys
from pathlib import Path

from forge_emu.errors import Problem
from forge_emu.nearest import nearest
from forge_emu.runtime.host.exports import load_problem
from forge_emu.runtime.host.wire import LoadFailure

_DISTRIBUTIONS = {
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "serial": "pyserial",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""What pip installs, where its name differs from that of the module."""


def python_load_problem(failure: LoadFailure, source: Path, python: Path) -> Problem:
    """Why a module does not load; `source` is the app's folder of modules."""
    match failure.error.name:
        case "ModuleNotFoundError":
            return _missing_module_problem(failure, source, python)
        case "SyntaxError" | "IndentationError" | "TabError":
            return _load_problem(failure, f"{failure.error.name}: {failure.error.message}", None)
        case "ImportError" if "relative import" in failure.error.message:
            hint = f"Modules in {source.name}/ have no package: write `import name`."
            return _load_problem(failure, failure.error.message, hint)
        case "ImportError":
            return _load_problem(failure, failure.error.message, "Check the name and its spelling.")
    return load_problem(failure)


def _missing_module_problem(failure: LoadFailure, source: Path, python: Path) -> Problem:
    name = failure.error.message
    top = name.partition(".")[0]
    own = sorted({path.stem for path in source.glob("*") if path.suffix == ".py" or path.is_dir()})
    if near := nearest(name, own, most=1):
        hint = f"Did you mean {near[0]}, which is in {source.name}/?"
        return _load_problem(failure, f'there is no module "{name}"', hint)
    if top in own and top in sys.stdlib_module_names:
        hint = f"Python has a module of its own that is called {top}: rename {source.name}/{top}."
        return _load_problem(failure, f'there is no module "{name}"', hint)
    if top in own:
        return _load_problem(
            failure, f'there is no module "{name}"', f"Look in {source.name}/{top}."
        )
    package = _DISTRIBUTIONS.get(top, top)
    hint = f"Run: {python} -m pip install {package}"
    return _load_problem(failure, f'the package "{top}" is not installed', hint)


def _load_problem(failure: LoadFailure, message: str, hint: str | None) -> Problem:
    return Problem(
        failure.source or failure.file, failure.line, failure.column, message, hint, rule="load"
    )

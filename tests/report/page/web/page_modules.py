"""What modules of the page answer, run by Node.js without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from forge_emu.report import page

WEB = Path(page.__file__).parent / "web"


def evaluate(module: str, names: str, expression: str) -> Any:
    """The value of `expression`, for which `names` are imported from a module of the page."""
    node = shutil.which("node")
    assert node is not None
    script = (
        f"import {{ {names} }} from {json.dumps((WEB / module).as_uri())};"
        f"console.log(JSON.stringify({expression}))"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

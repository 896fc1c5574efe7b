"""What `check` says of a build, whichever of bundler and TypeScript tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Call
from tests.npm import packages_folder
from tests.rules.apps import write_example
from tests.rules.examples import MANIFEST, Example

pytestmark = pytest.mark.node

BROKEN = "export const created = () => 1;\nexport const store = () => {\n  const a: = 1;\n};\n"


@pytest.mark.parametrize("typescript", [False, True])
def test_a_syntax_error_is_told_once(call: Call, tmp_path: Path, typescript: bool) -> None:
    """In the words of TypeScript where the app has it: both see it, at the same place."""
    files = {"src/index.ts": BROKEN, "src/index.js": ""}
    example = Example(manifest=MANIFEST, files=files, declared=(), without=("src/index.js",))
    app = write_example(tmp_path, example)
    if typescript:
        installed = packages_folder({"typescript": "5.9.2"})
        (app / "node_modules/typescript").symlink_to(installed / "node_modules/typescript")

    said = call("check", app, "--bundler", "esbuild")

    errors = [line for line in said.out.splitlines() if " error " in line]
    words = "TS1110: Type expected." if typescript else 'Unexpected "="'
    assert errors == [f"src/index.ts:3:12 error {words} [bundle]"]


def test_a_file_that_there_is_not_is_told_once(call: Call, tmp_path: Path) -> None:
    """A type that TypeScript alone misses stays."""
    source = (
        "import token from '../config';\nexport const created = () => token;\n"
        "export const store = (): Nothing => 1;\n"
    )
    files = {"src/index.ts": source, "src/index.js": ""}
    example = Example(manifest=MANIFEST, files=files, declared=(), without=("src/index.js",))
    app = write_example(tmp_path, example)
    installed = packages_folder({"typescript": "5.9.2"})
    (app / "node_modules/typescript").symlink_to(installed / "node_modules/typescript")

    said = call("check", app, "--bundler", "esbuild")

    errors = [line for line in said.out.splitlines() if " error " in line]
    assert errors == [
        'src/index.ts:1:19 error there is no file for the import "../config" [bundle]',
        "src/index.ts:3:26 error TS2304: Cannot find name 'Nothing'. [bundle]",
    ]

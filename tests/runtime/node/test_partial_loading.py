"""A function that does not load fails alone: the others run, unless none is left."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from forge_emu.model import Subscription, Success, Trigger
from tests.runtime.node.harness import RuntimeHarness, app_of, load_app, run_whole, write_app

pytestmark = pytest.mark.node

SOUND = "export const run = () => console.log('ran');"
HANDLERS = {"sound": "src/index.js#run", "broken": "src/broken.js#run"}


@pytest.mark.parametrize(
    ("source", "place", "severity"),
    [
        ("export const run = () => {", "src/broken.js:1:27", "error"),
        ("import './gone';\nexport const run = 1;", "src/broken.js:1:8", "error"),
        ("import 'no-package';\nexport const run = 1;", "src/broken.js:1:8", "error"),
        ("export const other = () => 1;", "manifest.yml:11", "error"),
        ("export const run = 5;", "manifest.yml:11", "error"),
        ("throw new Error('no browser');\nexport const run = 1;", "src/broken.js:1:7", "warning"),
        ("process.exit(3);", "src/broken.js:1:9", "warning"),
    ],
)
def test_one_that_does_not_load_fails_alone(
    tmp_path: Path, source: str, place: str, severity: str
) -> None:
    """It is named with its problem; that it throws where nothing needs it is only a warning."""
    files = {"src/index.js": SOUND, "src/broken.js": source}

    async def scene(stage: RuntimeHarness) -> None:
        build = await stage.runtime.load_app(app_of(HANDLERS), 1)
        assert build.ok
        assert [(key, str(p).split(" ")[0]) for key, p in build.unloaded.items()] == [
            ("broken", place)
        ]
        assert [p.severity for p in build.problems] == [severity]
        assert await stage.run_invocation("sound") == Success()
        assert [m.message for m in stage.logs()] == ["ran"]

    run_whole(write_app(tmp_path, files), scene)


def test_a_throw_that_a_trigger_meets_is_an_error(tmp_path: Path) -> None:
    """Its events would fail on the platform too."""
    files = {"src/index.js": SOUND, "src/broken.js": "throw new Error('broken');"}
    needs = Trigger("t", "broken", (Subscription("avi:jira:created:issue"),), 1)

    async def scene(stage: RuntimeHarness) -> None:
        app = msgspec.structs.replace(app_of(HANDLERS), triggers=(needs,))
        build = await stage.runtime.load_app(app, 1)
        assert build.ok
        assert build.unloaded["broken"].severity == "error"

    run_whole(write_app(tmp_path, files), scene)


def test_what_fails_in_a_shared_module_fails_each_that_imports_it(tmp_path: Path) -> None:
    """The platform bundles handler files apart: none gets a module that is half evaluated."""
    files = {
        "src/index.js": SOUND,
        "src/shared.js": "export const x = undefined.y;",
        **{f"src/{n}.js": "import { x } from './shared';\nexport const run = x;" for n in "ab"},
    }
    handlers = {"sound": "src/index.js#run", "a": "src/a.js#run", "b": "src/b.js#run"}

    async def scene(stage: RuntimeHarness) -> None:
        build = await stage.runtime.load_app(app_of(handlers), 1)
        assert {key: str(p).split(" ")[0] for key, p in build.unloaded.items()} == dict.fromkeys(
            "ab", "src/shared.js:1:28"
        )
        assert await stage.run_invocation("sound") == Success()

    run_whole(write_app(tmp_path, files), scene)


def test_two_functions_of_a_file_may_differ(tmp_path: Path) -> None:
    """One export is there, the other is not."""
    files = {"src/index.js": SOUND}
    handlers = {"sound": "src/index.js#run", "gone": "src/index.js#gone"}

    async def scene(stage: RuntimeHarness) -> None:
        build = await stage.runtime.load_app(app_of(handlers), 1)
        assert list(build.unloaded) == ["gone"]
        assert await stage.run_invocation("sound") == Success()

    run_whole(write_app(tmp_path, files), scene)


@pytest.mark.parametrize("broken", ["syntax error here", "throw new Error('at once');"])
def test_when_nothing_loads_nothing_is_loaded(tmp_path: Path, broken: str) -> None:
    """Every problem is an error then."""
    files = {"src/index.js": broken, "src/broken.js": broken}

    build = load_app(tmp_path, files, HANDLERS)

    assert not build.ok
    assert {p.severity for p in build.problems} == {"error"}
    assert {p.file for p in build.problems} == set(files)


def test_a_manual_package_loads_in_part(tmp_path: Path) -> None:
    """The files of a package fail alone as well."""
    files = {"dist/index.js": "exports.run = () => {};", "dist/broken.mjs": "import './gone.mjs';"}
    files["dist/broken.js"] = "import './broken.mjs';\nexport const run = () => 1;"
    handlers = {"sound": "dist/index.js#run", "broken": "dist/broken.js#run"}

    async def scene(stage: RuntimeHarness) -> None:
        build = await stage.runtime.load_app(app_of(handlers, package="dist"), 1)
        assert list(build.unloaded) == ["broken"]
        assert await stage.run_invocation("sound") == Success()

    run_whole(write_app(tmp_path, files), scene)

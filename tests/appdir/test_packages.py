"""An app's npm packages: where they are found, their schema, and what is said of missing ones."""

from __future__ import annotations

import json

import pytest

from forge_emu import appdir
from forge_emu.errors import ManifestError
from tests.conftest import AppDir
from tests.manifest.sample import MANIFEST

FILES = {"manifest.yml": MANIFEST, "src/index.js": "", "src/queue/worker.ts": ""}
RULES = {"properties": {"app": {"properties": {"licensing": {"type": "object"}}}}}


def package(name: str, version: str = "1.0.0", folder: str = "node_modules") -> dict[str, str]:
    """The files of an installed package."""
    return {f"{folder}/{name}/package.json": json.dumps({"name": name, "version": version})}


def test_packages_are_found_as_node_finds_them(app_dir: AppDir) -> None:
    """The nearest `node_modules` wins; those of directories above count too."""
    root = app_dir(
        {
            **package("@forge/api", "7.0.0"),
            **package("@forge/kvs", "1.0.0"),
            **{f"apps/one/{name}": text for name, text in FILES.items()},
            **package("@forge/api", "8.0.0", "apps/one/node_modules"),
            "apps/one/node_modules/@forge/broken/package.json": "{",
            "apps/one/node_modules/left-pad/package.json": "{}",
        }
    )

    assert appdir.load_app(root / "apps" / "one").packages == {
        "@forge/api": "8.0.0",
        "@forge/kvs": "1.0.0",
    }


@pytest.mark.parametrize("inside", ["@forge/manifest", "@forge/cli/node_modules/@forge/manifest"])
def test_the_schema_of_the_installed_package_is_used(app_dir: AppDir, inside: str) -> None:
    """Where `@forge/manifest` is installed, its rules hold too."""
    root = app_dir(
        {
            **FILES,
            "manifest.yml": MANIFEST + "  licensing: 5\n",
            f"node_modules/{inside}/out/schema/manifest-schema.json": json.dumps(RULES),
        }
    )

    with pytest.raises(ManifestError, match=r"25:14 app\.licensing must be a mapping"):
        appdir.load_app(root)


@pytest.mark.parametrize("schema", ["", "{", "[]", "null", "\0", "[" * 100_000])
def test_a_damaged_schema_is_left_aside(app_dir: AppDir, schema: str) -> None:
    """The app is not to blame for its packages."""
    path = "node_modules/@forge/manifest/out/schema/manifest-schema.json"

    assert appdir.load_app(app_dir({**FILES, path: schema})).app.warnings == ()


def test_packages_that_are_declared_but_missing_are_diagnosed(app_dir: AppDir) -> None:
    """Each with its line in package.json; what is installed is not named."""
    declared = '{\n  "dependencies": {\n    "@forge/api": "7",\n    "@forge/kvs": "1"\n  }\n}\n'
    root = app_dir({**FILES, **package("@forge/api"), "package.json": declared})

    assert [str(problem) for problem in appdir.package_problems(appdir.load_app(root))] == [
        "package.json:4:5 @forge/kvs is declared but not installed"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, ["package.json the app has no package.json"]),
        ("{}", []),
        ('{"dependencies": 5}', []),
        ("[]", ["package.json:1:1 package.json must hold an object"]),
    ],
)
def test_package_json_is_diagnosed(app_dir: AppDir, text: str | None, said: list[str]) -> None:
    """A missing one is a warning, a broken one an error."""
    root = app_dir(FILES if text is None else {**FILES, "package.json": text})

    assert [str(problem) for problem in appdir.package_problems(appdir.load_app(root))] == said


def test_a_broken_package_json_is_an_error(app_dir: AppDir) -> None:
    """npm would not read it either."""
    [problem] = appdir.package_problems(appdir.load_app(app_dir({**FILES, "package.json": "{"})))

    assert problem.severity == "error"
    assert problem.message.startswith("package.json is not JSON")

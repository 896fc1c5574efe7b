"""Packages that are not installed are named once, whatever imports them."""

from __future__ import annotations

import json
from pathlib import Path

from forge_emu.appdir.missing_packages import with_packages_once
from forge_emu.errors import Problem


def missing(package: str, file: str) -> Problem:
    """What the build says of one import."""
    message = f'the package "{package}" is not installed'
    return Problem(file, 1, 8, message, f"Run: npm install {package}", rule="bundle")


def said(root: Path, declared: list[str], *problems: Problem) -> list[tuple[str, str, str | None]]:
    """Place, message and hint of what is left of `problems`."""
    (root / "package.json").write_text(json.dumps({"dependencies": dict.fromkeys(declared, "1")}))
    return [(p.file, p.message, p.hint) for p in with_packages_once(root, problems)]


def test_a_package_is_named_at_its_first_import(tmp_path: Path) -> None:
    """With the number of the other files; a subpath is the same package."""
    problems = [
        missing("lodash/fp", "src/b.js"),
        missing("lodash", "src/a.js"),
        missing("lodash", "src/c.js"),
    ]

    assert said(tmp_path, [], *problems) == [
        (
            "src/a.js",
            'the package "lodash" is not installed; 2 more files import it',
            "Run: npm install lodash",
        )
    ]


def test_of_a_declared_package_all_are_installed_at_once(tmp_path: Path) -> None:
    """The warning about package.json would say the same again."""
    declared = Problem(
        "package.json", 3, 5, "@forge/api is declared but not installed", None, "warning",
        "package-missing",
    )  # fmt: skip

    assert said(tmp_path, ["@forge/api"], declared, missing("@forge/api", "src/a.js")) == [
        (
            "src/a.js",
            'the package "@forge/api" is not installed',
            "Run: npm install --ignore-scripts",
        )
    ]


def test_where_many_are_missing_one_problem_names_them(tmp_path: Path) -> None:
    """A fresh clone has none of its packages; what is not declared stands alone."""
    names = [f"@forge/p{i}" for i in range(10)]
    problems = [missing(name, f"src/{i}.js") for i, name in enumerate(names)]

    shown = ", ".join(names[:8])
    assert said(tmp_path, names, *problems, missing("other", "src/x.js")) == [
        (
            "src/0.js",
            f"10 packages that package.json declares are not installed: {shown} and 2 more",
            "Run: npm install --ignore-scripts",
        ),
        ("src/x.js", 'the package "other" is not installed', "Run: npm install other"),
    ]


def test_other_problems_are_kept(tmp_path: Path) -> None:
    """A package that is declared and missing, and that nothing imports, is still a warning."""
    warning = Problem(
        "package.json", 3, 5, "@forge/kvs is declared but not installed", None, "warning",
        "package-missing",
    )  # fmt: skip
    other = Problem("src/a.js", 1, 1, "Unexpected", None, rule="bundle")

    assert with_packages_once(tmp_path, [warning, other]) == [warning, other]

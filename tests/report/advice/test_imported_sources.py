"""The sources that count as the app's: those that its handlers import."""

from __future__ import annotations

import pytest

from forge_emu.report.advice.imported_sources import imported_sources

OTHERS = {"src/store.ts": "", "src/more/index.js": "", "lib/util.js": "", "seed.js": "import './x'"}


@pytest.mark.parametrize(
    ("text", "imported"),
    [
        ("import { put } from './store';", ["src/store.ts"]),
        ("import './store.js'", ["src/store.ts"]),
        ('export * from "./more";', ["src/more/index.js"]),
        ("const { put } = require('./more/index');", ["src/more/index.js"]),
        ("const util = await import('../lib/util.js');", ["lib/util.js"]),
        ("import util from '/lib/util';", ["lib/util.js"]),
        ("import api from '@forge/api'; import fs from 'node:fs'; import './data.json';", []),
    ],
)
def test_only_what_is_imported_counts(text: str, imported: list[str]) -> None:
    """Through any form of import; packages, and files that are no source, are none of it."""
    sources = {"src/index.js": text, **OTHERS}
    assert sorted(imported_sources(sources, ["src/index.js"])) == sorted(
        ["src/index.js", *imported]
    )


def test_imports_are_followed() -> None:
    """Also in a circle."""
    sources = {
        "src/index.js": "import './a'",
        "src/a.js": "import './b'",
        "src/b.js": "import './a'; import './index'",
        "src/c.js": "",
    }
    assert set(imported_sources(sources, ["src/index.js"])) == {
        "src/index.js",
        "src/a.js",
        "src/b.js",
    }


@pytest.mark.parametrize("name", ["@/store", "~/store", "#store", "src/store", "@app/store"])
def test_where_an_import_is_not_certain_all_sources_count(name: str) -> None:
    """It may be an alias of a file."""
    sources = {"src/index.js": f"import x from '{name}'", **OTHERS}
    assert imported_sources(sources, ["src/index.js"]) == sources


def test_a_missing_entry_and_python_count_all() -> None:
    """A handler that is not read says nothing; what Python imports is not judged."""
    assert imported_sources(OTHERS, ["src/gone.js"]) == OTHERS
    python = {"src/index.py": "import store", "src/store.py": "", "seed.py": ""}
    assert imported_sources(python, ["src/index.py"]) == python

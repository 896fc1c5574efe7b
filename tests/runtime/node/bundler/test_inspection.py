"""When the quick build does not count."""

from __future__ import annotations

import pytest

from forge_emu.runtime.node.bundler.inspection import Rules, needs_full_build

PLAIN = Rules(module_package=False, plain_namespaces=False)


def test_plain_scripts_do_not_need_more() -> None:
    """Comments, strings and packages that look alike change nothing."""
    bundle = 'var a = require("node:fs");\nfree.require("x"); var __require = 1; x.__dirname;\n'
    scripts = {
        "src/index.js": "/** @param x 01 */\nexport const exported = 'module.x';\n// 4,000 units\n"
    }

    assert not needs_full_build(bundle, {"src/index.js": {}, "a.json": {}}, scripts, PLAIN)


@pytest.mark.parametrize(
    "bundle",
    [
        "require(name)",
        'require("pk/" + name)',
        'import("pk/" + name)',
        "f(require)",
        "module2.require('x')",
        "__dirname",
        "import_meta2.url",
        "var x = __glob({",
    ],
)
def test_what_is_known_when_it_runs_needs_more(bundle: str) -> None:
    """Requests that are no text, and places of sources."""
    assert needs_full_build(f"var a = 1;\n{bundle};", {"src/index.js": {}}, {}, PLAIN)


@pytest.mark.parametrize(
    "statement",
    [
        "    return;",
        "    if (a(b)) return 1;",
        "    if (a) {\n      b;\n      return;\n    }",
        "    if (a) {\n      b;\n    } else {\n      return;\n    }",
    ],
)
def test_return_outside_a_function_needs_more(statement: str) -> None:
    """Babel refuses it."""
    bundle = f'var a = __commonJS({{\n  "src/a.js"(exports) {{\n{statement}\n  }}\n}});\n'
    function = f"    function f() {{\n{statement.replace('    ', '      ')}\n    }}"

    assert needs_full_build(bundle, {"src/a.js": {}}, {}, PLAIN)
    assert not needs_full_build(bundle.replace(statement, function), {"src/a.js": {}}, {}, PLAIN)


@pytest.mark.parametrize("name", ["src/a.txt", "src/a.css", "src/a.mts", "node_modules/pk/a.ts"])
def test_files_that_are_no_scripts_need_more(name: str) -> None:
    """The bundler has other ways with them than esbuild."""
    assert needs_full_build("", {name: {}}, {}, PLAIN)


@pytest.mark.parametrize(
    ("name", "text", "rules"),
    [
        ("src/a.js", "import a from 'a';\nmodule.exports = a;", PLAIN),
        ("src/a.js", "with (a) b;", PLAIN),
        ("src/a.js", "const a = 010;", PLAIN),
        ("src/a.js", "delete a;", PLAIN),
        ("src/a.js", "const f = (a, b, a) => {};\nfunction g(a, a) {}", PLAIN),
        ("src/a.js", "let static = 1;", PLAIN),
        ("src/a.js", "import a from './a.json' assert { type: 'json' };", PLAIN),
        ("src/a.js", "class A { accessor a = 1 }", PLAIN),
        ("src/a.js", "<!-- a\nb;", PLAIN),
        ("src/a.js", "const a = require('./a');", Rules(True, False)),
        ("src/a.js", "", Rules(False, False, misread=True)),
        ("src/a.js", "class A {\n  @log a() {}\n}", PLAIN),
        ("src/a.ts", "import * as a from 'a';", Rules(False, True)),
        ("src/a.ts", "", Rules(True, False)),
    ],
)
def test_what_the_app_says_may_need_more(name: str, text: str, rules: Rules) -> None:
    """What Babel and TypeScript take otherwise than esbuild."""
    assert needs_full_build("", {name: {}}, {name: text}, rules)

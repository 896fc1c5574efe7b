"""Whether a file is an ES module or CommonJS."""

from __future__ import annotations

from tests.runtime.node.bundler.build_cases import (
    COMMONJS_PACKAGE,
    MODULE_PACKAGE,
    BuildCase,
    handler,
    package,
    typed,
)

CASES = [
    BuildCase(
        "an ES module in a package of the type commonjs",
        {
            "package.json": COMMONJS_PACKAGE,
            "src/index.js": handler("console.log(1);"),
        },
        fails='not possible in a package of "type": "commonjs"',
        at="src/index.js:2:1",
    ),
    BuildCase(
        "an ES module in an installed package of the type commonjs",
        {
            "src/index.js": handler("console.log(a);", "import { a } from 'pk';"),
            **package(
                "pk", '"type": "commonjs", "module": "a.js"', {"a.js": "export const a = 1;"}
            ),
        },
        fails='not possible in a package of "type": "commonjs"',
        at="node_modules/pk/a.js:1:1",
    ),
    BuildCase(
        "an ES module in a .cjs file",
        {
            "src/index.js": handler("console.log(a);", "import { a } from './a.cjs';"),
            "src/a.cjs": "export const a = 1;",
        },
        fails="not possible in a .cjs file",
        at="src/a.cjs:1:1",
    ),
    BuildCase(
        "CommonJS and TypeScript in a package of the type commonjs",
        {
            "package.json": COMMONJS_PACKAGE,
            "src/index.ts": typed(
                "console.log(a, b);", "import { a } from './a';\nimport { b } from './b';"
            ),
            "src/a.ts": "export const a = 1;",
            "src/b.js": "exports.b = 2;",
        },
        says="1 2",
        main="src/index.ts",
    ),
    BuildCase(
        "require of a file in a module package",
        {
            "package.json": MODULE_PACKAGE,
            "src/index.js": handler("console.log(1);", "const b = require('./b');"),
            "src/b.js": "export const b = 1;",
        },
        fails="Cannot find module './b'",
        at="src/index.js:1:",
    ),
    BuildCase(
        "require of a module of Node.js in a module package",
        {
            "package.json": MODULE_PACKAGE,
            "src/index.js": handler(
                "console.log(typeof fs.readFileSync);", "const fs = require('fs');"
            ),
        },
        says="function",
    ),
    BuildCase(
        "a module in a data URL",
        {
            "src/index.js": handler(
                "console.log(a);", "import a from 'data:text/javascript,export default 42';"
            )
        },
        says="42",
    ),
]

"""Requests of other forms than `require('./x')`, as Forge's bundler takes them."""

from __future__ import annotations

from tests.runtime.node.bundler.build_cases import BuildCase, handler, package

_PARTS = {
    "src/a.js": "exports.a = 1;",
    "src/parts/b.js": "exports.b = 2;",
}

CASES = [
    BuildCase(
        "require by another name",
        {
            "src/index.js": handler(
                "console.log(load('./a').a, load('./parts/' + (event.x ?? 'b')).b);",
                "const load = require;",
            ),
            **_PARTS,
        },
        says="1 2",
    ),
    BuildCase(
        "module.require",
        {
            "src/index.js": handler(
                "console.log(module.require('./a').a,"
                " module.require('./parts/' + (event.x ?? 'b')).b);"
            ),
            **_PARTS,
        },
        says="1 2",
    ),
    BuildCase(
        "module.require in a package",
        {
            "src/index.js": handler("console.log(pk);", "import pk from 'pk';"),
            **package(
                "pk",
                "",
                {
                    "index.js": "module.exports = module.require('./b') + "
                    "typeof module.require('node:fs').readFileSync;",
                    "b.js": "module.exports = 'b ';",
                },
            ),
        },
        says="b function",
    ),
    BuildCase(
        "a request that is known in part, in a package",
        {
            "src/index.js": handler(
                "const n = event.x ?? 'nb'; console.log(require('words/lang/' + n).hi,"
                " (await import('words/lang/' + n + '.json')).default.hi);"
            ),
            **package("words", "", {"lang/nb.json": '{"hi": "hei"}', "index.js": ""}),
        },
        says="hei hei",
    ),
]
"""Each was built with `@forge/bundler` 7.3.0."""

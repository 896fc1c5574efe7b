"""Files that are no scripts, and where files are."""

from __future__ import annotations

from tests.runtime.node.bundler.build_cases import MODULE_PACKAGE, BuildCase, handler, package

_READ = "import { readFileSync } from 'node:fs';\nimport path from 'node:path';"
_NO_LOADER = "Unexpected"

CASES = [
    BuildCase(
        "text",
        {
            "src/index.js": handler("console.log(text);", "import text from './a.txt';"),
            "src/a.txt": "Hello\n",
        },
        fails="ReferenceError: Hello is not defined",
        at="src/a.txt:1:1",
    ),
    BuildCase(
        "text that is JavaScript, and none at all",
        {
            "src/index.js": handler(
                "console.log(n, none);", "import n from './n.txt';\nimport none from './none.txt';"
            ),
            "src/n.txt": "42\n",
            "src/none.txt": "",
        },
        says="{} {}",
    ),
    BuildCase(
        "GraphQL, with a query",
        {
            "src/index.js": handler("console.log(q);", "import q from './q.graphql?raw';"),
            "src/q.graphql": "query { me }",
        },
        fails='Expected ";" but found "{"',
        at="src/q.graphql:1:7",
    ),
    BuildCase(
        "HTML",
        {
            "src/index.js": handler("console.log(h.trim());", "import h from './a.html';"),
            "src/a.html": "<p>hi</p>\n",
        },
        says="<p>hi</p>",
    ),
    BuildCase(
        "style sheets",
        {
            "src/index.js": handler(
                "console.log(Object.keys(s).join(), typeof s.x, typeof c);",
                "import * as s from './a.module.css';\nimport c from './b.css';",
            ),
            "src/a.module.css": ".x { color: red } /* .no {} */ .y-z:hover { color: blue }",
            "src/b.css": ".u { color: red }",
        },
        says="x,y-z string undefined",
        warns='the export "default" was not found in "src/b.css"',
    ),
    BuildCase(
        "JSON",
        {
            "src/index.js": handler(
                "console.log(a, all.b);",
                "import { a } from './a.json';\nimport all from './a.json' with { type: 'json' };",
            ),
            "src/a.json": '{"a": 1, "b": 2}',
        },
        says="1 2",
    ),
    BuildCase(
        "JSON with comments",
        {
            "src/index.js": handler("console.log(a);", "import a from './a.json';"),
            "src/a.json": '{ // no\n"a": 1}',
        },
        fails="JSON does not support comments",
    ),
    BuildCase(
        "a picture",
        {
            "src/index.js": handler("console.log(a);", "import a from './a.png';"),
            "src/a.png": "\x89PNG",
        },
        fails="",
        at="src/a.png:1:1",
    ),
    BuildCase(
        "a native addon",
        {
            "src/index.js": handler("console.log(f);", "import { f } from 'pk';"),
            **package("pk", "", {"index.js": "exports.f = require('./a.node');", "a.node": "ELF"}),
        },
        fails="a native addon cannot be bundled",
        at="node_modules/pk/a.node",
    ),
    BuildCase(
        "WebAssembly",
        {
            "src/index.js": handler("console.log(w);", "import w from './a.wasm';"),
            "src/a.wasm": "\x00asm",
        },
        fails="a WebAssembly module",
    ),
    BuildCase(
        "TypeScript in a package",
        {
            "src/index.js": handler("console.log(f);", "import { f } from 'pk';"),
            **package("pk", '"main": "a.ts"', {"a.ts": "export const f: string = 'x';"}),
        },
        fails='Expected ";" but found ":"',
        at="node_modules/pk/a.ts:1:15",
    ),
    BuildCase(
        "a query after the name of a script, a mark and a line for the shell",
        {
            "src/index.js": "\ufeff#!/usr/bin/env node"
            + handler("console.log(a);", "\nimport { a } from './x?v=1';"),
            "src/x.js": "export const a = 1;",
        },
        says="1",
    ),
    BuildCase(
        "the sources are not deployed",
        {
            "src/index.js": handler(
                "console.log(readFileSync(path.join(__dirname, 'a.txt'), 'utf8'));", _READ
            ),
            "src/a.txt": "Hello",
        },
        says="threw ENOENT: no such file or directory, open 'src/a.txt'",
    ),
    BuildCase(
        "extra files are",
        {
            "src/index.js": handler(
                "console.log(readFileSync(path.join(__dirname, 'a.txt'), 'utf8'),"
                " readFileSync('./data/b.txt', 'utf8'));",
                _READ,
            ),
            "src/a.txt": "A",
            "data/b.txt": "B",
            "data/c.txt": "C",
        },
        says="A B",
        extra_files=("src/*.txt", "data/{b,x}.txt"),
    ),
    BuildCase(
        "a pattern of extra files without files",
        {"src/index.js": handler("console.log(1);")},
        fails="'data/*.txt' does not match any files",
        extra_files=("data/*.txt",),
    ),
    BuildCase(
        "package.json is not deployed",
        {
            "src/index.js": handler(
                "console.log(v);", f"{_READ}\nconst v = readFileSync('package.json', 'utf8');"
            )
        },
        fails="ENOENT: no such file or directory, open 'package.json'",
    ),
    BuildCase(
        "places of sources",
        {
            "src/index.js": handler(
                "console.log(d, import.meta.dirname, path.basename(__filename),"
                " import.meta.url.endsWith('/src/index.js'), p);",
                "import path from 'node:path';\nimport { d } from './lib/a';\n"
                "import { p } from 'pk';",
            ),
            "src/lib/a.js": "export const d = __dirname;",
            **package("pk", "", {"index.js": "exports.p = __dirname;"}),
        },
        says="src/lib src index.cjs true node_modules/pk",
    ),
    BuildCase(
        "places in a module package",
        {
            "package.json": MODULE_PACKAGE,
            "src/index.js": handler(
                "console.log(path.basename(__dirname), typeof require, typeof import.meta.url);",
                "import path from 'node:path';",
            ),
        },
        says="deployed function string",
    ),
    BuildCase(
        "a file by its URL",
        {
            "src/index.js": handler(
                "console.log(readFileSync(new URL('./d.txt', import.meta.url), 'utf8'));", _READ
            ),
            "src/d.txt": "data",
        },
        says="data",
    ),
    BuildCase(
        "a file by its URL that is not there",
        {"src/index.js": handler("console.log(new URL('./gone.txt', import.meta.url));")},
        fails='no file for the import "./gone.txt"',
    ),
    BuildCase(
        "production",
        {
            "src/index.js": handler(
                "const { NODE_ENV } = process.env; console.log(process.env.NODE_ENV, NODE_ENV);"
            )
        },
        says="production production",
    ),
]

"""Which file an import means."""

from __future__ import annotations

from tests.runtime.node.bundler.build_cases import (
    COMMONJS,
    MODULE_PACKAGE,
    BuildCase,
    handler,
    package,
    typed,
)

_ALIASES = (
    '{"compilerOptions": {"module": "commonjs", "baseUrl": ".", "paths": {"@/*": ["src/*"]}}}'
)
_KEY = "export const key = (event) => event.issue.key;\n"
_LIB = "export const a = 'lib';\n"
_TRANSPILED = "exports.__esModule = true; exports.default = () => 1;"
_USES_PK = handler("console.log(f);", "import { f } from 'pk';")

CASES = [
    BuildCase(
        "a path alias of tsconfig.json",
        {
            "src/index.ts": typed("console.log(a);", "import { a } from '@/lib/x';"),
            "src/lib/x.ts": _LIB,
            "tsconfig.json": _ALIASES,
        },
        fails='"@/lib/x" is a path alias',
        at="src/index.ts:1:19",
        main="src/index.ts",
    ),
    BuildCase(
        "a path alias of jsconfig.json",
        {
            "src/index.js": handler("console.log(a);", "import { a } from '~/x';"),
            "src/x.js": _LIB,
            "jsconfig.json": '{"compilerOptions": {"paths": {"~/*": ["./src/*"]}}} // aliases',
        },
        fails='"~/x" is a path alias',
    ),
    BuildCase(
        "a path alias for a type",
        {
            "src/index.ts": "import type { Issue } from '@/issue';\n"
            "export const run = async (event: { issue: Issue }) => console.log('ran');\n",
            "src/issue.ts": "export interface Issue { key: string }\n",
            "tsconfig.json": _ALIASES,
        },
        says="ran",
        main="src/index.ts",
    ),
    BuildCase(
        "baseUrl",
        {
            "src/index.ts": typed("console.log(a);", "import { a } from 'src/x';"),
            "src/x.ts": _LIB,
            "tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}',
        },
        fails='"src/x" is not installed',
        main="src/index.ts",
    ),
    BuildCase(
        "a .js specifier of a .ts file",
        {
            "src/index.ts": typed("console.log(a);", "import { a } from './lib.js';"),
            "src/lib.ts": _LIB,
            "tsconfig.json": COMMONJS,
        },
        fails='no file for the import "./lib.js"',
        at="src/index.ts:1:19",
        main="src/index.ts",
    ),
    BuildCase(
        "an import that begins with /src/",
        {
            "src/index.js": handler(
                "console.log(a, b.y, event.issue.key);",
                "import { a } from '/lib/x';\nconst b = require('/src/y.js');",
            ),
            "lib/x.js": _LIB,
            "src/y.js": "exports.y = 2;",
        },
        says="lib 2 EMU-1",
    ),
    BuildCase(
        "another case of letters",
        {
            "src/index.js": handler("console.log(key(event))", "import { key } from './Lib/Keys';"),
            "src/lib/keys.js": _KEY,
        },
        fails='no file for the import "./Lib/Keys"',
        at="src/index.js:1:21",
    ),
    BuildCase(
        "another case of letters in the file's name",
        {
            "src/index.js": handler("console.log(key(event))", "import { key } from './lib/Keys';"),
            "src/lib/keys.js": _KEY,
        },
        fails='no file for the import "./lib/Keys"',
        at="src/index.js:1:21",
    ),
    BuildCase(
        "a file outside src",
        {
            "src/index.js": handler("console.log(key(event))", "import { key } from '../shared/k'"),
            "shared/k.js": _KEY,
        },
        says="EMU-1",
    ),
    BuildCase(
        "the order of extensions",
        {
            "src/index.js": handler("console.log(a);", "import { a } from './lib';"),
            "src/lib.js": "export const a = 'js';",
            "src/lib.ts": "export const a = 'ts';",
            "src/lib.json": '{"a": "json"}',
        },
        says="ts",
    ),
    BuildCase(
        ".mjs is no extension that is tried",
        {
            "src/index.js": handler("console.log(a);", "import { a } from './lib';"),
            "src/lib.mjs": _LIB,
        },
        fails='no file for the import "./lib"',
    ),
    BuildCase(
        "an index, and JSON without its extension",
        {
            "src/index.js": handler(
                "console.log(a, d.b);", "import { a } from './lib';\nimport d from './data';"
            ),
            "src/lib/index.js": _LIB,
            "src/data.json": '{"b": 1}',
        },
        says="lib 1",
    ),
    BuildCase(
        "main against module",
        {
            "src/index.js": _USES_PK,
            **package(
                "pk",
                '"main": "m.js", "module": "m.mjs", "browser": "b.js"',
                {"m.js": "exports.f = 'main';", "m.mjs": "export const f = 'module';"},
            ),
        },
        says="module",
    ),
    BuildCase(
        "a CommonJS package that requires ES modules of the same name",
        {
            "src/index.js": handler("console.log(pk());", "import pk from 'pk';"),
            **package("pk", "", {
                "index.js": "module.exports = () => ['a', 'b', 'c']"
                ".map((n) => ({ a: () => require('./a/m.mjs'), b: () => require('./b/m.mjs'),"
                " c: () => require('./c/m.mjs') })[n]().name).join('');",
                **{f"{n}/m.mjs": f"export const name = '{n}';" for n in "abc"},
            }),
        },
        says="abc",
    ),
    BuildCase(
        "conditions of exports",
        {
            "src/index.js": _USES_PK,
            **package(
                "pk",
                '"exports": {"browser": "./b.js", "development": "./b.js",'
                ' "production": "./p.js", "default": "./b.js"}',
                {"b.js": "exports.f = 'wrong';", "p.js": "exports.f = 'production';"},
            ),
        },
        says="production",
    ),
    BuildCase(
        "the conditions module and webpack",
        {
            "src/index.js": handler("console.log(f, g);", "import { f } from 'pk';\n"
            "import { g } from 'pk2';"),
            **package("pk", '"exports": {"module": "./m.js", "import": "./i.js"}',
            {"m.js": "export const f = 'module';", "i.js": "export const f = 'import';"}),
            **package("pk2", '"exports": {"webpack": "./w.js", "node": "./n.js"}',
            {"w.js": "exports.g = 'webpack';", "n.js": "exports.g = 'node';"}),
        },
        says="module webpack",
    ),
    BuildCase(
        "import against require",
        {
            "src/index.js": handler(
                "console.log(f, require('pk').f);", "import { f } from 'pk';"
            ),
            **package(
                "pk",
                '"exports": {"import": "./i.mjs", "require": "./r.js"}',
                {"i.mjs": "export const f = 'import';", "r.js": "exports.f = 'require';"},
            ),
        },
        says="import require",
    ),
    BuildCase(
        "patterns of exports, imports and the package itself",
        {
            "package.json": '{"name": "app", "imports": {"#lib/*": "./src/lib/*.js"},'
            ' "exports": {"./self": "./src/lib/x.js"}}',
            "src/index.js": handler(
                "console.log(f, a, b);",
                "import { f } from 'pk/deep';\nimport { a } from '#lib/x';\n"
                "import { a as b } from 'app/self';",
            ),
            "src/lib/x.js": _LIB,
            **package("pk", '"exports": {"./*": "./lib/*.js"}', {"lib/deep.js": "exports.f = 1;"}),
        },
        says="1 lib lib",
    ),
    BuildCase(
        "a subpath that a package does not export",
        {
            "src/index.js": handler("console.log(f);", "import f from 'pk/lib/x';"),
            **package("pk", '"exports": {".": "./a.js"}', {"a.js": "", "lib/x.js": ""}),
        },
        fails='the package pk has no "lib/x" that can be imported',
    ),
    BuildCase(
        "a package that is not there",
        {"src/index.js": handler("console.log(f);", "import f from '@some/gone/sub';")},
        fails='the package "@some/gone/sub" is not installed',
    ),
    BuildCase(
        "an optional package that is not there",
        {
            "src/index.js": handler(
                "console.log(x);", "let x; try { x = require('gone'); } catch (e) { x = e.code; }"
            )
        },
        says="MODULE_NOT_FOUND",
    ),
    BuildCase(
        "CommonJS in a script of a module package",
        {
            "package.json": MODULE_PACKAGE,
            "src/index.js": handler("console.log(typeof lib);", "import lib from 'pk';"),
            **package("pk", "", {"index.js": _TRANSPILED}),
        },
        says="object",
    ),
    BuildCase(
        "CommonJS in TypeScript of a module package",
        {
            "package.json": MODULE_PACKAGE,
            "src/index.ts": typed("console.log(typeof lib, a);", "import lib from 'pk';\n"
            "import { a } from './x';"),
            "src/x.ts": "import lib from 'pk'; export const a = typeof lib;",
            **package("pk", "", {"index.js": _TRANSPILED}),
        },
        says="function function",
        main="src/index.ts",
    ),
    BuildCase(
        "a namespace of CommonJS in TypeScript",
        {
            "src/index.ts": typed("console.log(typeof lib);", "import * as lib from 'pk';"),
            "tsconfig.json": COMMONJS,
            **package("pk", "", {"index.js": "module.exports = () => 1;"}),
        },
        says="function",
        main="src/index.ts",
    ),
]  # fmt: skip

"""What code may say, and what it means."""

from __future__ import annotations

from tests.runtime.node.bundler.build_cases import (
    COMMONJS,
    MODULE_PACKAGE,
    BuildCase,
    handler,
    package,
    typed,
)

_STEPS = {"src/steps/a.js": "exports.f = () => 'A';", "src/steps/b.js": "exports.f = () => 'B';"}
_CATCH = "try {{ {} }} catch (e) {{ console.log(e.message, e.code); }}"

CASES = [
    BuildCase(
        "JSX in .js",
        {"src/index.js": handler("console.log(<b/>);")},
        fails="JSX is not possible in .js and .jsx files",
    ),
    BuildCase(
        "JSX in .jsx",
        {
            "src/index.js": handler("console.log(v);", "import { v } from './v';"),
            "src/v.jsx": "const h = (x) => x;\nexport const v = <b/>;\n",
        },
        fails="JSX is not possible in .js and .jsx files",
        at="src/v.jsx:2:18",
    ),
    BuildCase(
        "JSX in a package",
        {
            "src/index.js": handler("console.log(f);", "import { f } from 'pk';"),
            **package("pk", "", {"index.js": "exports.f = () => <p/>;\n"}),
        },
        fails="JSX in a package's JavaScript",
        at="node_modules/pk/index.js:1:19",
    ),
    BuildCase(
        "JSX in .tsx makes elements of ForgeUI",
        {
            "src/index.tsx": typed(
                "console.log(<b id='1'/>);",
                "const ForgeUI = { createElement: (t: any, p: any) => t + p.id };",
            )
        },
        says="b1",
        main="src/index.tsx",
    ),
    BuildCase(
        "decorators in .js",
        {"src/index.js": handler("console.log(1);", "class A { @log hi() {} }")},
        fails="decorators",
    ),
    BuildCase(
        "decorators in TypeScript",
        {
            "src/index.ts": typed(
                "new A().hi();",
                "const log = (t: any, k: string, d: any) => {\n"
                "  d.value = () => console.log('called', k);\n};\nclass A { @log hi() {} }",
            ),
            "tsconfig.json": '{"compilerOptions": {"experimentalDecorators": true}}',
        },
        says="called hi",
        main="src/index.ts",
    ),
    BuildCase(
        "fields of classes follow the target",
        {
            "src/index.ts": typed(
                "console.log(Object.keys(new A()).join());", "class A { x = 1; y?: number; }"
            ),
            "tsconfig.json": '{"compilerOptions": {"target": "es2021", /* old */ }}',
        },
        says="x",
        main="src/index.ts",
    ),
    BuildCase(
        "what a configuration extends",
        {
            "src/index.ts": typed(
                "console.log(Object.keys(new A()).join());", "class A { x = 1; y?: number; }"
            ),
            "tsconfig.json": '{"extends": "./base"}',
            "base.json": '{"compilerOptions": {"target": "es2022"}}',
        },
        says="x,y",
        main="src/index.ts",
    ),
    BuildCase(
        "with in CommonJS",
        {"src/index.js": "exports.run = async () => { with ({ a: 1 }) { console.log(a); } };"},
        fails="'with' in strict mode",
        at="src/index.js:1:29",
    ),
    BuildCase(
        "old octal numbers",
        {"src/index.js": handler("console.log(010);")},
        fails="octal literals are not allowed",
    ),
    BuildCase(
        "an octal escape in a text",
        {"src/index.js": "exports.run = () => console.log('\\x1b \\07');"},
        fails="The only valid numeric escape in strict mode is '\\0'.",
        at="src/index.js:1:40",
    ),
    BuildCase(
        "a number after a backslash that is escaped, and in a regular expression",
        {"src/index.js": "exports.run = () => console.log('\\\\07', /(a)\\1/.test('aa'), '\\0');"},
        says="\\07 true \0",
    ),
    BuildCase(
        "delete of a variable in CommonJS",
        {"src/index.js": "var x = 1; delete x; exports.run = () => {};"},
        fails="Deleting local variable in strict mode",
        at="src/index.js:1:12",
    ),
    BuildCase(
        "two parameters of one name in CommonJS",
        {"src/index.js": "function f(a, a) { return a; } exports.run = () => f(1, 2);"},
        fails="Argument name clash",
        at="src/index.js:1:15",
    ),
    BuildCase(
        "a reserved word as a name in CommonJS",
        {"src/index.js": "var static = 1; exports.run = () => console.log(static);"},
        fails="Unexpected reserved word 'static'",
        at="src/index.js:1:5",
    ),
    BuildCase(
        "module.exports beside import",
        {
            "src/index.js": "import os from 'node:os';\n"
            "module.exports = { run: () => console.log(typeof os) };"
        },
        fails="ES Modules may not assign module.exports",
        at="src/index.js:2",
    ),
    BuildCase(
        "a property of module.exports beside import",
        {"src/index.js": "import 'node:os';\nmodule.exports.run = () => console.log(1);"},
        fails="Cannot set properties of undefined (setting 'run')",
    ),
    BuildCase(
        "exports.run beside import",
        {"src/index.js": "import os from 'os';\nexports.run = () => console.log(typeof os.EOL);"},
        says="string",
    ),
    BuildCase(
        "module.exports in a module that is imported",
        {
            "src/index.js": handler("console.log(lib);", "import lib from './lib';"),
            "src/lib.js": "export const x = 1;\nmodule.exports = { a: 1 };",
        },
        fails="ES Modules may not assign module.exports",
        at="src/lib.js:2",
    ),
    BuildCase(
        "module.exports beside import, where TypeScript makes CommonJS",
        {
            "src/index.ts": "import os from 'node:os';\ndeclare const module: any;\n"
            "module.exports = { run: async () => { console.log(typeof os.EOL); } };",
            "tsconfig.json": COMMONJS,
        },
        says="string",
        main="src/index.ts",
    ),
    BuildCase(
        "require beside export",
        {
            "src/index.js": handler(
                "console.log(k, typeof module, typeof exports);", "const { k } = require('./lib');"
            ),
            "src/lib.js": "export const k = 1;",
        },
        says="1 object object",
    ),
    BuildCase(
        "an export that is not there",
        {
            "src/index.js": handler("console.log(typeof no, a);", "import { no, a } from './lib';"),
            "src/lib.js": "export const a = 1;",
        },
        says="undefined 1",
        warns='the export "no" was not found in "src/lib.js"',
    ),
    BuildCase(
        "a default that is not there",
        {
            "src/index.js": handler("console.log(typeof lib);", "import lib from './lib';"),
            "src/lib.js": "export const a = 1;",
        },
        says="undefined",
        warns='the export "default" was not found in "src/lib.js"',
    ),
    BuildCase(
        "an export that is not there, in a module package",
        {
            "package.json": MODULE_PACKAGE,
            "src/index.js": handler("console.log(no);", "import { no } from './lib.js';"),
            "src/lib.js": "export const a = 1;",
        },
        fails='No matching export in "src/lib.js" for import "no"',
    ),
    BuildCase(
        "await outside a function",
        {"src/index.js": handler("console.log(c);", "const c = await Promise.resolve(1);")},
        fails="await outside a function is not possible",
        at="src/index.js:1:11",
    ),
    BuildCase(
        "import() of a file",
        {"src/index.js": handler("console.log((await import('./steps/a')).f());"), **_STEPS},
        says="A",
    ),
    BuildCase(
        "a request that is known in part",
        {
            "src/index.js": handler(
                "const n = 'a'; console.log(require('./steps/' + n).f(),"
                " require(`./steps/${n}.js`).f(), (await import(`./steps/${n}`)).f());"
            ),
            **_STEPS,
        },
        says="A A A",
    ),
    BuildCase(
        "a request that is known in part, of no file",
        {"src/index.js": handler(_CATCH.format("require(`./steps/${event.x}`)")), **_STEPS},
        says="Cannot find module './steps/undefined' MODULE_NOT_FOUND",
    ),
    BuildCase(
        "a request that is not known",
        {"src/index.js": handler(_CATCH.format("require(['node', 'fs'].join(':'))"))},
        says="Cannot find module 'node:fs' MODULE_NOT_FOUND",
    ),
    BuildCase(
        "import() that is not known",
        {"src/index.js": handler(_CATCH.format("const n = 'node:fs'; await import(n);"))},
        says="Cannot find module 'node:fs' MODULE_NOT_FOUND",
    ),
    BuildCase(
        "require.context",
        {
            "src/index.js": handler(
                "console.log(c.keys().join(), c('./a.js').f());",
                "const c = require.context('./steps', true, /\\.js$/);",
            ),
            **_STEPS,
        },
        says="./a.js,./b.js A",
    ),
    BuildCase(
        "ES modules are strict",
        {"src/index.js": handler("for (i = 0; i < 2; i++) ; console.log(i);")},
        says="threw i is not defined",
    ),
    BuildCase(
        "a frozen object in an ES module",
        {
            "src/index.js": handler(
                "D.a = 2; console.log(D.a);", "const D = Object.freeze({ a: 1 });"
            )
        },
        says="threw Cannot assign to read only property 'a'",
    ),
    BuildCase(
        "CommonJS is not strict",
        {"src/index.js": "exports.run = () => { for (i = 0; i < 2; i++) ; console.log(i); };"},
        says="2",
    ),
    BuildCase(
        "each module as it is",
        {
            "src/index.js": handler(
                "console.log(loose(), strict(), (function () { return typeof this; })());",
                "import { loose } from './loose';\nimport { strict } from './strict';",
            ),
            "src/loose.js": "exports.loose = () => { global_a = 1; return global_a; };",
            "src/strict.js": "'use strict';\n"
            "exports.strict = () => { try { global_b = 1; } catch (e) { return e.name; } };",
        },
        says="1 ReferenceError undefined",
    ),
    BuildCase(
        "a CommonJS module that requires an ES module",
        {
            "src/index.js": "const { f, later } = require('./lib');\n"
            "exports.run = () => console.log(f(), later.n);",
            "src/lib.js": "import { later } from './later';\n"
            "export function f() { try { global_c = 1; } catch (e) { return e.name; } }\n"
            "export { later };",
            "src/later.js": "export let later = { n: 3 };",
        },
        says="ReferenceError 3",
    ),
]

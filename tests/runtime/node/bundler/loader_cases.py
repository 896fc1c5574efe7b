"""What the loaders of Forge's bundler, Babel and TypeScript, refuse or make of an app's files."""

from __future__ import annotations

from tests.runtime.node.bundler.build_cases import BuildCase, handler, package, typed

_TYPED = {"src/index.ts": typed("console.log(1);")}


def _config(options: str) -> str:
    return f'{{"compilerOptions": {{"target": "es2022",\n  {options}}}}}'


CASES = [
    BuildCase(
        "TypeScript that makes no code",
        {**_TYPED, "tsconfig.json": _config('"noEmit": true')},
        fails="with noEmit, TypeScript makes no code",
        at="tsconfig.json:2:3",
        main="src/index.ts",
    ),
    BuildCase(
        "TypeScript that makes declarations alone",
        {
            **_TYPED,
            "tsconfig.json": '{"extends": "./base"}',
            "base.json": _config('"emitDeclarationOnly": true'),
        },
        fails="with emitDeclarationOnly, TypeScript makes no code",
        at="base.json:2:3",
        main="src/index.ts",
    ),
    BuildCase(
        "an app in JavaScript whose editor has a tsconfig.json",
        {"src/index.js": handler("console.log(1);"), "tsconfig.json": _config('"noEmit": true')},
        says="1",
    ),
    BuildCase(
        "a tsconfig.json that is cut off",
        {**_TYPED, "tsconfig.json": '{\n  /* wide */ "compilerOptions": {"strict": true,}\n'},
        fails="TypeScript cannot read it",
        at="tsconfig.json:3:1",
        main="src/index.ts",
    ),
    BuildCase(
        "a base that is not installed",
        {**_TYPED, "tsconfig.json": '{"extends": "@tsconfig/node22/tsconfig.json"}'},
        fails='there is no file for "@tsconfig/node22/tsconfig.json", which it extends',
        at="tsconfig.json:1:13",
        main="src/index.ts",
    ),
    BuildCase(
        "a base that its package exports",
        {
            **_TYPED,
            "tsconfig.json": '{"extends": "configs/strict"}',
            **package("configs", '"exports": {"./strict": "./lib/s.json"}', {"lib/s.json": "{}"}),
        },
        says="1",
        main="src/index.ts",
    ),
    BuildCase(
        "a subclass of Error in ES5",
        {
            "src/index.ts": typed("console.log(new A() instanceof A);", "class A extends Error {}"),
            "tsconfig.json": '{"compilerOptions": {"target": "ES5"}}',
        },
        says="true",
        warns="`class A extends Error` is compiled to ES5 on Forge",
        main="src/index.ts",
    ),
    BuildCase(
        "types of what is decorated",
        {
            **_TYPED,
            "tsconfig.json": _config(
                '"experimentalDecorators": true, "emitDecoratorMetadata": true'
            ),
        },
        says="1",
        warns="emits types of what is decorated",
        main="src/index.ts",
    ),
    BuildCase(
        "settings of Babel in package.json",
        {
            "src/index.js": handler("console.log(1);"),
            "package.json": '{"name": "app", "babel": {"plugins": []}}',
        },
        says="1",
        warns="follows the settings of Babel in it",
    ),
    BuildCase(
        "return outside a function",
        {"src/index.js": "if (process.env.OFF) return;\nexports.run = () => console.log(1);\n"},
        fails="'return' outside of function",
        at="src/index.js:1:22",
    ),
    BuildCase(
        "return outside a function, in a block",
        {
            "src/index.js": "exports.run = () => { if (1) { return 2; } };\n"
            "if (process.env.ON) { exports.on = 1; } else {\n  exports.on = 0;\n  return;\n}\n"
        },
        fails="'return' outside of function",
        at="src/index.js:4:3",
    ),
    BuildCase(
        "return outside a function, in a package",
        {
            "src/index.js": handler("console.log(name);", "import name from 'early';"),
            **package("early", "", {"index.js": "module.exports = 'early';\nreturn;\n"}),
        },
        says="early",
    ),
    BuildCase(
        "the old word for attributes of an import",
        {
            "src/index.js": handler(
                "console.log(a);", "import a from './a.json' assert { type: 'json' };"
            ),
            "src/a.json": "1",
        },
        fails="The `assert` keyword",
        at="src/index.js:1:26",
    ),
    BuildCase(
        "accessors",
        {"src/index.js": handler("console.log(1);", "class A { accessor x = 1 }")},
        fails="decoratorAutoAccessors",
        at="src/index.js:1:20",
    ),
    BuildCase(
        "a comment of HTML",
        {"src/index.js": "<!-- old\nexports.run = () => console.log(1);\n"},
        fails="Unexpected token",
        at="src/index.js:1:1",
    ),
]
"""Each was built with `@forge/bundler` 7.3.0, which brings TypeScript 5.9.2."""

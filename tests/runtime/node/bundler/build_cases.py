"""Apps as Forge's bundler takes them: their files, and what comes of them.

What is right was found by building each with `@forge/bundler` 7.3.0 and running the result in a
folder of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from forge_emu.model import App
from tests.runtime.node.harness import app_of

COMMONJS = '{"compilerOptions": {"module": "commonjs", "target": "es2021"}}'
COMMONJS_PACKAGE = '{"name": "app", "type": "commonjs"}'
MODULE_PACKAGE = '{"name": "app", "type": "module"}'


@dataclass(frozen=True)
class BuildCase:
    """An app whose handler is `run` in `main`.

    `says` is what the handler prints, and, after "threw ", what it throws. Where `fails` has words,
    they are of the problem that keeps it from loading, `at` its place.
    """

    name: str
    files: dict[str, str]
    says: str = ""
    fails: str = ""
    at: str = ""
    warns: str = ""
    main: str = "src/index.js"
    extra_files: tuple[str, ...] = ()

    @property
    def app(self) -> App:
        """What its manifest says."""
        return app_of({"run": f"{self.main}#run"}, extra_files=self.extra_files)


def handler(body: str, before: str = "") -> str:
    """A script with the handler `run`."""
    return f"{before}\nexport const run = async (event) => {{ {body} }};\n"


def typed(body: str, before: str = "") -> str:
    """The same in TypeScript."""
    return f"{before}\nexport const run = async (event: any) => {{ {body} }};\n"


def package(name: str, about: str, files: dict[str, str]) -> dict[str, str]:
    """An installed package, whose package.json has `about` beside its name."""
    folder = f"node_modules/{name}"
    head = f'{{"name": "{name}", "version": "1.0.0"{", " if about else ""}{about}}}'
    content = {f"{folder}/{file}": text for file, text in files.items()}
    return {f"{folder}/package.json": head, **content}

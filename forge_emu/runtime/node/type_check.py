"""Type errors of an app's TypeScript, with which a deploy fails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from forge_emu.errors import Problem
from forge_emu.runtime.node.programs import run_program
from forge_emu.runtime.node.tools import Tools
from forge_emu.runtime.node.tsc import find_tsc, run_tsc
from forge_emu.services.request_body import decode_replacing_surrogates

_PROGRAM = Path(__file__).parent / "program" / "checks" / "types.cjs"
_TYPED = (".ts", ".tsx")
_SECONDS = 120.0
_CODE = "typescript"
_ERROR = re.compile(r"\w*Error: ")


class _TypeProblem(msgspec.Struct, frozen=True):
    file: str
    line: int
    column: int
    message: str


class _Answer(msgspec.Struct, frozen=True):
    version: str | None
    problems: tuple[_TypeProblem, ...] | None


class TypeCheck(msgspec.Struct, frozen=True):
    """What was found; `unchecked` says why types were not checked, None where they were."""

    problems: tuple[Problem, ...] = ()
    unchecked: str | None = None


async def check_types(
    root: Path, sources: Sequence[str], tools: Tools, *, imported: bool = False
) -> TypeCheck:
    """Check the TypeScript among `sources`, which are relative to the app at `root`.

    The app's own TypeScript does it, with its tsconfig.json. With `imported`, what they import is
    looked at as well.
    """
    files = [name for name in sources if name.endswith(_TYPED) and "node_modules/" not in name]
    if not files:
        return TypeCheck()
    typescript = _find_typescript(root)
    if typescript is None:
        return TypeCheck((), f"the app has no {_CODE}: npm install --save-dev {_CODE}")
    job = {"root": str(root), "typescript": str(typescript), "files": files, "imported": imported}
    command, text = (tools.node.path, _PROGRAM), msgspec.json.encode(job).decode()
    try:
        code, stdout, stderr = await run_program(command, text, root, seconds=_SECONDS)
    except TimeoutError:
        return TypeCheck((), f"{_CODE} did not end within {_SECONDS:.0f} s")
    if code or not stdout:
        lines = stderr.strip().splitlines()
        why = next((line for line in lines if _ERROR.match(line)), "it did not say why")
        return TypeCheck((), f"the app's {_CODE} failed: {why}")
    answer = decode_replacing_surrogates(msgspec.json.Decoder(_Answer), stdout)
    if answer.problems is None:
        return await _by_command_line(root, files, tools, typescript, answer, imported=imported)
    return TypeCheck(
        tuple(
            Problem(p.file, p.line, p.column, p.message, _hint(p.message), rule="bundle")
            for p in dict.fromkeys(answer.problems)
        )
    )


async def _by_command_line(
    root: Path,
    files: Sequence[str],
    tools: Tools,
    typescript: Path,
    answer: _Answer,
    *,
    imported: bool,
) -> TypeCheck:
    """Ask the package's `tsc`: TypeScript 7 has no interface."""
    program = find_tsc(typescript)
    if program is None:
        return TypeCheck((), f"{_CODE} {answer.version} has neither an interface nor tsc")
    result = await run_tsc(root, program, files, tools, imported=imported)
    if result.failed:
        return TypeCheck((), f"{_CODE} {answer.version}: {result.failed}")
    hinted = (msgspec.structs.replace(p, hint=_hint(p.message)) for p in result.problems)
    return TypeCheck(tuple(hinted))


def _find_typescript(root: Path) -> Path | None:
    folders = (folder / "node_modules" / _CODE for folder in (root, *root.parents))
    return next((folder for folder in folders if (folder / "package.json").is_file()), None)


def _hint(message: str) -> str | None:
    if message.startswith("TS2874"):
        return "Forge's bundler makes ForgeUI.createElement of JSX."
    return "A deploy fails with errors of types."

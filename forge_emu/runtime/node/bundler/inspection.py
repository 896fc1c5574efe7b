"""Whether esbuild's own way with a build's files is that of Forge's bundler. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".json")
_TYPED = (".ts", ".tsx")
_IN_BUNDLE = re.compile(
    r"""(?<![\w$.])(?:require\b(?!\("(?:[^"\\]|\\.)*"\))|__dirname\b|import_meta\d*\b|__glob\("""
    r"""|import\((?!"(?:[^"\\]|\\.)*"[,)]))|\bmodule\d*\.require\b"""
)
"""What a bundle keeps of requests that are known only when it runs, and of places of sources."""
_TOP_RETURN = re.compile(
    r"^ {4}(?:(?:\} )?(?:if \(.*\)|else) )*return\b"
    r"|^ {4}(?:if|\} else|else|try|\} catch|for|while|switch|\{).*\n(?: {6}.*\n)*? {6}return\b",
    re.MULTILINE,
)
"""`return` outside a function, as esbuild indents it in a CommonJS module of its bundle."""
_COMMONJS_MODULE = re.compile(
    r"^var [\w$]+ = __commonJS\(\{\n(.*?)^\}\);", re.MULTILINE | re.DOTALL
)
_REFUSED = re.compile(
    r"\bwith\s*\(|(?<=[\s=(,\[:+*/<>&|!?])0\d+(?=[\s;,)\]}])|(?:^|[{};])\s*@\w"
    r"|\bdelete\s+[\w$]+\s*(?=[;,)\]}\n])|\b(?:var|let|const|function)\s+"
    r"(?:static|interface|package|private|protected|public|implements|let|yield|await)\b"
    r"|\([^()]*?\b([\w$]+)\s*,(?:[^()]*,)?\s*\1\s*[,)]\s*\{|\bassert\s*\{|<!--|^\s*-->|\baccessor\s+[\w$#]",
    re.MULTILINE,
)
"""What Babel refuses in a script of the app, which it takes for strict, and esbuild takes."""
_NO_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`""", re.DOTALL
)
"""Comments and texts."""
_OCTAL_ESCAPE = re.compile(r"""^['"](?:\\[^1-9]|[^\\])*?\\(?:[1-9]|0\d)""", re.DOTALL)
"""In a text: Babel refuses it as well."""
_MODULE = re.compile(r"^\s*(?:import|export)\b", re.MULTILINE)
_REQUIRE = re.compile(r"\brequire\s*\(")
_COMMONJS = re.compile(r"\bmodule\s*[.\[]|\bexports\s*[.\[=]")


_NAMESPACE = re.compile(r"^\s*import\s*\*\s*as\b", re.MULTILINE)


class Rules(msgspec.Struct, frozen=True):
    """What the app's own files say: "type": "module", and TypeScript's plain namespaces.

    `misread`: a file that is taken for CommonJS, by its name or its package, is an ES module.
    """

    module_package: bool
    plain_namespaces: bool
    misread: bool = False


def needs_full_build(
    bundle: str, inputs: Mapping[str, Any], own_scripts: Mapping[str, str], rules: Rules
) -> bool:
    """Whether the quick build may differ from Forge's: the full build then decides.

    `own_scripts` are the texts of the app's own scripts by their names.
    """
    if rules.misread:
        return True
    for name in inputs:
        installed = "node_modules/" in name
        if not name.endswith(_SCRIPTS) or (installed and name.endswith(_TYPED)):
            return True
        if rules.module_package and not installed and name.endswith(_TYPED):
            return True
    if _IN_BUNDLE.search(bundle) or _returns_outside_functions(bundle):
        return True
    return any(_differs(name, text, rules) for name, text in own_scripts.items())


def _returns_outside_functions(bundle: str) -> bool:
    return any(_TOP_RETURN.search(module[1]) for module in _COMMONJS_MODULE.finditer(bundle))


def _differs(name: str, text: str, rules: Rules) -> bool:
    code = _NO_CODE.sub(" ", text)
    if any(_OCTAL_ESCAPE.match(found[0]) for found in _NO_CODE.finditer(text)):
        return True
    if _REFUSED.search(code) or (_MODULE.search(code) and _COMMONJS.search(code)):
        return True
    if rules.module_package and _REQUIRE.search(code):
        return True
    return bool(
        rules.plain_namespaces and name.endswith(_TYPED) and _NAMESPACE.search(text) is not None
    )

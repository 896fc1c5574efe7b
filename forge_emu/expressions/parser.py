"""From text to an Expression, with the place of what is wrong."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from lark import Lark, Token, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from forge_emu.expressions import nodes as n
from forge_emu.expressions.errors import ExpressionSyntaxError
from forge_emu.expressions.grammar import GRAMMAR
from forge_emu.expressions.property_paths import as_property_path, property_paths
from forge_emu.expressions.regexp import RegExp, RegExpError, Steps

_MOST_DIGITS: Final = 16
"""From there on, numbers of JavaScript are not exact."""
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_ESCAPE: Final = re.compile(
    r"\\(u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S
)

_OUTSIDE: Final = (
    (r"[!=]==", "'===' and '!==' are not part of Jira expressions", "Write == or !=."),
    (r"\?\?", "'??' is not part of Jira expressions", "Write `x != null ? x : y`."),
    (r"\*\*", "'**' is not part of Jira expressions", None),
    (r"\.\.\.", "spreading ('...') is not part of event filters here", None),
    (r"new\b", "'new' is not evaluated in event filters here", None),
    (r"in(stanceof)?\b", "'in' is not an operator of event filters", "Write `x.y != null`."),
    (r"=~", "'=~' is not an operator of event filters", "Write `text.match(/…/) != null`."),
    (r"(and|or)\b", "'and' and 'or' are not operators", "Write && or ||."),
    (r"/[/*]", "comments are not part of event filters here", "Remove the comment."),
    (r"(function|const|var|for|while)\b", "this keyword is not part of Jira expressions", None),
    (r"&(?!&)|\|(?!\|)", "bits are not operated on in Jira expressions", "Write && or ||."),
    (r"=(?!=)", "a value is assigned with `let` alone", "To compare, write ==."),
)
"""What people write who know JavaScript: where an error is, its words and a hint. What filters
alone cannot have says so."""


def parse_expression(text: str, offset: int = 0) -> n.Expression:
    """The expression that `text` is; raises ExpressionSyntaxError.

    `offset` is added to all places, for a text that stands in another one.
    """
    try:
        root = _BUILDER.transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise _syntax_error(text, error, offset) from None
    except RecursionError:
        raise ExpressionSyntaxError("the expression is nested too deeply", offset) from None
    except VisitError as error:
        placed = error.orig_exc
        if not isinstance(placed, _PlacedError):
            raise
        raise ExpressionSyntaxError(
            placed.message, offset + placed.at, placed.hint, unbuilt=placed.unbuilt
        ) from None
    return n.Expression(text, root, property_paths(root))


class _PlacedError(Exception):
    def __init__(
        self, message: str, at: int, hint: str | None = None, *, unbuilt: bool = False
    ) -> None:
        super().__init__(message)
        self.message, self.at, self.hint, self.unbuilt = message, at, hint, unbuilt


def _syntax_error(text: str, error: UnexpectedInput, offset: int) -> ExpressionSyntaxError:
    at = error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return ExpressionSyntaxError(
            "the expression ends too early" if text.strip() else "the expression is empty",
            offset + len(text.rstrip()),
        )
    word_before = re.search(r"\w+\s*$", text[:at])
    for start in (at - 2, at - 1, at, word_before.start() if word_before else at):
        for pattern, message, hint in _OUTSIDE:
            found = re.compile(pattern).match(text, max(start, 0))
            if found and (found.end() > at or start < at - 2):
                unbuilt = "event filters" in message
                place = offset + found.start()
                return ExpressionSyntaxError(message, place, hint, unbuilt=unbuilt)
    if isinstance(error, UnexpectedCharacters):
        quote = text[at] in "'\"`"
        message = "this text has no end" if quote else f"unexpected {text[at]!r}"
        return ExpressionSyntaxError(message, offset + at)
    word = str(error.token) if isinstance(error, UnexpectedToken) else text[at : at + 1]
    return ExpressionSyntaxError(f"unexpected {word[:40]!r}", offset + at)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _span(meta: Meta) -> n.Span:
    return (meta.start_pos, meta.end_pos)


@v_args(meta=True)
class _Builder(Transformer_NonRecursive[Token, n.Node]):
    """Builds the nodes from lark's tree."""

    def start(self, meta: Meta, children: list[Any]) -> n.Node:
        *declared, body = children
        return n.Let(tuple(declared), body, _span(meta)) if declared else body

    block = arrow_block = start

    def declaration(self, meta: Meta, children: list[Any]) -> tuple[str, n.Node]:
        return (str(children[0]), children[1])

    let_declaration = declaration

    def if_(self, meta: Meta, children: list[Any]) -> n.Node:
        span = _span(meta)
        test, yes, *no = children
        return n.Conditional(test, yes, no[0] if no else n.Literal(None, span), span)

    def try_(self, meta: Meta, children: list[Any]) -> n.Node:
        body, *variable, handler = children
        return n.Try(body, str(variable[0]) if variable else None, handler, _span(meta))

    def throw(self, meta: Meta, children: list[Any]) -> n.Node:
        return n.Throw(children[0], _span(meta))

    def arrow(self, meta: Meta, children: list[Any]) -> n.Node:
        parameters = re.findall(r"[A-Za-z_$][\w$]*", children[0])
        return n.Lambda(tuple(parameters), children[1], _span(meta))

    def conditional(self, meta: Meta, children: list[Any]) -> n.Node:
        return n.Conditional(children[0], children[1], children[2], _span(meta))

    def binary(self, meta: Meta, children: list[Any]) -> n.Node:
        operators = tuple(str(token) for token in children[1::2])
        return n.Binary(operators, tuple(children[::2]), _span(meta))

    or_ = and_ = equality = relation = sum = product = binary

    def unary(self, meta: Meta, children: list[Any]) -> n.Node:
        return n.Unary(str(children[0]), children[1], _span(meta))

    def chain(self, meta: Meta, children: list[Any]) -> n.Node:
        chain = n.Chain(children[0], tuple(children[1:]), _span(meta))
        return as_property_path(chain) or chain

    def member(self, meta: Meta, children: list[Any]) -> n.Member:
        return n.Member(n.Literal(str(children[0]), _span(meta)), False, _span(meta))

    def optional_member(self, meta: Meta, children: list[Any]) -> n.Member:
        return n.Member(n.Literal(str(children[0]), _span(meta)), True, _span(meta))

    def index(self, meta: Meta, children: list[Any]) -> n.Member:
        return n.Member(children[0], False, _span(meta))

    def optional_index(self, meta: Meta, children: list[Any]) -> n.Member:
        return n.Member(children[0], True, _span(meta))

    def call(self, meta: Meta, children: list[Any]) -> n.Call:
        return n.Call(tuple(children), _span(meta))

    def name(self, meta: Meta, children: list[Any]) -> n.Node:
        return n.Name(str(children[0]), _span(meta))

    def number(self, meta: Meta, children: list[Any]) -> n.Node:
        text = str(children[0])
        whole = text.isdigit() and len(text) < _MOST_DIGITS
        return n.Literal(int(text) if whole else float(text), _span(meta))

    def text(self, meta: Meta, children: list[Any]) -> n.Node:
        return n.Literal(_unescaped(children[0][1:-1]), _span(meta))

    def constant(self, meta: Meta, children: list[Any]) -> n.Node:
        value = {"true": True, "false": False, "null": None}[children[0]]
        return n.Literal(value, _span(meta))

    def regexp(self, meta: Meta, children: list[Any]) -> n.Node:
        pattern, _, flags = str(children[0])[1:].rpartition("/")
        if wrong := set(flags) - set("gims"):
            raise _PlacedError(
                f"unknown flag {sorted(wrong)[0]!r} of a regular expression", meta.start_pos
            )
        try:
            RegExp(pattern, flags, Steps(None))
        except RegExpError as error:
            raise _PlacedError(f"this is no regular expression: {error}", meta.start_pos) from None
        return n.RegExp(pattern, flags, _span(meta))

    def template(self, meta: Meta, children: list[Any]) -> n.Node:
        source = str(children[0])[1:-1]
        return n.Template(tuple(_template_parts(source, meta.start_pos + 1)), _span(meta))

    def list_(self, meta: Meta, children: list[Any]) -> n.Node:
        return n.ListOf(tuple(children), _span(meta))

    def map_(self, meta: Meta, children: list[Any]) -> n.Node:
        return n.MapOf(tuple(children), _span(meta))

    def entry(self, meta: Meta, children: list[Any]) -> tuple[str, n.Node]:
        key = children[0]
        name = _unescaped(key[1:-1]) if key.type == "STRING" else str(key)
        return (name, children[1])


_BUILDER: Final = _Builder()


def _unescaped(text: str) -> str:
    def replace(found: re.Match[str]) -> str:
        code = found[2] or found[3] or found[4]
        if code is not None:
            number = int(code, 16)
            return chr(number) if number <= 0x10FFFF else found[0]
        return _ESCAPES.get(found[5], found[5])

    return _ESCAPE.sub(replace, text)


def _template_parts(source: str, start: int) -> list[str | n.Node]:
    """Texts and expressions in turn; each `${` reaches to the `}` that closes it."""
    parts: list[str | n.Node] = []
    at = 0
    while True:
        opening = _opening(source, at)
        parts.append(_unescaped(source[at : opening if opening >= 0 else None]))
        if opening < 0:
            return parts
        depth, end = 1, opening + 2
        while end < len(source) and depth:
            depth += {"{": 1, "}": -1}.get(source[end], 0)
            end += 1
        if depth:
            raise _PlacedError("'${' has no '}'", start + opening)
        # Behind as many blanks, its parts stand where they stand in the whole text.
        inner = " " * (start + opening + 2) + source[opening + 2 : end - 1]
        try:
            parts.append(parse_expression(inner).root)
        except ExpressionSyntaxError as error:
            raise _PlacedError(
                error.message, error.offset, error.hint, unbuilt=error.unbuilt
            ) from None
        at = end


def _opening(source: str, at: int) -> int:
    while (at := source.find("${", at)) >= 0:
        slashes = len(source[:at]) - len(source[:at].rstrip("\\"))
        if slashes % 2 == 0:
            return at
        at += 1
    return -1

"""From the text of a regular expression to its parts.

https://tc39.es/ecma262/#sec-patterns, without the flags `u` and `v`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from forge_emu.expressions.regexp import nodes as n

_GRAMMAR: Final = r"""
start: choice
choice: sequence ("|" sequence)*
sequence: term*
term: atom QUANTIFIER?
?atom: CHAR -> char
     | ESCAPE -> escape
     | SET -> charset
     | "." -> any_char
     | ANCHOR -> anchor
     | NAMED choice ")" -> named
     | LOOK choice ")" -> look
     | "(?:" choice ")" -> plain
     | "(" choice ")" -> group

QUANTIFIER: /([*+?]|\{\d+(,\d*)?\})\??/
ANCHOR: "^" | "$"
SET: /\[(\\[\s\S]|[^\]\\])*\]/
ESCAPE: /\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|k<[^>]+>|[1-9]\d*|[\s\S])/
NAMED: /\(\?<[A-Za-z_$][\w$]*>/
LOOK: /\(\?(=|!|<=|<!)/
CHAR: /[^\\^$.*+?()\[|]/
"""
_CLASSES: Final = "dDwWsS"
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f", "0": "\0"}


class RegExpError(Exception):
    """The text is no regular expression."""


@lru_cache(maxsize=256)
def parse_regexp(text: str) -> n.Node:
    """The parts of `text`. Raises RegExpError."""
    try:
        root: n.Node = _Builder().transform(_parser().parse(text))
    except UnexpectedToken as error:
        found = "its end" if error.token.type == "$END" else repr(str(error.token))
        raise RegExpError(f"{found} is not expected here") from None
    except UnexpectedCharacters as error:
        raise RegExpError(f"{error.char!r} is not expected here") from None
    except VisitError as error:
        if isinstance(error.orig_exc, RegExpError):
            raise error.orig_exc from None
        raise
    except RecursionError:
        raise RegExpError("it is nested too deeply") from None
    return root


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual")


class _Builder(Transformer[Token, Any]):
    """Groups are numbered in the order of their ends first, and by their beginnings at last."""

    def start(self, children: list[Any]) -> n.Node:
        return _numbered(children[0])

    def choice(self, children: list[n.Node]) -> n.Node:
        return children[0] if len(children) == 1 else n.Choice(tuple(children))

    def sequence(self, children: list[Any]) -> n.Node:
        return n.Sequence(tuple(children))

    def term(self, children: list[Any]) -> n.Node:
        part: n.Node = children[0]
        if len(children) == 1:
            return part
        quantifier = str(children[1])
        if isinstance(part, n.Anchor | n.Look):
            raise RegExpError("nothing to repeat")
        greedy = len(quantifier) == 1 or not quantifier.endswith("?")
        sign = quantifier if greedy else quantifier[:-1]
        bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or _counts(sign)
        return n.Repeat(part, *bounds, greedy)

    def char(self, children: list[Token]) -> n.Node:
        return n.Char(str(children[0]))

    def any_char(self, children: list[Token]) -> n.Node:
        return n.AnyChar()

    def anchor(self, children: list[Token]) -> n.Node:
        return n.Anchor(str(children[0]))

    def escape(self, children: list[Token]) -> n.Node:
        text = str(children[0])[1:]
        if text in _CLASSES:
            return n.CharSet((), (text,))
        if text in "bB":
            return n.Anchor(text)
        if text[0] == "k" and len(text) > 1:
            return n.BackReference(text[2:-1])
        if text.isdecimal() and text != "0":
            return n.BackReference(int(text))
        return n.Char(_escaped(text))

    def charset(self, children: list[Token]) -> n.Node:
        body = str(children[0])[1:-1]
        negated = body.startswith("^")
        return _char_set(body[1:] if negated else body, negated)

    def plain(self, children: list[n.Node]) -> n.Node:
        return children[0]

    def group(self, children: list[Any]) -> n.Node:
        return n.Group(children[0], 0)

    def named(self, children: list[Any]) -> n.Node:
        return n.Group(children[1], 0, str(children[0])[3:-1])

    def look(self, children: list[Any]) -> n.Node:
        sign = str(children[0])[2:]
        return n.Look(children[1], sign.endswith("!"), sign.startswith("<"))


def _counts(quantifier: str) -> tuple[int, int | None]:
    least, comma, most = quantifier[1:-1].partition(",")
    if not comma:
        return int(least), int(least)
    if most and int(most) < int(least):
        raise RegExpError("numbers out of order in {} quantifier")
    return int(least), int(most) if most else None


def _escaped(text: str) -> str:
    """The character of an escape, without its backslash."""
    if text[0] in "ux" and len(text) > 1:
        return chr(int(text[1:], 16))
    if text[0] == "c" and len(text) > 1:
        return chr(ord(text[1]) % 32)
    return _CONTROLS.get(text, text)


def _char_set(body: str, negated: bool) -> n.CharSet:
    items = _items(body)
    ranges: list[tuple[str, str]] = []
    classes: list[str] = []
    at = 0
    while at < len(items):
        kind, text = items[at]
        if kind == "class":
            classes.append(text)
        elif items[at + 1 : at + 2] == [("dash", "-")] and items[at + 2 : at + 3]:
            end_kind, end = items[at + 2]
            if end_kind == "class":
                ranges += [(text, text), ("-", "-")]
                classes.append(end)
            elif end < text:
                raise RegExpError("range out of order in character class")
            else:
                ranges.append((text, end))
            at += 2
        else:
            ranges.append((text, text))
        at += 1
    return n.CharSet(tuple(ranges), tuple(classes), negated)


def _items(body: str) -> list[tuple[str, str]]:
    """The characters of a class: each with whether it is a `char`, a `class` or a bare `dash`."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(body):
        if body[at] != "\\":
            found.append(("dash" if body[at] == "-" else "char", body[at]))
            at += 1
            continue
        kind = body[at + 1]
        size = {"u": 4, "x": 2, "c": 1}.get(kind, 0)
        digits = body[at + 2 : at + 2 + size]
        if size and (len(digits) < size or (kind != "c" and not _is_hex(digits))):
            size, digits = 0, ""
        if kind in _CLASSES:
            found.append(("class", kind))
        else:
            found.append(("char", "\b" if kind == "b" else _escaped(kind + digits)))
        at += 2 + size
    return found


def _is_hex(text: str) -> bool:
    return all(each in "0123456789abcdefABCDEF" for each in text)


def _numbered(root: n.Node) -> n.Node:
    """The same parts, with groups numbered by their beginnings."""
    count = 0

    def visit(node: n.Node) -> n.Node:
        nonlocal count
        match node:
            case n.Group():
                count += 1
                number = count
                return n.Group(visit(node.part), number, node.name)
            case n.Sequence():
                return n.Sequence(tuple(visit(each) for each in node.parts))
            case n.Choice():
                return n.Choice(tuple(visit(each) for each in node.parts))
            case n.Repeat():
                return n.Repeat(visit(node.part), node.least, node.most, node.greedy)
            case n.Look():
                return n.Look(visit(node.part), node.negative, node.behind)
            case _:
                return node

    return visit(root)

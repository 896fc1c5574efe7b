"""Evaluates an expression over the variable `event`. Pure, and ended after so many steps.

https://developer.atlassian.com/cloud/jira/platform/jira-expressions/ (2026-05-18),
https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-21)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from forge_emu.expressions import nodes as n
from forge_emu.expressions.errors import EvaluationError, NotBuiltError, StepLimitError
from forge_emu.expressions.methods import METHODS, method_of
from forge_emu.expressions.operations import NUMBER, checked_text, operate
from forge_emu.expressions.property_paths import property_value
from forge_emu.expressions.regexp import RegExp, Steps, TooManyStepsError
from forge_emu.expressions.values import (
    Function,
    Pattern,
    Thing,
    Value,
    is_number,
    is_truthy,
    to_text,
    type_name,
)

FindProperty: TypeAlias = Callable[[str, str], Value]
"""The stored value of a property: by the kind of entity (`issue`) and its key; None for none."""

_Scope: TypeAlias = Mapping[str, Value]
_OF_NULL = "Type null does not have any properties"


def evaluate_filter(
    expression: n.Expression,
    event: Value,
    most_steps: int | None,
    find_property: FindProperty = lambda entity, key: None,
    most_regexp_steps: int | None = None,
) -> bool:
    """Whether the filter lets `event` through. Raises EvaluationError, also for a non-boolean."""
    value = evaluate(expression, event, most_steps, find_property, most_regexp_steps)
    if not isinstance(value, bool):
        raise EvaluationError(
            f"the expression gave {_described(value)}, not true or false", expression.text
        )
    return value


def evaluate(
    expression: n.Expression,
    event: Value,
    most_steps: int | None,
    find_property: FindProperty = lambda entity, key: None,
    most_regexp_steps: int | None = None,
) -> Value:
    """The value of the expression. `most_regexp_steps` are those of all its regular expressions.

    Raises EvaluationError.
    """
    variables = {"event": event}
    return evaluate_with(expression, variables, most_steps, most_regexp_steps, find_property)


def evaluate_with(
    expression: n.Expression,
    variables: Mapping[str, Value],
    most_steps: int | None,
    most_regexp_steps: int | None = None,
    find_property: FindProperty = lambda entity, key: None,
) -> Value:
    """The value of an expression over variables of any names.

    Raises EvaluationError, and NotBuiltError where a Thing lacks a part.
    """
    evaluation = _Evaluation(expression.text, most_steps, find_property, most_regexp_steps)
    try:
        return evaluation.value(expression.root, {**variables, "Number": NUMBER})
    except TooManyStepsError:
        text = f"the regular expressions took more than {most_regexp_steps:,} steps"
        raise StepLimitError(text, expression.text) from None
    except RecursionError:
        raise EvaluationError("the expression is nested too deeply", expression.text) from None


class _Evaluation:
    def __init__(
        self,
        text: str,
        most_steps: int | None,
        find_property: FindProperty,
        most_regexp_steps: int | None,
    ) -> None:
        self._text = text
        self._most_steps = most_steps
        self._find_property = find_property
        self._steps = 0
        self._regexp_steps = Steps(most_regexp_steps)

    def value(self, node: n.Node, scope: _Scope) -> Value:
        """The value of one part. Each part is a step."""
        self._take_step()
        match node:
            case n.Literal():
                return node.value
            case n.Chain():
                return self._chain(node, scope)
            case n.Name():
                if node.name not in scope:
                    self._fail(node, f"{node.name} is not defined", node.name, tuple(scope))
                return scope[node.name]
            case n.PropertyPath():
                return property_value(self._find_property(node.entity, node.key), node.path)
            case n.Binary():
                return self._binary(node, scope)
            case n.Unary():
                return self._unary(node, scope)
            case n.Conditional():
                chosen = node.yes if is_truthy(self.value(node.test, scope)) else node.no
                return self.value(chosen, scope)
            case n.Lambda():
                return self._function(node, scope)
            case _:
                return self._rarer(node, scope)

    def _rarer(self, node: n.Node, scope: _Scope) -> Value:
        match node:
            case n.ListOf():
                return [self.value(item, scope) for item in node.items]
            case n.MapOf():
                return {key: self.value(part, scope) for key, part in node.entries}
            case n.Template():
                texts = [self._template_part(part, scope) for part in node.parts]
                return checked_text("".join(texts))
            case n.RegExp():
                compiled = RegExp(node.pattern, node.flags, self._regexp_steps)
                return Pattern(compiled, "g" in node.flags)
            case n.Let():
                for name, part in node.variables:
                    scope = {**scope, name: self.value(part, scope)}
                return self.value(node.body, scope)
            case n.Throw():
                message = to_text(self.value(node.message, scope))
                raise EvaluationError(message or "an error", self._source(node))
            case n.Try():
                return self._try(node, scope)
        raise AssertionError(node)

    def _try(self, node: n.Try, scope: _Scope) -> Value:
        try:
            return self.value(node.body, scope)
        except StepLimitError:
            raise
        except EvaluationError as error:
            caught = {"message": error.message, "location": error.location}
            inner = {**scope, node.variable: caught} if node.variable else scope
            return self.value(node.handler, inner)

    def _template_part(self, part: str | n.Node, scope: _Scope) -> str:
        if isinstance(part, str):
            return part
        text = to_text(value := self.value(part, scope))
        if isinstance(value, Thing) and value.unbuilt is None:
            raise NotBuiltError(f"the text form of {value.type}", part.span[0])
        if text is None:
            self._fail(part, f"a {type_name(value)} has no text form")
        return text or ""

    def _function(self, node: n.Lambda, scope: _Scope) -> Function:
        def call(arguments: list[Value]) -> Value:
            given = [*arguments, *[None] * len(node.parameters)]
            inner = {**scope, **dict(zip(node.parameters, given, strict=False))}
            return self.value(node.body, inner)

        return Function(call, len(node.parameters))

    def _chain(self, node: n.Chain, scope: _Scope) -> Value:
        value = self.value(node.first, scope)
        start = node.span[0]
        skipped: tuple[str, tuple[str, ...]] | None = None
        for link in node.links:
            self._take_step()
            location = self._text[start : link.span[1]]
            if isinstance(link, n.Call):
                value = self._call(value, link, scope, location)
                continue
            if link.optional and value is None:
                return None
            key, owner = self.value(link.key, scope), value
            if value is None and skipped is not None:
                raise EvaluationError(_OF_NULL, location, *skipped)
            value = self._member(owner, key, link, location)
            if value is None and isinstance(owner, dict) and key not in owner:
                skipped = (str(key), tuple(owner))
        return value

    def _call(self, value: Value, link: n.Call, scope: _Scope, location: str) -> Value:
        if not isinstance(value, Function):
            raise EvaluationError(f"a {type_name(value)} is no function", location)
        arguments = [self.value(argument, scope) for argument in link.arguments]
        try:
            return value.call(arguments)
        except EvaluationError as error:
            error.location = error.location or location
            raise

    def _member(self, value: Value, key: Value, link: n.Member, location: str) -> Value:
        if value is None:
            raise EvaluationError(_OF_NULL, location)
        if isinstance(value, Thing):
            return _member_of_thing(value, key, link, location)
        if isinstance(value, list) and is_number(key):
            if key in range(len(value)):
                return value[int(key)]
            if not link.optional:
                items = f"a List of {len(value)}"
                raise EvaluationError(f"{items} has no item {to_text(key)}", location)
        elif not isinstance(key, str):
            raise EvaluationError(f"a {type_name(value)} has no member {_described(key)}", location)
        elif isinstance(value, dict) and key in value:
            return value[key]
        elif (method := method_of(value, key, self._take_step)) is not None:
            return method
        if link.optional:
            return None
        names = tuple(value) if isinstance(value, dict) else tuple(METHODS.get(type(value), ()))
        missing = to_text(key) or ""
        raise EvaluationError(
            f"{missing!r} is not defined on a {type_name(value)}", location, missing, names
        )

    def _unary(self, node: n.Unary, scope: _Scope) -> Value:
        value = self.value(node.operand, scope)
        if node.operator == "!":
            return not is_truthy(value)
        if node.operator == "typeof":
            return type_name(value)
        if not is_number(value):
            self._fail(node, f"Can't negate a {type_name(value)}")
        return -value

    def _binary(self, node: n.Binary, scope: _Scope) -> Value:
        value = self.value(node.operands[0], scope)
        for sign, operand in zip(node.operators, node.operands[1:], strict=True):
            if sign == "&&":
                if not is_truthy(value):
                    return value
                value = self.value(operand, scope)
            elif sign == "||":
                if is_truthy(value):
                    return value
                value = self.value(operand, scope)
            else:
                self._take_step()
                value = self._operate(node, sign, value, self.value(operand, scope))
        return value

    def _operate(self, node: n.Binary, sign: str, left: Value, right: Value) -> Value:
        try:
            return operate(sign, left, right)
        except EvaluationError as error:
            for value in (left, right):
                if isinstance(value, Thing) and value.unbuilt is None:
                    raise NotBuiltError(f"{sign} of {value.type}", node.span[0]) from None
            error.location = self._source(node)
            raise

    def _take_step(self) -> None:
        self._steps += 1
        if self._most_steps is not None and self._steps > self._most_steps:
            raise StepLimitError(f"the evaluation took more than {self._most_steps:,} steps")

    def _source(self, node: n.Node) -> str:
        return self._text[slice(*node.span)]

    def _fail(
        self, node: n.Node, message: str, missing: str | None = None, names: tuple[str, ...] = ()
    ) -> None:
        raise EvaluationError(message, self._source(node), missing, names)


def _member_of_thing(thing: Thing, key: Value, link: n.Member, location: str) -> Value:
    name = key if isinstance(key, str) else to_text(key) or ""
    if name in thing.members:
        return thing.members[name]()
    if thing.lacks(name):
        raise NotBuiltError(f"{name} of {thing.type}", link.span[0])
    if thing.is_nullable(name) or link.optional:
        return None
    message = f"{name!r} is not defined on {thing.type}"
    raise EvaluationError(message, location, name, tuple(thing.members))


def _described(value: Value) -> str:
    if value is None:
        return "null"
    text = to_text(value) if not isinstance(value, list) else None
    return f"a {type_name(value)}" + (f" ({text[:40]})" if text else "")

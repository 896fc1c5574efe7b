"""Jira expressions, as triggers use them to filter events: parsing, checking, evaluating."""

from forge_emu.expressions.complexity import (
    complexity_text,
    estimate_complexity,
    excess_of,
    names_used,
)
from forge_emu.expressions.errors import EvaluationError, ExpressionSyntaxError, NotBuiltError
from forge_emu.expressions.evaluator import FindProperty, evaluate, evaluate_filter, evaluate_with
from forge_emu.expressions.member_paths import event_fields
from forge_emu.expressions.nodes import Expression, PropertyPath
from forge_emu.expressions.parser import parse_expression
from forge_emu.expressions.property_paths import ENTITIES, property_value, read_property_path
from forge_emu.expressions.values import Function, Thing, Value

__all__ = [
    "ENTITIES",
    "EvaluationError",
    "Expression",
    "ExpressionSyntaxError",
    "FindProperty",
    "Function",
    "NotBuiltError",
    "PropertyPath",
    "Thing",
    "Value",
    "complexity_text",
    "estimate_complexity",
    "evaluate",
    "evaluate_filter",
    "evaluate_with",
    "event_fields",
    "excess_of",
    "names_used",
    "parse_expression",
    "property_value",
    "read_property_path",
]

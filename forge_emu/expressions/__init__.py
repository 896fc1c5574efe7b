"""Jira expressions, as triggers use them to filter events: parsing, checking, evaluating."""

from forge_emu.expressions.complexity import (
    complexity_text,
    estimate_complexity,
    excess_of,
    names_used,
)
from forge_emu.expressions.errors import EvaluationError, ExpressionSyntaxError
from forge_emu.expressions.evaluator import FindProperty, evaluate, evaluate_filter
from forge_emu.expressions.member_paths import event_fields
from forge_emu.expressions.nodes import Expression, PropertyPath
from forge_emu.expressions.parser import parse_expression
from forge_emu.expressions.property_paths import ENTITIES, property_value, read_property_path

__all__ = [
    "ENTITIES",
    "EvaluationError",
    "Expression",
    "ExpressionSyntaxError",
    "FindProperty",
    "PropertyPath",
    "complexity_text",
    "estimate_complexity",
    "evaluate",
    "evaluate_filter",
    "event_fields",
    "excess_of",
    "names_used",
    "parse_expression",
    "property_value",
    "read_property_path",
]

"""Fills the tables of docs/settings.md, docs/simulate.md and docs/records.md, and writes the JSON
Schemas of docs/schemas and the OpenAPI document docs/openapi.json: `make docs`.

What stands between `<!-- generated: … -->` and `<!-- end -->` is made here, the rest of a page by
hand. Settings, rules and faults come from their catalogues. Records come from the sources, their
docstrings and the docstrings under their fields; the examples are records of real runs,
`example_records.jsonl`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from forge_emu import settings as s
from forge_emu.commands.schema_files import schema_path
from forge_emu.control.openapi.document import openapi_document
from forge_emu.control.openapi.operations import OPERATIONS
from forge_emu.schemas import SCHEMAS, check_text, schema_text
from forge_emu.settings import EMULATOR_CHOICE, PRESETS, Setting
from forge_emu.settings.faults import FAULTS
from forge_emu.settings.refusals import REFUSALS, RefusalRule
from forge_emu.settings.setting import LATENCY_PROFILES
from forge_emu.testing.serving.operations import TEST_OPERATIONS

DOCS: Final = Path(__file__).parent
PACKAGE: Final = DOCS.parent / "forge_emu"
EXAMPLES: Final = DOCS / "example_records.jsonl"
END: Final = "<!-- end -->"

SITE: Final = "https://developer.atlassian.com/platform/forge/"
OTHER_SOURCES: Final = {
    "@forge/lint 6.3.1": "https://www.npmjs.com/package/@forge/lint/v/6.3.1",
    "community.developer.atlassian.com/t/74415": "https://community.developer.atlassian.com/t/74415",
    "community.developer.atlassian.com/t/93837": "https://community.developer.atlassian.com/t/93837",
    "developer.atlassian.com/changelog/#CHANGE-2046": "https://developer.atlassian.com/changelog/#CHANGE-2046",
    "developer.atlassian.com/cloud/confluence/rate-limiting/": (
        "https://developer.atlassian.com/cloud/confluence/rate-limiting/"
    ),
    "developer.atlassian.com/cloud/jira/platform/rate-limiting/": (
        "https://developer.atlassian.com/cloud/jira/platform/rate-limiting/"
    ),
}
"""Sources that are no pages of Forge's documentation."""


def main() -> None:
    """Write the pages anew."""
    for path, text in (pages() | schemas() | openapi()).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def pages() -> dict[Path, str]:
    """The pages with generated parts, as they have to be."""
    sources = Sources.read()
    parts = {
        DOCS / "settings.md": {
            "contents": contents_of_settings(),
            "settings": settings_tables(),
            "rules": rules_table(),
        },
        DOCS / "simulate.md": {"faults": faults_table()},
        DOCS / "records.md": {
            "contents": contents_of_records(sources),
            "records": records(sources),
        },
    }
    return {path: filled(path.read_text("utf-8"), found) for path, found in parts.items()}


def openapi() -> dict[Path, str]:
    """The document of all routes, those of emulators for tests included."""
    document = openapi_document((*OPERATIONS, *TEST_OPERATIONS))
    return {DOCS / "openapi.json": f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"}


def schemas() -> dict[Path, str]:
    """The JSON Schemas, by their files: for editors, and for the check at load."""
    checked = PACKAGE / "yamlsource" / "file_schemas"
    return {DOCS / schema_path(name): schema_text(name) for name in SCHEMAS} | {
        checked / f"{name}.json": check_text(name) for name in SCHEMAS
    }


def filled(text: str, parts: Mapping[str, str]) -> str:
    """`text` with new generated parts. Raises ValueError for a part without a place."""
    for name, part in parts.items():
        place = f"<!-- generated: {name} -->\n"
        before, begin, rest = text.partition(place)
        _, end, after = rest.partition(END)
        if not (begin and end):
            raise ValueError(f"the page has no {place.strip()} and {END} after it")
        text = before + begin + part + end + after
    return text


# --- settings -------------------------------------------------------------------------------------

GROUPS: Final = (
    ("Pushes to a queue", ("limits.push.",)),
    ("Key-value store", ("limits.kvs.", "storage.")),
    ("Invocations", ("limits.invocations.", "invocations.")),
    ("Requests to the outside", ("limits.egress.", "egress.")),
    ("Events of queues", ("async_events.",)),
    ("Product events", ("limits.product_events.", "limits.filter.", "product_events.", "app.")),
    ("Remotes", ("remotes.",)),
    ("Web triggers", ("web_triggers.",)),
    ("Scheduled triggers", ("limits.schedules.", "schedules.")),
    ("Limits of products", ("limits.jira.", "limits.confluence.", "limits.products.")),
    ("Jira", ("jira.",)),
    ("Life cycle and app events", ("lifecycle.", "limits.app_events.")),
    ("State on disk", ("state.",)),
    ("The page", ("page.",)),
    ("Cost", ("cost.",)),
    ("Delivery", ("delivery.",)),
    ("Latency", ("latency.",)),
)
"""The sections, and how the names of their settings begin."""


def contents_of_settings() -> str:
    """The list of the sections."""
    titles = [*(title for title, _ in GROUPS), RULES_TITLE]
    return lines_of(f"* [{title}](#{anchor(title)})" for title in titles)


def settings_tables() -> str:
    """A section with a table for each group. Raises ValueError for a setting of no group."""
    lines: list[str] = []
    left = {setting.name: setting for setting in s.all_settings()}
    for title, beginnings in GROUPS:
        names = [name for name in left if name.startswith(beginnings)]
        presets = LATENCY_PROFILES[1:] if title == "Latency" else PRESETS[1:]
        heads = " | ".join(f"`{preset}`" for preset in presets)
        lines += [
            f"## {title}",
            "",
            f"| setting | default | values | {heads} | what it does | met by | source |",
            "|---|---|---|---|---|---|---|---|",
            *(_setting_row(left.pop(name)) for name in names),
            "",
        ]
    if left:
        raise ValueError(f"settings in no section of docs/generate.py: {', '.join(left)}")
    return lines_of(lines)


def _setting_row(setting: Setting[Any]) -> str:
    default = f"{shown(setting.default)} {setting.unit}".strip()
    presets = tuple(setting.profiles.values())[1:] or (
        setting.value_for("legacy"),
        setting.value_for("off"),
    )
    return row(
        f"`{setting.name}`",
        default,
        _values(setting),
        *("" if value == setting.default else shown(value) for value in presets),
        setting.doc,
        setting.met_by,
        source(setting),
    )


def shown(value: object) -> str:
    """A setting's value as it is written in `forge-emu.yml`."""
    if value is None:
        return "`none`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str) else f"{value:,}"


def _values(setting: Setting[Any]) -> str:
    if setting.choices:
        return ", ".join(f"`{choice}`" for choice in setting.choices)
    if isinstance(setting.default, bool):
        return "`true`, `false`"
    if setting.is_latency:
        return "a latency"
    low = 0 if setting.minimum is None else setting.minimum
    kind = "whole" if setting.whole else "number"
    bounds = f"{low:g} to {setting.maximum:g}" if setting.maximum is not None else f"from {low:g}"
    return f"{kind}, {bounds}" + (", or `none`" if setting.nullable else "")


def source(declared: Setting[Any] | RefusalRule) -> str:
    """Where a number or rule comes from: a link with its date, or that nothing is published."""
    if declared.source == EMULATOR_CHOICE:
        return EMULATOR_CHOICE
    address = OTHER_SOURCES.get(declared.source, SITE + declared.source)
    return f"[{declared.source.rstrip('/')}]({address}), {declared.date}"


# --- rules and faults -----------------------------------------------------------------------------

RULES_TITLE: Final = "Rules that are no settings"


def rules_table() -> str:
    """Every rule that refuses and is no setting."""
    return lines_of([
        "| rule | what it refuses | what the app gets | source |",
        "|---|---|---|---|",
        *(
            row(f"`{rule.name}`", rule.refuses, rule.seen, source(rule))
            for rule in REFUSALS
        ),
    ])  # fmt: skip


def faults_table() -> str:
    """Every kind of fault, with the figure that counts it."""
    return lines_of([
        "| fault | what it hits | counted by |",
        "|---|---|---|",
        *(
            row(f"`{kind.name}={kind.example}`", kind.effect, f"`faults.{kind.name}`")
            for kind in FAULTS
        ),
    ])  # fmt: skip


# --- records --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """A field of a record or of an object in one."""

    name: str
    type: ast.expr
    doc: str


@dataclass(frozen=True)
class Shape:
    """A record, or an object in one. `tag` is the type of the record, None for other objects."""

    name: str
    tag: str | None
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Sources:
    """The shapes that the code declares, and the examples."""

    stamp: Shape
    records: tuple[Shape, ...]
    summary: Shape
    others: Mapping[str, Shape]
    examples: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Sources:
        """Read the sources and the examples."""
        declared = shapes_in((PACKAGE / "records.py").read_text("utf-8"))
        summary = shapes_in((PACKAGE / "report" / "summary.py").read_text("utf-8"))
        others = dict(summary)
        for name in ("errors.py", "model.py", "report/cost_figures.py"):
            others |= shapes_in((PACKAGE / name).read_text("utf-8"))
        examples: dict[str, list[dict[str, Any]]] = {}
        for line in EXAMPLES.read_text("utf-8").splitlines():
            example = json.loads(line)
            examples.setdefault(example["type"], []).append(example)
        return cls(
            stamp=declared["_Stamp"],
            records=tuple(shape for shape in declared.values() if shape.tag),
            summary=summary["Summary"],
            others=others,
            examples=examples,
        )


def shapes_in(text: str) -> dict[str, Shape]:
    """The structs of a Python source by name. A docstring that is missing is empty."""
    return {
        node.name: Shape(node.name, _tag(node), _plain(ast.get_docstring(node)), _fields(node))
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and any(isinstance(n, ast.AnnAssign) for n in node.body)
    }


def _tag(node: ast.ClassDef) -> str | None:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    tag = given.get("tag")
    return str(tag.value) if isinstance(tag, ast.Constant) else None


def _fields(node: ast.ClassDef) -> tuple[Field, ...]:
    found = []
    for statement, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        is_doc = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        doc = str(after.value.value) if is_doc else ""  # type: ignore[union-attr]
        found.append(Field(statement.target.id, statement.annotation, _plain(doc)))
    return tuple(found)


def _plain(doc: str | None) -> str:
    return " ".join((doc or "").split())


SIMPLE: Final = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Instant": "instant (ms)",
    "Millis": "duration (ms)",
    "Json": "any JSON",
}


def in_words(node: ast.expr, others: Mapping[str, Shape]) -> str:
    """A field's type in plain words. Raises ValueError for one that has none."""
    match node:
        case ast.Name(id) if id in SIMPLE:
            return SIMPLE[id]
        case ast.Name(id) if id in others:
            return f"[{title(id)}](#{anchor(title(id))})"
        case ast.BinOp(left, ast.BitOr(), ast.Constant(None)):
            return f"{in_words(left, others)}, or null"
        case ast.BinOp(left, ast.BitOr(), ast.Name("UnsetType")):
            return f"{in_words(left, others)}; may be absent"
        case ast.Subscript(ast.Name("list"), item):
            return f"list of {in_words(item, others)}"
        case ast.Subscript(ast.Name("dict"), ast.Tuple([ast.Name("str"), item])):
            return f"object: name → {in_words(item, others)}"
        case ast.Subscript(ast.Name("Literal"), ast.Tuple(items)):
            return " or ".join(f"`{ast.literal_eval(item)}`" for item in items)
    raise ValueError(f"docs/generate.py has no words for the type {ast.unparse(node)}")


def title(name: str) -> str:
    """The heading of an object's section: `LimitUsage` is a `Limit usage`."""
    return " ".join(re.findall(r"[A-Z][a-z]*", name)).capitalize()


def used(node: ast.expr, others: Mapping[str, Shape]) -> Iterator[str]:
    """The names of the objects that a type speaks of."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in others:
            yield part.id


def contents_of_records(sources: Sources) -> str:
    """The list of the types and objects."""
    return lines_of([
        "* [Common fields](#common-fields)",
        "* [Types of records](#types-of-records)",
        *(f"  * [`{shape.tag}`](#{anchor(str(shape.tag))})" for shape in sources.records),
        "* [The summary](#the-summary)",
        "* [Objects in records](#objects-in-records)",
        *(f"  * [{title(o.name)}](#{anchor(title(o.name))})" for o in _objects_of(sources)),
    ])  # fmt: skip


def records(sources: Sources) -> str:
    """A section for each type and object. Raises ValueError for a field that lacks something."""
    every = [example for of_type in sources.examples.values() for example in of_type]
    lines = ["## Common fields", "", *_table(sources.stamp, every, sources)]
    lines += [row("`type`", "text", "What happened: one of the types below.", "`event.pushed`")]
    lines += ["", "## Types of records", ""]
    for shape in sources.records:
        examples = sources.examples.get(str(shape.tag), [])
        lines += [f"### `{shape.tag}`", "", shape.doc, "", *_table(shape, examples, sources), ""]
    lines += ["## The summary", "", f"{sources.summary.doc} Its `type` is `summary`.", ""]
    lines += _table(sources.summary, sources.examples.get("summary", []), sources)
    lines += ["", "## Objects in records", ""]
    for shape in _objects_of(sources):
        examples = list(_objects_in(every, shape, sources))
        lines += [f"### {title(shape.name)}", "", shape.doc, ""]
        lines += [*_table(shape, examples, sources), ""]
    return lines_of(lines)


def _objects_of(sources: Sources) -> list[Shape]:
    """The objects in records and in the summary, in the order in which they are spoken of."""
    found: dict[str, None] = {}
    waiting = [*sources.records, sources.summary]
    while waiting:
        shape = waiting.pop(0)
        for each in shape.fields:
            for name in used(each.type, sources.others):
                if name not in found:
                    found[name] = None
                    waiting.append(sources.others[name])
    return [sources.others[name] for name in found]


def _objects_in(
    examples: list[dict[str, Any]], shape: Shape, sources: Sources
) -> Iterator[dict[str, Any]]:
    """The objects of one shape in the examples, by the fields that hold them."""
    for owner in (*sources.records, sources.summary):
        for each in owner.fields:
            if shape.name in _used_at_any_depth(each.type, sources):
                for example in examples:
                    if example["type"] == owner.tag:
                        yield from _flat(example.get(each.name), shape)


def _used_at_any_depth(node: ast.expr, sources: Sources) -> set[str]:
    names = set(used(node, sources.others))
    for name in list(names):
        for each in sources.others[name].fields:
            names |= _used_at_any_depth(each.type, sources)
    return names


def _flat(value: Any, shape: Shape) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _flat(item, shape)
    elif isinstance(value, dict) and set(value) == {each.name for each in shape.fields}:
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _flat(item, shape)


def _table(shape: Shape, examples: list[dict[str, Any]], sources: Sources) -> list[str]:
    lines = ["| field | type | meaning | example |", "|---|---|---|---|"]
    owner = shape.tag or shape.name
    if not shape.doc:
        raise ValueError(f"{owner} has no docstring")
    for each in shape.fields:
        if not each.doc:
            raise ValueError(f"the field {owner}.{each.name} has no docstring")
        kind = in_words(each.type, sources.others)
        lines.append(row(f"`{each.name}`", kind, each.doc, _example(each, owner, examples)))
    return lines


LONGEST_EXAMPLE: Final = 60


def _example(each: Field, owner: str, examples: list[dict[str, Any]]) -> str:
    """The most telling value: one that is not null, empty or zero, if there is one."""
    values = [example[each.name] for example in examples if each.name in example]
    if not values:
        raise ValueError(f"docs/example_records.jsonl has no example of {owner}.{each.name}")
    telling = [value for value in values if value not in (None, [], {}, "", 0)]
    text = json.dumps((telling or values)[0], ensure_ascii=False)
    if len(text) > LONGEST_EXAMPLE:
        text = text[: LONGEST_EXAMPLE - 1] + "…"
    return f"`` {text} ``" if "`" in text else f"`{text}`"


# --- Markdown -------------------------------------------------------------------------------------


def row(*cells: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def lines_of(lines: Iterable[str]) -> str:
    """The lines as text."""
    return "".join(f"{line}\n" for line in lines)


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


if __name__ == "__main__":
    main()

"""Bytes of a YAML file as nodes with their places, or one error that says what breaks it.

Built from parser events without recursion, so that neither depth nor aliases can exhaust anything.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from forge_emu.errors import ManifestError, Problem
from forge_emu.yamlsource import parser_messages
from forge_emu.yamlsource.aliases import MAX_ALIAS_COUNT, AliasCounter, AnchorUse
from forge_emu.yamlsource.decoding import (
    MAX_BYTES,
    UnreadableYamlError,
    decode_text,
    is_blank,
    too_large_problem,
)
from forge_emu.yamlsource.indentation import check_continuation
from forge_emu.yamlsource.nodes import (
    MappingEntry,
    MappingNode,
    Node,
    Part,
    ScalarNode,
    SequenceNode,
    SourcePosition,
)
from forge_emu.yamlsource.scalars import resolve_scalar, resolve_scalar_1_1

MAX_HEIGHT: Final = 100
"""Levels of nesting, with what aliases stand for."""
MAX_VALUES: Final = 200_000
"""Values in the document, with what aliases stand for."""

_LONGEST_NAME: Final = 100
"""Characters of a name that a message shows."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EMPTY_HINT = "A manifest needs at least `modules:` with a function, and `app:` with an id."


def read_document(text: bytes, file: str) -> Part:
    """The top-level mapping of `text`. Raises ManifestError with the one thing that breaks it.

    An empty document is an error here; where it is not, ask `is_blank` first.
    """
    if len(text) > MAX_BYTES:
        raise ManifestError([too_large_problem(file, len(text))])
    try:
        root = _parse_document(decode_text(text), file)
        if isinstance(root, ScalarNode) and root.value is None:
            raise UnreadableYamlError(
                SourcePosition(1, 1), f"{file} is empty", _hint_of(_EMPTY_HINT, file)
            )
        if not isinstance(root, MappingNode):
            kind = "a list" if isinstance(root, SequenceNode) else "a single value"
            raise UnreadableYamlError(
                root.place,
                f"{file} holds {kind} where a mapping is expected",
                _hint_of("It starts with lines like `modules:` and `app:`.", file),
            )
    except UnreadableYamlError as e:
        problem = Problem(file, *e.place, e.message, e.hint, rule="yaml")
        raise ManifestError([problem]) from None
    return Part(root, (), root.place)


def _parse_document(text: str, file: str) -> Node:
    if is_blank(text.encode()):
        raise UnreadableYamlError(
            SourcePosition(1, 1), f"{file} is empty", _hint_of(_EMPTY_HINT, file)
        )
    is_manifest = file.startswith("manifest.")
    if is_manifest and "\r" in text and "\n" not in text:
        raise UnreadableYamlError(
            SourcePosition(1, text.index("\r") + 1),
            "lines end with a carriage return alone, which is no end of a line for Forge",
            "Save the file with LF or CRLF at the ends of its lines.",
        )
    root: Node | None = None
    try:
        builder = _Builder(text.splitlines(), is_manifest=is_manifest)
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise UnreadableYamlError(
                    _position_of(event.start_mark),
                    "a second document starts here",
                    "Keep one document: remove the `---`.",
                )
            root = builder.add_event(event) or root
    except yaml.MarkedYAMLError as e:
        place, message, hint = parser_messages.explain(e, text)
        raise UnreadableYamlError(place, message, hint) from None
    except yaml.YAMLError as e:
        raise UnreadableYamlError(SourcePosition(1, 1), f"broken YAML: {e}") from None
    if root is None:
        raise UnreadableYamlError(
            SourcePosition(1, 1), f"{file} is empty", _hint_of(_EMPTY_HINT, file)
        )
    return root


def _hint_of(hint: str, file: str) -> str:
    is_manifest = file.startswith("manifest.")
    return hint if is_manifest else "It holds lines of the form `name: value`."


def _position_of(mark: Any) -> SourcePosition:
    return SourcePosition(mark.line + 1, mark.column + 1)


class _OpenCollection:
    """A list or mapping that is being read; `is_flow` where it is written in brackets."""

    __slots__ = ("anchor", "is_flow", "key", "node")

    def __init__(self, node: SequenceNode | MappingNode, anchor: str | None, is_flow: bool) -> None:
        self.node = node
        self.anchor = anchor
        self.is_flow = is_flow
        self.key: ScalarNode | None = None


class _Builder:
    """Parser events, one by one, into nodes; those of a manifest as Forge's reader takes them."""

    def __init__(self, lines: list[str], is_manifest: bool) -> None:
        self._lines = lines
        self._is_manifest = is_manifest
        self._open_collections: list[_OpenCollection] = []
        self._anchors: dict[str, AnchorUse | None] = {}
        self._aliases = AliasCounter()
        self._is_yaml_1_1 = False

    def add_event(self, event: Any) -> Node | None:
        """Add `event`; the root once it is complete."""
        if isinstance(event, yaml.ScalarEvent):
            resolve = resolve_scalar_1_1 if self._is_yaml_1_1 else resolve_scalar
            value = resolve(event.value, event.implicit[0], event.tag)
            node = ScalarNode(
                value, event.value, _position_of(event.start_mark), text_at=self._text_at(event)
            )
            if event.style in ("'", '"'):
                self._check_lines(event)
            if event.anchor:
                self._anchors[event.anchor] = AnchorUse(node)
            return self._add(node, node.place)
        if isinstance(event, yaml.AliasEvent):
            place = _position_of(event.start_mark)
            anchor = self._resolve_alias(event.anchor, place)
            return self._add(anchor.node, place, anchor)
        if isinstance(event, yaml.DocumentStartEvent):
            self._is_yaml_1_1 = tuple(event.version or ()) == (1, 1)
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._start(event)
            return None
        if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            closed = self._open_collections.pop()
            if closed.is_flow and not (
                self._open_collections and self._open_collections[-1].is_flow
            ):
                bracket = "]" if isinstance(event, yaml.SequenceEndEvent) else "}"
                self._check_lines(event, closed.node.place.line - 1, bracket)
            if closed.anchor:
                self._anchors[closed.anchor] = AnchorUse(closed.node)
            return self._add(closed.node, closed.node.place)
        return None

    def _text_at(self, event: Any) -> SourcePosition | None:
        """Where the text of a scalar begins, where its lines are those of the file."""
        start = _position_of(event.start_mark)
        if event.style == "|":
            # `|` itself stands above; the first line with text has the indentation of all.
            first = next((line for line in self._lines[start.line :] if line.strip()), "")
            return SourcePosition(start.line + 1, len(first) - len(first.lstrip()) + 1)
        if event.start_mark.line != event.end_mark.line:
            return None
        return SourcePosition(start.line, start.column + (1 if event.style in ("'", '"') else 0))

    def _start(self, event: Any) -> None:
        place = _position_of(event.start_mark)
        if len(self._open_collections) >= MAX_HEIGHT:
            raise _too_deep_error(place)
        if event.anchor:
            self._anchors[event.anchor] = None
        is_list = isinstance(event, yaml.SequenceStartEvent)
        node: SequenceNode | MappingNode = SequenceNode(place) if is_list else MappingNode(place)
        self._open_collections.append(_OpenCollection(node, event.anchor, event.flow_style))

    def _check_lines(self, event: Any, start: int | None = None, closing: str = "") -> None:
        """Whether the lines of something in brackets or quotes lie inside of their block."""
        blocks = [c for c in self._open_collections if not c.is_flow]
        first, last = event.start_mark.line if start is None else start, event.end_mark.line
        if self._is_manifest and blocks and last > first:
            column = blocks[-1].node.place.column - 1
            check_continuation(self._lines, first, last, column, closing)

    def _resolve_alias(self, anchor: Any, place: SourcePosition) -> AnchorUse:
        name = anchor[:_LONGEST_NAME]
        if anchor not in self._anchors:
            raise UnreadableYamlError(
                place,
                f"there is no anchor '&{name}' before '*{name}'",
                _anchors_hint(self._anchors),
            )
        found = self._anchors[anchor]
        if found is None:
            raise UnreadableYamlError(place, f"the alias '*{name}' stands inside its own anchor")
        if not self._aliases.use_anchor(found) and self._is_manifest:
            raise UnreadableYamlError(
                place,
                f"'*{name}' is used here once more than Forge reads: {MAX_ALIAS_COUNT} times with"
                " its anchor, the aliases that it holds counted",
                "Write the value out in some places.",
            )
        return found

    def _add(
        self, node: Node, place: SourcePosition, alias: AnchorUse | None = None
    ) -> Node | None:
        if not self._open_collections:
            return node
        top = self._open_collections[-1]
        self._aliases.add_child(top.node, alias or node)
        if isinstance(top.node, SequenceNode):
            top.node.items.append(node)
        elif top.key is None:
            top.key = _key_scalar(node, place, top.node)
            return None
        else:
            top.node.entries[top.key.text] = MappingEntry(top.key.place, node)
            top.key = None
        top.node.size += node.size
        top.node.height = max(top.node.height, node.height + 1)
        if top.node.size > MAX_VALUES:
            raise UnreadableYamlError(
                place,
                f"there are more than {MAX_VALUES:,} values by here, aliases written out",
                "Does an alias stand for aliases of aliases?",
            )
        if top.node.height > MAX_HEIGHT:
            raise _too_deep_error(place)
        return None


def _too_deep_error(place: SourcePosition) -> UnreadableYamlError:
    return UnreadableYamlError(place, f"the nesting is deeper than {MAX_HEIGHT} levels")


def _anchors_hint(anchors: dict[str, Any]) -> str | None:
    names = ", ".join(name[:_LONGEST_NAME] for name in sorted(anchors)[:5])
    return f"There are: {names}." if anchors else None


def _key_scalar(node: Node, place: SourcePosition, mapping: MappingNode) -> ScalarNode:
    if not isinstance(node, ScalarNode):
        kind = "a list" if isinstance(node, SequenceNode) else "a mapping"
        raise UnreadableYamlError(
            place,
            f"{kind} is used as a key",
            "A value that starts with { or [ needs quotes."
            if isinstance(node, MappingNode)
            else "Keys are single words.",
        )
    if not node.text:
        raise UnreadableYamlError(place, "there is no key before the ':'")
    if node.text == "<<":
        # The platform's reader leaves merge keys alone: they stay a property called "<<".
        raise UnreadableYamlError(
            place,
            "Forge does not merge mappings: '<<' is an ordinary key to it",
            "Write the properties out, or give the whole value by an alias.",
        )
    if node.text in mapping.entries:
        first = mapping.entries[node.text].key_place
        raise UnreadableYamlError(
            place,
            f"the key '{node.text[:60]}' is given twice; first in line {first.line}",
            "Put both under one key, or rename one.",
        )
    return ScalarNode(node.value, node.text, place)

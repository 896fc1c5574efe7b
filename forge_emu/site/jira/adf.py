"""Text as documents of the Atlassian Document Format, and documents as text.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json

_BLOCKS: Final = frozenset({"paragraph", "heading", "codeBlock", "blockquote", "rule", "panel"})


def document_of(text: str) -> Json:
    """A document with a paragraph for each line."""
    return {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []}
            for line in text.split("\n")
        ],
    }


def is_document(value: Json) -> bool:
    """Whether a value is a document."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and isinstance(value.get("content"), list)
    )


def text_of_document(value: Json) -> str:
    """The text of a document, a line for each block; a text is itself."""
    if isinstance(value, str):
        return value
    parts: list[str] = []
    _collect(value, parts)
    return "".join(parts).rstrip("\n")


def shown(value: Json, version: str) -> Json:
    """A document as version 3 of the API has it, or as the text of version 2."""
    if value is None:
        return None
    if version == "3":
        return document_of(value) if isinstance(value, str) else value
    return text_of_document(value)


def _collect(node: Json, parts: list[str]) -> None:
    if not isinstance(node, dict):
        return
    kind, attributes = node.get("type"), node.get("attrs")
    attributes = attributes if isinstance(attributes, dict) else {}
    if kind == "text":
        parts.append(str(node.get("text") or ""))
    elif kind == "hardBreak":
        parts.append("\n")
    elif kind == "mention":
        parts.append(f"[~accountid:{attributes.get('id')}]")
    elif kind in ("emoji", "status", "inlineCard"):
        parts.append(str(attributes.get("text") or attributes.get("url") or ""))
    content = node.get("content")
    for child in content if isinstance(content, list) else ():
        _collect(child, parts)
    if kind in _BLOCKS:
        parts.append("\n")

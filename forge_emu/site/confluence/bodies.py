"""Bodies of content in the formats that apps ask for: storage, Atlassian Document Format, view.

A body is kept as it was written. The other format is made from it as far as plain text, headings,
lists, links, tables' text and marks go; macros and the like become their text. An emulator choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from typing import Final

import msgspec

from forge_emu.model import Json

STORAGE: Final = "storage"
ADF: Final = "atlas_doc_format"
FORMATS: Final = (
    STORAGE, ADF, "view", "export_view", "editor", "styled_view", "anonymous_export_view",
)  # fmt: skip

_MARKS: Final = {"strong": "strong", "em": "em", "code": "code", "u": "underline", "s": "strike"}
_TAG_MARKS: Final = {
    "strong": "strong", "b": "strong", "em": "em", "i": "em", "code": "code",
    "u": "underline", "s": "strike", "del": "strike",
}  # fmt: skip
_BLOCK_TAGS: Final = {
    "paragraph": "p", "bulletList": "ul", "orderedList": "ol", "listItem": "li",
    "blockquote": "blockquote", "codeBlock": "pre", "table": "table", "tableRow": "tr",
    "tableCell": "td", "tableHeader": "th", "rule": "hr",
}  # fmt: skip
_TAG_BLOCKS: Final = {tag: block for block, tag in _BLOCK_TAGS.items()}


def body_in(text: str, representation: str, wanted: str) -> str:
    """A body in the format `wanted`; formats other than the two that are kept are as storage."""
    if (representation == ADF) is (wanted == ADF):
        return text
    return to_adf(text) if wanted == ADF else to_storage(text)


def plain_text(text: str, representation: str) -> str:
    """The words of a body."""
    collector = _TextCollector()
    collector.feed(body_in(text, representation, STORAGE))
    return " ".join("".join(collector.parts).split())


def to_storage(adf: str) -> str:
    """A document of the Atlassian Document Format as storage; empty for what is none."""
    try:
        return _storage_of(msgspec.json.decode(adf))
    except (msgspec.DecodeError, RecursionError):
        return ""


def to_adf(storage: str) -> str:
    """Storage as a document of the Atlassian Document Format, as JSON text."""
    builder = _AdfBuilder()
    builder.feed(storage)
    builder.close()
    return msgspec.json.encode({"type": "doc", "version": 1, "content": builder.document}).decode()


def _storage_of(node: Json) -> str:
    if isinstance(node, list):
        return "".join(map(_storage_of, node))
    if not isinstance(node, dict):
        return ""
    kind, inner = node.get("type"), node.get("content")
    if kind == "text":
        return _marked(escape(str(node.get("text", "")), quote=False), node.get("marks"))
    if kind == "hardBreak":
        return "<br />"
    if kind == "rule":
        return "<hr />"
    content = _storage_of(inner)
    attributes = node.get("attrs")
    attributes = attributes if isinstance(attributes, dict) else {}
    if kind == "heading":
        tag = f"h{attributes.get('level', 1)}"
    elif kind in ("mention", "emoji", "status", "inlineCard"):
        return escape(str(attributes.get("text") or attributes.get("url") or ""), quote=False)
    else:
        tag = _BLOCK_TAGS.get(str(kind), "")
    return f"<{tag}>{content}</{tag}>" if tag else content


def _marked(text: str, marks: Json) -> str:
    for mark in marks if isinstance(marks, list) else ():
        kind = mark.get("type") if isinstance(mark, dict) else None
        if kind == "link":
            address = escape(str((mark.get("attrs") or {}).get("href", "")))
            text = f'<a href="{address}">{text}</a>'
        elif kind in _MARKS.values():
            tag = next(tag for tag, name in _MARKS.items() if name == kind)
            text = f"<{tag}>{text}</{tag}>"
    return text


class _AdfBuilder(HTMLParser):
    """Makes blocks of elements, and marks of the others; what is neither gives its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document: list[Json] = []
        self._open: list[tuple[str, list[Json]]] = [("", self.document)]
        self._marks: list[tuple[str, dict[str, Json]]] = []
        self._loose: list[Json] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block opens, or a mark begins."""
        if tag == "br":
            self._inline({"type": "hardBreak"})
        elif tag == "hr":
            self._open[-1][1].append({"type": "rule"})
        elif tag == "a":
            href = dict(attrs).get("href") or ""
            self._marks.append((tag, {"type": "link", "attrs": {"href": href}}))
        elif tag in _TAG_MARKS:
            self._marks.append((tag, {"type": _TAG_MARKS[tag]}))
        elif tag in _TAG_BLOCKS or (len(tag) == 2 and tag[0] == "h" and tag[1].isdecimal()):
            node: dict[str, Json] = {"type": _TAG_BLOCKS.get(tag, "heading")}
            if tag not in _TAG_BLOCKS:
                node["attrs"] = {"level": int(tag[1])}
            inner: list[Json] = []
            node["content"] = inner
            self._open[-1][1].append(node)
            self._open.append((tag, inner))

    def handle_endtag(self, tag: str) -> None:
        """The innermost block or mark of this name ends."""
        if any(name == tag for name, _ in self._marks):
            while self._marks.pop()[0] != tag:
                pass
        elif any(name == tag for name, _ in self._open[1:]):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Text, with the marks that are open."""
        if not data.strip() and self._open[-1][0] not in ("p", "pre"):
            return
        node: dict[str, Json] = {"type": "text", "text": data}
        if self._marks:
            node["marks"] = [mark for _, mark in self._marks]
        self._inline(node)

    def _inline(self, node: Json) -> None:
        tag, content = self._open[-1]
        if tag in ("p", "pre") or tag[:1] == "h":
            content.append(node)
            return
        # Text lies in a paragraph, wherever it stands.
        last = content[-1] if content else None
        if isinstance(last, dict) and last.get("content") is self._loose:
            self._loose.append(node)
        else:
            self._loose = [node]
            content.append({"type": "paragraph", "content": self._loose})


class _TextCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        """A block parts words."""
        if tag in _TAG_BLOCKS or tag == "br" or tag[:1] == "h":
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        """The words."""
        self.parts.append(data)

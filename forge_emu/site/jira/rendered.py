"""Documents of the Atlassian Document Format as the HTML of `expand=renderedFields`.

Which tags Jira writes is not documented for each node: the usual ones of HTML are an emulator
choice. What has no tag here is its text.
"""

from __future__ import annotations

from html import escape
from typing import Final

from forge_emu.model import Json
from forge_emu.site.jira.adf import document_of

_TAGS: Final = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "blockquote": "blockquote",
    "table": "table",
    "tableRow": "tr",
    "tableCell": "td",
    "tableHeader": "th",
    "panel": "div",
}
_MARKS: Final = {
    "strong": "b",
    "em": "em",
    "code": "tt",
    "strike": "del",
    "underline": "ins",
}


def rendered(value: Json) -> str:
    """The HTML of a document or of a text; empty for none."""
    if value is None:
        return ""
    return _node(document_of(value) if isinstance(value, str) else value)


def _node(node: Json) -> str:
    if not isinstance(node, dict):
        return ""
    kind, given = node.get("type"), node.get("attrs")
    attributes = given if isinstance(given, dict) else {}
    if kind == "text":
        return _marked(escape(str(node.get("text") or ""), quote=False), node.get("marks"))
    if kind == "hardBreak":
        return "<br/>"
    if kind == "rule":
        return "<hr />"
    if kind in ("mention", "emoji", "status", "inlineCard"):
        return escape(str(attributes.get("text") or attributes.get("url") or ""), quote=False)
    content = node.get("content")
    inner = "".join(map(_node, content if isinstance(content, list) else ()))
    if kind == "heading":
        level = attributes.get("level")
        tag = f"h{level if isinstance(level, int) else 1}"
        return f"<{tag}>{inner}</{tag}>"
    if kind == "codeBlock":
        return f"<pre>{inner}</pre>"
    other = _TAGS.get(str(kind))
    return f"<{other}>{inner}</{other}>" if other else inner


def _marked(text: str, marks: Json) -> str:
    for mark in marks if isinstance(marks, list) else ():
        if not isinstance(mark, dict):
            continue
        given = mark.get("attrs")
        if mark.get("type") == "link" and isinstance(given, dict):
            text = f'<a href="{escape(str(given.get("href") or ""))}">{text}</a>'
        elif tag := _MARKS.get(str(mark.get("type"))):
            text = f"<{tag}>{text}</{tag}>"
    return text

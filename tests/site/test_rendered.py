"""Documents as HTML."""

from __future__ import annotations

import pytest

from forge_emu.model import Json
from forge_emu.site.jira.rendered import rendered


def text(value: str, *marks: Json) -> Json:
    """A text with marks."""
    return {"type": "text", "text": value, "marks": list(marks)}


def block(kind: str, *content: Json, **attributes: Json) -> Json:
    """A node with content."""
    return {"type": kind, "content": list(content), "attrs": attributes}


LINK: Json = {"type": "link", "attrs": {"href": 'https://e.com/"x'}}


@pytest.mark.parametrize(
    ("node", "html"),
    [
        (block("paragraph", text("a & b", {"type": "strong"})), "<p><b>a &amp; b</b></p>"),
        (block("heading", text("T"), level=2), "<h2>T</h2>"),
        (block("heading", text("T"), level="2><script>"), "<h1>T</h1>"),
        (
            block("bulletList", block("listItem", block("paragraph", text("x")))),
            "<ul><li><p>x</p></li></ul>",
        ),
        (block("codeBlock", text("a<b")), "<pre>a&lt;b</pre>"),
        (block("paragraph", {"type": "hardBreak"}, {"type": "rule"}), "<p><br/><hr /></p>"),
        (text("x", LINK), '<a href="https://e.com/&quot;x">x</a>'),
        ({"type": "mention", "attrs": {"text": "@Mia"}}, "@Mia"),
        (block("expand", block("paragraph", text("in"))), "<p>in</p>"),
    ],
)
def test_nodes(node: Json, html: str) -> None:
    """Each with its tag; what has none is its text."""
    assert rendered({"type": "doc", "version": 1, "content": [node]}) == html


@pytest.mark.parametrize(("value", "html"), [(None, ""), ("a", "<p>a</p>"), (3, "")])
def test_what_is_no_document(value: Json, html: str) -> None:
    """A text is a paragraph."""
    assert rendered(value) == html

"""Bodies in the formats that apps ask for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.site.confluence.bodies import body_in, plain_text, to_adf, to_storage


@pytest.mark.parametrize(
    "storage",
    [
        "<p>one</p><p>two &amp; <strong>three</strong></p>",
        "<h2>Title</h2><ul><li><p>a</p></li><li><p>b</p></li></ul>",
        '<p>see <a href="https://example.com/?a=1&amp;b=2">here</a></p>',
        "<blockquote><p>said</p></blockquote><hr /><p>a<br />b</p>",
        "<table><tr><th><p>h</p></th><td><p>d</p></td></tr></table>",
        "<p><code>x</code> <em>y</em> <u>z</u> <s>w</s></p>",
    ],
)
def test_what_both_formats_have_goes_there_and_back(storage: str) -> None:
    """Without a loss."""
    document = json.loads(to_adf(storage))
    assert (document["type"], document["version"]) == ("doc", 1)
    assert to_storage(to_adf(storage)) == storage


def test_a_body_is_kept_as_it_was_written() -> None:
    """And is made over for another format alone."""
    assert body_in("<p>a</p>", "storage", "view") == "<p>a</p>"
    assert body_in("no json", "atlas_doc_format", "atlas_doc_format") == "no json"
    assert body_in("no json", "atlas_doc_format", "storage") == ""


def test_macros_become_their_text() -> None:
    """And text outside of blocks lies in a paragraph."""
    macro = '<ac:structured-macro ac:name="info"><ac:rich-text-body><p>Hi</p></ac:rich-text-body></ac:structured-macro>'  # noqa: E501  # as one line in storage
    assert to_storage(to_adf(f"{macro}loose <b>text</b>")) == (
        "<p>Hi</p><p>loose <strong>text</strong></p>"
    )


def test_the_words_of_a_body() -> None:
    """Of either format."""
    assert plain_text("<h1>A</h1><p>b <i>c</i></p>", "storage") == "A b c"
    assert plain_text(to_adf("<p>b</p><p>c</p>"), "atlas_doc_format") == "b c"


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever it is."""
    assert isinstance(to_storage(to_adf(text)), str)
    assert isinstance(to_storage(text), str)
    assert isinstance(plain_text(text, "storage"), str)

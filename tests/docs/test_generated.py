"""What `make docs` makes is what is committed, and everything in it has words and an example."""

from __future__ import annotations

import ast
import json
from dataclasses import replace

import msgspec
import pytest

from docs import generate
from forge_emu import records as r
from forge_emu.report.summary import Summary
from forge_emu.settings import all_settings

SOURCES = generate.Sources.read()
EXAMPLES = generate.EXAMPLES.read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", ["settings.md", "simulate.md", "records.md"])
def test_the_pages_are_up_to_date(name: str) -> None:
    """Byte for byte; after a change: `make docs`."""
    path = generate.DOCS / name

    assert path.read_text("utf-8") == generate.pages()[path]


def test_the_schemas_are_up_to_date() -> None:
    """Byte for byte, and no others are there; after a change: `make docs`."""
    made = generate.schemas()

    folders = (generate.DOCS / "schemas", generate.PACKAGE / "yamlsource" / "file_schemas")
    there = [path for folder in folders for path in folder.glob("*.json")]
    assert sorted(made) == sorted(there)
    assert [path.name for path, text in made.items() if path.read_text("utf-8") != text] == []


def test_the_openapi_document_is_up_to_date() -> None:
    """Byte for byte; after a change: `make docs`."""
    ((path, text),) = generate.openapi().items()

    assert path.read_text("utf-8") == text


def test_every_setting_has_a_row() -> None:
    """In one of the tables."""
    page = (generate.DOCS / "settings.md").read_text("utf-8")

    assert [s.name for s in all_settings() if page.count(f"\n| `{s.name}` |") != 1] == []


def test_a_setting_of_no_section_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a new family of settings gets a section."""
    monkeypatch.setattr(generate, "GROUPS", generate.GROUPS[:-1])

    with pytest.raises(ValueError, match=r"latency\.kvs, latency\.product"):
        generate.settings_tables()


@pytest.mark.parametrize("kind", r.Body.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_type_of_record_is_documented(kind: type[r.Body]) -> None:
    """With every field, in the order of the wire."""
    (shape,) = [s for s in SOURCES.records if s.tag == kind.__struct_config__.tag]

    assert shape.doc, f"{kind.__name__} has no docstring"
    assert tuple(field.name for field in shape.fields) == kind.__struct_fields__
    assert [field.name for field in shape.fields if not field.doc] == []
    assert shape.tag in SOURCES.examples, f"no example of {shape.tag}"


def test_every_field_of_the_summary_is_documented() -> None:
    """In its order."""
    fields = SOURCES.summary.fields

    assert tuple(field.name for field in fields) == Summary.__struct_fields__
    assert [field.name for field in fields if not field.doc] == []


@pytest.mark.parametrize("line", EXAMPLES, ids=lambda line: json.loads(line)["type"])
def test_examples_are_records(line: str) -> None:
    """They are as the code writes them today: same fields, same order."""
    if json.loads(line)["type"] == "summary":
        decoded = msgspec.json.decode(line, type=Summary)
        # A whole number in the place of a fraction is written as it was counted.
        again = msgspec.json.decode(msgspec.json.encode(decoded))
        assert again == json.loads(line)
        assert list(again) == list(json.loads(line))
    else:
        assert r.encode_record(r.decode_record(line)).decode() == line


def test_a_field_without_words_is_named() -> None:
    """By the type of its record."""
    sources = _with_first_record(SOURCES, doc="")

    with pytest.raises(ValueError, match=r"the field app\.loaded\.app_id has no docstring"):
        generate.records(sources)


def test_a_field_without_an_example_is_named() -> None:
    """By the type of its record."""
    sources = _with_first_record(SOURCES, name="new_field")

    with pytest.raises(ValueError, match=r"no example of app\.loaded\.new_field"):
        generate.records(sources)


def test_a_record_without_words_is_named() -> None:
    """By its type."""
    first, *others = SOURCES.records
    sources = replace(SOURCES, records=(replace(first, doc=""), *others))

    with pytest.raises(ValueError, match=r"app\.loaded has no docstring"):
        generate.records(sources)


def test_a_type_without_words_is_named() -> None:
    """Rather than shown as Python."""
    with pytest.raises(ValueError, match=r"no words for the type set\[str\]"):
        generate.in_words(ast.parse("set[str]", mode="eval").body, {})


def test_a_page_without_a_place_is_refused() -> None:
    """A part that would be lost."""
    assert generate.filled("a\n<!-- generated: x -->\nold\n<!-- end -->\nb", {"x": "new\n"}) == (
        "a\n<!-- generated: x -->\nnew\n<!-- end -->\nb"
    )
    with pytest.raises(ValueError, match="generated: x"):
        generate.filled("a", {"x": "new\n"})


def _with_first_record(sources: generate.Sources, **changes: str) -> generate.Sources:
    first, *others = sources.records
    field, *fields = first.fields
    changed = replace(first, fields=(replace(field, **changes), *fields))  # type: ignore[arg-type]
    return replace(sources, records=(changed, *others))

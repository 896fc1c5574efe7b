"""Every forge-emu.yml and every scenario of the repository, and what reads them."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jsonschema import Draft7Validator

from forge_emu.appdir.settings_file import read_settings
from forge_emu.emulator.initial_state.store_values import decode_entry
from forge_emu.errors import UserError
from forge_emu.model import Json, RecordedEvents
from forge_emu.schemas import SCHEMAS
from forge_emu.simulate.plan.scenario import scenario_of
from forge_emu.yamlsource import is_blank, read_document, to_json
from tests.conftest import ROOT
from tests.docs.pages import PAGES


@cache
def validator(name: str) -> Draft7Validator:
    """What checks by the schema `name`."""
    return Draft7Validator(SCHEMAS[name]())


def schema_errors(name: str, text: str) -> list[str]:
    """What the schema finds in the file."""
    document = to_json(read_document(text.encode(), "file.yml").node)
    return [
        f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(document)
    ]


def reader_error(name: str, text: str) -> str | None:
    """What the reader alone says against the file; None where it takes it."""
    try:
        document = read_document(text.encode(), "file.yml")
        if name == "scenario":
            for entry in scenario_of(document, "file.yml", _load_data).store_values:
                decode_entry(entry.text, entry.where)
            return None
        with tempfile.TemporaryDirectory() as folder:
            read_settings(document, Path(folder))
    except UserError as error:
        return str(error)
    return None


def _load_data(name: str, event: str | None) -> Json | RecordedEvents:
    return {}


def repository_texts() -> Iterator[str]:
    """The YAML files of templates and apps, the blocks of the pages, and all texts within tests."""
    for folder in ("forge_emu/templates", "tests/apps", "sample_app"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            if path.name != "manifest.yml" and "node_modules" not in path.parts:
                yield path.read_text("utf-8")
    for page in PAGES:
        yield from (text for language, text in page.blocks if language == "yaml")
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@cache
def accepted(name: str) -> tuple[str, ...]:
    """Those of them that the reader takes as a file of this kind."""
    keys = ["steps"] if name == "scenario" else SCHEMAS[name]()["properties"]
    alternatives = "|".join(map(re.escape, keys))
    alike = re.compile(rf"^[{{\s'\"]*({alternatives})['\"]?:", re.MULTILINE)
    return tuple(
        text
        for text in sorted(set(repository_texts()))
        if text.isascii() and alike.search(text) and not is_blank(text.encode())
        if reader_error(name, text) is None
    )

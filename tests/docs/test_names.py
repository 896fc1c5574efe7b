"""Settings, records, faults and files that the documentation names exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu.appdir.settings_file import SettingsFile, load_settings
from forge_emu.engine.faults.rules import parse_fault
from forge_emu.records import RECORD_TYPES
from forge_emu.settings import all_settings, parse_setting
from forge_emu.settings.faults import FAULTS
from forge_emu.settings.refusals import REFUSALS
from forge_emu.simulate.plan.figures import all_figures
from forge_emu.simulate.plan.scenario import read_scenario
from tests.conftest import ROOT
from tests.docs.pages import PAGES, Page

SETTINGS = {setting.name for setting in all_settings()}
FAMILIES = {name.split(".")[0] for name in SETTINGS}
HEADS = {name.split(".")[0] for name in RECORD_TYPES}
CALLS = {
    "app.id", "app.package.extraFiles", "app.package.path", "app.runtime.name",
    "app.storage.entities", "kvs.query", "kvs.set", "kvs.transact", "queue.push", "storage.entity",
}  # fmt: skip
"""What is called in apps and written in manifests."""

ROOTS = (ROOT, ROOT / "forge_emu", ROOT / "forge_emu" / "engine")


def dotted(each: Page) -> set[str]:
    """The dotted names in the page's text, in small letters as settings and records have them."""
    return {code for code in each.code if re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", code)}


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_settings_and_records_exist(each: Page) -> None:
    """Every name of their kind is one of them, or a figure, a fault, or a call."""
    alike = {name for name in dotted(each) if name.split(".")[0] in FAMILIES | HEADS}
    known = {
        *SETTINGS,
        *RECORD_TYPES,
        *all_figures(),
        *FAULTS.names,
        *CALLS,
        *REFUSALS.names,
        "tail.dropped",
    }
    files = {name for name in alike if name.endswith((".md", ".py", ".yml", ".json", ".sqlite"))}

    assert alike - known - files == set()


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_settings_that_are_set_exist(each: Page) -> None:
    """With a value that they can have."""
    given = re.findall(r"--(?:set|compare) '?([a-z_]+(?:\.\w+)+)=([\w%(),.]+)", each.text)
    for name, values in given:
        if name.split(".")[0] in FAMILIES:
            for value in values.split(",") if "(" not in values else [values]:
                parse_setting(name, value, each.name)


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_faults_exist(each: Page) -> None:
    """As they are written."""
    texts = [*each.code, *re.findall(r"--fault (\S+)", each.text)]
    for text in texts:
        if re.match(rf"({'|'.join(map(re.escape, FAULTS.names))})=", text):
            parse_fault(text.rstrip("`"), each.name)


def paths(each: Page) -> set[str]:
    """The files and folders of the repository that the text names."""
    return {
        code
        for code in each.code
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", code)
        and re.match(r"(forge_emu|tests|docs|engine|emulator|runtime|services)/", code)
    }


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_files_exist(each: Page) -> None:
    """In the repository, or where the text leaves it out, in the package."""
    tests = ROOT / "tests"
    built = {"forge_emu/report/page/built.html"}
    roots = (*ROOTS, tests) if each.name == "docs/fidelity.md" else ROOTS
    missing = {path for path in paths(each) if not any((root / path).exists() for root in roots)}

    assert missing - built == set()


def yaml_blocks() -> Iterator[tuple[Page, str]]:
    """The samples of `forge-emu.yml` and of scenarios."""
    for each in PAGES:
        for language, text in each.blocks:
            if language == "yaml" and not text.startswith("on:"):
                yield each, text


@pytest.mark.parametrize(("each", "text"), [*yaml_blocks()], ids=lambda x: getattr(x, "name", ""))
def test_samples_of_yaml_are_accepted(each: Page, text: str, tmp_path: Path) -> None:
    """By what reads them."""
    if "steps:" in text:
        assert read_scenario(text.encode(), each.name, lambda name, event: {}).steps
        return
    for name in re.findall(r"file: (\S+)", text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}", "utf-8")
    (tmp_path / "forge-emu.yml").write_text(text, "utf-8")

    assert load_settings(tmp_path) != SettingsFile()


def test_enough_yaml_is_seen() -> None:
    """Not an empty list."""
    assert len(list(yaml_blocks())) >= 5


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_python_is_python(each: Page) -> None:
    """It compiles."""
    for language, text in each.blocks:
        if language == "python":
            ast.parse(text)

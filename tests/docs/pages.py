"""The pages for people, taken apart: code blocks, code in text, headings, links, tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.conftest import ROOT

_BLOCK = re.compile(r"^(`{3,})([\w-]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """A Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text("utf-8")

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """Language and text of each code block."""
        return [(found[2], found[3]) for found in _BLOCK.finditer(self.text)]

    @cached_property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _BLOCK.sub("", self.text)

    @cached_property
    def code(self) -> list[str]:
        """What stands in backticks within the text."""
        return [" ".join(found[2].split()) for found in _CODE.finditer(self.prose)]

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text of each heading."""
        found = re.findall(r"^(#+) (.+)$", self.prose, re.MULTILINE)
        return [(len(marks), text) for marks, text in found]

    @cached_property
    def anchors(self) -> set[str]:
        """Where a link can lead to: the anchors that GitHub gives the headings."""
        seen: Counter[str] = Counter()
        found = set()
        for _, heading in self.headings:
            anchor = anchor_of(heading)
            found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
            seen[anchor] += 1
        return found

    @cached_property
    def links(self) -> list[str]:
        """Where the links lead."""
        return _LINK.findall(_CODE.sub("code", self.prose))

    def rows(self, *columns: str) -> list[list[str]]:
        """The cells of every table with these columns."""
        head = "| " + " | ".join(columns) + " |\n"
        found = []
        for part in self.text.split(head)[1:]:
            table, _, _ = part.partition("\n\n")
            found += [cells_of(line) for line in table.splitlines()[1:]]
        return found

    def commands(self) -> Iterator[str]:
        """The lines of code blocks that a reader would type, without prompt and comment."""
        for language, block in self.blocks:
            for line in re.sub(r"\\\n\s*", "", block).splitlines():
                typed = line
                if language in ("yaml", "yml"):
                    _, run, typed = line.partition("- run: ")
                    if not run:
                        continue
                elif language not in ("", "console"):
                    continue
                elif "\n$ " in f"\n{block}" and not line.startswith("$ "):
                    # The rest of a block with a prompt is what the commands print.
                    continue
                yield re.split(r"\s{2,}#", typed.removeprefix("$ "))[0].strip()


def cells_of(row: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))]


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


DOCS = [Page(path) for path in sorted((ROOT / "docs").glob("*.md"))]
README = Page(ROOT / "README.md")
OTHERS = [
    Page(ROOT / name)
    for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "sample_app/README.md")
]
PAGES = [README, *DOCS, *OTHERS]


def page(name: str) -> Page:
    """The page of this name in the repository."""
    return next(each for each in PAGES if each.name == name)

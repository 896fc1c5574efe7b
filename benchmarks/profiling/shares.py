"""What samples say: which parts and which functions the processor time went to."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Final

Samples = Counter[tuple[str, str]]
"""Weights by file and function."""

_SAMPLER: Final = "node_sampler.cjs"
_NODE_PROGRAM: Final = "/program/"
_DEPTH: Final = 2


def python_samples(folder: Path) -> Samples:
    """Those of the emulator."""
    found = json.loads((folder / "python.json").read_text())
    return Counter({(file, function): count for file, function, count in found})


def node_samples(folder: Path) -> Samples:
    """Those of all threads of the host, without the sampler, and without what was idle."""
    samples: Samples = Counter()
    for path in folder.glob("node-*.jsonl"):
        for line in path.read_text().splitlines():
            for file, function, weight in json.loads(line):
                if function != "(idle)" and not file.endswith(_SAMPLER):
                    samples[_node_file(file), function] += weight
    return samples


def by_part(samples: Samples) -> Samples:
    """The same by package, as `engine/delivery`, or by a file of the host's program."""
    parts: Samples = Counter()
    for (file, function), weight in samples.items():
        if not file:
            parts[function, ""] += weight
        elif file.endswith(".cjs"):
            parts[file, ""] += weight
        else:
            parts["/".join(file.split("/")[:-1][:_DEPTH]) or file, ""] += weight
    return parts


def print_shares(title: str, samples: Samples, rows: int) -> None:
    """The greatest of them in percent."""
    total = samples.total() or 1
    print(f"\n{title}")
    for (file, function), weight in samples.most_common(rows):
        print(f"{weight / total:>7.1%}  {file} {function}".rstrip())


def as_json(samples: Samples) -> list[list[object]]:
    """Rows of file, function and share, the greatest first."""
    total = samples.total() or 1
    return [[*place, round(weight / total, 5)] for place, weight in samples.most_common()]


def _node_file(url: str) -> str:
    """A file of the host's program below its folder; what the app is bundled to; else the name."""
    if _NODE_PROGRAM in url:
        return url.rsplit(_NODE_PROGRAM, 1)[1]
    return "/".join(url.removeprefix("file://").split("/")[-1:])

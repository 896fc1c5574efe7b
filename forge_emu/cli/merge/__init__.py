"""`forge-emu merge`: make one simulation of its shards."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from forge_emu.cli import options as o

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog="Example: forge-emu merge shards/1.json shards/2.json --fail-on 'dropped>0'")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILES...")
@o.fail_on_option("One more condition beside those of the shards.")
@o.junit_option
@click.option("--report", type=_FILE, metavar="FILE", help="Write the comparison as a page.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as one JSON object.")
@o.color_option
def merge(color: bool | None, **given: Any) -> None:
    """Make one comparison and verdict of FILES, the shards of a simulation.

    Each file is what `forge-emu simulate --shard` wrote on one of several machines; all of them are
    needed. What is printed and written is what one command had that plays all of the seeds.
    """
    from forge_emu.simulate.merge import MergeOptions
    from forge_emu.simulate.merge import merge as merge_shards

    sys.exit(merge_shards(MergeOptions(**given), o.terminal(color)))

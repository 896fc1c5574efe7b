"""`forge-emu init`: a new app to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

TEMPLATES = ("javascript", "typescript", "python")


@click.command(epilog="Example: forge-emu init my-app --template typescript")
@click.argument("app_dir", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--template",
    default="javascript",
    type=click.Choice(TEMPLATES),
    help="The language of its handlers.  [default: javascript]",
)
@click.option(
    "--with-tests",
    is_flag=True,
    help="Write a test of the app too: node:test, Vitest or pytest.",
)
def init(app_dir: Path, template: str, with_tests: bool) -> None:
    """Write a small app into DIR, which must be new or empty, and say what to do next.

    A trigger queues an event for every created issue, a consumer stores a note of it, and both ask
    for a retry when a limit is in the way.
    """
    from forge_emu.commands.init import write_app
    from forge_emu.console.format import escape

    made = write_app(app_dir, template, with_tests=with_tests)
    for name in made.written:
        click.echo(f"wrote {escape(str(made.root / name))}", err=True)
    click.echo("Next:", err=True)
    if made.root != Path():
        click.echo(f"cd {shlex.quote(str(made.root))}")
    if made.needs_npm:
        click.echo("npm install")
    if with_tests:
        click.echo("npm test" if made.needs_npm else "pytest")
    click.echo("forge-emu run")
    click.echo("and in a second terminal, there:", err=True)
    click.echo("forge-emu trigger issue-created --count 1000 --wait")
